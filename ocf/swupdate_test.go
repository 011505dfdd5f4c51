package ocf

import (
	"fmt"
	"strings"
	"testing"
)

func saySoftwareUpdate(t *testing.T, b []byte) ([]string, encoder) {
	x, problems, err := DecodeSoftwareUpdate(b)
	if err != nil {
		t.Fatal(err)
	}
	said := []string{
		"purl " + x.URL, "swupdateaction " + x.Action, "updatetime " + x.Time, "swupdatestate " + x.State,
		fmt.Sprint("swupdateresult ", x.Result), "nv " + x.NewVersion, "lastupdate " + x.Last, "signed " + x.Signed,
	}
	for i := range said {
		said[i] = strings.TrimSpace(said[i])
	}
	return sayProblems(said, problems), x.AppendCBOR
}

func saySoftwareUpdateUpdate(_ *testing.T, b []byte) ([]string, encoder) {
	x, err := DecodeSoftwareUpdatePost(b)
	if err != nil {
		return []string{"error " + err.Error()}, nil
	}
	says := "set"
	if x.Present.Has(UpdateURL) {
		says += " purl=" + x.URL
	}
	if x.Present.Has(UpdateAction) {
		says += " swupdateaction=" + x.Action
	}
	if x.Present.Has(UpdateTime) {
		says += " updatetime=" + x.Time
	}
	return []string{says}, noInterface(x.AppendUpdate)
}

// What stands twice in a representation is a Problem.
func TestASoftwareUpdateTwice(t *testing.T) {
	b := AppendMap(nil, 2)
	for range 2 {
		b = AppendText(AppendText(b, "signed"), "vendor")
	}
	_, problems, err := DecodeSoftwareUpdate(b)
	if err != nil || len(problems) != 6 || problems[0].Got != duplicate {
		t.Errorf("%v, %v", problems, err)
	}
}
