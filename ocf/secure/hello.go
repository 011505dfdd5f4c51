package secure

import (
	"encoding/binary"
	"errors"
	"iter"
)

// Numbers of RFC 5246 section 6.2.1 and 7.4, RFC 6347 section 4.1 and 4.2.2,
// and RFC 4279 section 2.
const (
	contentAlert           = 21
	contentHandshake       = 22
	typeClientHello        = 1
	typeHelloVerifyRequest = 3
	recordHeader           = 13
	handshakeHeader        = 12
	cookieLen              = 20 // what the DTLS library's own cookies measure
	sequenceMask           = 1<<48 - 1
)

// record is a DTLS record, and what follows it in the datagram.
type record []byte

func (r record) epoch() uint16    { return binary.BigEndian.Uint16(r[3:]) }
func (r record) length() int      { return int(binary.BigEndian.Uint16(r[11:])) }
func (r record) sequence() uint64 { return binary.BigEndian.Uint64(r[3:]) & sequenceMask }

// setSequence numbers a record of epoch 0.
func (r record) setSequence(n uint64) { binary.BigEndian.PutUint64(r[3:], n&sequenceMask) }

// records are the whole records of a datagram, each without what follows it. They lie
// in the datagram. What is no whole record ends them.
func records(datagram []byte) iter.Seq[record] {
	return func(yield func(record) bool) {
		for rest := datagram; len(rest) >= recordHeader; {
			n := recordHeader + record(rest).length()
			if n > len(rest) || !yield(rest[:n:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// isHelloVerify reports whether the datagram begins with a HelloVerifyRequest
// in the clear.
func isHelloVerify(datagram []byte) bool {
	return isHandshake(datagram, typeHelloVerifyRequest)
}

func isHandshake(datagram []byte, messageType byte) bool {
	return len(datagram) >= recordHeader+handshakeHeader && datagram[0] == contentHandshake &&
		record(datagram).epoch() == 0 && datagram[recordHeader] == messageType
}

// clientHello is an unfragmented ClientHello, alone in its record.
type clientHello struct {
	record  []byte // header and all, without what follows it in the datagram
	session []byte // with its length byte
	cookie  []byte // without its length byte
	suites  []byte // cipher suites and compression methods, with their lengths
	after   []byte // everything behind the cookie
}

var errNoHello = errors.New("datagram does not begin with an unfragmented ClientHello")

// parseHello reads what the Doorman needs of a datagram. It does not copy.
func parseHello(datagram []byte) (clientHello, error) {
	if !isHandshake(datagram, typeClientHello) || datagram[1] != 0xfe {
		return clientHello{}, errNoHello
	}
	n := record(datagram).length()
	if n < handshakeHeader || recordHeader+n > len(datagram) {
		return clientHello{}, errNoHello
	}
	h := clientHello{record: datagram[:recordHeader+n]}
	header := h.record[recordHeader:]
	body := header[handshakeHeader:]
	if uint24(header[1:]) != len(body) || uint24(header[6:]) != 0 || uint24(header[9:]) != len(body) || len(body) < 34 {
		return clientHello{}, errNoHello
	}
	rest := body[34:] // behind version and random
	var session, cookie, suites, methods []byte
	var ok [4]bool
	session, rest, ok[0] = cut(rest, 1)
	cookie, rest, ok[1] = cut(rest, 1)
	h.after = rest
	suites, rest, ok[2] = cut(rest, 2)
	methods, _, ok[3] = cut(rest, 1)
	if ok != [4]bool{true, true, true, true} {
		return clientHello{}, errNoHello
	}
	h.session, h.cookie = session, cookie[1:]
	h.suites = h.after[:len(suites)+len(methods)]
	return h, nil
}

// cut splits off a vector with its length field, which is size bytes wide.
func cut(b []byte, size int) (vector, rest []byte, ok bool) {
	if len(b) < size {
		return nil, nil, false
	}
	n := size
	for i, v := range b[:size] {
		n += int(v) << (8 * (size - 1 - i))
	}
	if len(b) < n {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

func uint24(b []byte) int { return int(b[0])<<16 | int(b[1])<<8 | int(b[2]) }

func putUint24(b []byte, n int) { b[0], b[1], b[2] = byte(n>>16), byte(n>>8), byte(n) }

func (h *clientHello) sequence() uint64 { return record(h.record).sequence() }

// message is message_seq: 0 for a first ClientHello, 1 for the one with a cookie.
func (h *clientHello) message() uint16 {
	return binary.BigEndian.Uint16(h.record[recordHeader+4:])
}

// random is the Client's.
func (h *clientHello) random() [32]byte {
	return [32]byte(h.record[recordHeader+handshakeHeader+2:])
}

// parameters are what a ClientHello must repeat when it comes with a cookie,
// RFC 6347 section 4.2.1: version and random; session_id; cipher_suites and
// compression_methods.
func (h *clientHello) parameters() [3][]byte {
	body := h.record[recordHeader+handshakeHeader:]
	return [3][]byte{body[:34], h.session, h.suites}
}

// first is the ClientHello that must have come before h: the same without
// cookie, numbered 0.
func (h *clientHello) first() []byte {
	body := h.record[recordHeader+handshakeHeader:]
	n := len(body) - len(h.cookie)
	out := make([]byte, recordHeader+handshakeHeader, recordHeader+handshakeHeader+n)
	copy(out, h.record)
	out = append(out, body[:34]...)
	out = append(out, h.session...)
	out = append(out, 0)
	out = append(out, h.after...)
	binary.BigEndian.PutUint16(out[11:], uint16(handshakeHeader+n))
	putUint24(out[recordHeader+1:], n)
	binary.BigEndian.PutUint16(out[recordHeader+4:], 0)
	putUint24(out[recordHeader+9:], n)
	sequence := uint64(0)
	if h.sequence() == 0 {
		sequence = 1 // another than h's, or the library takes h for a replay
	}
	record(out).setSequence(sequence)
	return out
}
