package waiver_test

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/waiver"
)

const good = `- requirement: SVV-8
  scenario: validation.*
  device: "Acme*"
  edition: ocf-1.0
  reason: The bootloader keeps cm.
  reference: ACME-123
  expires: 2027-03-31
  approved-by: J. Doe
- requirement: SVV-8
  device: "Bolt*"
  edition: ocf-1.0
  reason: The same.
  reference: BOLT-7
  expires: 2027-03-31
  approved-by: J. Doe
`

func TestParse(t *testing.T) {
	all, err := waiver.Parse("w.yaml", []byte(good))
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if w := all[0]; w.Expires != "2027-03-31" || w.Scenario != "validation.*" || w.At != "w.yaml:1:3" || w.ApprovedBy != "J. Doe" {
		t.Errorf("%+v", w)
	}
	if all[1].At != "w.yaml:9:3" {
		t.Errorf("the second stands at %s", all[1].At)
	}
}

// TestParseSaysWhere wants each mistake named with its place.
func TestParseSaysWhere(t *testing.T) {
	for name, c := range map[string]struct{ from, to, says string }{
		"unknown requirement": {"SVV-8", "SVV-88", `w.yaml:1:3: unknown requirement "SVV-88"`},
		"of Clients":          {"SVV-8", "USE-1", "w.yaml:1:3: USE-1 speaks of Clients"},
		"no date":             {"2027-03-31", "soon", `w.yaml:7:12: expected a date such as 2027-03-31, got text "soon"`},
		"no such day":         {"2027-03-31", "2027-02-31", "w.yaml:7:12: expected a date"},
		"no reason":           {"  reason: The bootloader keeps cm.\n", "", `w.yaml:1:3: missing key "reason"`},
		"an empty reason":     {"The bootloader keeps cm.", `" "`, "w.yaml:5:11: expected a text"},
		"a misspelt key":      {"approved-by", "aproved-by", `w.yaml:8:3: unknown key "aproved-by"`},
		"hidden by nothing":   {"  reason: The boot", "  undecided-by: SVV-10\n  reason: The boot", "w.yaml:5:3: no other waiver here is of SVV-10, so no breach of it is waived that could hide SVV-8"},
		"twice":               {`"Bolt*"`, "\"Acme*\"\n  scenario: validation.*", "w.yaml:9:3: the same waiver stands at w.yaml:1:3"},
		"no list":             {good, "requirement: SVV-8\n", "w.yaml:1:1: expected a list"},
		"an empty list":       {good, "[]\n", "w.yaml:1:1: expected at least 1 elements"},
		"an empty file":       {good, "", "w.yaml:1:1: expected a YAML document"},
	} {
		_, err := waiver.Parse("w.yaml", []byte(strings.Replace(good, c.from, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}
