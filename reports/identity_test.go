package reports

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// identified is a run of which everything is known.
func identified() assess.Report {
	rep := lampPasses()
	t := &rep.Target
	t.Vendor, t.Product, t.Version, t.Contact = "Acme", "Lamp 3", "1.4", "lamps@acme.example"
	rep.Tool = assess.Tool{Name: "ocfsim", Version: "0.9.0", Commit: "70eec65d10f1a0b2c3d4e5f60718293a4b5c6d7e-dirty"}
	rep.Document = "OCF Security Specification"
	rep.Declared = &assess.Declared{
		Supports: conformance.Supports{Validation: true, Update: true},
		Timing:   assess.DeclaredTiming{Validation: 30, Update: 300, Settle: 0.5, Reboot: 60},
		Update:   assess.DeclaredUpdate{DOS: []string{"RFPRO", "RFNOP"}, Reboots: true, Version: "/oic/d#sv"},
		Policy:   conformance.Policy{SSUStartClears: "either"},
		Always:   []string{"update-available"},
	}
	rep.Bench = &assess.Bench{
		Hook: &assess.Hook{Kind: "exec", Name: "prepare.sh", Files: []assess.HookFile{{Name: "prepare.sh", SHA256: "ba7816bf"}}},
		Host: assess.Host{OS: "linux", Arch: "amd64"},
	}
	rep.Requirements[0].Source = &assess.Source{Lines: "28-34", Section: "15.4.3 Software Version Validation", Table: "Table 40"}
	return rep
}

func TestIdentityIsSaidEverywhere(t *testing.T) {
	for name, c := range map[string]struct {
		write func(io.Writer, assess.Report) error
		says  []string
	}{
		"page": {
			func(w io.Writer, r assess.Report) error {
				r.Requirements[0].Verdict = conformance.Inconclusive // what did not pass stands open
				return HTML(w, r, nil, nil)
			},
			[]string{
				"<dt>Vendor</dt><dd>Acme</dd>", "<dd>Lamp 3</dd>", "<dt>Version</dt><dd>1.4</dd>", "<dd>lamps@acme.example</dd>",
				"<dt>PICS</dt><dd>validation, update</dd>", "validation 30 s, update 300 s, settle 500 ms, reboot 60 s",
				"dos RFPRO RFNOP, restarts, version in /oic/d#sv", "exec, prepare.sh, prepare.sh sha256:ba7816bf", "<dd>linux/amd64</dd>",
				"70eec65d10f1a0b2c3d4e5f60718293a4b5c6d7e-dirty", "<dd>OCF Security Specification</dd>",
				"lines 28–34: 15.4.3 Software Version Validation",
			},
		},
		"junit.xml": {
			func(w io.Writer, r assess.Report) error { return JUnit(w, r, nil, nil) },
			[]string{
				`name="vendor" value="Acme"`, `name="version" value="1.4"`, `name="pics" value="validation, update"`,
				`name="commit" value="70eec65d10f1a0b2c3d4e5f60718293a4b5c6d7e-dirty"`, `name="lines" value="28-34"`,
				`name="section" value="15.4.3 Software Version Validation"`, `name="table" value="Table 40"`,
			},
		},
		"terminal": {
			func(w io.Writer, r assess.Report) error { return Summary(w, r, Style{Width: 200}) },
			[]string{"\nAcme Lamp 3 1.4 · hook: exec prepare.sh · linux/amd64 · ocfsim 0.9.0 (70eec65d10f1-dirty)\n"},
		},
		"headline": {
			func(w io.Writer, r assess.Report) error { _, err := io.WriteString(w, Headline(r)); return err },
			[]string{"lamp (Acme Lamp 3 1.4), ocf-1.0: pass. 1 requirement: 1 pass."},
		},
	} {
		var b bytes.Buffer
		if err := c.write(&b, identified()); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.says {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s does not say %q:\n%s", name, want, b.String())
			}
		}
	}
}

// TestIdentityComesBack wants results.json to keep all of it, as the schema says.
func TestIdentityComesBack(t *testing.T) {
	want := complete(identified())
	want.Revision = ResultsRevision
	text := jsonOf(t, want)
	got, err := ReadJSON("results.json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schemaOf(t).Validate(v); err != nil {
		t.Error(err)
	}
}

func TestIdentityThatIsUnknownIsNotSaid(t *testing.T) {
	if got := identity(lampPasses()); len(got) != 0 {
		t.Errorf("%v", got)
	}
	rep := lampPasses()
	rep.Bench = &assess.Bench{}
	if got := identity(rep); len(got) != 1 || got[0] != (fact{"Hook", "none"}) {
		t.Errorf("%v", got)
	}
}

// TestWhatIsToBeKnownOfTheEdition wants the notes of an edition in every report, and a
// revision of results.json that has them; a report without notes is written as before.
func TestWhatIsToBeKnownOfTheEdition(t *testing.T) {
	plain, noted := identified(), identified()
	noted.Edition, noted.EditionNotes = "ocf-2.2", []string{"ocf-2.2: derived, and not verified"}
	text := string(jsonOf(t, noted))
	if !strings.Contains(text, `"revision": 4`) || !strings.Contains(text, "not verified") {
		t.Error("results.json has no note, or no revision that has it")
	}
	if back, err := ReadJSON("results.json", strings.NewReader(text)); err != nil || len(back.EditionNotes) != 1 {
		t.Errorf("%v, %v", back.EditionNotes, err)
	}
	var summary strings.Builder
	if err := Summary(&summary, noted, Style{}); err != nil || !strings.Contains(summary.String(), "edition: ocf-2.2: derived") {
		t.Errorf("the summary: %v\n%s", err, summary.String())
	}
	if !strings.Contains(Headline(noted), "not verified") || strings.Contains(Headline(plain), "verified") {
		t.Error("the headline")
	}
	if words := identityWords(noted); !slices.Contains(words, "edition note") || slices.Contains(identityWords(plain), "edition note") {
		t.Error("the properties of JUnit")
	}
}

// What takes many words has a line of its own, so that what went wrong stays near the top.
func TestALongFactIsWide(t *testing.T) {
	short, long := fact{"Hook", "embedded"}, fact{"Measured", strings.Repeat("validation at most 2 s ", 5)}
	if short.Long() || !long.Long() {
		t.Errorf("long: %v and %v", short.Long(), long.Long())
	}
}
