package suite_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

// bully is a Device on loopback that floods its Clients, or makes them ask for ever.
type bully struct {
	conn    *net.UDPConn
	way     way
	mid     atomic.Uint32
	observe atomic.Uint32
	reading sync.WaitGroup
	floods  sync.WaitGroup
	over    chan struct{}
	began   map[string]bool // the floods, by what they are of
	cm      atomic.Uint32   // written by serve, read by the floods beside it
}

// way is how a bully is one. answer returns the datagrams that a GET of pstat is
// answered with; flood, where there is one, is sent again and again from the first
// GET of pstat on that observes.
type way struct {
	answer func(b *bully, q question) [][]byte
	flood  func(b *bully, q question, n int) []byte
}

// question is a request as the bully sees it.
type question struct {
	kind, code byte
	mid        uint16
	token      []byte
	path       string
	observe    int // -1 for none
	block, szx int // of Block2
	payload    []byte
	from       *net.UDPAddr
}

// newBully answers on a free port of 127.0.0.1 until the test ends.
func newBully(t *testing.T, w way) *bully {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bully{conn: conn, way: w, over: make(chan struct{}), began: map[string]bool{}}
	b.reading.Go(b.serve)
	t.Cleanup(func() {
		close(b.over)
		_ = conn.Close()
		b.reading.Wait()
		b.floods.Wait()
	})
	return b
}

func (b *bully) address() string { return b.conn.LocalAddr().String() }

func (b *bully) serve() {
	buf := make([]byte, 64*1024)
	for {
		n, from, err := b.conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		q, ok := asked(buf[:n])
		if !ok {
			continue
		}
		q.from = from
		for _, datagram := range b.answers(q) {
			_, _ = b.conn.WriteToUDP(datagram, from)
		}
		if key := from.String() + string(q.token); b.way.flood != nil && q.path == ocf.PathPstat && q.observe == 0 && !b.began[key] {
			b.began[key] = true
			b.floods.Go(func() { b.flood(q) })
		}
	}
}

// enough datagrams fill the room of any scenario.
const enough = 60_000

// flood sends without a pause.
func (b *bully) flood(q question) {
	for n := range enough {
		select {
		case <-b.over:
			return
		default:
			_, _ = b.conn.WriteToUDP(b.way.flood(b, q, n), q.from)
		}
	}
}

func (b *bully) answers(q question) [][]byte {
	switch {
	case q.path == ocf.PathD:
		d := ocf.D{Name: "bully", DI: ocf.UUID{1}, ICV: "ocf.1.0.0", DMV: "ocf.res.1.3.0", PIID: ocf.UUID{2}}
		return one(ack(q, 0x45, nil, d.AppendCBOR(nil, 0)))
	case q.path == ocf.PathRes:
		r := ocf.Res{DI: ocf.UUID{1}, Endpoints: []string{"coap://" + b.address()}, Links: []ocf.Link{
			{Href: ocf.PathPstat, RT: []string{"oic.r.pstat"}, IF: []string{"oic.if.baseline"}, BM: 3},
			{Href: ocf.PathD, RT: []string{"oic.wk.d"}, IF: []string{"oic.if.r"}, BM: 3},
		}}
		return one(ack(q, 0x45, nil, r.AppendCBOR(nil, 0)))
	case q.path != ocf.PathPstat:
		return one(ack(q, 0x84, nil, nil))
	case q.code != 1:
		if u, err := ocf.DecodePstatUpdate(q.payload); err == nil {
			b.cm.Store(uint32(u.TM)) // at once, and never pending
		}
		return one(ack(q, 0x44, nil, nil))
	case b.way.answer != nil:
		return b.way.answer(b, q)
	}
	return one(b.pstat(q))
}

// pstat is the answer of a Device that is none of it.
func (b *bully) pstat(q question) []byte {
	var opts []option
	if q.observe == 0 {
		opts = append(opts, number(6, b.observe.Add(1)))
	}
	return ack(q, 0x45, opts, b.state())
}

func (b *bully) state() []byte {
	p := ocf.Pstat{CM: ocf.DPM(b.cm.Load()), DOS: ocf.RFNOP, ISOP: true, OM: 4, SM: 4}
	return p.AppendCBOR(nil, 0)
}

func one(datagram []byte) [][]byte { return [][]byte{datagram} }

// option is one CoAP option. Options have to be given in ascending order.
type option struct {
	id    int
	value []byte
}

// number is an option with a number in as few bytes as it needs.
func number(id int, n uint32) option {
	b := binary.BigEndian.AppendUint32(nil, n)
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return option{id, b}
}

// block2 is a Block2 option.
func block2(num int, more bool, szx int) option {
	n := uint32(num)<<4 | uint32(szx)
	if more {
		n |= 8
	}
	return number(23, n)
}

// ack is a piggybacked answer to q, in OCF's CBOR where it has a payload.
func ack(q question, code byte, opts []option, payload []byte) []byte {
	return datagram(2, code, q.mid, q.token, opts, payload)
}

// non is a NON with a message id of its own.
func (b *bully) non(q question, code byte, opts []option, payload []byte) []byte {
	return datagram(1, code, uint16(b.mid.Add(1)), q.token, opts, payload)
}

func datagram(kind, code byte, mid uint16, token []byte, opts []option, payload []byte) []byte {
	out := []byte{0x40 | kind<<4 | byte(len(token)), code, byte(mid >> 8), byte(mid)}
	out = append(out, token...)
	last, format := 0, len(payload) > 0
	add := func(o option) {
		delta, length := o.id-last, len(o.value)
		last = o.id
		if delta >= 13 {
			out = append(out, 13<<4|byte(length), byte(delta-13))
		} else {
			out = append(out, byte(delta)<<4|byte(length))
		}
		out = append(out, o.value...)
	}
	for _, o := range opts {
		if format && o.id > 12 {
			add(number(12, ocf.FormatOCFCBOR))
			format = false
		}
		add(o)
	}
	if format {
		add(number(12, ocf.FormatOCFCBOR))
	}
	if len(payload) > 0 {
		out = append(append(out, 0xff), payload...)
	}
	return out
}

// asked reads a request; ok is false for anything else.
func asked(raw []byte) (q question, ok bool) {
	if len(raw) < 4 || len(raw) < 4+int(raw[0]&15) || raw[1] == 0 || raw[1] > 0x1f {
		return q, false
	}
	q = question{kind: raw[0] >> 4 & 3, code: raw[1], mid: binary.BigEndian.Uint16(raw[2:]), observe: -1, szx: 6}
	rest := raw[4:]
	q.token, rest = append([]byte(nil), rest[:raw[0]&15]...), rest[raw[0]&15:]
	for id := 0; len(rest) > 0 && rest[0] != 0xff; {
		delta, length := int(rest[0]>>4), int(rest[0]&15)
		rest = rest[1:]
		for _, n := range []*int{&delta, &length} {
			switch *n {
			case 13:
				*n, rest = int(rest[0])+13, rest[1:]
			case 14:
				*n, rest = int(binary.BigEndian.Uint16(rest))+269, rest[2:]
			}
		}
		id += delta
		value := rest[:length]
		rest = rest[length:]
		n := 0
		for _, c := range value {
			n = n<<8 | int(c)
		}
		switch id {
		case 6:
			q.observe = n
		case 11:
			q.path += "/" + string(value)
		case 23:
			q.block, q.szx = n>>4, n&7
		}
	}
	if len(rest) > 1 {
		q.payload = append([]byte(nil), rest[1:]...)
	}
	return q, true
}

// noise is n random bytes.
func noise(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(rand.IntN(256))
	}
	return out
}
