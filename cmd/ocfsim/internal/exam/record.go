package exam

import (
	"encoding/json"
	"io"

	"github.com/ocfsim/ocfsim/conformance"
)

// Schema is the value of schema in deviants.json.
const Schema = "ocfsim.deviants/1"

// record is deviants.json.
type record struct {
	Schema       string              `json:"schema"`
	Scenarios    int                 `json:"scenarios"`
	Right        bool                `json:"right"` // exactly what was declared turned red
	Devices      []recordedDevice    `json:"devices"`
	Requirements map[string]reliance `json:"requirements"`
}

type recordedDevice struct {
	Kind       Kind          `json:"kind"`
	Name       string        `json:"name"`
	Says       string        `json:"says"`
	Secured    bool          `json:"secured"`
	Killed     bool          `json:"killed"` // of deviants: caught for what they do wrong
	Breaks     []string      `json:"breaks"`
	Also       []string      `json:"also"`
	Missed     []string      `json:"missed"`
	Undeclared []string      `json:"undeclared"`
	Error      string        `json:"error,omitempty"`
	Red        []recordedRed `json:"red"`
}

type recordedRed struct {
	Requirement string              `json:"requirement"`
	Verdict     conformance.Verdict `json:"verdict"`
	Scenario    string              `json:"scenario"` // that showed it first
}

type reliance struct {
	Caught []string `json:"caught"`           // names of the deviants that it catches
	Alone  []string `json:"alone"`            // those of them that no other requirement catches
	Reason string   `json:"reason,omitempty"` // why Alone is empty
}

// JSON writes m as deviants.json. It leaves out why a requirement turned red, since
// those reasons contain identities and times that differ from run to run.
// `ocfsim test --deviation NAME --scenario ID` shows them.
func (m Matrix) JSON(w io.Writer) error {
	r := record{Schema: Schema, Scenarios: m.Scenarios, Right: true, Devices: []recordedDevice{}, Requirements: map[string]reliance{}}
	for _, o := range m.Outcomes {
		r.Right = r.Right && o.Right()
		r.Devices = append(r.Devices, recorded(o))
	}
	for _, q := range judged() {
		rel := reliance{Caught: nonNil(m.Caught(q.ID)), Alone: nonNil(m.Alone(q.ID))}
		if len(rel.Alone) == 0 {
			rel.Reason = q.NotAlone
		}
		r.Requirements[q.ID] = rel
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

func recorded(o Result) recordedDevice {
	d := recordedDevice{
		Kind: o.Kind, Name: o.Name, Says: o.Says, Secured: o.Secured, Killed: o.Killed(),
		Breaks: nonNil(o.Breaks), Also: nonNil(o.Also), Missed: nonNil(o.Missed), Undeclared: nonNil(o.Undeclared), Red: []recordedRed{},
	}
	if o.Err != nil {
		d.Error = o.Err.Error()
	}
	for _, c := range o.Red {
		d.Red = append(d.Red, recordedRed{c.Requirement, c.Verdict, c.Finding.Scenario})
	}
	return d
}

// nonNil makes an empty list [] in JSON, not null.
func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
