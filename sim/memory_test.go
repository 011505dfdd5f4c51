package sim

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// quick makes a model of Devices without delays that have these lawful quirks.
func quick(t *testing.T, quirks ...string) *Model {
	t.Helper()
	m, err := NewModel(Config{
		Behaviour: Behaviour{Name: "quick", Ends: "success", Source: Patience{Timeout: time.Minute}},
		Variant:   Variant{Name: "drawn", Quirks: quirks},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// request has a Client request both processes, and the source answer.
func request(d *Device) {
	u := ocf.PstatUpdate{Set: ocf.PropTM, TM: ocf.SVV | ocf.SSU}
	effects := d.Apply(&Event{Kind: Post, Request: Request{
		Path: ocf.PathPstat, Payload: u.AppendCBOR(nil), Format: ocf.FormatOCFCBOR,
	}}, d.Start(0, nil))
	for i := 0; i < len(effects); i++ {
		switch e := effects[i]; e.Kind {
		case AskSource:
			effects = d.Apply(&Event{Kind: SourceAnswer, Answer: Answer{Ask: e.Ask.Number, Available: true}}, effects)
		case Wake:
			if e.After == 0 {
				effects = d.Apply(&Event{Kind: Due}, effects)
			}
		}
	}
}

// The reference remembers nothing for quirks.
func TestReferenceHasNoMemory(t *testing.T) {
	d := quick(t).Device(ocf.UUID{1}, 1)
	request(&d)
	if s := d.State(); s.TM != 0 || s.CM != ocf.SVV|ocf.SSU {
		t.Fatalf("tm=%v cm=%v after a check and an update", s.TM, s.CM)
	}
	if d.trust.memory != nil {
		t.Error("the reference has a memory")
	}
	counting := quick(t, "told-by-fifth-con").Device(ocf.UUID{1}, 1)
	request(&counting)
	if counting.trust.memory == nil {
		t.Error("a Device that counts its notifications has no memory")
	}
}

// The part of the memory that survives a power cut is saved with the Device.
func TestLastingFactsAreSaved(t *testing.T) {
	m := quick(t, "autonomous-hidden")
	d := m.Device(ocf.UUID{1}, 1)
	d.Apply(&Event{Kind: Autonomous, Bits: ocf.SVV}, d.Start(0, nil))
	data, err := json.Marshal(d.Save())
	if err != nil {
		t.Fatal(err)
	}
	var saved Saved
	if err := json.Unmarshal(data, &saved); err != nil {
		t.Fatal(err)
	}
	again := m.Restore(saved)
	again.Start(0, nil)
	if again.run != validation || again.pending() != 0 || again.State().TM != 0 {
		t.Errorf("running %v, pending %v, %+v after a restart during a check that is not shown", again.run, again.pending(), again.State())
	}
	if bits := saved.Flags & borrowed; bits == 0 {
		t.Errorf("flags %#x of a Device with a fact to save", saved.Flags)
	}
}

// A request that was accepted and has not begun yet is as good as one that has.
func TestALateStartIsSaved(t *testing.T) {
	m := quick(t, "starts-late")
	d := m.Device(ocf.UUID{1}, 1)
	u := ocf.PstatUpdate{Set: ocf.PropTM, TM: ocf.SSU}
	effects := d.Apply(&Event{Kind: Post, Request: Request{
		Path: ocf.PathPstat, Payload: u.AppendCBOR(nil), Format: ocf.FormatOCFCBOR,
	}}, d.Start(0, nil))
	if !has(effects, Persist) || d.State().TM != 0 {
		t.Fatalf("tm=%v, effects %+v after a request that begins late", d.State().TM, effects)
	}
	again := m.Restore(d.Save())
	if effects := again.Start(0, nil); again.State().TM != ocf.SSU || !has(effects, AskSource) {
		t.Errorf("tm=%v, effects %+v after the power cut", again.State().TM, effects)
	}
}
