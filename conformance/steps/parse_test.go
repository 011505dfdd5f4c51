package steps

import (
	"testing"
	"testing/fstest"
)

const someFeature = "Feature: one\n\n  @SVV-6\n  Scenario: A check\n    Given a Device in RFNOP that has an update\n    When a privileged Client requests software version validation\n    Then pstat ends with\n      | tm | cm | dos   |\n      | -  | V  | RFNOP |\n"

// TestByteOrderMark takes a feature that an editor began with a byte-order mark.
func TestByteOrderMark(t *testing.T) {
	fsys := fstest.MapFS{"one.feature": {Data: []byte("\ufeff" + someFeature)}}
	scenarios, err := parseFile(fsys, "one.feature")
	if err != nil || len(scenarios) != 1 || scenarios[0].Name != "A check" {
		t.Errorf("%+v, %v", scenarios, err)
	}
}

// TestOtherLanguage wants one line on a feature whose keywords are not English.
func TestOtherLanguage(t *testing.T) {
	const german = "# language: de\nFunktionalität: Prüfung\n\n  @SVV-6\n  Szenario: Eine Prüfung\n    Angenommen a Device in RFNOP that has an update\n"
	_, err := parseFile(fstest.MapFS{"one.feature": {Data: []byte(german)}}, "one.feature")
	const want = `one.feature:2:1: the language is "de", expected English keywords`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
