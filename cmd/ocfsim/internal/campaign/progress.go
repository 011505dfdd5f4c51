package campaign

import "time"

// Progress is how far a campaign is.
type Progress struct {
	At                                time.Duration
	Wave, Waves                       int
	Devices, Begun, Active, Concluded int
	Failures                          int
	Silent                            int  // of those that are Active, how many do not answer, or not yet
	Unheard                           bool // no Device has answered yet
}

// early is when Progress is told for the first time where no Device has answered anything.
const early = 5 * time.Second

// progress is how far the run is now.
func (r *run) progress() Progress {
	s := r.schedule
	p := Progress{
		At: r.now(), Wave: s.wave + 1, Waves: len(r.Plan.Waves), Devices: len(s.order),
		Begun: s.begun, Active: s.active, Concluded: r.done, Failures: s.failures,
		Silent: r.engine.silent(), Unheard: !r.engine.heard,
	}
	if r.Silent != nil {
		n, heard := r.Silent()
		p.Silent, p.Unheard = p.Silent+n, p.Unheard && !heard
	}
	return p
}
