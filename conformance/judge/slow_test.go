package judge

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// This is a second judge of the trickiest requirements: slow, obvious, and
// written from the seed and the ADRs, not from the judges. It tries every way in
// which a Device could have come to what was seen. A look lies anywhere between
// its request and its answer; a notification may be of any time since its
// registration, but they are in the order of their Observe numbers. A Timeline
// that no way explains is a breach.

// seen is one look at pstat.
type seen struct {
	n, since int
	stream   int // the registration, -1 for a GET
	client   string
	p        ocf.Pstat
}

// annals is a Timeline and the looks in it.
type annals struct {
	tl    conformance.Timeline
	looks []seen
	of    map[int][]seen // by registration, in order
	by    map[int]seen   // by Observation
	next  map[int]seen   // by the GET
}

func annalsOf(tl conformance.Timeline) *annals {
	r := &annals{tl: tl, of: map[int][]seen{}, by: map[int]seen{}, next: map[int]seen{}}
	type top struct {
		number uint32
		at     time.Duration
	}
	newest := map[int]top{}
	for i, o := range tl.Observations {
		if o.Kind != conformance.Response && o.Kind != conformance.Notification || o.Frame == nil || o.Frame.Code != "2.05" || o.For == nil {
			continue
		}
		p, _, err := ocf.DecodePstat(o.Frame.Payload)
		if err != nil {
			continue
		}
		x := seen{i, *o.For, -1, o.Client, p}
		if o.Frame.Observe != nil {
			x.stream = *o.For
			last, ok := newest[x.stream]
			ahead := (*o.Frame.Observe - last.number) & (1<<24 - 1)
			if ok && (ahead == 0 || ahead >= 1<<23) && o.At <= last.at+128*time.Second {
				continue // stale, RFC 7641 section 3.4
			}
			newest[x.stream] = top{*o.Frame.Observe, o.At}
			r.of[x.stream] = append(r.of[x.stream], x)
		}
		r.looks, r.by[i] = append(r.looks, x), x
		if x.stream < 0 {
			r.next[x.since] = x
		}
	}
	return r
}

// model is what a requirement lets a Device do, H being what there is to know
// of the Device.
type model[H comparable] struct {
	start []H
	moves func(h H, i int) []H // what it may do by itself before entry i
	entry func(h H, i int) []H // what entry i makes of it; none: it can't have been so
	shows func(h H, p ocf.Pstat) bool
}

// config is one way that the Device may have come to be where it is: the state,
// and how far it accounts for what was seen or will be.
type config[H comparable] struct {
	h    H
	next [8]uint8 // by stream: how many of its looks are accounted for
	got  uint32   // by client: the GET that is under way is
}

// explained reports whether some way through m accounts for all that was seen;
// if not, n is the entry where the last one ended.
func explained[H comparable](r *annals, m model[H]) (n int, ok bool) {
	streams := []int{}
	for i := range r.tl.Observations {
		if _, is := r.of[i]; is && len(streams) < 8 {
			streams = append(streams, i)
		}
	}
	clients := []string{}
	for _, x := range r.looks {
		if !slices.Contains(clients, x.client) {
			clients = append(clients, x.client)
		}
	}
	underWay := map[string]seen{} // by client, the GET
	match := func(c config[H], i int) config[H] {
		for s, reg := range streams {
			for reg <= i && int(c.next[s]) < len(r.of[reg]) && m.shows(c.h, r.of[reg][c.next[s]].p) {
				c.next[s]++
			}
		}
		for k, name := range clients {
			if x, is := underWay[name]; is && m.shows(c.h, x.p) {
				c.got |= 1 << k
			}
		}
		return c
	}
	now := map[config[H]]bool{}
	for _, h := range m.start {
		now[config[H]{h: h}] = true
	}
	for i, o := range r.tl.Observations {
		queue := make([]config[H], 0, len(now))
		for c := range now {
			queue = append(queue, c)
		}
		for len(queue) > 0 {
			c := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			for _, h := range m.moves(c.h, i) {
				d := c
				d.h = h
				if d = match(d, i-1); !now[d] {
					now[d] = true
					queue = append(queue, d)
				}
			}
		}
		k := slices.Index(clients, o.Client)
		if o.Kind == conformance.Request && o.Frame.Code == "GET" {
			for _, x := range r.looks {
				if x.stream < 0 && x.since == i {
					underWay[o.Client] = x
				}
			}
		}
		after := map[config[H]]bool{}
		for c := range now {
			if x, is := r.by[i]; is && x.stream < 0 && c.got&(1<<k) == 0 {
				continue
			} else if s := slices.Index(streams, x.stream); is && x.stream >= 0 && s >= 0 && r.of[x.stream][min(int(c.next[s]), len(r.of[x.stream])-1)].n <= i && int(c.next[s]) < len(r.of[x.stream]) {
				continue
			}
			if o.Kind == conformance.Request {
				c.got &^= 1 << max(k, 0)
			}
			for _, h := range m.entry(c.h, i) {
				d := c
				d.h = h
				after[d] = true
			}
		}
		if x, is := r.by[i]; is && x.stream < 0 {
			delete(underWay, o.Client)
		}
		now = map[config[H]]bool{}
		for c := range after {
			now[match(c, i)] = true
		}
		if len(now) == 0 {
			return i, false
		}
	}
	return len(r.tl.Observations), true
}

// wrote is a write of tm as the Timeline has it.
type wrote struct {
	n       int
	end     int // the answer, or the end of the wait
	tm      ocf.DPM
	code    string
	alone   bool // {tm: m} and nothing else
	effects bool // it was not refused: it has an effect, or may have
}

// writes are the POSTs to pstat.
func (r *annals) writes() []wrote {
	var all []wrote
	for i, o := range r.tl.Observations {
		if o.Kind != conformance.Request || o.Frame.Code != "POST" || o.Frame.Path != ocf.PathPstat {
			continue
		}
		v, _ := readPayload(o.Frame.Payload)
		w := wrote{n: i, end: len(r.tl.Observations), effects: true, alone: len(v.fields) == 1}
		for _, f := range v.fields {
			if f.name == "tm" {
				w.tm = ocf.DPM(f.value.arg)
			} else {
				w.alone = false
			}
		}
		for j, a := range r.tl.Observations[i:] {
			if a.For != nil && *a.For == i {
				w.end = i + j
				if a.Kind == conformance.Response {
					w.code = a.Frame.Code
					w.effects = w.code[0] == '2'
				}
				break
			}
		}
		all = append(all, w)
	}
	return all
}

// truths are what a process of bit that is answered at entry i may truly
// conclude: bit 0 for "no", bit 1 for "yes".
func (r *annals) truths(bit ocf.DPM) []uint8 {
	of := func(name string) uint8 {
		switch {
		case name == conformance.UpdateAvailable:
			return 2
		case name == conformance.NoUpdate, name == conformance.UpdateFails && bit == ocf.SSU:
			return 1
		}
		return 3
	}
	all := make([]uint8, len(r.tl.Observations))
	now, updates, writes := uint8(3), 0, r.writes()
	var holding, lastU time.Duration = -1, -1
	t := r.tl.Header.Target.Timing
	for i, o := range r.tl.Observations {
		extra := uint8(0)
		if o.Kind == conformance.Condition {
			switch o.Name {
			case conformance.UpdateAvailable, conformance.NoUpdate, conformance.UpdateFails:
				extra = of(o.Name)
				if o.Outcome == conformance.Done {
					now, updates = extra, 0
				}
			case conformance.Hold:
				holding = o.At
			case conformance.Release:
				if o.Outcome == conformance.Done {
					if holding >= 0 && o.At-holding > min(t.Validation, t.Update)/2 {
						extra = 1 // the Device may have given up
					}
					holding = -1
				}
			case conformance.Reboot, conformance.FactoryReset:
				extra = 3
			}
		}
		if holding >= 0 && o.At-holding > min(t.Validation, t.Update)/2 {
			extra |= 1
		}
		for _, w := range writes {
			if w.n == i && w.effects && w.tm.Has(ocf.SSU) && now&2 != 0 {
				if holding < 0 || lastU < holding {
					updates++ // else the one before can't be over
				}
				lastU = o.At
				if bit == ocf.SVV || updates > 1 {
					now |= 1 // installed: nothing newer is to be had
				}
			}
		}
		all[i] = now | extra
	}
	return all
}
