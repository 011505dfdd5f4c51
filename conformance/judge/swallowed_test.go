package judge

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestWhichPackageIsNamed: the one that the source handed over for the latest update that
// was requested before the breach, if it is not good.
func TestWhichPackageIsNamed(t *testing.T) {
	const (
		rest    = "get tm=- cm=- dos=RFNOP\nsource\n"
		updates = "post tm=U 2.04\nget tm=U cm=- dos=RFNOP\n"
		took    = "source fetches=1 bad=lamp.bin\n"
		done    = "get tm=- cm=U dos=RFNOP\n"
	)
	for name, c := range map[string]struct {
		script string
		after  string // what follows on the breach
		want   bool
	}{
		"a bad package":                          {rest + updates + took + done, "", true},
		"a good package":                         {rest + updates + "source fetches=1 good=lamp.bin\n" + done, "", false},
		"no package":                             {rest + updates + done, "", false},
		"it is told afterwards":                  {rest + updates + done, took, true},
		"no success is shown":                    {rest + updates + took + "get tm=- cm=- dos=RFNOP\n", "", false},
		"another update has taken nothing":       {rest + updates + took + done + updates + done, "", false},
		"another update was refused":             {rest + updates + took + done + "post tm=U 4.00\n" + done, "", true},
		"a check was requested":                  {rest + updates + took + done + "post tm=V 2.04\n" + done, "", true},
		"another update was requested later":     {rest + updates + took + done, updates + done, true},
		"another update has taken one":           {rest + updates + took + done + updates + "source fetches=2 bad=lamp.bin\n" + done, "", true},
		"the source had told of none before":     {updates + took + done, "", true},
		"the package of before is told of again": {rest + took + updates + "source checks=2\n" + done, "", false},
	} {
		tl := play(t, c.script+c.after)
		witness := len(play(t, c.script).Observations) - 1
		for _, v := range []conformance.Verdict{conformance.Fail, conformance.Pass} {
			f := read(tl).naming(conformance.Finding{Verdict: v, Witness: witness, Reason: "so it is"})
			want := c.want && v == conformance.Fail
			if named := strings.HasPrefix(f.Reason, "so it is; the package that it took: lamp.bin"); named != want || !named && f.Reason != "so it is" || f.Verdict != v {
				t.Errorf("%s: %s, %q, named: want %v", name, f.Verdict, f.Reason, want)
			}
		}
	}
}
