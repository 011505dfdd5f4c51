package sim_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim"
)

// scenes are short scripts, each for a new Device, that between them show
// every quirk.
var scenes = []string{
	"post tm=V; run; post tm=-; get; arrange no-update; post tm=V; run",
	"post tm=U; run; get /oic/d; get /oic/sec/doxm; post tm=V; run; post tm=U; run",
	"arrange no-update; post tm=U; run",
	"arrange update-fails; post tm=U; run",
	"arrange hold; post tm=V; post tm=-; get; post tm=V; arrange release; run",
	"arrange hold; post tm=U; post tm=-; get; post tm=V; get; arrange release; run",
	"arrange hold; post tm=V; post tm=U; get; arrange release; run",
	"post tm=V; run; post tm=U; run; get",
	"post tm=V+U; run",
	"arrange hold; post tm=V; run",
	"post tm=-",
	"post tm=0x100; post tm=V+0x8000; run",
	"post tm=0x4000; run",
	"post tm=0x1; post tm=V+0x1; run",
	"arrange hold; post tm=V; post tm=0x1; arrange release; run",
	"post cbor=a162746d623634; post cbor=a162746d1a00010040; run",
	"post cm=V; post tm=V cm=U; run",
	"post isop=false; get; post p=true; get; run",
	"post p=true; get; post tm=V; run",
	"post tm=V; run; post dos=RFPRO; get; post dos=SRESET; post dos=RFPRO; post dos=RFNOP; post dos=RFNOP",
	"post dos=RESET; post tm=V; run; get",
	"post tm=V; run for=1s; power-cycle; run; get",
	"post tm=U; run for=1s; power-cycle; run; get /oic/d",
	"autonomous V; run; autonomous U; run",
	"arrange hold; post tm=V; autonomous U; arrange release; run",
	"get diag; get diag if=oic.if.rw; get if=oic.if.r; get /oic/res rt=oic.r.pstat",
}

// play plays a scene and shows each command with what came of it.
func play(t *testing.T, m *sim.Model, scene string) []string {
	t.Helper()
	w := &world{model: m}
	w.begin(1)
	for command := range strings.SplitSeq(scene, "; ") {
		cmd, args, err := datadriven.ParseLine(command)
		if err != nil {
			t.Fatal(err)
		}
		w.lines = append(w.lines, "> "+command)
		if err := w.do(&datadriven.TestData{Cmd: cmd, CmdArgs: args}); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
	}
	return w.lines
}

func model(t *testing.T, args ...datadriven.CmdArg) *sim.Model {
	t.Helper()
	w := &world{still: true}
	if err := w.open(&datadriven.TestData{Cmd: "device", CmdArgs: args}); err != nil {
		t.Fatal(err)
	}
	return w.model
}

// TestQuirks shows, for each variant and each deviation, what it does that the
// reference does not. "differs deviation=NAME" plays every scene with both, and
// shows the two of those that differ which differ least.
func TestQuirks(t *testing.T) {
	for _, path := range []string{"testdata/quirks/variants", "testdata/quirks/deviations"} {
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			var out strings.Builder
			behaviour := ""
			switch made := td.CmdArgs[0]; made.Key {
			case "deviation":
				d, _ := fixtures.Deviation(made.Vals[0]) // an unknown one is reported below
				behaviour = d.Behaviour
			case "variant":
				v, _ := fixtures.Variant(made.Vals[0])
				behaviour = v.Behaviour
			}
			reference := model(t, datadriven.CmdArg{Key: "behaviour", Vals: []string{cmp.Or(behaviour, "success")}})
			deviant := model(t, td.CmdArgs...)
			var differing [][]string
			for _, scene := range scenes {
				changes := diff(play(t, reference, scene), play(t, deviant, scene))
				if len(changes) > 0 {
					differing = append(differing, append([]string{scene}, changes...))
				}
			}
			if len(differing) == 0 {
				td.Fatalf(t, "nothing differs from the reference")
			}
			slices.SortStableFunc(differing, func(a, b []string) int { return len(a) - len(b) })
			for _, lines := range differing[:min(2, len(differing))] {
				out.WriteString(strings.Join(lines, "\n") + "\n")
			}
			return out.String()
		})
	}
}

// diff is the lines of b that a has not, and the other way round, by their
// longest common subsequence. Commands and what they did are lines alike.
func diff(a, b []string) (changes []string) {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if length[i][j] = max(length[i+1][j], length[i][j+1]); a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i++
			j++
		case j == len(b) || i < len(a) && length[i+1][j] >= length[i][j+1]:
			changes = append(changes, "  - "+a[i])
			i++
		default:
			changes = append(changes, "  + "+b[j])
			j++
		}
	}
	return changes
}

// TestQuirksHaveScripts asserts that no variant and no deviation is left out.
func TestQuirksHaveScripts(t *testing.T) {
	seen := map[string]bool{}
	for _, path := range []string{"testdata/quirks/variants", "testdata/quirks/deviations"} {
		datadriven.RunTest(t, path, func(_ *testing.T, td *datadriven.TestData) string {
			seen[td.CmdArgs[0].Vals[0]] = true
			return td.Expected
		})
	}
	used := map[string]bool{}
	for _, v := range fixtures.Variants() {
		if !seen[v.Name] {
			t.Errorf("variant %s has no script", v.Name)
		}
		for _, q := range v.Quirks {
			used[q] = true
		}
	}
	for _, d := range fixtures.Deviations() {
		if !seen[d.Name] {
			t.Errorf("deviation %s has no script", d.Name)
		}
		for _, q := range d.Quirks {
			used[q] = true
		}
	}
	for _, q := range append(sim.LawfulQuirks(), sim.DeviantQuirks()...) {
		if !used[q] {
			t.Errorf("quirk %s belongs to no variant and no deviation", q)
		}
	}
}
