package edition_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/fixtures/editions"
	"github.com/ocfsim/ocfsim/ocf"
)

var rewrite = flag.Bool("rewrite", false, "write the golden file of ocf-1.0 again")

// The first edition is frozen: what its file is read as is what it was. Whoever changes it
// changes verdicts that vendors already have.
func TestTheFirstEditionIsFrozen(t *testing.T) {
	got, err := json.MarshalIndent(edition.First(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/ocf-1.0.json"
	if *rewrite {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got)+"\n" {
		t.Errorf("ocf-1.0 is not what %s says: it is frozen", golden)
	}
}

func TestEditions(t *testing.T) {
	first, later := edition.First(), edition.Of(edition.OCF22)
	if first.ID != edition.OCF10 || later.ID != edition.OCF22 || len(edition.IDs()) != len(edition.All()) {
		t.Fatalf("%v", edition.IDs())
	}
	if first.Processes() != ocf.SVV|ocf.SSU || first.Undefined() != 0xff00 || first.Downloads() || first.Mark != "" {
		t.Errorf("%s: processes %v, undefined %v", first.ID, first.Processes(), first.Undefined())
	}
	if later.Processes() != ocf.SVV|ocf.SSU|ocf.NSA || later.Undefined() != 0xfe00 || !later.Downloads() || later.Mark == "" {
		t.Errorf("%s: processes %v, undefined %v", later.ID, later.Processes(), later.Undefined())
	}
	if first.Has(edition.OCF22) || !later.Has(edition.OCF22) || !later.Has(edition.OCF10) || later.Has("ocf-9.9") {
		t.Error("which edition has what the other one added")
	}
	for icv, want := range map[string]string{"ocf.1.0.0": "ocf-1.0", "ocf.1.3.0": "ocf-1.0", "ocf.2.2.5": "ocf-2.2", "ocf.2.1.0": "", "": ""} {
		e, ok := edition.ByICV(icv)
		if ok != (want != "") || ok && e.ID != want {
			t.Errorf("icv %q: %v, %v", icv, e, ok)
		}
	}
	if _, ok := edition.Named("ocf-9.9"); ok || edition.Of("ocf-9.9") != first {
		t.Error("an edition that nobody knows")
	}
}

// Each mistake in an edition's file is named with its place.
func TestParseSaysWhere(t *testing.T) {
	data, err := editions.FS.ReadFile("ocf-2.2.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ from, to, says string }{
		"an unknown key":        {"  width:", "  girth:", "unknown key \"girth\""},
		"an unknown point":      {"  pending:", "  waiting:", "unknown key \"waiting\""},
		"evidence of its own":   {"is: 256, by: code", "is: 256, by: hearsay", "x.yaml:14:"},
		"no evidence":           {"is: 256, by: code", "is: 256", "missing key \"by\""},
		"another bit":           {"is: 256", "is: 512", "x.yaml:14:"},
		"no such reading":       {"is: download", "is: guess", "x.yaml:16:"},
		"a flag that is a text": {"is: false, by: code", "is: maybe, by: code", "x.yaml:"},
		"the icv of another":    {`"ocf.2.2."`, `"ocf.1."`, "expected the icv of ocf-2.2"},
		"no title":              {"title:", "name:", "missing key \"title\""},
	} {
		_, err := edition.Parse("x.yaml", []byte(strings.Replace(string(data), c.from, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// The file of every edition is named for it, and says of each point how it is known.
func TestEveryEditionStandsInItsFile(t *testing.T) {
	for _, e := range edition.All() {
		data, err := editions.FS.ReadFile(e.ID + ".yaml")
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(string(data), "by: memory") && e.Mark == "" && e.ID != edition.OCF10 {
			t.Errorf("%s has points that nobody verified, and no mark", e.ID)
		}
	}
	if edition.Memory.Verified() || !edition.Code.Verified() || edition.Evidence("").Verified() {
		t.Error("what is verified")
	}
}
