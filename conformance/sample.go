package conformance

import (
	"slices"

	"github.com/ocfsim/ocfsim/ocf"
)

// Sample is one look at pstat: the representation in a 2.05 answer to a GET or
// in a notification. The Device was in this state at some time between Since
// and N; no more than that is known of when.
type Sample struct {
	N        int    // the Observation that carries it
	Since    int    // the GET, or the GET that registered the observation
	Client   string // who saw it
	Pstat    ocf.Pstat
	Problems []ocf.Problem
	Notified bool // a notification, not an answer

	Stream int  // the registration's N; -1 for a plain GET
	place  int  // in the order of the stream's Observe numbers
	later  bool // it may show a later state than the one that its Observe number was given to
}

// String is the one text notation of a sample.
func (s Sample) String() string { return s.Pstat.String() }

// Before reports whether the Device was certainly in s's state no later than
// in t's. Notifications of one observation are ordered by their Observe
// numbers, unless s came in blocks that were fetched later. Else s has to have arrived
// before t's request was sent: a notification may have been on its way for any time.
func (s Sample) Before(t Sample) bool {
	if s.Stream >= 0 && s.Stream == t.Stream && !s.later {
		return s.place < t.place
	}
	return s.N < t.Since
}

// shows reports whether s carries a dos and the masks to be judged by.
func (s Sample) shows() bool { return s.Pstat.Present.Has(ocf.PropTM | ocf.PropCM) }

// HasDOS reports whether s tells of dos: a representation without it is DPM-13's.
func (s Sample) HasDOS() bool { return s.Pstat.Present.Has(ocf.PropDOS) }

// Pstat is the representation that o carries; ok is false where o is no 2.05
// representation of pstat, or where its payload is no CBOR map at all.
func (o Observation) Pstat() (p ocf.Pstat, problems []ocf.Problem, ok bool) {
	if o.sample == nil {
		o.Decode()
	}
	if !o.CarriesPstat() || o.sample.err != nil {
		return ocf.Pstat{}, nil, false
	}
	return o.sample.pstat, o.sample.problems, true
}

// Decode reads the representation of pstat in o, where there is one, so that
// it need not be read again at every look.
func (o *Observation) Decode() {
	if !o.CarriesPstat() {
		return
	}
	p, problems, err := ocf.DecodePstat(o.Frame.Payload)
	o.sample = &sample{pstat: p, problems: problems, err: err}
}

// CarriesPstat reports whether o is a 2.05 answer or a notification of pstat, with what there is
// of its representation.
func (o *Observation) CarriesPstat() bool {
	if o.Kind != Response && o.Kind != Notification {
		return false
	}
	f := o.Frame
	return f != nil && !o.Outran() && f.Code == CodeContent && f.Path == ocf.PathPstat
}

// Samples are the looks at pstat that tell of the present, in the order of
// their arrival. A stale or repeated notification is none (RFC 7641 section
// 3.4), nor is a representation that lacks tm or cm.
func (tl Timeline) Samples() []Sample {
	var w Watch
	return w.Samples(tl)
}

// Watch finds the Samples of a Timeline that grows, and looks at each Observation once.
// The zero value has seen nothing yet. It is not safe for concurrent use.
type Watch struct {
	seen    int // Observations
	streams map[int]*Freshness
	blocks  blocks
	tokens  map[string]int // of each Client and token: the first registration
	all     []Sample
}

// usualSamples is for how many Samples there is room at first.
const usualSamples = 12

// Samples are those of tl, a snapshot of the same Timeline as before: of a later moment,
// or of an earlier one. Nobody may change them.
func (w *Watch) Samples(tl Timeline) []Sample {
	for ; w.seen < len(tl.Observations); w.seen++ {
		if s, ok := w.look(tl, w.seen); ok {
			if w.all == nil {
				w.all = make([]Sample, 0, usualSamples)
			}
			w.all = append(w.all, s)
		}
	}
	n, _ := slices.BinarySearchFunc(w.all, len(tl.Observations), func(s Sample, n int) int { return s.N - n })
	return w.all[:n:n]
}

// look is the Sample that Observation i carries; ok is false where it carries none. The
// Observations are to be looked at in their order.
func (w *Watch) look(tl Timeline, i int) (s Sample, ok bool) {
	o := &tl.Observations[i]
	w.blocks.take(i, o)
	w.register(i, o)
	p, problems, ok := o.Pstat()
	if !ok {
		return Sample{}, false
	}
	s = Sample{N: i, Since: i, Client: o.Client, Pstat: p, Problems: problems, Notified: o.Kind == Notification, Stream: -1}
	if o.For != nil {
		s.Since = *o.For
	}
	if o.Frame.Observe != nil {
		s.Stream = tl.Registration(i)
		f := w.streams[s.Stream]
		if f == nil {
			f = &Freshness{}
			if w.streams == nil {
				w.streams = map[int]*Freshness{}
			}
			w.streams[s.Stream] = f
		}
		if !f.Take(*o.Frame.Observe, o.At) {
			return Sample{}, false
		}
		s.place, s.Since, s.later = f.count, max(s.Stream, 0), w.blocks.later(o)
		if o.Kind == Response && o.Frame.Type != "ACK" {
			s.Since = min(s.Since, w.tokens[tokenOf(o)])
		}
	}
	return s, s.shows()
}

// register takes note of Observation i where it registers a Client. An answer that comes
// apart from its ACK has nothing but the token to tell that it is one: where the Client
// observed with that token before, it may be a late notification.
func (w *Watch) register(i int, o *Observation) {
	if o.Kind != Request || o.Frame == nil || o.Frame.Observe == nil {
		return
	}
	if w.tokens == nil {
		w.tokens = map[string]int{}
	}
	if _, known := w.tokens[tokenOf(o)]; !known {
		w.tokens[tokenOf(o)] = i
	}
}

// tokenOf names the Client of o and the token.
func tokenOf(o *Observation) string { return o.Client + "\x00" + string(o.Frame.Token) }

// Registration is N of the GET that began the observation to which the
// answer or notification i belongs.
func (tl Timeline) Registration(i int) int {
	o := &tl.Observations[i]
	if o.For != nil {
		return *o.For
	}
	for n := i - 1; n >= 0; n-- {
		r := &tl.Observations[n]
		if r.Kind == Request && r.Client == o.Client && r.Frame != nil && r.Frame.Observe != nil &&
			string(r.Frame.Token) == string(o.Frame.Token) {
			return n
		}
	}
	return 0
}
