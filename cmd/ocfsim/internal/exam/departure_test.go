package exam_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

var (
	complete = flag.Bool("complete", false, "try all Devices with all scenarios in every setting, which takes half an hour")
	settings = flag.String("settings", "", "with -complete: only these settings, separated by commas")
)

const (
	departuresFile  = "testdata/departures"
	departuresTitle = "# How deviant Devices may fare in other settings, where that is not how they fare in the usual one. \"nothing is red\"\n" +
		"# and \"open\" stand only where all scenarios were tried. Written by: go test ./cmd/ocfsim/internal/exam -run TestOtherSettings\n" +
		"# -rewrite, and with -complete -timeout 2h as well for all scenarios\n"
)

// blind says why a deviant turns nothing red in a setting though what it breaks passes:
// nothing that a Client or the source can see there tells it from a compliant Device.
func blind() map[string]string {
	const (
		hidden = "what pstat shows is the same, and only the source knows that it was asked twice"
		apart  = "the bug takes eight checks right after one another, and a datagram that is sent again comes between"
		over   = "the process is over, with its true result, before anyone looks or writes again"
		quick  = "no answer of the source is ever waited for, so that none is slow or stays away"
		lost   = "a notification that does not come may have been lost on the way"
	)
	return map[string]string{
		"fast-unreported zero-restarts":     hidden,
		"slow-unreported zero-restarts":     hidden,
		"unreported zero-restarts":          hidden,
		"rash cm-u-set-at-start":            over,
		"rash low-bits-abort":               over,
		"rash odd-aborts":                   over,
		"rash zero-restarts":                over,
		"rash-unreported cm-u-set-at-start": over,
		"rash-unreported low-bits-abort":    over,
		"rash-unreported odd-aborts":        over,
		"rash-unreported zero-restarts":     over,
		"rash slow-check-late":              quick,
		"rash slow-update-late":             quick,
		"rash unanswered-done":              quick,
		"rash unanswered-finds":             quick,
		"rash-unreported slow-check-late":   quick,
		"rash-unreported slow-update-late":  quick,
		"rash-unreported unanswered-done":   quick,
		"rash-unreported unanswered-finds":  quick,
		"lossy eighth-check-ends-first":     apart,
		"lossy eighth-check-lost":           apart,
		"lossy eighth-check-unstarted":      apart,
		"lossy dropped-silently":            lost,
		"lossy forgets-after-five":          lost,
		"lossy last-told":                   lost,
		"lossy observer-replaces":           lost,
	}
}

// TestOtherSettings tries the Devices in all settings but the usual one. No compliant
// Device may turn anything red. What a deviant breaks is red there too, or inconclusive;
// testdata/departures lists every exception. Without -complete each deviant is tried only
// with the scenarios that are tagged with what it breaks, and those that catch it in the
// usual setting.
func TestOtherSettings(t *testing.T) {
	table := departures(t)
	if *complete {
		completely(t, table)
		return
	}
	caught := held(t)
	for i, s := range exam.Settings()[1:] {
		mine := func(n int) bool { return *rewrite || (n+i+time.Now().YearDay())%(days*(spared+1)) == 0 }
		for _, o := range partly(t, caught.Matrix, s, mine) {
			known := table[key(s, o.Candidate)]
			if *rewrite {
				if d := known.With(o); d.String() != "" {
					table[key(s, o.Candidate)] = d
				}
				continue
			}
			allowed(t, known, s, o)
		}
	}
	if *rewrite {
		write(t, table)
	}
}

// days is how long it takes until every deviant was tried in every setting. Under the
// race detector it takes longer.
const days = 8

// allowed checks that o departs from what is declared only as far as the table knows.
func allowed(t *testing.T, known exam.Departure, s exam.Setting, o exam.Result) {
	t.Helper()
	for _, id := range o.Undeclared {
		if !slices.Contains(known.Also, id) {
			t.Errorf("%s: %s turned red: %s", key(s, o.Candidate), id, reason(o, id))
		}
	}
	for _, id := range o.Escaped {
		if !slices.Contains(known.Escaped, id) {
			t.Errorf("%s: %s passed", key(s, o.Candidate), id)
		}
	}
	if o.Err != nil && !known.Error {
		t.Errorf("%s: %v", key(s, o.Candidate), o.Err)
	}
}

func key(s exam.Setting, c exam.Candidate) string { return s.Name + " " + c.Name }

// reason is why the requirement turned red.
func reason(o exam.Result, id string) string {
	for _, c := range o.Red {
		if c.Requirement == id {
			return fmt.Sprintf("%s, in %s: %s", c.Verdict, c.Finding.Scenario, c.Finding.Reason)
		}
	}
	return ""
}

// partly tries the deviants that were caught in the usual setting again in s, each with
// the scenarios that caught it and those that are tagged with what it breaks: those
// for whose number mine holds. One that escapes is tried with all scenarios: many bugs
// need a past that only the whole suite gives them, such as forty checks.
func partly(t *testing.T, usual exam.Matrix, s exam.Setting, mine func(int) bool) []exam.Result {
	t.Helper()
	all := scenarios(t)
	by := map[string][]string{} // the scenarios that caught a Device, by its name
	cfg := exam.Config{Setting: s, Selection: suite.Selection{Scenarios: all, Partial: true}}
	cfg.Select = func(c exam.Candidate) []steps.Scenario {
		return slices.DeleteFunc(slices.Clone(all), func(s steps.Scenario) bool {
			tagged := slices.ContainsFunc(c.Breaks, func(id string) bool { return slices.Contains(s.Requirements, id) })
			return !tagged && !slices.Contains(by[c.Name], s.ID)
		})
	}
	for n, o := range usual.Outcomes {
		if o.Kind != exam.Deviant || !mine(n) {
			continue
		}
		cfg.Candidates = append(cfg.Candidates, o.Candidate)
		for _, c := range o.Red {
			by[o.Name] = append(by[o.Name], c.Finding.Scenario)
		}
	}
	if len(cfg.Candidates) == 0 {
		return nil
	}
	out := hold(t, cfg)
	whole := exam.Config{Setting: s, Selection: suite.Selection{Scenarios: all}}
	for _, o := range out {
		if len(o.Escaped) > 0 {
			whole.Candidates = append(whole.Candidates, o.Candidate)
		}
	}
	if len(whole.Candidates) == 0 {
		return out
	}
	for _, again := range hold(t, whole) {
		i := slices.IndexFunc(out, func(o exam.Result) bool { return o.Name == again.Name })
		out[i] = again
	}
	return out
}

// hold is the exam cfg.
func hold(t *testing.T, cfg exam.Config) []exam.Result {
	t.Helper()
	out, err := exam.Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// completely tries all Devices with all scenarios, and compares with the table, or writes
// it.
func completely(t *testing.T, table map[string]exam.Departure) {
	t.Helper()
	candidates, err := exam.Candidates()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range exam.Settings()[1:] {
		if *settings != "" && !slices.Contains(strings.Split(*settings, ","), s.Name) {
			continue
		}
		out, err := exam.Run(t.Context(), exam.Config{Candidates: candidates, Setting: s, Selection: suite.Selection{Scenarios: scenarios(t)}})
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, o := range out {
			d := o.Departure()
			count[string(o.Kind)]++
			if o.Right() {
				count["as declared"]++
			}
			switch {
			case o.Err != nil && o.Kind != exam.Deviant:
				t.Errorf("%s: %v", key(s, o.Candidate), o.Err)
			case o.Kind != exam.Deviant && len(d.Also) > 0:
				t.Errorf("%s, which is compliant: %v turned red: %s", key(s, o.Candidate), d.Also, reason(o, d.Also[0]))
			case *rewrite && d.String() == "":
				delete(table, key(s, o.Candidate))
			case *rewrite:
				table[key(s, o.Candidate)] = d // what only some scenarios show is added by another run, without -complete
			default:
				allowed(t, table[key(s, o.Candidate)], s, o)
			}
		}
		t.Logf("%s: %v", s.Name, count)
	}
	if *rewrite {
		write(t, table)
	}
}

// TestWhatEscapesHasAReason checks that for each deviant that escapes altogether there is
// a reason, and no reason for others.
func TestWhatEscapesHasAReason(t *testing.T) {
	reasons := blind()
	for name, d := range departures(t) {
		escapes := d.Green && len(d.Escaped) > 0
		if escapes != (reasons[name] != "") {
			t.Errorf("%s: %q, and the reason is %q", name, d, reasons[name])
		}
		delete(reasons, name)
	}
	for name := range reasons {
		t.Errorf("%s has a reason and is not in %s", name, departuresFile)
	}
}

// departures reads testdata/departures.
func departures(t *testing.T) map[string]exam.Departure {
	t.Helper()
	f, err := os.Open(departuresFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]exam.Departure{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, text, _ := strings.Cut(line, ": ")
		if all[name], err = exam.ParseDeparture(text); err != nil {
			t.Fatalf("%s: %s: %v", departuresFile, name, err)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// write writes testdata/departures.
func write(t *testing.T, table map[string]exam.Departure) {
	t.Helper()
	var out strings.Builder
	out.WriteString(departuresTitle)
	for _, name := range slices.Sorted(maps.Keys(table)) {
		fmt.Fprintf(&out, "%s: %s\n", name, table[name])
	}
	if err := os.WriteFile(departuresFile, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestADepartureIsReadAsItWasWritten checks what stands in testdata/departures.
func TestADepartureIsReadAsItWasWritten(t *testing.T) {
	for _, text := range []string{
		"also SVV-1 SVV-2", "open SVV-1; passes SSU-1", "also DPM-1; open SVV-1 SVV-2; passes SSU-1; nothing is red", "not judged",
	} {
		d, err := exam.ParseDeparture(text)
		if err != nil || d.String() != text {
			t.Errorf("%q is read as %q, %v", text, d, err)
		}
	}
	for _, text := range []string{"", "also", "nothing is green", "seen SVV-1"} {
		if d, err := exam.ParseDeparture(text); err == nil {
			t.Errorf("%q is read as %q", text, d)
		}
	}
}

// TestASettingIsFoundByItsName checks that every setting has a name of its own.
func TestASettingIsFoundByItsName(t *testing.T) {
	for _, s := range exam.Settings() {
		if got, err := exam.SettingOf(s.Name); err != nil || got != s {
			t.Errorf("%q: %+v, %v", s.Name, got, err)
		}
	}
	if _, err := exam.SettingOf("late"); err == nil || !strings.Contains(err.Error(), "rash") {
		t.Errorf("no setting: %v", err)
	}
}
