package depot

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/sim/source"
)

// Transfer is a package on its way to whoever asked for it. It belongs to one
// goroutine at a time.
type Transfer struct {
	Reply
	Release                // what is on its way; without a name where there is no such package
	Flaw      source.Fault // what whoever verifies the package finds
	Announced int64        // the length that is said
	Encoding  string       // that the content is said to have; "" for none
	From      int64        // the first byte that leaves
	Upto      int64        // behind the last byte that leaves; below 0: there is none
	Unranged  bool         // the range that was asked for is ignored

	depot   *Depot
	request Request
	strikes []Strike
	whole   int64 // bytes of the package as it is
	block   int64 // bytes of a block
	entry   *Entry
}

// Fetch asks for a package. It waits at the gate; ok is false if whoever asked went
// away before the answer, or if the depot was closed. End ends the transfer.
func (d *Depot) Fetch(ctx context.Context, r Request) (t *Transfer, ok bool) {
	t = &Transfer{depot: d, request: r, entry: d.begin(r), block: cmp.Or(r.Block, BlockSize)}
	if !d.admits(ctx, r) {
		t.End(WentAway)
		return t, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.Action != 0 {
		t.request.Version = d.controllerOf(r).version
	}
	release := d.find(r)
	if release == nil || r.Action == 0 && (d.spoiled[release.Name] == Withdraw || d.config.Shelf == nil && !d.newer) {
		t.Status = 404
		return t, true
	}
	t.strikes = d.strikesOf(r.Over, release)
	t.Release = *release
	if d.spoiled[release.Name] == Replace {
		t.Release = release.other()
	}
	t.prepare()
	if a := d.actionOf(r); a != nil && t.Status == 404 && t.Part == Package {
		a.gone = true // it is called off when the Device asks what to do
	}
	if t.withheld() && t.Part != Beside {
		d.source.Unanswered(r.who())
	}
	t.entry.Package, t.entry.Version, t.entry.Size = t.Name, t.Version, t.whole
	return t, true
}

// admits waits at the gate, if the file is one that stands behind it. It reports whether
// there is to be an answer.
func (d *Depot) admits(ctx context.Context, r Request) bool {
	q := source.Question{Device: r.who(), Kind: source.Fetch, Version: r.Version}
	switch d.part(r) {
	case Beside:
		return true
	case Offer:
		q.Kind = source.Check
	}
	_, ok := d.source.Await(ctx, q)
	return ok
}

// strikesOf are the strikes at the next request for a file. What goes with a package is
// struck only where a strike names it, and what makes an offer only as a question is.
func (d *Depot) strikesOf(over string, r *Release) []Strike {
	on := d.strikesOn(over, d.count(counter{"fetch", r.Name}), r.Name, AtAnswer, AtBody)
	return slices.DeleteFunc(on, func(s Strike) bool {
		return r.Part != Package && s.Of == "" && (r.Part == Beside || s.Does.Stage() == AtBody || s.Does == Flaw || s.With == "404")
	})
}

// prepare lets those strikes act that change the answer as a whole.
func (t *Transfer) prepare() {
	for _, s := range t.strikes {
		if s.Does == Flaw {
			t.Flaw = source.Fault(s.With)
			t.Release = *t.depot.flawed(&t.Release, t.Flaw, t.request)
			t.struck(s)
		}
	}
	t.whole = int64(len(t.Content))
	t.Announced, t.From, t.Upto = t.whole, t.request.From, t.whole
	if t.request.Upto > 0 {
		t.Upto = min(t.request.Upto, t.whole)
	}
	for _, s := range t.strikes {
		if t.take(s) || t.reshape(s) {
			t.struck(s)
		}
	}
	for _, s := range t.strikes {
		if s.Does == ShiftRange && t.overTCP() && t.request.From > 0 {
			t.From = min(t.From+1, t.whole)
			t.struck(s)
		}
	}
}

// Again makes the transfer one of the whole package, whatever range was asked for.
func (t *Transfer) Again() {
	t.depot.mu.Lock()
	defer t.depot.mu.Unlock()
	t.request.From, t.request.Upto = 0, 0
	t.prepare()
}

// reshape lets a strike change how long the package is, or seems. It reports whether
// it did.
func (t *Transfer) reshape(s Strike) bool {
	switch s.Does {
	case Shorten:
		t.Announced = min(s.At(t.block), t.whole)
		t.Upto = min(t.Upto, t.Announced)
	case Close:
		if t.overTCP() {
			return false
		}
		t.Upto = min(t.Upto, s.At(t.block))
	case Lengthen:
		t.Upto = -1
	case Length:
		t.Announced += map[bool]int64{true: -1, false: 1}[s.With == "-1"] * max(s.Byte, 1)
	case Encoding:
		t.Encoding = s.With
	case IgnoreRange:
		if !t.overTCP() || t.request.From == 0 && t.request.Upto == 0 {
			return false
		}
		t.From, t.Upto, t.Unranged = 0, t.whole, true
	default:
		return false
	}
	return true
}

// struck enters a strike in the log.
func (t *Transfer) struck(s Strike) {
	if name := s.String(); !slices.Contains(t.entry.Faults, name) {
		t.entry.Faults = append(t.entry.Faults, name)
	}
	if s.Does.alters() {
		t.entry.altered = true
	}
}

// overTCP reports whether the bytes leave as a stream rather than in blocks.
func (t *Transfer) overTCP() bool { return !strings.HasPrefix(t.request.Over, OverCoAP) }

// acts reports whether an effect strikes while bytes leave.
func (t *Transfer) acts(e Effect) bool {
	if t.overTCP() {
		return slices.Contains([]Effect{Close, Silence, Reset, Replace, Withdraw}, e)
	}
	return slices.Contains([]Effect{Silence, Reset, Replace, Withdraw, NewBlock0, SmallerBlock, ShiftRange, IgnoreRange}, e)
}

// Next is the first strike that acts between the bytes from and upto, and where: the
// bytes before that leave untouched. upto below 0 is no end.
func (t *Transfer) Next(from, upto int64) (s Strike, at int64, ok bool) {
	for _, candidate := range t.strikes {
		place := candidate.At(t.block)
		if !t.acts(candidate.Does) || place < from || upto >= 0 && place >= upto || ok && place >= at {
			continue
		}
		s, at, ok = candidate, place, true
	}
	return s, at, ok
}

// Pace is how many bytes a second leave from the byte from on, and up to which byte that
// holds: upto at most. 0 is as many as there may be.
func (t *Transfer) Pace(from, upto int64) (rate, holds int64) {
	for _, s := range t.strikes {
		at := s.At(t.block)
		switch {
		case s.Does != Slow || at >= upto:
		case at <= from:
			t.Strike(s)
			return s.Rate, upto
		default:
			upto = at
		}
	}
	return 0, upto
}

// Strike lets a strike that Next has found act on the depot, and enters it in the log.
func (t *Transfer) Strike(s Strike) {
	t.depot.mu.Lock()
	defer t.depot.mu.Unlock()
	t.struck(s)
	if t.entry.begun && t.Part == Package {
		t.depot.account(t)
	}
	if s.Does == Replace || s.Does == Withdraw {
		t.depot.spoiled[t.Name] = s.Does
	}
}

// Another is the package that takes this one's place after Replace and NewBlock0.
func (t *Transfer) Another() Release { return t.other() }

// Bytes are those from the byte at on as they leave, at most n. Behind its end an
// endless package goes on from its beginning.
func (t *Transfer) Bytes(at int64, n int) []byte {
	out := make([]byte, 0, n)
	for len(out) < n && (t.Upto < 0 || at < t.Upto) {
		begin := at % t.whole
		end := min(begin+int64(n-len(out)), t.whole)
		if t.Upto >= 0 {
			end = min(end, begin+t.Upto-at)
		}
		out = append(out, t.Content[begin:end]...)
		at += end - begin
	}
	t.flip(out, at-int64(len(out)))
	return out
}

// flip changes one bit of the byte that Flip is about, if it is among those from the byte at on.
func (t *Transfer) flip(out []byte, at int64) {
	for _, s := range t.strikes {
		if i, hit := t.flips(s, at, at+int64(len(out))); hit {
			out[i-at] ^= 1
		}
	}
}

// flips reports which byte between from and upto a strike changes.
func (t *Transfer) flips(s Strike, from, upto int64) (at int64, hit bool) {
	at = min(s.At(t.block), t.whole-1)
	return at, s.Does == Flip && from <= at && at < upto
}

// Sends enters that the bytes from and upto leave now. It is called before they do, so
// that whoever has all of a package finds it counted. Unsent takes back what did not.
func (t *Transfer) Sends(from, upto int64) {
	if from >= upto {
		return
	}
	d := t.depot
	d.mu.Lock()
	defer d.mu.Unlock()
	e := t.entry
	if e.Upto == 0 {
		e.From = from
	}
	e.Upto = max(e.Upto, upto)
	for _, s := range t.strikes {
		if _, hit := t.flips(s, from, upto); hit {
			t.struck(s)
		}
	}
	got := d.got(t)
	was := got.covers(t.whole)
	got.add(from, min(upto, t.whole))
	if t.Part != Package {
		return
	}
	d.account(t)
	if got.covers(t.whole) && !was && t.good(got) {
		d.source.Served(t.request.who(), 1)
		e.served = true
	}
}

// good reports whether what the Device has got is the package as the vendor signed it.
func (t *Transfer) good(got *spans) bool {
	return !got.altered && t.Flaw == "" && t.Release.Flaw == ""
}

// account brings what is known of the Device's package up to date with the entry.
func (d *Depot) account(t *Transfer) {
	got, e := d.got(t), t.entry
	got.altered = got.altered || e.altered
	for _, f := range e.Faults {
		got.fault(f)
	}
	if t.Release.Flaw != "" {
		got.fault(t.Release.Flaw)
	}
	d.last = &source.Handed{
		Package: t.Name, Version: t.Version, Bytes: got.bytes(), Of: t.whole, Good: got.covers(t.whole) && t.good(got),
		Faults: slices.Clone(got.faults), Number: e.Number, At: e.At,
	}
	if a := d.actionOf(t.request); a != nil && (a.taken == nil || !a.taken.Good) {
		a.taken = d.last
	}
}

// got is what the Device has got of the package so far. A fetch from the first byte on
// begins anew.
func (d *Depot) got(t *Transfer) *spans {
	parts, key := d.parts, part{t.request.who(), t.ETag()}
	if a := d.actionOf(t.request); a != nil {
		parts = a.parts
	}
	if parts[key] == nil || t.request.From == 0 && !t.entry.begun {
		if len(parts) >= maxParts {
			clear(parts)
		}
		parts[key] = &spans{}
	}
	t.entry.begun = true
	return parts[key]
}

// maxParts bounds what is remembered of who got what.
const maxParts = 1024

// Unsent takes back that the package left whole, since its last bytes did not.
func (t *Transfer) Unsent() {
	t.depot.mu.Lock()
	defer t.depot.mu.Unlock()
	if t.entry.served {
		t.entry.served = false
		t.depot.source.Served(t.request.who(), -1)
	}
}

// End says how the transfer ended. It may be called once.
func (t *Transfer) End(how Ending) {
	t.depot.mu.Lock()
	t.entry.Ended = how
	t.depot.mu.Unlock()
	t.depot.finish(t.entry)
}
