package waiver

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocfsim/ocfsim/fixtures/seeds"
)

// atPlace is how a mistake in a file of waivers is told.
var atPlace = regexp.MustCompile(`^w\.yaml:[1-9][0-9]*:[1-9][0-9]*: .`)

// FuzzParse reads random files of waivers. What is refused is refused with line
// and column; what is accepted says what is waived, why, until when and by whom,
// where it stands, and the same when it is read again.
func FuzzParse(f *testing.F) {
	const good = "- requirement: SVV-6\n  device: \"*\"\n  edition: ocf-1.0\n  reason: known\n  reference: T-1\n  expires: 2030-01-31\n  approved-by: someone\n"
	for _, text := range []string{
		good, good + good, strings.Replace(good, "SVV-6", "SVV-99", 1), strings.Replace(good, "2030-01-31", "2030-02-31", 1),
		strings.Replace(good, "\"*\"", "\"[a\"", 1), strings.Replace(good, "  reason: known\n", "", 1),
		strings.Replace(good, "  device", "  scenario: validation.*\n  device", 1), "[]\n", "- {}\n", "",
	} {
		f.Add(text)
	}
	found, err := seeds.Read("testdata/seeds/FuzzParse")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range found {
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Parse("w.yaml", []byte(text))
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if atPlace.MatchString(line) {
					return
				}
			}
			t.Fatalf("an error without a place: %v", err)
		}
		for _, w := range all {
			if w.Requirement == "" || w.Device == "" || w.Reason == "" || w.Expires == "" || !strings.HasPrefix(w.At, "w.yaml:") {
				t.Errorf("accepted: %+v", w)
			}
		}
		again, err := Parse("w.yaml", []byte(text))
		if diff := cmp.Diff(all, again); err != nil || diff != "" {
			t.Errorf("read again: %v (-first +second):\n%s", err, diff)
		}
	})
}
