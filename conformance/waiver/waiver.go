// Package waiver reads files of waivers: known breaches that were reviewed.
//
// A waiver names the requirement, the Devices and the edition that it is of, says
// why the breach is accepted and who approved it, and ends on a day. Load reads a
// file, for suite.Config.Waivers; what a waiver does to a verdict is said in package
// assess.
package waiver

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/fixtures/strictyaml"
)

//go:embed waivers.schema.json
var schema []byte

// Schema is the JSON Schema of files of waivers.
func Schema() []byte { return slices.Clone(schema) }

// entry is a waiver as it is written.
type entry struct {
	Requirement string `yaml:"requirement"`
	Scenario    string `yaml:"scenario"`
	UndecidedBy string `yaml:"undecided-by"`
	Sometimes   bool   `yaml:"sometimes"`
	Device      string `yaml:"device"`
	Edition     string `yaml:"edition"`
	Reason      string `yaml:"reason"`
	Reference   string `yaml:"reference"`
	Expires     string `yaml:"expires"`
	ApprovedBy  string `yaml:"approved-by"`
}

// Load reads a file of waivers. A mistake in it is an error that reads
// "file:line:column: what was expected".
func Load(path string) ([]assess.Waiver, error) {
	data, err := bounded.ReadFile(path, bounded.Text)
	if err != nil {
		return nil, fmt.Errorf("read waivers: %w", err)
	}
	return Parse(path, data)
}

// Parse reads the waivers of data; name stands in errors and in their At.
func Parse(name string, data []byte) ([]assess.Waiver, error) {
	var entries []entry
	if err := strictyaml.Decode(name, data, schema, &entries); err != nil {
		return nil, err
	}
	var all []assess.Waiver
	for i, e := range entries {
		place := strictyaml.At(name, data, "", strconv.Itoa(i), "requirement").Error()
		if err := e.check(); err != nil {
			return nil, strictyaml.At(name, data, err.text, strconv.Itoa(i), err.key)
		}
		w := assess.Waiver{
			Requirement: e.Requirement, Scenario: e.Scenario, UndecidedBy: e.UndecidedBy, Sometimes: e.Sometimes, Device: e.Device, Edition: e.Edition,
			Reason: e.Reason, Reference: e.Reference, Expires: e.Expires, ApprovedBy: e.ApprovedBy,
			At: strings.TrimSuffix(place, ": "),
		}
		for k := range i {
			if same(entries[k], e) {
				return nil, strictyaml.At(name, data, "the same waiver stands at "+all[k].At, strconv.Itoa(i), "requirement")
			}
		}
		all = append(all, w)
	}
	for i, e := range entries {
		if e.UndecidedBy == "" || slices.ContainsFunc(entries, e.hiddenBy) {
			continue
		}
		text := fmt.Sprintf("no other waiver here is of %s, so no breach of it is waived that could hide %s", e.UndecidedBy, e.Requirement)
		return nil, strictyaml.At(name, data, text, strconv.Itoa(i), "undecided-by")
	}
	return all, nil
}

// hiddenBy reports whether by is a waiver of the breach that hides e's requirement, on its
// Devices. It may be e itself: then breaches in some scenarios explain what is open in others.
func (e entry) hiddenBy(by entry) bool {
	return by.Requirement == e.UndecidedBy && by.Device == e.Device && by.Edition == e.Edition
}

// same reports whether two entries waive the same.
func same(a, b entry) bool {
	return a.Requirement == b.Requirement && a.Scenario == b.Scenario && a.Device == b.Device && a.Edition == b.Edition
}

// mistake is what is wrong with the value of a key.
type mistake struct{ key, text string }

// check holds e to what a schema can't say.
func (e entry) check() *mistake {
	all := assess.Sentences()
	at := slices.IndexFunc(all, func(q assess.Sentence) bool { return q.ID == e.Requirement })
	switch {
	case at < 0:
		return &mistake{"requirement", fmt.Sprintf("unknown requirement %q", e.Requirement)}
	case all[at].Actor == "client":
		return &mistake{"requirement", e.Requirement + " speaks of Clients: no Device is judged by it"}
	}
	return nil
}
