package sim_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// scenes are short scripts, each for a new Device. Together they show every quirk.
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
	"post dos=RFPRO; post cm=V; post dos=RFOTM; get",
	"post tm=V; run for=1s; power-cycle; run; get",
	"post tm=U; run for=1s; power-cycle; run; get /oic/d",
	"autonomous V; run; autonomous U; run",
	"arrange hold; post tm=V; autonomous U; arrange release; run",
	"get diag; get diag if=oic.if.rw; get if=oic.if.r; get /oic/res rt=oic.r.pstat",
	strings.Repeat("post tm=V; run; ", 39) + "post tm=V; run",
	"post tm=V; run; post tm=V; run; post tm=V; run; post tm=V; run; post tm=V; run; post tm=V; run; post tm=V; run; post tm=V; run",
	"post tm=V; run; arrange no-update; post tm=V; run",
	"post tm=V; run; arrange hold; post tm=V; run",
	"post tm=U; run; post tm=U; run; get /oic/d",
	"arrange hold; post tm=V; run for=15s; arrange release; run",
	"arrange hold; post tm=U; run for=15s; arrange release; run",
	"arrange hold; post tm=U; run",
	"post tm=V; run; arrange hold; post tm=V; power-cycle; get; arrange release; run",
	"post tm=U; run; power-cycle; run; get; get /oic/d",
	"arrange hold; post tm=V; post dos=RFPRO; arrange release; run; get",
	"arrange no-update; post tm=V+U; run",
	"arrange update-fails; post tm=V; run; post tm=U; run",
	"arrange update-available; post tm=U; run; arrange update-fails; post tm=U; run; get /oic/d",
	"arrange update-fails; autonomous U; run",
	"arrange hold; post tm=U; post tm=U; arrange release; run",
	"post tm=V; run; post tm=U; run; post tm=-; post tm=0x1; get",
	"post cbor=a162746df5; run",                         // tm as true
	"post cbor=a162746df6; run",                         // as null
	"post cbor=a162746d4140; run",                       // as a byte string
	"post cbor=a162746d20; run",                         // as -1
	"post cbor=a162746df95400; run",                     // as a half float
	"post cbor=a162746d811840; run",                     // in an array
	"post cbor=1840; run",                               // without a map
	"post cbor=a262746d1840; run",                       // in a map without its end
	"post cbor=a163746d781840; run",                     // as tmx
	"post cbor=a262746d1840617801; run",                 // with an unknown Property
	"post cbor=a263646f73a161730262746d1a00010000; get", // as 65536, with dos
	"arrange hold; post tm=V; post om=4; arrange release; run",
	"arrange hold; post tm=V; post cbor=a162746d623634; arrange release; run",
	"arrange hold; post tm=V; post tm=0x4000; arrange release; run",
	"arrange hold; post tm=V; post isop=false; arrange release; run",
	"arrange hold; post tm=V; post tm=V+U; arrange release; run",
	"post tm=V isop=false; get; run",
	"post tm=V; run; post cm=-; get",
	"post tm=V way=non; run",
	"get diag if=oic.if.baseline",
	"arrange hold; post tm=V; post tm=-; post tm=-; arrange release; run",
	"arrange hold; post tm=V; post tm=0x100; post tm=-; arrange release; run",
	"arrange hold; post tm=V; post cbor=a162746d623634; post tm=-; arrange release; run",
	"post cbor=8262746d1840; get",
	"post tm=V; run; arrange hold; autonomous V; get; post tm=V; get; arrange release; run",
	"post tm=V; run; post tm=U; run; post tm=V; run; arrange hold; autonomous U; get; arrange release; run",
	"arrange hold; autonomous V; post tm=-; get; arrange release; run",
	"arrange hold; autonomous U; post tm=V; get; arrange release; run",
	"post tm=U; run; get /oic/d; get /oic/p",
	"autonomous U; run; get /oic/d",
	"arrange hold; autonomous U; post tm=-; arrange release; run; get /oic/d",
}

// securedScenes are the scenes for secured Devices, which have an owner and know
// every Client.
var securedScenes = []string{
	"post tm=V; run; get",
	"get; get observe",
	"session owner; post tm=V via=owner; run; post tm=U via=owner; run; get via=owner",
	"session updater; post tm=V via=updater; run; post tm=U via=updater; run; get via=updater",
	"session reader; post tm=V via=reader; run; post tm=U via=reader; run; get via=reader",
	"session notified; post tm=V via=notified; run; get via=notified",
	"session stranger; post tm=V via=stranger; run; post tm=U via=stranger; run; get via=stranger observe",
	"session role; post tm=V via=role; run; session admin; post tm=V via=admin; run",
	"session expired; post tm=V via=expired; run; session current; post tm=V via=current; run",
	"session wild; post tm=V via=wild; run",
	"session owner; post dos=RFPRO via=owner; post tm=V via=owner; post cm=V via=owner; post dos=RFNOP via=owner; run",
	"session owner; session stranger; post dos=RFPRO via=owner; post tm=V via=stranger; run; get via=owner",
	"session owner; session second; post dos=RFPRO via=owner; delete /oic/sec/cred id=2 via=owner; post tm=V via=second; run; session second",
	"session owner; post dos=RESET via=owner; post tm=V via=owner; run; session owner; get /oic/d",
	"session stranger; get via=stranger; session reader; get /oic/sec/cred via=reader",
	"session owner; post tm=U via=owner; run; get /oic/sec/doxm via=owner; get /oic/sec/acl2 via=owner; get /oic/sec/cred via=owner",
	"session owner; post tm=V via=owner; post dos=RFPRO via=owner; post dos=RFPRO via=owner; run; post tm=- via=owner; get via=owner",
	"session stranger; post tm=V via=stranger way=put; run",
	"session stranger; post tm=V via=stranger way=non; run",
	"session stranger; post tm=V via=stranger way=blocks; run",
	"session stranger; post tm=V via=stranger if=oic.if.baseline; run",
	"session stranger; post dos=RFPRO via=stranger",
	"arrange hold; session owner; session stranger; post tm=V via=owner; post tm=- via=stranger; arrange release; run",
	"session second; post tm=V via=second; run",
	"arrange hold; session owner; session updater; post tm=V via=owner; post tm=- via=updater; arrange release; run",
	"arrange hold; session owner; session updater; post tm=V via=owner; post tm=U via=updater; arrange release; run",
	// the stranger gets an ACE for a resource whose path is a prefix of pstat's
	"session owner; post dos=RFPRO via=owner; post /oic/sec/acl2 cbor=a16761636c6973743281a3677375626a656374a16475756964782437333734373236312d366536372d363537322d303030302d303030303030303030303030697265736f757263657381a164687265666b2f6f69632f7365632f70736a7065726d697373696f6e06 via=owner; post dos=RFNOP via=owner; session stranger; post tm=V via=stranger; run",
	// the same with an ACE whose validity is over
	"session owner; post dos=RFPRO via=owner; post /oic/sec/acl2 cbor=a16761636c6973743281a4677375626a656374a16475756964782437333734373236312d366536372d363537322d303030302d303030303030303030303030697265736f757263657381a164687265666b2f6f69632f7365632f70736a7065726d697373696f6e066876616c696469747981a166706572696f6478213230323030313031543030303030305a2f3230323030313032543030303030305a via=owner",
}

// play plays a scene and shows each command with its output.
func play(t *testing.T, m *sim.Model, scene string, secured bool) []string {
	t.Helper()
	w := &world{model: m, party: party{secured: secured}}
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

// written is the pstat of a new Device as it encodes it. Some lawful quirks only
// change the form of the map, which decoding hides.
func written(m *sim.Model) string {
	d := m.Device(ocf.UUID{1}, 1)
	return fmt.Sprintf("pstat is %x", d.Encode(nil, sim.Rep{Path: ocf.PathPstat, Interface: ocf.IfRW, State: d.State()}, nil))
}

func model(t *testing.T, args ...datadriven.CmdArg) *sim.Model {
	t.Helper()
	w := &world{still: true}
	if err := w.open(&datadriven.TestData{Cmd: "device", CmdArgs: args}); err != nil {
		t.Fatal(err)
	}
	return w.model
}

// later is the edition whose deviations have scripts of their own.
const later = "ocf-2.2"

// laterScenes are what a Device of that edition does differently from earlier ones.
var laterScenes = []string{
	"post tm=0x100; run; get",
	"post tm=0x100; run; arrange hold; post tm=0x100; get; arrange release; run",
	"arrange hold; post tm=0x100; post tm=-; get; arrange release; run",
	"arrange no-update; post tm=0x100; run",
	"post tm=V; run; get",
	"post tm=V; run; post dos=RFPRO; get",
	"get /oc/swu; post action=upgrade at=10s; run; get /oc/swu",
	"post tm=U; run for=1s; get /oc/swu; run; get /oc/swu",
	"arrange update-fails; post tm=U; run; get /oc/swu",
	"post action=isac at=1s; run; get /oc/swu",
	"run for=1h; post action=isvv at=1m; run",
	"post action=isvv at=-; run",
	"get diag; get diag if=oic.if.rw",
	"get /oic/res; get diag /oc/wk/introspection",
	"post action=isvv at=1s url=-; run",
	"post action=isvv at=10s; post action=idle at=10s; run",
	"post /oc/swu cbor=a4647075726c781b68747470733a2f2f76656e646f722e6578616d706c652f6c616d706e7377757064617465616374696f6e6469646c656a75706461746574696d6574323032362d30312d30315430303a30303a31305a6d7377757064617465737461746563737661; get",
}

// laterSecured are scenes of secured Devices of that edition.
var laterSecured = []string{
	"session stranger; post tm=0x100 via=stranger; run; session owner; get via=owner",
	"get; get /oic/sec/cred",
	"session owner; get diag /oic/sec/sp via=owner; get diag /oic/sec/sdi via=owner; get diag /oic/sec/ael via=owner",
	// there is an ACE for connections without a session
	"session owner; post dos=RFPRO via=owner; post /oic/sec/acl2 cbor=a16761636c6973743281a3677375626a656374a168636f6e6e747970656a616e6f6e2d636c656172697265736f757263657381a164687265666e2f6f69632f7365632f70737461746a7065726d697373696f6e06 via=owner; post dos=RFNOP via=owner; post tm=V; run",
	// the stranger owns the credentials, then the access rules
	"session owner; session stranger; post dos=SRESET via=owner; post /oic/sec/cred cbor=a2656372656473806a726f776e657275756964782437333734373236312d366536372d363537322d303030302d303030303030303030303030 via=owner; post dos=RFPRO via=owner; get via=stranger",
	"session owner; session stranger; post dos=SRESET via=owner; post /oic/sec/acl2 cbor=a26761636c69737432806a726f776e657275756964782437333734373236312d366536372d363537322d303030302d303030303030303030303030 via=owner; post dos=RFPRO via=owner; get via=stranger",
}

// addStubs appends the command of every fixture that has no script yet, with its
// sentence, so that -rewrite shows what it does.
func addStubs(t *testing.T) {
	t.Helper()
	add := func(path, command, says string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\n"+command+"\n") {
			return
		}
		text = fmt.Appendf(text, "\n# %s\n%s\n----\n", says, command)
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range fixtures.Variants() {
		path := "testdata/quirks/variants"
		if v.Edition == later && !v.Secured {
			path = "testdata/quirks/" + later
		}
		add(path, "differs variant="+v.Name, v.Says)
	}
	for _, d := range fixtures.Deviations() {
		if len(d.Quirks) > 0 {
			add("testdata/quirks/deviations", "differs deviation="+d.Name, d.Says)
		}
	}
	for _, d := range fixtures.DeviationsOf(later) {
		add("testdata/quirks/"+later, "differs deviation="+d.Name, d.Says)
	}
}

// TestQuirks shows, for each variant and each deviation, what it does differently
// from the reference. "differs deviation=NAME" plays every scene with both Devices,
// and shows the two scenes whose outputs differ least.
func TestQuirks(t *testing.T) {
	if flag.Lookup("rewrite").Value.String() == "true" { // datadriven's
		addStubs(t)
	}
	for _, path := range []string{"testdata/quirks/variants", "testdata/quirks/deviations", "testdata/quirks/" + later} {
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			var out strings.Builder
			behaviour, edition, secured, scheduled := "", "", false, false
			switch made := td.CmdArgs[0]; made.Key {
			case "deviation":
				d, _ := fixtures.Deviation(made.Vals[0]) // an unknown one is reported below
				behaviour, edition, secured = d.Behaviour, d.Edition, d.Secured
				scheduled = slices.Contains(d.Quirks, "has-softwareupdate") // the reference then has the resource too
			case "variant":
				v, _ := fixtures.Variant(made.Vals[0])
				behaviour, secured = v.Behaviour, v.Secured
			}
			args, stage := []datadriven.CmdArg(nil), scenes
			if secured {
				stage = securedScenes
				args = []datadriven.CmdArg{{Key: "secured", Vals: []string{"owned"}}, {Key: "edition", Vals: []string{cmp.Or(edition, "ocf-1.0")}}}
			}
			if strings.HasSuffix(path, later) {
				args = append(args, datadriven.CmdArg{Key: "of", Vals: []string{later}})
				if stage = laterScenes; secured {
					stage = laterSecured
				}
			}
			behaves := append(slices.Clone(args), datadriven.CmdArg{Key: "behaviour", Vals: []string{cmp.Or(behaviour, "success")}})
			if scheduled {
				behaves = append(behaves, datadriven.CmdArg{Key: "variant", Vals: []string{"scheduled"}})
			}
			reference := model(t, behaves...)
			deviant := model(t, append(args, td.CmdArgs...)...)
			var differing [][]string
			for _, scene := range stage {
				was, is := play(t, reference, scene, secured), play(t, deviant, scene, secured)
				if td.CmdArgs[0].Key == "variant" {
					was, is = append([]string{written(reference)}, was...), append([]string{written(deviant)}, is...)
				}
				changes := diff(was, is)
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

// diff returns the lines that only a or only b has, by their longest common
// subsequence. It treats commands and their output alike.
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

// TestQuirksHaveScripts asserts that every variant and every deviation has a script. What
// a deviation without a quirk does differently shows with real packages only
// (sim/source/genuine).
func TestQuirksHaveScripts(t *testing.T) {
	seen := map[string]bool{}
	for _, path := range []string{"testdata/quirks/variants", "testdata/quirks/deviations", "testdata/quirks/" + later} {
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
	for _, d := range append(fixtures.Deviations(), fixtures.DeviationsOf(later)...) {
		if len(d.Quirks) > 0 && !seen[d.Name] {
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
