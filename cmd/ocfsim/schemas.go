package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/published"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/assess"
)

// schemasIn is the flag --schemas.
func schemasIn(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "schemas", "", "also hold what the Device shows to OCF's published schemas in `DIR`; what departs is a warning")
}

// readSchemas reads the folder, and says which schemas there can't be used. It is nil for
// no folder.
func readSchemas(dir string, stderr io.Writer) (*published.Schemas, error) {
	if dir == "" {
		return nil, nil
	}
	s, err := published.Read(dir)
	if err != nil {
		return nil, fmt.Errorf("--schemas: %w", err)
	}
	for _, flaw := range s.Flawed() {
		fmt.Fprintf(stderr, "--schemas: not used: %s\n", flaw)
	}
	return s, nil
}

// aboutSchemas is what Remarks on departures from the schemas are about.
const aboutSchemas = "schemas"

// remarking says of recordings where the Device departs from s; nil for no schemas.
func remarking(s *published.Schemas) func([]conformance.Timeline) []assess.Remark {
	if s == nil {
		return nil
	}
	return func(all []conformance.Timeline) []assess.Remark {
		var shown []published.Representation
		for _, tl := range all {
			shown = append(shown, published.Shown(tl)...)
		}
		seen := s.Hold(shown)
		var remarks []assess.Remark
		for _, d := range seen.Departures {
			remarks = append(remarks, assess.Remark{About: aboutSchemas, Says: d.String()})
		}
		return remarks
	}
}
