package assess

import (
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Measured are the longest times that were seen, beside those that the target declares.
// No verdict follows from them: a run only takes longer where the declared times are far
// too long. What was never seen is nil.
type Measured struct {
	Validation *Measurement `json:"validation,omitempty"` // the answer to the request, or the release of the gate, to tm.V=0
	Update     *Measurement `json:"update,omitempty"`     // likewise to tm.U=0
	Settle     *Measurement `json:"settle,omitempty"`     // the answer to the request to the notification that tm has the bit
	Reboot     *Measurement `json:"reboot,omitempty"`     // the restart to the first answer after it
}

// Measurement is the longest of some times, and where it was seen.
type Measurement struct {
	MaxS      float64 `json:"max_s"`
	DeclaredS float64 `json:"declared_s"`
	Times     int     `json:"times"` // how many were measured
	Scenario  string  `json:"scenario"`
	AtS       float64 `json:"at_s"` // of its end, from the start of the timeline
}

// take adds a time that ended at end in a scenario.
func (m *Measurement) take(took, end, declared time.Duration, scenario string) *Measurement {
	if m == nil {
		m = &Measurement{DeclaredS: declared.Seconds(), MaxS: -1}
	}
	m.Times++
	if took.Seconds() > m.MaxS {
		m.MaxS, m.AtS, m.Scenario = took.Seconds(), end.Seconds(), scenario
	}
	return m
}

// measured are the times of all runs; nil where none was seen.
func (r Run) measured() *Measured {
	var m Measured
	for _, run := range r.Scenarios {
		if run.Skipped != "" {
			continue
		}
		w := watch{Timeline: run.Timeline, samples: run.Timeline.Samples(), scenario: run.ID, into: &m}
		w.processes(ocf.SVV, &m.Validation, r.Target.Timing.Validation)
		w.processes(ocf.SSU, &m.Update, r.Target.Timing.Update)
		w.reboots(r.Target.Timing.Reboot)
	}
	if m == (Measured{}) {
		return nil
	}
	return &m
}

// watch measures one Timeline.
type watch struct {
	conformance.Timeline
	samples  []conformance.Sample
	scenario string
	into     *Measured
}

// processes measures each process that a Client requested while none was pending.
func (w watch) processes(bit ocf.DPM, into **Measurement, declared time.Duration) {
	end := -1 // of the process before
	for n := range w.Observations {
		if n <= end || !w.requests(n, bit) || w.pending(n, bit) {
			continue
		}
		answer := w.accepted(n)
		if answer < 0 {
			continue
		}
		began, ended, told := w.follow(n, bit)
		if began < 0 {
			continue
		}
		if told >= 0 {
			took := max(0, w.at(told)-w.at(answer))
			w.into.Settle = w.into.Settle.take(took, w.at(told), w.Header.Target.Timing.Settle, w.scenario)
		}
		if ended < 0 {
			continue
		}
		end = ended
		if start, ok := w.start(answer, ended); ok {
			*into = (*into).take(w.at(ended)-start, w.at(ended), declared, w.scenario)
		}
	}
}

func (w watch) at(n int) time.Duration { return w.Observations[n].At }

// requests reports whether Observation n writes bit to tm.
func (w watch) requests(n int, bit ocf.DPM) bool {
	o := &w.Observations[n]
	return o.Kind == conformance.Request && asks(o).Has(bit)
}

// pending reports whether the last look before n showed that bit is pending.
func (w watch) pending(n int, bit ocf.DPM) bool {
	is := false
	for _, s := range w.samples {
		if s.N > n {
			break
		}
		is = s.Pstat.TM.Has(bit)
	}
	return is
}

// accepted is the answer to n, -1 if there is none or if it is not a success.
func (w watch) accepted(n int) int {
	for i := n + 1; i < len(w.Observations); i++ {
		if o := &w.Observations[i]; o.Kind == conformance.Response && o.For != nil && *o.For == n {
			if o.Frame != nil && conformance.Success(o.Frame.Code) {
				return i
			}
			return -1
		}
	}
	return -1
}

// follow is the first look after request n that shows bit, the first one after it that
// does not, and the notification that told of bit if that is what showed it; each is -1
// if it was not seen.
func (w watch) follow(n int, bit ocf.DPM) (began, ended, told int) {
	began, ended, told = -1, -1, -1
	for _, s := range w.samples {
		switch has := s.Pstat.TM.Has(bit); {
		case s.N <= n:
		case began < 0 && has:
			began = s.N
			if s.Notified {
				told = s.N
			}
		case began >= 0 && !has:
			return began, s.N, told
		}
	}
	return began, ended, told
}

// start is when a process began to be the Device's own affair: at the answer, or when the
// gate was opened. A Device that ends a process while the gate is closed has waited as long
// as it ever does. There is no start if the Device was restarted.
func (w watch) start(answer, ended int) (time.Duration, bool) {
	start := w.at(answer)
	for n := range ended {
		o := &w.Observations[n]
		if o.Kind != conformance.Condition || o.Outcome != conformance.Done {
			continue
		}
		switch o.Name {
		case conformance.Release:
			start = max(start, o.At)
		case conformance.Reboot, conformance.FactoryReset:
			if n > answer {
				return 0, false
			}
		}
	}
	return start, true
}

// reboots measures how long each restart that was arranged left the Device silent.
func (w watch) reboots(declared time.Duration) {
	for n := range w.Observations {
		o := &w.Observations[n]
		if !o.Restarted() {
			continue
		}
		for _, a := range w.Observations[n+1:] {
			if a.Kind == conformance.Response {
				w.into.Reboot = w.into.Reboot.take(a.At-o.At, a.At, declared, w.scenario)
				break
			}
		}
	}
}

// FarTooLong reports whether a declared time is at least ten times what was measured, and
// at least a second longer, so that it is felt.
func FarTooLong(measured, declared time.Duration) bool {
	return declared >= 10*measured && declared-measured >= time.Second
}

// remarks says which times are declared far too long. Only a whole run tells.
func (m *Measured) remarks() []Remark {
	if m == nil {
		return nil
	}
	var all []Remark
	for _, t := range []struct {
		name string
		*Measurement
	}{{"validation", m.Validation}, {"update", m.Update}, {"settle", m.Settle}, {"reboot", m.Reboot}} {
		if t.Measurement == nil || !FarTooLong(seconds(t.MaxS), seconds(t.DeclaredS)) {
			continue
		}
		all = append(all, Remark{About: AboutTiming, Says: fmt.Sprintf(
			"timing.%s is declared as %v, and at most %v was measured (%s): runs take longer than they need",
			t.name, seconds(t.DeclaredS), seconds(t.MaxS), times(t.Times))})
	}
	return all
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Microsecond)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// AboutTiming is what the Remarks are about that Assess makes.
const AboutTiming = "timing"

// Remark is a warning about a run by which no requirement is judged.
type Remark struct {
	About string `json:"about"` // AboutTiming, or what whoever adds it says: "schemas"
	Says  string `json:"says"`
}
