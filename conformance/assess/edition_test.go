package assess

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestWhatIsNotedOfTheEdition wants every report to say that an edition is not verified,
// that the target file names another, and that the Device says it is of another.
func TestWhatIsNotedOfTheEdition(t *testing.T) {
	later := edition.Of(edition.OCF22)
	verified := later.ID + ": " + later.Mark
	for name, c := range map[string]struct {
		by, declared, icv string
		want              []string
	}{
		"the seed's":                    {"ocf-1.0", "", "", nil},
		"the seed's, and all say so":    {"ocf-1.0", "ocf-1.0", "ocf.1.0.0", nil},
		"a later one":                   {"ocf-2.2", "ocf-2.2", "ocf.2.2.5", []string{verified}},
		"another than the file's":       {"ocf-2.2", "ocf-1.0", "", []string{verified, "judged by ocf-2.2 as asked for, though the target file says edition: ocf-1.0"}},
		"another than the Device's":     {"ocf-1.0", "", "ocf.2.2.5", []string{"the Device says that it is of another edition (icv ocf.2.2.5) than ocf-1.0, by which it is judged: --edition ocf-2.2 judges it by its own"}},
		"one of a Device of none of us": {"ocf-1.0", "", "ocf.9.0.0", []string{"the Device says that it is of another edition (icv ocf.9.0.0) than ocf-1.0, by which it is judged"}},
	} {
		r := Run{Edition: c.by, Target: defaults}
		r.Target.Edition, r.Target.ICV = c.declared, c.icv
		if diff := cmp.Diff(c.want, r.editionNotes()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(c.want, r.Assess().EditionNotes); diff != "" {
			t.Errorf("%s, in the report: %s", name, diff)
		}
	}
	if got := (Run{Edition: "ocf-2.2"}).document(); got != later.Document || got == judge.Document || got == "" {
		t.Errorf("the document of ocf-2.2 is %q", got)
	}
	if got := (Run{Edition: "ocf-1.0"}).document(); got != judge.Document {
		t.Errorf("the document of ocf-1.0 is %q", got)
	}
}
