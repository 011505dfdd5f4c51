package depot

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/ocfsim/ocfsim/sim/source"
)

// Condition brings the depot into a condition of the contract between harness and
// bench, and says what it has seen. The conditions hold for every Device: a depot
// serves one bench. update-fails turns the strikes on under which an update ends without
// a success, and update-available and no-update turn them off; strikes with which every
// compliant Device copes stay on. A condition that is none of the source's is
// source.ErrUnsupported.
func (d *Depot) Condition(_, condition string) (source.Report, error) {
	switch condition {
	case "update-available":
		return d.after(d.arrange(true, working))
	case "no-update":
		return d.after(d.arrange(false, working))
	case "update-fails":
		if !d.config.Flawed && !slices.ContainsFunc(d.config.Strikes, Strike.Fails) {
			return source.Report{}, fmt.Errorf("%w: update-fails: no fault was named under which an update fails", source.ErrUnsupported)
		}
		return d.after(d.arrange(true, failing))
	case "hold":
		d.source.Hold("")
	case "release":
		d.source.Release("")
	case "report":
	default:
		return source.Report{}, fmt.Errorf("%w: %q", source.ErrUnsupported, condition)
	}
	return d.Report(), nil
}

// after is the answer to a condition that was brought about, or was not.
func (d *Depot) after(err error) (source.Report, error) {
	if err != nil {
		return source.Report{}, err
	}
	return d.Report(), nil
}

// Report is what the depot has seen since it was made.
func (d *Depot) Report() source.Report {
	c := d.source.Report("")
	d.mu.Lock()
	defer d.mu.Unlock()
	return source.Report{
		Checks: c.Checks, Fetches: c.Fetches, Served: c.Served, Holding: c.Holding, Unanswered: c.Unanswered,
		Unreachable: d.unreachable(), Last: d.last, Said: d.said,
	}
}

// unreachable reports whether a strike that is on keeps connections or handshakes away.
func (d *Depot) unreachable() bool {
	return slices.ContainsFunc(d.config.Strikes, func(s Strike) bool {
		return d.mode.on(s) && slices.Contains([]Stage{AtConnection, AtHandshake}, s.Does.Stage())
	})
}

// Control takes conditions over HTTP, as source.Control describes.
func (d *Depot) Control() http.Handler { return source.Control(d.Condition) }
