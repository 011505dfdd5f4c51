package depot

import (
	"context"
	"net/http"
	"strconv"

	"github.com/ocfsim/ocfsim/sim/source"
)

// Reply says how a question is answered, before anything of a package leaves. The zero
// value is the answer that was asked for.
type Reply struct {
	Status   int    // 404, 500 or 503; 0 is none of them
	Redirect string // same-host, elsewhere, loop or plain; "" is no redirect
	Mute     bool   // there is no answer
}

// Plain reports whether the answer is the one that was asked for.
func (r Reply) Plain() bool { return r == Reply{} }

// withheld reports whether whoever asked is left without an answer.
func (r Reply) withheld() bool { return r.Mute || r.Status >= http.StatusInternalServerError }

// take lets a strike change the reply. It reports whether it did.
func (r *Reply) take(s Strike) bool {
	switch s.Does {
	case Status:
		r.Status, _ = strconv.Atoi(s.With) // Validate knows that it is a number
	case Redirect:
		r.Redirect = s.With
	case Mute:
		r.Mute = true
	default:
		return false
	}
	return true
}

// Offered is what Versions answers.
type Offered struct {
	Reply
	Release *Release     // nil where nothing newer is on offer
	Flaw    source.Fault // what whoever verifies the metadata finds
	Address string       // where the package is said to be; "" for where it is
}

// Versions says which version is on offer. It waits at the gate; ok is false if whoever
// asked went away before the answer, or if the depot was closed.
func (d *Depot) Versions(ctx context.Context, r Request) (o Offered, ok bool) {
	e := d.begin(r)
	defer func() { d.finish(e) }()
	a, ok := d.source.Await(ctx, source.Question{Device: r.who(), Kind: source.Check, Version: r.Version})
	if !ok {
		e.Ended = WentAway
		return o, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e.Ended = Answered
	strikes := d.strikesOn(r.Over, d.count(counter{"check", r.Name}), r.Name, AtMetadata, AtAnswer)
	if a.Available {
		o.Release = d.offered(r.Version)
	}
	for _, s := range strikes {
		if d.describe(&o, s, r) {
			e.Faults = append(e.Faults, s.String())
		}
	}
	if o.withheld() {
		d.source.Unanswered(r.who())
	}
	if o.Release != nil {
		e.Package, e.Version = o.Release.Name, o.Release.Version
	}
	return o, true
}

// describe lets a strike change what is said of the package. It reports whether it did.
func (d *Depot) describe(o *Offered, s Strike, r Request) bool {
	switch {
	case s.Does == Status && s.With == "404": // the package is gone, and the metadata are not
		return false
	case o.take(s):
		return true
	case o.Release == nil:
		return false
	case s.Does == Address:
		o.Address = s.With
		return true
	case s.Does == Flaw && source.Fault(s.With) != source.BadSignature: // that is the package's
		o.Flaw = source.Fault(s.With)
		o.Release = d.flawed(o.Release, o.Flaw, r)
		return true
	}
	return false
}

// flawed is what is on offer in place of a package that has a flaw.
func (d *Depot) flawed(r *Release, flaw source.Fault, q Request) *Release {
	switch {
	case flaw != source.Rollback || d.config.Shelf != nil:
	case len(d.config.Releases) == 0:
		return d.make(source.Older(installed(q.Version)))
	default:
		return &d.config.Releases[0]
	}
	return r
}
