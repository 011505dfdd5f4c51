package suite

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf/capture"
)

// TestObservationsAreIdentified wants each observation to be the datagram with the same
// bytes, of its own scenario, the first the first; and the comments to say so.
func TestObservationsAreIdentified(t *testing.T) {
	dir, t0 := t.TempDir(), time.Unix(1700000000, 0)
	name := filepath.Join(dir, CaptureFile)
	w, err := capture.Create(name, "test")
	if err != nil {
		t.Fatal(err)
	}
	client, device := netip.MustParseAddrPort("127.0.0.1:4660"), netip.MustParseAddrPort("127.0.0.2:5683")
	for i, p := range []struct{ now, data string }{
		{beforehand, "ping"},
		{during + "timelines/a.jsonl", "GET"},
		{during + "timelines/a.jsonl", "GET"},
		{during + "timelines/a.jsonl", "2.05"},
		{during + "timelines/b~2.jsonl", "GET"},
		{during + "timelines/lost.jsonl", "GET"},
	} {
		w.Packet(capture.Packet{At: t0.Add(time.Duration(i) * time.Second), From: client, To: device, Data: []byte(p.data), Comments: []string{p.now}})
	}
	step := func(s int, text string) conformance.Observation {
		return conformance.Observation{Kind: conformance.Step, At: time.Duration(s) * time.Second, Text: text}
	}
	frame := func(s int, data string) conformance.Observation {
		return conformance.Observation{Kind: conformance.Message, At: time.Duration(s) * time.Second, Frame: &conformance.Frame{Raw: conformance.Hex(data)}}
	}
	began := conformance.Header{Started: t0}
	runs := []conformance.ScenarioRun{
		{ID: "a", Name: "A", File: "timelines/a.jsonl", Timeline: conformance.Timeline{Header: began, Observations: []conformance.Observation{
			step(1, "Given it"), frame(1, "GET"), step(2, "When so"), frame(2, "GET"), frame(3, "2.05"), frame(3, "2.05"), frame(3, "never"),
		}}},
		{ID: "b", Name: "B", File: "timelines/b~2.jsonl", Timeline: conformance.Timeline{Header: began, Observations: []conformance.Observation{frame(4, "GET"), frame(4, "ping")}}},
	}
	report := assess.Report{
		Scenarios: []assess.ScenarioResult{{ID: "a", Timeline: "timelines/a.jsonl"}, {ID: "b", Attempt: 2, Timeline: "timelines/b~2.jsonl"}},
		Requirements: []assess.RequirementResult{{ID: "SVV-1", Findings: []conformance.Finding{
			{Scenario: "a", Verdict: conformance.Pass, Witness: 1},
			{Scenario: "a", Verdict: conformance.Fail, Witness: 2, Want: "more", Got: "less"},
			{Scenario: "b", Verdict: conformance.Inconclusive, Attempt: 2, Witness: -1, Reason: "too short"},
			{Scenario: "gone", Verdict: conformance.Fail, Witness: 3},
		}}},
	}
	r := run{Config: Config{Capture: true}, aside: dir, capture: w}
	if err := r.endCapture(report, runs); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	if err := readCapture(name, func(b capture.Block) error {
		got = append(got, b.Packet.Comments...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		beforehand,
		"scenario a: A", "step: Given it", "observation 1 of timelines/a.jsonl", "finding: SVV-1 pass", "finding: SVV-1 fail: expected more, got less",
		"scenario a: A", "step: When so", "observation 3 of timelines/a.jsonl",
		"scenario a: A", "step: When so", "observation 4 of timelines/a.jsonl", "observation 5 of timelines/a.jsonl",
		"scenario b, attempt 2: B", "observation 0 of timelines/b~2.jsonl", "finding: SVV-1 inconclusive: too short",
		during + "timelines/lost.jsonl",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the comments are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	read := packetsIn(dir)
	for at, n := range map[place]int{{"timelines/a.jsonl", 1}: 2, {"timelines/a.jsonl", 4}: 4, {"timelines/a.jsonl", 6}: 0, {"timelines/b~2.jsonl", 0}: 5, {"timelines/b~2.jsonl", 1}: 0} {
		if read[at] != n {
			t.Errorf("observation %d of %s is packet %d, want %d", at.n, at.file, read[at], n)
		}
	}
	if got := packetsIn(t.TempDir()); len(got) != 0 {
		t.Errorf("without a capture there are packets: %v", got)
	}
}

// TestNoCaptureWithoutAFolder says that a capture needs a place.
func TestNoCaptureWithoutAFolder(t *testing.T) {
	_, err := Run(t.Context(), Config{Targets: []target.Config{{}}, Capture: true})
	if err == nil || !strings.Contains(err.Error(), "suite: Capture: ") {
		t.Errorf("got %v", err)
	}
}
