package campaign

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// many are Results of so many Devices in three waves, of which one in ten is in trouble.
func many(n int) (all []Result) {
	for i := range n {
		took := 1 + float64(i%977)/100
		r := Result{
			Device: fmt.Sprintf("coap://127.%d.%d.%d:5683", 1+i>>16, i>>8&255, i&255), Group: fmt.Sprintf("group %d", i%7),
			Name: "lamp", From: "1.0.0", To: "1.0.1", Verdict: Updated, Asked: "U", Wave: 1 + 3*i/n,
			BeganS: float64(i) / 1000, EndedS: float64(i)/1000 + took, UpdateS: &took, ValidationS: &took, Requests: 6,
		}
		if i%10 == 9 {
			v := worstFirst()[i/10%5]
			r.Verdict, r.Reason, r.UpdateS = v, fmt.Sprintf("%s says <b>no</b> for reason %d", strings.TrimPrefix(r.Device, "coap://"), i/10%3), nil
		}
		all = append(all, r)
	}
	return all
}

// summed is what Results come to.
func summed(t *testing.T, all []Result) *Summary {
	t.Helper()
	tally := NewTally(&Plan{Name: "night <script>"})
	for _, r := range all {
		tally.Add(r)
	}
	rtt := NewHistogram()
	rtt.Add(time.Millisecond)
	s, err := tally.Summary(Outcome{RTT: rtt, Took: 100 * time.Second, Waves: 3})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPage: the page of a campaign with 100,000 Devices is one file of less than a megabyte. It
// loads nothing, shows what Devices say as text, and the reasons before all else.
func TestPage(t *testing.T) {
	s := summed(t, many(100_000))
	var page bytes.Buffer
	if err := s.Page(&page); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	if page.Len() > 1<<20 {
		t.Errorf("the page has %d bytes", page.Len())
	}
	for _, bad := range []string{"<b>no</b>", "night <script>", "NaN", "Inf", "ZgotmplZ", `src="http`, `href="http`} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	at := -1
	for _, want := range []string{"10000 in trouble", `id="tour"`, "100000 Devices: 90000 updated", `<span class="badge straggler">`, "<strong>667 Devices</strong>", `<span class="badge lost">`, `<div class="chart wide scroll"`, `class="area failed"`, "99.9 %", "Waves", "Groups", `<table class="findings troubles">`, `key === "n"`} {
		next := strings.Index(text[at+1:], want)
		if next < 0 {
			t.Fatalf("the page does not have %q after what comes before it", want)
		}
		at += next
	}
}

// TestReasons: Devices that are in trouble for the same reason are counted together, and of each
// verdict some are named.
func TestReasons(t *testing.T) {
	s := summed(t, many(10_000))
	if len(s.Reasons) != 15 || s.Reasons[0].Verdict != Straggler || s.Reasons[14].Verdict != Unproven || len(s.Reasons[0].SuchAs) != 3 {
		t.Errorf("%d reasons: %+v", len(s.Reasons), s.Reasons)
	}
	if says := s.Reasons[0].Says; strings.Contains(says, "127.") {
		t.Errorf("the reason of many Devices has the address of one: %q", says)
	}
	if len(s.Troubles) != 5*listed || s.Unlisted != 1000-5*listed || s.Failures() != 1000 {
		t.Errorf("%d Devices are listed and %d are not, of %d in trouble", len(s.Troubles), s.Unlisted, s.Failures())
	}
	var text strings.Builder
	if err := s.Text(&text); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), " Devices, such as "); n != len(s.Reasons) || !strings.HasPrefix(text.String(), "straggler") {
		t.Errorf("%d of %d reasons are shown:\n%s", n, len(s.Reasons), &text)
	}
	text.Reset()
	if err := summed(t, many(30)).Text(&text); err != nil || strings.Count(text.String(), " says <b>no</b> ") != 3 || !strings.Contains(text.String(), "slowest      1.280 s coap://") {
		t.Errorf("of 3 Devices in trouble each is shown, and the slowest: %v\n%s", err, &text)
	}
}

// TestTheLastStepIsDrawn: what ended last has a width.
func TestTheLastStepIsDrawn(t *testing.T) {
	s := &Summary{Devices: 2, Progress: []Moment{{AtS: 0}, {AtS: 1, Well: 1}, {AtS: 2, Well: 2}}}
	top := fmt.Sprintf("%.1f", height(2, 2))
	_, area, _ := strings.Cut(string(drawProgress(s)), `class="area updated" d="`)
	path, _, _ := strings.Cut(area, `"`)
	at := map[string]bool{}
	for _, corner := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune("MLZ", r) }) {
		if x, y, _ := strings.Cut(corner, " "); y == top {
			at[x] = true
		}
	}
	if len(at) != 2 {
		t.Errorf("2 of 2 Devices are drawn from where to where? %v of %s", at, path)
	}
}

// TestProgress: what ended when is told in slices that grow with the run, and runs follow one
// another.
func TestProgress(t *testing.T) {
	all := many(10_000)
	for i := range all[5_000:] { // they were begun in a second run
		r := &all[5_000+i]
		r.Run, r.BeganS, r.EndedS = 2, r.BeganS-5, r.EndedS-5
	}
	s := summed(t, all)
	last := s.Progress[len(s.Progress)-1]
	if last.Well != 9000 || last.Troubled != 1000 || last.AtS < 30 || last.AtS > 32 {
		t.Errorf("in the end: %+v", last)
	}
	for i, m := range s.Progress[1:] {
		if before := s.Progress[i]; m.AtS < before.AtS || m.Well < before.Well || m.Troubled < before.Troubled {
			t.Errorf("%+v comes after %+v", m, before)
		}
	}
	if n := len(s.Progress); n > 2*moments+2 {
		t.Errorf("%d moments", n)
	}
	if w := s.Waves[1]; w.Wave != 2 || w.BeganS > 3.4 || w.EndedS < 16 {
		t.Errorf("the wave that was interrupted: %+v", w)
	}
}
