package reports

import "time"

// Cost is how long scenarios take, as far as that is known before they are run: the time for
// which they wait whatever the Device does, and a measure of what they have it do besides. How
// long a unit of Work takes shows only in the run.
type Cost struct {
	Work  int
	Waits time.Duration
}

func (c Cost) plus(o Cost) Cost { return Cost{c.Work + o.Work, c.Waits + o.Waits} }

// estimate tells how long the rest of a run takes. Most scenarios of the suite take an instant,
// and a few, which wait, more than all others; so what is left is not told by how many.
type estimate struct {
	targets map[string]outlay    // of those that have begun
	began   map[string]time.Time // of the scenarios under way, by target and scenario
	beside  int                  // how many were under way when the latest began
	took    time.Duration        // by the scenarios that have ended, side by side or not
}

// outlay is what the scenarios of a target cost.
type outlay struct{ spent, all Cost }

func newEstimate() estimate {
	return estimate{targets: map[string]outlay{}, began: map[string]time.Time{}}
}

// count takes note of e, which happens now.
func (x *estimate) count(e ProgressEvent) {
	if e.All == (Cost{}) {
		e.Spent, e.All = Cost{Work: e.Done}, Cost{Work: e.Total}
	}
	o := x.targets[e.Target]
	o.all, o.spent = e.All, Cost{max(o.spent.Work, e.Spent.Work), max(o.spent.Waits, e.Spent.Waits)}
	x.targets[e.Target] = o
	name := e.Target + "\x00" + e.Scenario
	switch _, going := x.began[name]; {
	case e.Ended:
		x.took += e.Took
		delete(x.began, name)
	case !going:
		x.began[name] = time.Now()
		x.beside = len(x.began)
	}
}

// lasts is how long the rest takes of a run against so many targets; 0 while nothing is known.
// Those that have not begun are taken for such as the others, and as many scenarios go on side
// by side as do now.
func (x *estimate) lasts(targets int) time.Duration {
	var sum outlay
	for _, o := range x.targets {
		sum = outlay{sum.spent.plus(o.spent), sum.all.plus(o.all)}
	}
	took, waited := x.took.Seconds(), sum.spent.Waits.Seconds()
	if sum.spent.Work == 0 {
		return 0
	}
	waits := 1.0 // how much of the time was waited for that was expected to be
	if waited > 0 {
		waits = min(1, took/waited)
	}
	work := max(0, took-waited) / float64(sum.spent.Work)
	share := float64(max(targets, len(x.targets))) / float64(len(x.targets))
	rest := (float64(sum.all.Work)*share-float64(sum.spent.Work))*work + (sum.all.Waits.Seconds()*share-waited)*waits
	for _, began := range x.began {
		rest -= time.Since(began).Seconds()
	}
	beside := max(1, x.beside)
	if n := len(x.began); n > 0 {
		beside = min(beside, n+1) // whoever has just ended is about to begin the next
	}
	return max(0, time.Duration(rest/float64(beside)*float64(time.Second)))
}
