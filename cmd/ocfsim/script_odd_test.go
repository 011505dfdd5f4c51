package main

import (
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/fxamacker/cbor/v2"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ocfsim/ocfsim/ocf"
)

// oddDI is the identity of every odd Device.
const oddDI = "5a5a5a5a-0000-4000-8000-000000000001"

// odd is a Device without security whose pstat is at rest, and which is odd in
// one way. It is written for this and shares nothing with the virtual Devices:
//
//	whole      not at all
//	blocks     sends pstat in blocks, and Observe in the first alone
//	stuck      sends the first block again whichever is asked for
//	etags      has another ETag in each block
//	denies     answers 4.01 to whoever asks for pstat, and is nobody's
//	shows      shows its pstat to everyone, has an owner, and takes no write
//	owned      answers 4.01 to whoever asks for pstat, and has an owner
//	stranger   has nothing of OCF
//	dies       dies of a CBOR array
type odd struct {
	kind      string
	conn      *net.UDPConn
	number    uint32 // Observe
	observing string // the token of the one observation, to see that nobody else uses it
}

// oddDevice is the command `odd NAME KIND`: it sets $NAME to the Device's URI.
func oddDevice(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: odd NAME KIND")
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	ts.Check(err)
	d := &odd{kind: args[1], conn: conn, number: 4}
	var served sync.WaitGroup
	served.Go(d.serve)
	ts.Defer(func() {
		_ = d.conn.Close()
		served.Wait()
	})
	ts.Setenv(args[0], "coap://"+conn.LocalAddr().String())
}

// echoing is the command `echo NAME`: it sets $NAME to the URI of a port that sends
// back whatever it is sent, as no CoAP server does.
func echoing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: echo NAME")
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	ts.Check(err)
	var served sync.WaitGroup
	served.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFromUDP(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteToUDP(buf[:n], from)
		}
	})
	ts.Defer(func() {
		_ = conn.Close()
		served.Wait()
	})
	ts.Setenv(args[0], "coap://"+conn.LocalAddr().String())
}

// serve answers until the Device dies.
func (d *odd) serve() {
	buf := make([]byte, 2048)
	for {
		n, from, err := d.conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		m := message.Message{Options: make(message.Options, 0, 16)}
		if _, err := coder.DefaultCoder.Decode(buf[:n], &m); err != nil || m.Code == codes.Empty {
			continue
		}
		if d.kind == "dies" && m.Code == codes.POST && len(m.Payload) > 0 && m.Payload[0]>>5 == 4 {
			_ = d.conn.Close()
			return
		}
		a := d.answer(m)
		a.Type, a.Token, a.MessageID = message.Acknowledgement, m.Token, m.MessageID
		size, _ := coder.DefaultCoder.Size(a)
		out := make([]byte, size)
		if _, err := coder.DefaultCoder.Encode(a, out); err == nil {
			_, _ = d.conn.WriteToUDP(out, from)
		}
	}
}

// answer is what the Device says to m.
func (d *odd) answer(m message.Message) message.Message {
	path, _ := m.Options.Path()
	path = "/" + strings.TrimPrefix(path, "/")
	if d.kind == "stranger" {
		return message.Message{Code: codes.NotFound}
	}
	if m.Code == codes.POST && d.kind == "shows" {
		return message.Message{Code: codes.Unauthorized}
	}
	if m.Code == codes.POST {
		return message.Message{Code: codes.Changed}
	}
	var body any
	switch path {
	case ocf.PathD:
		body = map[string]any{"n": "odd", "di": oddDI, "icv": "ocf.1.0.0", "sv": "1.0"}
	case ocf.PathRes:
		ep := fmt.Sprintf("coap://%v", d.conn.LocalAddr())
		body = []any{map[string]any{
			"anchor": "ocf://" + oddDI, "href": ocf.PathPstat, "rt": []string{"oic.r.pstat"},
			"if": []string{"oic.if.baseline"}, "p": map[string]any{"bm": 3}, "eps": []any{map[string]any{"ep": ep}},
		}}
	case ocf.PathDoxm:
		body = map[string]any{"oxms": []int{0}, "oxmsel": 0, "sct": 1, "owned": d.kind == "owned" || d.kind == "shows", "deviceuuid": oddDI}
	case ocf.PathPstat:
		if d.kind == "denies" || d.kind == "owned" {
			return message.Message{Code: codes.Unauthorized}
		}
		return d.pstat(m)
	default:
		return message.Message{Code: codes.NotFound}
	}
	payload := represent(body)
	return content(payload)
}

// represent is v in CBOR, the same bytes each time: they are sent in pieces.
func represent(v any) []byte {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	data, err := mode.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// content is a representation, in one piece.
func content(payload []byte) message.Message {
	return message.Message{Code: codes.Content, Payload: payload, Options: message.Options{{ID: message.ContentFormat, Value: []byte{0x27, 0x10}}}}
}

// pstat is the answer to a GET of pstat.
func (d *odd) pstat(m message.Message) message.Message {
	payload := represent(map[string]any{
		"dos": map[string]any{"s": 3, "p": false}, "isop": true, "cm": 0, "tm": 0, "om": 4, "sm": 4,
		"rowneruuid": "5a5a5a5a-0000-4000-8000-0000000000aa", "x.com.example.note": strings.Repeat("n", 300),
	})
	number := uint32(0)
	if b, err := m.Options.GetUint32(message.Block2); err == nil && d.kind != "stuck" {
		number = b >> 4
	}
	a := content(payload)
	register, err := m.Options.GetUint32(message.Observe)
	switch {
	case err == nil && register == 0:
		d.number++
		d.observing = string(m.Token)
		a.Options = a.Options.Add(message.Option{ID: message.Observe, Value: []byte{byte(d.number)}})
	case err == nil:
		d.observing = ""
	case string(m.Token) == d.observing: // RFC 7959 section 3.4: further blocks have a token of their own
		return message.Message{Code: codes.BadRequest}
	}
	if d.kind != "blocks" && d.kind != "stuck" && d.kind != "etags" {
		return a
	}
	const size = 256 // szx 4
	end, more := min(int(number+1)*size, len(payload)), uint32(0)
	if end < len(payload) {
		more = 8
	}
	a.Payload = payload[min(int(number)*size, end):end]
	etag := byte(7)
	if d.kind == "etags" {
		d.number++
		etag = byte(d.number)
	}
	value := number<<4 | more | 4
	a.Options = a.Options.Add(message.Option{ID: message.Block2, Value: []byte{byte(value)}})
	a.Options = a.Options.Add(message.Option{ID: message.ETag, Value: []byte{etag}})
	return a
}
