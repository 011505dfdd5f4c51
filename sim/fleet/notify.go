package fleet

import (
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// news is a state that observers of a Device are told. What their notifications have in
// common is encoded once, and each gets its own header, token and Observe number.
type news struct {
	state sim.State
	skew  int8 // added to the Observe number

	terms uint32 // for which the rest is; 0: for none
	rest  []byte // what follows the option Observe
}

// tellAbout prepares to tell a state. It is valid until the next call.
func (sh *shard) tellAbout(state sim.State, skew int8) *news {
	n := &sh.scratch.news
	n.state, n.skew, n.terms = state, skew, 0
	return n
}

// sendNotification sends a state to o.
func (sh *shard) sendNotification(s *slot, o *observer, n *news, typ message.Type) *Packet {
	o.last = sh.observeNumber(s, o.last)
	if ahead := (o.last - s.observed()) & observeMask; ahead < 1<<23 {
		s.setObserved(o.last)
	}
	mid := s.nextMID()
	o.sent.add(mid)
	on := sh.lineOf(o)
	sh.ping(on)
	if typ == message.NonConfirmable {
		o.unheard = min(o.unheard+1, confirmAfter)
	}
	sh.stats.notifications.Add(1)
	env := envelope{typ: typ, mid: mid, token: o.token[:o.tokenLength], line: on}
	p := sh.postNews(s, o, n, env, (o.last+uint32(int32(n.skew)))&observeMask)
	if wait := sh.pause(s, o); wait > 0 {
		sh.postpone(s, p, wait)
	}
	return p
}

// postNews puts a notification into the outbox.
func (sh *shard) postNews(s *slot, o *observer, n *news, env envelope, number uint32) *Packet {
	if n.terms != o.terms {
		re := sh.newsFor(s, o, n)
		if re.inBlocks() {
			re.observe, re.number = true, number
			return sh.post(env, re)
		}
		w := writer{data: n.rest[:0], last: message.Observe}
		w.rest(&re)
		n.rest, n.terms = w.payload(re.payload), o.terms
	}
	p := sh.add(env.line)
	w := writer{data: appendHeader(p.Data, env, codes.Content)}
	w.uint(message.Observe, number)
	p.Data = append(w.data, n.rest...)
	return p
}

// newsFor is the reply that tells o a state, without the Observe number.
func (sh *shard) newsFor(s *slot, o *observer, n *news) reply {
	t := sh.audience.terms.of(o.terms)
	rep := t.rep(n.state)
	re := reply{
		code: codes.Content, format: s.device.ContentFormat(rep), payload: sh.encode(s, rep), version: t.version,
		szx: min(t.szx, s.device.Messages().SZX()),
	}
	if t.accept == ocf.FormatCBOR && re.format == ocf.FormatOCFCBOR {
		re.format = ocf.FormatCBOR
	}
	return re
}
