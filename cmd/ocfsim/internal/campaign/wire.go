package campaign

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/ocf"
)

// ask is what a request is for.
type ask uint8

const (
	askNothing    ask = iota
	askDevice         // GET /oic/d
	askPlatform       // GET /oic/p
	askWatch          // GET pstat, to observe it
	askRead           // GET pstat
	askValidation     // POST tm=V
	askUpdate         // POST tm=U
	askLeave          // GET pstat, to end the observation
	askBlock          // GET a further block of what was asked for before
)

// tokenSize is the length of the tokens of all requests, in bytes.
const tokenSize = 4

// tails are the options and payloads of the requests, which are the same for all Devices.
type tails [askLeave + 1][]byte

// newTails encodes each kind of request once.
func newTails() (t tails, err error) {
	observe := func(n byte) message.Option {
		o := message.Option{ID: message.Observe}
		if n > 0 {
			o.Value = []byte{n}
		}
		return o
	}
	for kind, m := range map[ask]message.Message{
		askDevice:     request(codes.GET, ocf.PathD),
		askPlatform:   request(codes.GET, ocf.PathP),
		askWatch:      request(codes.GET, ocf.PathPstat, observe(0)),
		askRead:       request(codes.GET, ocf.PathPstat),
		askValidation: write(ocf.SVV),
		askUpdate:     write(ocf.SSU),
		askLeave:      request(codes.GET, ocf.PathPstat, observe(1)),
	} {
		buf := make([]byte, 256)
		n, err := coder.DefaultCoder.Encode(m, buf)
		if err != nil {
			return t, fmt.Errorf("encode a request: %w", err)
		}
		t[kind] = buf[headerSize:n]
	}
	return t, nil
}

// request is a request as OCF Clients send it, with further options that come first.
func request(code codes.Code, path string, first ...message.Option) message.Message {
	m := message.Message{Type: message.Confirmable, Code: code, Options: first}
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		m.Options = append(m.Options, message.Option{ID: message.URIPath, Value: []byte(part)})
	}
	format, version := binary.BigEndian.AppendUint16(nil, ocf.FormatOCFCBOR), binary.BigEndian.AppendUint16(nil, ocf.Version100)
	if code == codes.POST {
		m.Options = append(m.Options, message.Option{ID: message.ContentFormat, Value: format})
	}
	m.Options = append(m.Options, message.Option{ID: message.Accept, Value: format}, message.Option{ID: ocf.OptionAcceptVersion, Value: version})
	if code == codes.POST {
		m.Options = append(m.Options, message.Option{ID: ocf.OptionFormatVersion, Value: version})
	}
	return m
}

// write is the request for the process that bit stands for.
func write(bit ocf.DPM) message.Message {
	m := request(codes.POST, ocf.PathPstat)
	m.Payload = ocf.PstatUpdate{Set: ocf.PropTM, TM: bit}.AppendCBOR(nil)
	return m
}

// headerSize is the length of what stands before the token (RFC 7252 section 3).
const headerSize = 4

// appendRequest appends a confirmable request with a token, and tail behind it.
func appendRequest(dst []byte, kind ask, mid uint16, token uint32, tail []byte) []byte {
	code := byte(codes.GET)
	if kind == askValidation || kind == askUpdate {
		code = byte(codes.POST)
	}
	dst = append(dst, 1<<6|byte(message.Confirmable)<<4|tokenSize, code)
	dst = binary.BigEndian.AppendUint16(dst, mid)
	dst = binary.BigEndian.AppendUint32(dst, token)
	return append(dst, tail...)
}

// appendEmpty appends an ACK or a RST.
func appendEmpty(dst []byte, t message.Type, mid uint16) []byte {
	dst = append(dst, 1<<6|byte(t)<<4, byte(codes.Empty))
	return binary.BigEndian.AppendUint16(dst, mid)
}

// arrival is a message that came.
type arrival struct {
	kind    message.Type
	code    codes.Code
	mid     uint16
	token   uint32
	known   bool   // the token has the length of ours
	observe uint32 // if observes
	maxAge  uint32 // seconds, if ages
	payload []byte // points into the datagram

	observes, ages bool
	block          struct {
		number uint32
		more   bool
		size   uint8
	}
}

// reads decodes messages one after the other; the zero value is ready.
type reads struct{ options message.Options }

// read decodes a datagram. ok is false if that is no CoAP message, or one of a class that is
// reserved, which whoever gets it has to reject (RFC 7252 section 4.2).
func (r *reads) read(data []byte) (a arrival, ok bool) {
	if r.options == nil {
		r.options = make(message.Options, 0, 32)
	}
	m := message.Message{Options: r.options[:0]}
	if n, err := coder.DefaultCoder.Decode(data, &m); err != nil || n != len(data) {
		return a, false
	}
	switch class(m.Code) {
	case 0, 2, 4, 5:
	default:
		return a, false
	}
	a = arrival{kind: m.Type, code: m.Code, mid: uint16(m.MessageID), payload: m.Payload}
	if len(m.Token) == tokenSize {
		a.token, a.known = binary.BigEndian.Uint32(m.Token), true
	}
	if n, err := m.Options.GetUint32(message.Observe); err == nil {
		a.observe, a.observes = n&(1<<24-1), true
	}
	if n, err := m.Options.GetUint32(message.MaxAge); err == nil {
		a.maxAge, a.ages = n, true
	}
	if n, err := m.Options.GetUint32(message.Block2); err == nil {
		a.block.number, a.block.more, a.block.size = n>>4, n&8 != 0, uint8(n&7)
	}
	return a, true
}

// class is the first digit of a code: 2 of success, 4 where the request is refused, 5 of a
// fault of the Device.
func class(c codes.Code) int { return int(c) >> 5 }

// codeText writes a code as "4.01".
func codeText(c codes.Code) string { return fmt.Sprintf("%d.%02d", int(c)>>5, int(c)&31) }
