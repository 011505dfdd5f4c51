package assess

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestAWarningOutweighsWhatStayedOpen where nothing worse than a warning can come of it.
func TestAWarningOutweighsWhatStayedOpen(t *testing.T) {
	const (
		pass, warn, fail   = conformance.Pass, conformance.Warn, conformance.Fail
		open, waived, none = conformance.Inconclusive, conformance.Waived, conformance.None
	)
	for _, c := range []struct{ severity, a, b, want conformance.Verdict }{
		{warn, open, warn, warn},
		{warn, open, waived, waived},
		{warn, open, pass, open},
		{warn, open, none, open},
		{warn, warn, waived, waived},
		{warn, open, fail, fail},
		{warn, open, conformance.Error, conformance.Error},
		{fail, open, warn, open},
		{fail, open, waived, open},
		{fail, open, fail, fail},
	} {
		q := judge.Requirement{Severity: c.severity}
		if got, back := worst(q, c.a, c.b), worst(q, c.b, c.a); got != c.want || back != c.want {
			t.Errorf("severity %s, %s and %s: %s, %s, want %s", c.severity, c.a, c.b, got, back, c.want)
		}
	}
}
