package judge

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Handover follows a Device from one scenario to the next: what one ends with, the next
// has to begin with, where nothing was asked for in between. It goes by the time at which
// each began: of two that do not follow each other nothing is concluded. The zero value
// knows nothing yet (docs/adr/0067).
type Handover struct {
	Restless bool // the Device may have done something by itself in between

	runs     int
	last     time.Time // the end of the Timeline that was met last
	endpoint string
	end      ending
	software software
}

// Drift is what changed unasked. It is a Finding of the Timeline that was the Run-th to
// be met, from 0, and of one requirement.
type Drift struct {
	Run         int
	Requirement string
	Finding     conformance.Finding
}

// ending is how a scenario left pstat. The zero value says that nothing follows from it.
type ending struct {
	known    bool
	scenario string
	last     conformance.Sample
	restarts bool // an update was requested that may restart the Device, which may clear V and N
}

// software is the version that is installed, and where it was read first: in which run,
// in which scenario of it, and at which Observation.
type software struct {
	version   string
	reported  bool // by the trusted source, not by the Device
	run       int
	scenario  string
	n         int
	older     []string // versions that were there before, and not since
	unsettled bool     // something was done since it was read last that may change it
}

// Meet takes the Timeline of the next scenario and says what drifted until its end.
func (h *Handover) Meet(tl conformance.Timeline) []Drift {
	s := read(tl)
	if began := tl.Header.Started; renewed(tl) || began.Before(h.last) || s.target.Endpoint != h.endpoint {
		h.end, h.software = ending{}, software{}
	}
	h.last, h.endpoint = tl.Header.Started.Add(s.at(never)), s.target.Endpoint
	drifts := append(h.results(s), h.versions(s)...)
	if h.Restless {
		drifts = nil
	}
	h.end = s.ending()
	h.runs++
	return drifts
}

// renewed reports whether the harness dealt with the Device before the scenario: it says
// so in the first entry.
func renewed(tl conformance.Timeline) bool {
	return len(tl.Observations) > 0 && tl.Observations[0].Kind == conformance.Note
}

// ending is what s ends with, if the last look shows the Device at rest, and nothing
// happened after it that may change cm.
func (s *story) ending() ending {
	if s.full {
		return ending{}
	}
	x, ok := last(s.looks(-1, never))
	if !ok || x.Pstat.TM&s.processes() != 0 || s.wroteIn(x.Since, never) || s.outstanding(never) != 0 || s.inReset(never) || s.silentIn(x.Since, never) {
		return ending{}
	}
	return ending{true, s.tl.Header.Scenario, x, s.target.Update.Reboots && s.requests(ocf.SSU, -1, never) > 0}
}

// results compares the results in cm with those that the scenario before ended with: a
// result stays until something is requested (seed.txt 35-40, 49-54, docs/adr/0013).
func (h *Handover) results(s *story) []Drift {
	if len(s.samples) == 0 || !h.end.known || s.target.Supports.Autonomous {
		return nil
	}
	was, is := h.end.last, s.samples[0]
	if is.Notified || s.wroteIn(-1, is.N) || s.silentIn(0, is.N) || is.Pstat.TM&s.processes() != 0 || is.Pstat.DOS != was.Pstat.DOS {
		return nil
	}
	var all []Drift
	for _, bit := range s.kinds() {
		if was.Pstat.CM.Has(bit) == is.Pstat.CM.Has(bit) || bit != ocf.SSU && h.end.restarts {
			continue
		}
		f := broken(was.N, was.String()+" still", is.String(), "cm was %v when this scenario ended, and %v when the next one began, %s: the result of the %s did not stay, though nothing was requested",
			was.Pstat.CM, is.Pstat.CM, s.tl.Header.Scenario, process(bit))
		f.Scenario, f.Next = h.end.scenario, s.tl.Header.Scenario
		all = append(all, Drift{h.runs - 1, map[ocf.DPM]string{ocf.SVV: svv11.ID, ocf.SSU: ssu11.ID, ocf.NSA: nsa11.ID}[bit], s.lettered(f)})
	}
	return all
}

// versions follows the software version from reading to reading. One that an update
// had replaced, and that is back though nothing was requested, shows that what was
// announced as done was undone (seed.txt 49-52).
func (h *Handover) versions(s *story) []Drift {
	var all []Drift
	from := -1
	for _, r := range s.versions {
		is := &h.software
		back := is.reported == r.reported && slices.Contains(is.older, r.version)
		if back && !is.unsettled && !s.mayChangeSoftware(from, r.n) {
			all = append(all, h.undone(s, r))
		}
		h.software.read(r, h.runs, s.tl.Header.Scenario)
		is.unsettled = s.outstanding(r.n).Has(ocf.SSU)
		from = r.n
	}
	h.software.unsettled = h.software.unsettled || s.full || s.mayChangeSoftware(from, never)
	return all
}

// read takes note of a reading. A version that the source reports may be written in
// another way than the Device's own: what was known of the other origin is forgotten.
func (w *software) read(r reading, run int, scenario string) {
	switch {
	case w.version == r.version && w.reported == r.reported:
		return
	case w.reported != r.reported:
		w.older = nil
	default:
		w.older = append(slices.DeleteFunc(w.older, func(v string) bool { return v == r.version }), w.version)
	}
	w.version, w.reported, w.run, w.scenario, w.n = r.version, r.reported, run, scenario, r.n
}

// undone is the finding of an update that was taken back: r is a version of before it.
func (h *Handover) undone(s *story, r reading) Drift {
	w, here := h.software, s.tl.Header.Scenario
	f := broken(w.n, "version "+w.version+" still", "version "+r.version, "the update was announced as done, and the version was %s, but in scenario %s, at %.3gs, it is %s again, though nothing was requested",
		w.version, here, s.at(r.n).Seconds(), r.version)
	f.Scenario = w.scenario
	if w.run != h.runs {
		f.Next = here
	}
	return Drift{w.run, ssu05.ID, f}
}

// mayChangeSoftware reports whether anything between from and upto may have given the
// Device other software: an update, or something that was done to the Device as a whole.
func (s *story) mayChangeSoftware(from, upto int) bool {
	for _, w := range s.writes {
		if w.n < upto && w.end > from && w.requests(ocf.SSU) {
			return true
		}
	}
	for _, g := range s.granted {
		if between(g.n, from, upto) && slices.Contains([]string{conformance.AutonomousUpdate, conformance.Reboot, conformance.FactoryReset}, g.name) {
			return true
		}
	}
	return slices.ContainsFunc(s.samples, func(x conformance.Sample) bool {
		return between(x.N, from, upto) && x.Pstat.TM.Has(ocf.SSU)
	})
}
