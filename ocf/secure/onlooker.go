package secure

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
)

const (
	contentApplication = 23
	typeServerHello    = 2
	ccmExplicit        = 8 // bytes of a nonce that a record carries, RFC 6655 section 3
	ccmTag, ccmTag8    = 16, 8
)

// Onlooker reads what others say over sessions of OCF's suites, if it saw their
// handshakes and knows their secrets. It checks no MAC: it is for finding known words
// in a capture, and not for believing unknown ones. The zero value has seen nothing.
// It is not safe for concurrent use.
type Onlooker struct {
	masters  map[[32]byte][]byte // by the ClientHello's random
	sessions map[[2]netip.AddrPort]*overheard
}

// overheard is a session, as far as its handshake was seen. It stands under its ends,
// the Client's first.
type overheard struct {
	client, server [32]byte // the randoms
	suite          Suite
	keys           KeyBlock // nil until they are needed
}

// Learn takes secrets in NSS key log format. Other lines than those of TLS 1.2 are
// skipped.
func (o *Onlooker) Learn(keyLog []byte) {
	for line := range bytes.Lines(keyLog) {
		words := bytes.Fields(line)
		if len(words) != 3 || string(words[0]) != "CLIENT_RANDOM" {
			continue
		}
		random, err := hex.DecodeString(string(words[1]))
		master, also := hex.DecodeString(string(words[2]))
		if err != nil || also != nil || len(random) != 32 {
			continue
		}
		if o.masters == nil {
			o.masters = map[[32]byte][]byte{}
		}
		o.masters[[32]byte(random)] = master
	}
}

// Hear returns the words in a datagram between two ends: what each of its records of
// application data says, as far as it can be read.
func (o *Onlooker) Hear(from, to netip.AddrPort, datagram []byte) [][]byte {
	var words [][]byte
	for r := range records(datagram) {
		body := r[recordHeader:]
		switch {
		case r.epoch() == 0 && r[0] == contentHandshake:
			o.handshake(from, to, body)
		case r.epoch() == 1 && r[0] == contentApplication:
			if text := o.open(from, to, body); text != nil {
				words = append(words, text)
			}
		}
	}
	return words
}

// handshake takes the randoms and the suite out of the two hellos.
func (o *Onlooker) handshake(from, to netip.AddrPort, message []byte) {
	const random = handshakeHeader + 2 // behind the version
	if len(message) < random+33 || uint24(message[6:]) != 0 {
		return
	}
	switch message[0] {
	case typeClientHello:
		if o.sessions == nil {
			o.sessions = map[[2]netip.AddrPort]*overheard{}
		}
		o.sessions[[2]netip.AddrPort{from, to}] = &overheard{client: [32]byte(message[random:])}
	case typeServerHello:
		s := o.sessions[[2]netip.AddrPort{to, from}]
		suite := random + 33 + int(message[random+32]) // behind the session's id
		if s == nil || len(message) < suite+2 {
			return
		}
		s.server, s.keys = [32]byte(message[random:]), nil
		s.suite = Suite(binary.BigEndian.Uint16(message[suite:]))
	}
}

// open decrypts the body of a record; nil where it can't be read.
func (o *Onlooker) open(from, to netip.AddrPort, body []byte) []byte {
	s, byClient := o.sessions[[2]netip.AddrPort{from, to}], true
	if s == nil {
		s, byClient = o.sessions[[2]netip.AddrPort{to, from}], false
	}
	if s == nil {
		return nil
	}
	if s.keys == nil {
		master, n := o.masters[s.client], s.suite.keyBlockLen()
		if master == nil || n == 0 {
			return nil
		}
		s.keys = expandKeys(master, s.client[:], s.server[:], n)
	}
	return s.read(byClient, body)
}

// read decrypts what one of the ends wrote.
func (s *overheard) read(byClient bool, body []byte) []byte {
	keys, other := s.keys, 0
	if !byClient {
		other = 1
	}
	switch s.suite {
	case ECDHAnonAES128CBCSHA256, ECDHEPSKAES128CBCSHA256:
		return readCBC(keys[2*macLen+other*keyLen:][:keyLen], body)
	case ECDHEECDSAAES128CCM, ECDHEECDSAAES128CCM8:
		tag := ccmTag
		if s.suite == ECDHEECDSAAES128CCM8 {
			tag = ccmTag8
		}
		return readCCM(keys[other*keyLen:][:keyLen], keys[2*keyLen+other*ccmIVLen:][:ccmIVLen], body, tag)
	}
	return nil
}

// readCBC decrypts a record of RFC 5246 section 6.2.3.2: IV, then content, MAC and
// padding.
func readCBC(key, body []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil || len(body) < 2*aes.BlockSize || len(body)%aes.BlockSize != 0 {
		return nil
	}
	out := make([]byte, len(body)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, body[:aes.BlockSize]).CryptBlocks(out, body[aes.BlockSize:])
	end := len(out) - 1 - int(out[len(out)-1]) - macLen
	if end < 0 {
		return nil
	}
	return out[:end]
}

// readCCM decrypts a record of RFC 6655 section 3: the explicit part of the nonce, then
// content and tag. CCM encrypts in counter mode from 1 on (RFC 3610 section 2.3).
func readCCM(key, fixed, body []byte, tag int) []byte {
	block, err := aes.NewCipher(key)
	if err != nil || len(body) < ccmExplicit+tag {
		return nil
	}
	const lengthBytes = 3 // what a nonce of 12 bytes leaves for the counter
	counter := append([]byte{lengthBytes - 1}, fixed...)
	counter = append(append(counter, body[:ccmExplicit]...), 0, 0, 1)
	out := make([]byte, len(body)-ccmExplicit-tag)
	cipher.NewCTR(block, counter).XORKeyStream(out, body[ccmExplicit:len(body)-tag])
	return out
}
