package lamp_test

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance/suite"
)

// TestConformance fails for each requirement and each scenario that the lamp
// breaks, in the words of a terminal: what was asked, the path that was expected
// beside the one that was seen, the sentence of the standard, and the frames.
func TestConformance(t *testing.T) {
	results, err := suite.Run(t.Context(), config(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, lamp := range results {
		for _, c := range lamp.Concerns() {
			t.Run(c.ID, func(t *testing.T) {
				if c.Red() {
					t.Error("\n" + c.Text)
				} else {
					t.Log("\n" + c.Text) // only a warning, or waived
				}
			})
		}
	}
	if code := suite.ExitCode(results); code != suite.ExitPass {
		t.Errorf("`ocfsim test` would end with exit code %d", code)
	}
}
