package suite

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// EditionOf is the edition that targets are judged by: the one that is asked for, or,
// where that is "", the one that their files say, and that of the seed where they say
// none. Targets of several editions need several runs.
func EditionOf(asked string, targets []target.Config) (string, error) {
	if asked != "" {
		if _, ok := edition.Named(asked); !ok {
			return "", fmt.Errorf("unknown edition %q, expected %s", asked, strings.Join(edition.IDs(), " or "))
		}
		return asked, nil
	}
	id, of := "", ""
	for _, t := range targets {
		says := edition.Of(t.Profile.Edition).ID
		if id != "" && says != id {
			return "", fmt.Errorf("%s is of %s and %s is of %s: run them one after the other, or name the edition to judge by", of, id, t.Profile.Name, says)
		}
		id, of = says, t.Profile.Name
	}
	return edition.Of(id).ID, nil
}
