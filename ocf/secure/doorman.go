package secure

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"net/netip"
	"time"
)

// cookieSlot is the step of a cookie's time. A cookie is right for the rest of
// its slot and for the next one.
const cookieSlot = 30 * time.Second

// Verdict is what a Doorman says of a datagram. The zero value is Drop.
type Verdict uint8

// The Doorman's verdicts.
const (
	// Drop: the datagram begins no handshake; leave it unanswered.
	Drop Verdict = iota
	// Challenge: send the reply, from the Device to the peer, and forget both.
	Challenge
	// Admit: the peer has shown that it receives at its address; give the
	// hello to Server.Accept.
	Admit
)

// String is the verdict's word.
func (v Verdict) String() string {
	switch v {
	case Drop:
		return "drop"
	case Challenge:
		return "challenge"
	case Admit:
		return "admit"
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// Doorman answers first ClientHellos with cookies and keeps nothing of who sent
// them, RFC 6347 section 4.2.1. One is enough for a whole fleet; its methods
// may be called from any goroutine. The zero value has no secret: use
// NewDoorman.
type Doorman struct {
	mac func() hash.Hash // has the secret where no printer finds it
}

// NewDoorman makes a Doorman with a secret read from random; nil means
// crypto/rand. Cookies of another secret are not taken.
func NewDoorman(random io.Reader) (*Doorman, error) {
	if random == nil {
		random = rand.Reader
	}
	secret := make([]byte, 32)
	if _, err := io.ReadFull(random, secret); err != nil {
		return nil, fmt.Errorf("secret of cookies: %w", err)
	}
	return &Doorman{mac: func() hash.Hash { return hmac.New(sha256.New, secret) }}, nil
}

// Begins reports whether the datagram may begin a handshake. Any other datagram
// belongs to a session or to nobody.
func Begins(datagram []byte) bool { return isHandshake(datagram, typeClientHello) }

// Meet judges a datagram from peer to device at the time now. It may be any
// bytes, and is not kept. A ClientHello without a cookie, or with one that is
// wrong, older than a minute, of another peer, for another Device or for other
// parameters, is challenged with reply. One with its right cookie is admitted;
// hello is the part of datagram that begins the handshake. Anything else is
// dropped: other records, fragments, truncated or impossible lengths.
//
// The reply is shorter than the datagram, so it amplifies nothing.
func (d *Doorman) Meet(datagram []byte, peer, device netip.AddrPort, now time.Time) (v Verdict, reply, hello []byte) {
	h, err := parseHello(datagram)
	// A Client numbers its ClientHellos 0 and 1. A higher number means it was
	// challenged twice, and the DTLS library has no way to go on from there.
	if err != nil || h.message() > 1 {
		return Drop, nil, nil
	}
	slot := now.Unix() / int64(cookieSlot/time.Second)
	fresh := d.cookie(&h, peer, device, slot)
	if h.message() == 1 && len(h.cookie) == cookieLen {
		if hmac.Equal(h.cookie, fresh) || hmac.Equal(h.cookie, d.cookie(&h, peer, device, slot-1)) {
			return Admit, nil, h.record
		}
	}
	return Challenge, helloVerify(&h, fresh), nil
}

// cookie is the HMAC over who sent what to whom, and when.
func (d *Doorman) cookie(h *clientHello, peer, device netip.AddrPort, slot int64) []byte {
	mac := d.mac()
	var fixed [44]byte
	binary.BigEndian.PutUint64(fixed[0:], uint64(slot))
	from, to := peer.Addr().As16(), device.Addr().As16()
	copy(fixed[8:], from[:])
	copy(fixed[24:], to[:])
	binary.BigEndian.PutUint16(fixed[40:], peer.Port())
	binary.BigEndian.PutUint16(fixed[42:], device.Port())
	mac.Write(fixed[:])
	for _, part := range h.parameters() { // each is of fixed size or has its length in front
		mac.Write(part)
	}
	return mac.Sum(nil)[:cookieLen]
}

// helloVerify is the HelloVerifyRequest for h: with the record number of h, so
// that numbers aren't repeated when several are sent (RFC 6347 section 4.2.1).
func helloVerify(h *clientHello, cookie []byte) []byte {
	const body = 2 + 1 + cookieLen
	out := make([]byte, recordHeader+handshakeHeader+body)
	out[0] = contentHandshake
	out[1], out[2] = 0xfe, 0xfd
	record(out).setSequence(h.sequence())
	binary.BigEndian.PutUint16(out[11:], handshakeHeader+body)
	message := out[recordHeader:]
	message[0] = typeHelloVerifyRequest
	putUint24(message[1:], body) // message_seq and fragment offset stay 0
	putUint24(message[9:], body)
	message[handshakeHeader], message[handshakeHeader+1] = 0xfe, 0xfd
	message[handshakeHeader+2] = cookieLen
	copy(message[handshakeHeader+3:], cookie)
	return out
}
