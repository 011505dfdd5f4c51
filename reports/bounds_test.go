package reports

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/ocf"
)

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A Device may send a text of any length, as one word or as many. What looked at all of
// the rest for each line would allocate thousands of times as much as is allowed here.
func TestWrappingIsLinear(t *testing.T) {
	for name, unit := range map[string]string{"one word": "x", "short words": "x ", "umlauts": "ü", "spaces": " "} {
		text := strings.Repeat(unit, 1<<20)
		if n := allocated(func() { wrap(text, 72) }); n > uint64(64*len(text)) {
			t.Errorf("%s: %d bytes are allocated to wrap %d", name, n, len(text))
		}
	}
}

func TestWrapBreaksAtSpacesAndInLongWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"a bc  d", "a bc|d"},
		{"abcdefghij", "abcd|efgh|ij"},
		{"a bcdefg h", "a|bcde|fg h"},
		{"äöüßé", "äöüß|é"},
		{"abcd efgh", "abcd|efgh"},
	} {
		if got := strings.Join(wrap(c.text, 4), "|"); got != c.want {
			t.Errorf("wrap(%q): %q, want %q", c.text, got, c.want)
		}
	}
}

func TestNoTextIsShownLongerThanAnyOfOurs(t *testing.T) {
	for _, unit := range []string{"x", "ü", "\x00", "\xff", "\u202e"} {
		got := clean(strings.Repeat(unit, 1<<20))
		if n := utf8.RuneCountInString(got); n > longest || !strings.HasSuffix(got, "…") {
			t.Errorf("%d characters of a million %q", n, unit)
		}
	}
	if text := strings.Repeat("x", longest); clean(text) != text {
		t.Error("a text of the greatest length is cut")
	}
}

// flooded is the record of a Device that sends n notifications of so many bytes.
func flooded(n, size int) conformance.Timeline {
	rec := conformance.NewRecorder(conformance.Header{Scenario: "flood", Name: "Flood"}, nil)
	register := uint32(0)
	request := rec.Append(conformance.Observation{Kind: conformance.Request, Client: "privileged", Frame: &conformance.Frame{
		Type: "CON", Code: "GET", Path: ocf.PathPstat, Observe: &register,
	}})
	for i := range n {
		state := ocf.Pstat{TM: ocf.DPM(i%2) << 6, DOS: ocf.RFNOP, ISOP: true}
		payload := state.AppendCBOR(nil, 0)
		number := uint32(i + 1)
		raw := make([]byte, size)
		rec.Append(conformance.Observation{Kind: conformance.Notification, Client: "privileged", For: &request, Frame: &conformance.Frame{
			Type: "NON", Code: "2.05", MID: uint16(i), Path: ocf.PathPstat, Observe: &number, Payload: payload, Raw: raw,
		}})
	}
	rec.Finish()
	return rec.Timeline()
}

// floodPage is the page of n scenarios that are all recorded as tl.
func floodPage(t *testing.T, n int, tl conformance.Timeline, f conformance.Finding) string {
	t.Helper()
	rep := assess.Report{Verdict: conformance.Fail, Requirements: []assess.RequirementResult{{ID: "SVV-8", Verdict: conformance.Fail}}}
	for i := range n {
		id := fmt.Sprintf("flood.%d", i)
		f.Scenario = id
		rep.Requirements[0].Findings = append(rep.Requirements[0].Findings, f)
		rep.Scenarios = append(rep.Scenarios, assess.ScenarioResult{ID: id, Name: id, Verdict: conformance.Fail, Timeline: "timelines/flood.jsonl"})
	}
	var out bytes.Buffer
	if err := HTML(&out, rep, func(string) (conformance.Timeline, error) { return tl, nil }, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestThePageOfAFloodIsBoundedAndShowsWhatDecided(t *testing.T) {
	tl := flooded(50_000, 200)
	if tl.Full() < 0 {
		t.Fatal("the record is not full")
	}
	page := floodPage(t, 30, tl, conformance.Finding{Verdict: conformance.Fail, Witness: 20_000})
	if len(page) > 12<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
	open := unpacked(t, page)
	for _, want := range []string{
		"The picture shows the first 400 of", " observations are left out; the timeline has them all",
		`id="obs-flood.0.20000"`, "the record is full: it has room for", "The record is full, as those of earlier scenarios are.",
	} {
		if !strings.Contains(open, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestThePageOfHugeMessagesIsBounded(t *testing.T) {
	tl := flooded(100, 60_000)
	for i := range tl.Observations {
		if f := tl.Observations[i].Frame; i > 0 && f != nil {
			f.Payload = append([]byte{0x7a, 0, 0, 0xea, 0x60}, bytes.Repeat([]byte("x"), 60_000)...)
		}
	}
	huge := strings.Repeat("version ", 1<<17)
	page := floodPage(t, 1, tl, conformance.Finding{Verdict: conformance.Fail, Want: huge, Got: huge, Reason: huge, Witness: 50})
	if len(page) > 3<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
}
