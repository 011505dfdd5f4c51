package judge

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// row reads `key: value` of a flow mapping of requirements.yaml, where values
// are quoted or end at a comma.
var row = regexp.MustCompile(`(?:^|, *| )([a-z-]+): *("[^"]*"|[^",]+)`)

func catalogue(t *testing.T) []map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/requirements.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\nrequirements:")
	var rows []map[string]string
	for entry := range strings.SplitSeq(body, "\n  - {") {
		entry = strings.Join(strings.Fields(entry), " ")
		if !strings.HasPrefix(entry, "id:") {
			continue
		}
		m := map[string]string{}
		for _, pair := range row.FindAllStringSubmatch(entry, -1) {
			m[pair[1]] = strings.TrimSpace(strings.Trim(pair[2], `"`))
		}
		rows = append(rows, m)
	}
	return rows
}

func TestRequirementsAreThoseOfTheCatalogue(t *testing.T) {
	rows, all := catalogue(t), Requirements()
	if len(rows) != 51 || len(all) != 51 {
		t.Fatalf("%d rows in the catalogue, %d requirements, want 51 of both", len(rows), len(all))
	}
	for i, r := range all {
		m := rows[i]
		severity := conformance.Fail
		if m["severity"] == "warn" || m["level"] == "should" {
			severity = conformance.Warn
		}
		for what, pair := range map[string][2]string{
			"id":       {r.ID, m["id"]},
			"lines":    {r.Lines, m["lines"]},
			"actor":    {r.Actor, m["actor"]},
			"level":    {string(r.Level), m["level"]},
			"says":     {r.Says, m["says"]},
			"needs":    {r.Needs, m["needs"]},
			"pass":     {r.PassIf, m["pass"]},
			"fail":     {r.FailIf, m["fail"]},
			"severity": {string(r.Severity), string(severity)},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s is %q, the catalogue has %q", m["id"], what, pair[0], pair[1])
			}
		}
		if r.Judge == nil {
			t.Errorf("%s has no judge", r.ID)
		}
	}
}

func TestClausesAreQuotedFromTheSeed(t *testing.T) {
	text, err := os.ReadFile("testdata/seed.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for _, r := range Requirements() {
		var cited []string
		for span := range strings.FieldsSeq(r.Lines) {
			from, upto, found := strings.Cut(span, "-")
			if !found {
				upto = from
			}
			a, errA := strconv.Atoi(from)
			b, errB := strconv.Atoi(upto)
			if errA != nil || errB != nil || a < 1 || b < a || b > len(lines) {
				t.Fatalf("%s: lines %q are not lines of the seed", r.ID, r.Lines)
			}
			cited = append(cited, lines[a-1:b]...)
		}
		seed := strings.Join(strings.Fields(strings.Join(cited, " ")), " ")
		if r.Clause == "" || !strings.Contains(seed, r.Clause) {
			t.Errorf("%s: %q does not stand in lines %s of the seed", r.ID, r.Clause, r.Lines)
		}
	}
}

// Each requirement has scripts that it passes, breaks and leaves open; those of
// Clients and of autonomous operation are explained in Excluded.
func TestEveryRequirementHasItsScripts(t *testing.T) {
	seen := map[string]map[conformance.Verdict]bool{}
	for _, tl := range scripts(t) {
		for id, f := range All(tl) {
			if seen[id] == nil {
				seen[id] = map[conformance.Verdict]bool{}
			}
			seen[id][f.Verdict] = true
		}
	}
	for _, r := range Requirements() {
		if r.Actor == "client" {
			continue
		}
		for _, v := range []conformance.Verdict{conformance.Pass, r.Severity, conformance.Inconclusive} {
			if !seen[r.ID][v] && !unreachable[r.ID+" "+string(v)] {
				t.Errorf("%s: no script ends in %s", r.ID, v)
			}
		}
		if !seen[r.ID][conformance.None] && r.ID != "SVV-3" && r.ID != "SSU-3" && r.ID != "OBS-5" {
			t.Errorf("%s: no script says nothing of it", r.ID)
		}
	}
}

// unreachable are verdicts that a requirement's judge never gives: what is in
// a representation is right or wrong, never open.
var unreachable = map[string]bool{"DOS-4 inconclusive": true, "DPM-13 inconclusive": true}
