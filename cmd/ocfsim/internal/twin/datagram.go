package twin

import (
	"bytes"
	"encoding/binary"
	"regexp"

	"github.com/ocfsim/ocfsim/ocf"
)

// datagram is a CoAP message as it was sent (RFC 7252 section 3).
type datagram []byte

const (
	typeACK = 2
	typeRST = 3
	codeGET = 1
)

// whole reports whether d has a header and the whole of its token.
func (d datagram) whole() bool {
	return len(d) >= 4 && d[0]>>6 == 1 && d[0]&15 <= 8 && len(d) >= 4+int(d[0]&15)
}

func (d datagram) kind() byte      { return d[0] >> 4 & 3 }
func (d datagram) code() byte      { return d[1] }
func (d datagram) isRequest() bool { return d[1] != 0 && d[1] < 32 }
func (d datagram) mid() uint16     { return binary.BigEndian.Uint16(d[2:]) }
func (d datagram) midKey() string  { return " mid " + string(d[2:4]) }
func (d datagram) token() string   { return " token " + string(d[4:4+int(d[0]&15)]) }
func (d datagram) rest() []byte    { return d[4+int(d[0]&15):] }

// fails reports whether d refuses something: by a code of the client or the server, or
// by a reset.
func (d datagram) fails() bool { return d.kind() == typeRST || d.code()>>5 == 4 || d.code()>>5 == 5 }

// key is what makes two requests the same: everything but token and message id.
func (d datagram) key() string {
	return string([]byte{d.kind(), d.code()}) + string(d.rest())
}

// observes reports whether a request has the Observe option, number 6.
func (d datagram) observes() bool {
	found := false
	d.options(func(id int, _ []byte) { found = found || id == 6 })
	return found
}

// inBlocks reports whether d carries a block of something longer: it has the option Block2,
// number 23.
func (d datagram) inBlocks() bool {
	found := false
	d.options(func(id int, _ []byte) { found = found || id == 23 })
	return found
}

// payload is what follows the options.
func (d datagram) payload() []byte { return d.options(func(int, []byte) {}) }

// path is the request's path.
func (d datagram) path() string {
	var b bytes.Buffer
	d.options(func(id int, value []byte) {
		if id == 11 {
			b.WriteByte('/')
			b.Write(value)
		}
	})
	return b.String()
}

// options calls see for each option and returns the payload. It stops where the
// datagram is malformed.
func (d datagram) options(see func(id int, value []byte)) []byte {
	rest, id := d.rest(), 0
	for len(rest) > 0 {
		if rest[0] == 0xff {
			return rest[1:]
		}
		delta, length := int(rest[0]>>4), int(rest[0]&15)
		rest = rest[1:]
		var ok bool
		if delta, rest, ok = extended(delta, rest); !ok {
			return nil
		}
		if length, rest, ok = extended(length, rest); !ok || length > len(rest) {
			return nil
		}
		id += delta
		see(id, rest[:length])
		rest = rest[length:]
	}
	return nil
}

// extended reads the extension of an option's delta or length.
func extended(n int, rest []byte) (int, []byte, bool) {
	switch {
	case n < 13:
		return n, rest, true
	case n == 13 && len(rest) >= 1:
		return int(rest[0]) + 13, rest[1:], true
	case n == 14 && len(rest) >= 2:
		return int(binary.BigEndian.Uint16(rest)) + 269, rest[2:], true
	}
	return 0, nil, false
}

// who says whose uuids stand in a datagram for those of the recorded Device.
type who struct {
	home      string   // the uuid that the recorded Device had, "" for any
	di, owner ocf.UUID // of the Device that answers in its place
}

// as is d in another conversation: with this message id and token, and with the uuids of
// the Device that answers and of its owner.
func (d datagram) as(mid uint16, token string, w who) []byte {
	out := []byte{d[0]&0xf0 | byte(len(token)), d[1], byte(mid >> 8), byte(mid)}
	out = append(out, token...)
	return append(out, w.identified(d.rest())...)
}

// identities finds Properties whose value is a uuid as CBOR text: the name, and a text of
// 36 bytes.
var identities = regexp.MustCompile(`(bdi|jdeviceuuid|ldevowneruuid|jrowneruuid)x\$([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`)

const nobody = "00000000-0000-0000-0000-000000000000"

// identified is rest with the uuids of the Device that answers and of its owner. A nil
// uuid stays, and so does one that the Device took on though nobody had reset it.
func (w who) identified(rest []byte) []byte {
	if !bytes.Contains(rest, []byte("x$")) {
		return rest
	}
	return identities.ReplaceAllFunc(rest, func(found []byte) []byte {
		at := len(found) - len(nobody)
		id, was := w.owner, string(found[at:])
		if isDevice(found) {
			id = w.di
			if w.home != "" && was != w.home {
				return found
			}
		}
		if was == nobody || id.IsNil() {
			return found
		}
		return append(bytes.Clone(found[:at]), id.String()...)
	})
}

// isDevice reports whether a found Property has the uuid of the Device, not of an owner.
func isDevice(found []byte) bool {
	return bytes.HasPrefix(found, []byte("bdi")) || bytes.HasPrefix(found, []byte("jdev"))
}

// device is the first uuid of a Device that d names, "" for none.
func (d datagram) device() string {
	for _, found := range identities.FindAll(d.rest(), -1) {
		if id := string(found[len(found)-len(nobody):]); isDevice(found) && id != nobody {
			return id
		}
	}
	return ""
}
