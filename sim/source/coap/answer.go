package coap

import (
	"encoding/binary"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// reply is the answer to a question.
type reply struct {
	code    codes.Code
	options message.Options
	payload []byte
	silent  bool // there is none
	reset   bool // it is RST, and the session ends
}

// maxText bounds a device, a version and a name, in bytes.
const maxText = 64

// answer answers a request: GET versions?version=V, and GET packages/NAME.
func (p *peer) answer(m message.Message) reply {
	path, _ := m.Options.Path() // without one it is empty
	queries, _ := m.Options.Queries()
	query := url.Values{}
	for _, q := range queries {
		key, value, _ := strings.Cut(q, "=")
		query.Set(key, value)
	}
	path = strings.Trim(path, "/")
	q := depot.Request{
		Over: p.server.over, Peer: p.addr.String(), Device: query.Get("device"), Version: query.Get("version"), Asks: "GET /" + path,
	}
	name, packaged := strings.CutPrefix(path, "packages/")
	switch {
	case m.Code != codes.GET:
		return reply{code: codes.MethodNotAllowed}
	case len(q.Device) > maxText || len(q.Version) > maxText || len(name) > maxText:
		return reply{code: codes.BadRequest}
	case path == "versions":
		return p.versions(m, q)
	case packaged:
		q.Name = name
		return p.packet(m, q)
	}
	return reply{code: codes.NotFound}
}

// refusal is the answer that a depot's reply asks for instead of the plain one.
func refusal(r depot.Reply) reply {
	switch {
	case r.Mute:
		return reply{silent: true}
	case r.Status == 500:
		return reply{code: codes.InternalServerError}
	case r.Status == 503:
		return reply{code: codes.ServiceUnavailable}
	}
	return reply{code: codes.NotFound}
}

// offer is one version in the answer to GET versions.
type offer struct {
	Version string       `json:"version"`
	Name    string       `json:"name"`
	URL     string       `json:"url"`
	Size    int          `json:"size"`
	Digest  string       `json:"digest"` // RFC 9530
	Flaw    source.Fault `json:"flaw,omitempty"`
}

// versions says what is on offer.
func (p *peer) versions(m message.Message, q depot.Request) reply {
	o, ok := p.server.config.Depot.Versions(p.ctx, q)
	if !ok {
		return reply{silent: true}
	}
	if !o.Plain() {
		return refusal(o.Reply)
	}
	list := []offer{}
	if r := o.Release; r != nil {
		at := o.Address
		if at == "" {
			at = "/packages/" + r.Name // at the address that was asked
			if !p.server.addr.IP.IsUnspecified() {
				at = strings.TrimSuffix(p.server.URL(), "/") + at
			}
		}
		list = append(list, offer{r.Version, r.Name, at, len(r.Content), r.Digest(), o.Flaw})
	}
	body, _ := json.Marshal(struct { // text and numbers can be written
		Versions []offer `json:"versions"`
	}{list})
	b := blockOf(m)
	from, upto := min(b.from(), int64(len(body))), min(b.from()+b.size(), int64(len(body)))
	return content(b, body[from:upto], upto < int64(len(body)), message.AppJSON, nil)
}

// block is the value of a Block2 option (RFC 7959 section 2.2).
type block struct {
	present bool
	szx     uint8
	num     int64
}

// maxSZX is the exponent of the largest blocks: 2^(6+4) bytes.
const maxSZX = 6

// blockOf is the block that a request asks for.
func blockOf(m message.Message) block {
	v, err := m.Options.GetUint32(message.Block2)
	if err != nil {
		return block{szx: maxSZX}
	}
	return block{present: true, szx: min(uint8(v&7), maxSZX), num: int64(v >> 4)}
}

func (b block) size() int64 { return 1 << (b.szx + 4) }
func (b block) from() int64 { return b.num * b.size() }

// smaller is the block of half the size that begins where b does.
func (b block) smaller() block {
	if b.szx == 0 {
		return b
	}
	return block{present: true, szx: b.szx - 1, num: 2 * b.num}
}

// content is the answer that has a block.
func content(b block, payload []byte, more bool, format message.MediaType, tag []byte) reply {
	r := reply{code: codes.Content, payload: payload}
	if tag != nil {
		r.options = r.options.Add(message.Option{ID: message.ETag, Value: tag})
	}
	r.options = r.options.Add(message.Option{ID: message.ContentFormat, Value: number(uint32(format))})
	if b.present || more {
		v := uint32(b.num)<<4 | uint32(b.szx)
		if more {
			v |= 8
		}
		r.options = r.options.Add(message.Option{ID: message.Block2, Value: number(v)})
	}
	return r
}

// number is an option's value of as few bytes as it needs.
func number(v uint32) []byte {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], v)
	for i, c := range b {
		if c != 0 {
			return b[i:]
		}
	}
	return nil
}

// transfer is a package on its way to a peer, block by block.
type transfer struct {
	*depot.Transfer
	mu       sync.Mutex
	replaced bool // from here on it is another package
	small    bool // from here on blocks have half the size
	begins   bool // from here on block 0 comes
	ended    atomic.Bool
}

// over ends the transfer, if it has not ended yet: the peer did not ask for all of it.
func (t *transfer) over() { t.finish(depot.WentAway) }

// finish ends the transfer, if it has not ended yet.
func (t *transfer) finish(how depot.Ending) {
	if t.ended.CompareAndSwap(false, true) {
		t.End(how)
	}
}

// packet hands over one block of a package. Block 0 begins a transfer, and so does any
// block of a package of which the peer has had none.
func (p *peer) packet(m message.Message, q depot.Request) reply {
	b := blockOf(m)
	p.mu.Lock()
	t := p.transfers[q.Name]
	if b.num == 0 && t != nil {
		t.over()
		t = nil
	}
	p.mu.Unlock()
	if t == nil {
		q.From, q.Block = b.from(), b.size()
		fetched, ok := p.server.config.Depot.Fetch(p.ctx, q)
		if !ok {
			return reply{silent: true}
		}
		t = &transfer{Transfer: fetched}
		if !t.Plain() {
			t.finish(depot.Answered)
			return refusal(t.Reply)
		}
		p.keep(q.Name, t)
	}
	return p.hand(t, b)
}

// maxTransfers is how many packages may be on their way to one peer.
const maxTransfers = 16

// keep remembers a transfer.
func (p *peer) keep(name string, t *transfer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.transfers) >= maxTransfers {
		for _, old := range p.transfers {
			old.over()
		}
		clear(p.transfers)
	}
	p.transfers[name] = t
}

// hand answers with a block of t, as the strikes want it.
func (p *peer) hand(t *transfer, b block) reply {
	b, r, over := t.strike(b)
	if over {
		return r
	}
	if t.Upto >= 0 && b.from() >= t.Upto && b.num > 0 {
		return reply{code: codes.BadRequest}
	}
	if rate, _ := t.Pace(b.from(), b.from()+b.size()); rate > 0 && !p.waits(time.Duration(b.size())*time.Second/time.Duration(rate)) {
		return reply{silent: true}
	}
	return p.leaves(t, b)
}

// strike lets what strikes a block act: it returns the block that leaves instead. over
// is true where r is the answer.
func (t *transfer) strike(b block) (_ block, r reply, over bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, _, struck := t.Next(b.from(), b.from()+b.size())
	if struck {
		t.Strike(s)
	}
	ends := map[depot.Effect]reply{depot.Silence: {silent: true}, depot.Reset: {reset: true}, depot.Withdraw: {code: codes.NotFound}}
	if r, over = ends[s.Does]; over {
		t.finish(depot.Struck)
		return b, r, true
	}
	t.replaced = t.replaced || s.Does == depot.Replace
	t.small = t.small || s.Does == depot.SmallerBlock
	t.begins = t.begins || s.Does == depot.IgnoreRange
	switch {
	case s.Does == depot.NewBlock0:
		return b, foreign(t, block{present: true, szx: b.szx}), true
	case t.replaced:
		return b, foreign(t, b), true
	case s.Does == depot.ShiftRange:
		b.num++
	case t.begins:
		b.num = 0
	case t.small:
		b = b.smaller()
	}
	return b, r, false
}

// leaves answers with a block of t as it is.
func (p *peer) leaves(t *transfer, b block) reply {
	payload := t.Bytes(b.from(), int(b.size()))
	end := b.from() + int64(len(payload))
	t.Sends(b.from(), end)
	more := t.Upto < 0 || end < t.Upto
	r := content(b, payload, more, message.AppOctets, t.Tag())
	if b.num == 0 {
		r.options = r.options.Add(message.Option{ID: message.Size2, Value: number(uint32(t.Announced))})
	}
	if !more {
		t.finish(depot.Answered)
	}
	return r
}

// foreign answers with a block of the package that takes t's place.
func foreign(t *transfer, b block) reply {
	other := t.Another()
	from, whole := b.from(), int64(len(other.Content))
	if from >= whole {
		return reply{code: codes.BadRequest}
	}
	upto := min(from+b.size(), whole)
	return content(b, other.Content[from:upto], upto < whole, message.AppOctets, other.Tag())
}

// waits lets some time pass. It reports whether the peer is still there then.
func (p *peer) waits(long time.Duration) bool {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.ctx.Done():
		return false
	}
}
