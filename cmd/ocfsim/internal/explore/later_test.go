package explore

import (
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/fixtures"
)

// ofLater is s as a Device of the later edition.
func ofLater(t *testing.T, s lab.Specimen, unsecured bool) Config {
	t.Helper()
	s.Edition = edition.OCF22
	v, err := NewVirtual(s, unsecured, false)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Arena: v, Edition: edition.OCF22, Seed: 1, Steps: Steps, Walks: 150, Tries: 300, Repeat: 1, KeepGoing: true}
}

// TestSoundDevicesOfALaterEdition checks that walks by ocf-2.2 find nothing in compliant
// Devices, with availability checks and with schedules.
func TestSoundDevicesOfALaterEdition(t *testing.T) {
	for _, of := range []struct {
		name      string
		unsecured bool
		seed      uint64
	}{{"success", true, 1}, {"scheduled", true, 2}, {"scheduled", false, 3}, {"bare-2-2", false, 4}, {"autonomous", true, 5}} {
		t.Run(of.name, func(t *testing.T) {
			list, err := lab.Specimens([]string{of.name})
			if err != nil {
				t.Fatal(err)
			}
			cfg := ofLater(t, list[0], of.unsecured)
			if cfg.Seed = of.seed; !of.unsecured {
				cfg.Walks = 40
			}
			res, err := Run(t.Context(), cfg)
			if err != nil || len(res.Passed) == 0 {
				t.Fatalf("%+v, %v", res, err)
			}
			for _, f := range res.Found {
				t.Errorf("%s broken by %s\n%+v", f.Requirement, f.Walk, f.Finding)
			}
			for _, q := range res.Trouble {
				t.Errorf("%s: %s", q.Reason, q.Walk)
			}
		})
	}
}

// TestWalksFindWhatOnlyALaterEditionHas checks that walks come to what only ocf-2.2 has.
func TestWalksFindWhatOnlyALaterEditionHas(t *testing.T) {
	for name, breaks := range map[string]string{
		"availability-never-ends": "NSA-8", "schedule-never-runs": "SWU-7", "url-optional": "SWU-2", "move-keeps-cm": "DOS-5",
		"rw-refused": "DPM-15", "clear-reads": "ACC-1", "introspection-empty": "RES-4",
	} {
		t.Run(name, func(t *testing.T) {
			d, err := fixtures.Deviation(name)
			if err != nil {
				t.Fatal(err)
			}
			s, err := lab.Deviant(d)
			if err != nil {
				t.Fatal(err)
			}
			cfg := ofLater(t, s, !d.Secured)
			cfg.Only, cfg.Walks, cfg.KeepGoing = []string{breaks}, Walks, false
			res, err := Run(t.Context(), cfg)
			if err != nil || len(res.Found) != 1 {
				t.Errorf("%s: found %+v, %v", breaks, res.Found, err)
			}
			t.Logf("%d walks", res.Walks)
		})
	}
}

// TestTheFirstEditionWalksAsBefore checks that what a later edition adds is drawn there
// alone, and all of it.
func TestTheFirstEditionWalksAsBefore(t *testing.T) {
	drawn := func(id string) map[string]bool {
		p := everything()
		p.Supports.SoftwareUpdate = true
		g := generator{seed: 7, length: Steps, profile: p, edition: edition.Of(id), missing: map[string]bool{}}
		texts := map[string]bool{}
		for n := 1; n <= 6000; n++ {
			w := g.walk(n)
			for _, text := range slices.Concat(w.Givens, w.Whens) {
				texts[text] = true
			}
		}
		return texts
	}
	first, later := drawn(edition.OCF10), drawn(edition.OCF22)
	for _, s := range append(laterStimuli(), stimulus{text: found}) {
		shared := slices.ContainsFunc(stimuli(), func(o stimulus) bool { return o.text == s.text && o.values == nil })
		for _, v := range append([]string{""}, s.values...) {
			if text := s.with(v); (v != "" || s.values == nil) && (!later[text] || first[text] && !shared) {
				t.Errorf("%q: drawn by ocf-1.0: %v, by ocf-2.2: %v", text, first[text], later[text])
			}
		}
	}
}
