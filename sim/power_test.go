package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// restarted is the state after a power cut during the process of bit of such a Device,
// and what it does when its power is back.
func restarted(t *testing.T, c Config, bit ocf.DPM) (State, []Effect) {
	t.Helper()
	m, err := NewModel(c)
	if err != nil {
		t.Fatal(err)
	}
	d := m.Restore(Saved{ID: ocf.UUID{1}, TM: bit, DOS: ocf.RFNOP, Running: bit})
	effects := d.Start(0, nil)
	return d.State(), effects
}

func has(effects []Effect, kind EffectKind) bool {
	return slices.ContainsFunc(effects, func(e Effect) bool { return e.Kind == kind })
}

// A Device that gives up its update when its power is back has to keep that: else it
// would come back from the next power cut with a process that had ended.
func TestWhatABootChangesIsSaved(t *testing.T) {
	b := Behaviour{Name: "quick", Ends: "success", Source: Patience{Timeout: time.Minute}, Power: Power{Update: "gives-up"}}
	s, effects := restarted(t, Config{Behaviour: b}, ocf.SSU)
	if s.TM != 0 || !has(effects, Persist) {
		t.Errorf("tm=%v after the update was given up, effects %+v", s.TM, effects)
	}
	b.Power.Update = "resumes"
	s, effects = restarted(t, Config{Behaviour: b}, ocf.SSU)
	if s.TM != ocf.SSU || has(effects, Persist) || !has(effects, AskSource) {
		t.Errorf("tm=%v while the update goes on, effects %+v", s.TM, effects)
	}
}

// What a deviant does when its power is back, it also does when it is started from what
// was saved.
func TestAStartIsABoot(t *testing.T) {
	c := Config{Behaviour: Behaviour{Name: "quick", Ends: "success", Source: Patience{Timeout: time.Minute}}}
	if _, effects := restarted(t, c, ocf.SVV); !has(effects, AskSource) {
		t.Errorf("the reference does not go on with its check: %+v", effects)
	}
	c.Deviations = []Deviation{{Name: "stuck", Quirks: []string{"restart-loses-check"}}}
	if s, effects := restarted(t, c, ocf.SVV); s.TM != ocf.SVV || has(effects, AskSource) {
		t.Errorf("tm=%v, effects %+v of a Device that loses its check", s.TM, effects)
	}
}
