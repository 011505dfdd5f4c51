package published

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/ocfsim/ocfsim/ocf"
)

// Representation is what a Device answered a GET with, or notified.
type Representation struct {
	Path, Query string // of the request: "/oic/sec/pstat", "if=oic.if.baseline"
	Payload     []byte // CBOR
}

// Departure is one thing in which a Device departs from what is published.
type Departure struct {
	Resource string // the path: "/oic/sec/pstat"
	At       string // the Property, "aclist2[0].subject"; "" for the whole representation
	Text     string // what was expected and what is there
	Schema   string // the file that says so
	Times    int    // how many of the representations depart in this
}

// String is d in one line.
func (d Departure) String() string {
	where := d.Resource
	if d.At != "" {
		where += " " + d.At
	}
	return fmt.Sprintf("%s: %s (%s)", where, d.Text, d.Schema)
}

// Seen is what became of the representations of a Device.
type Seen struct {
	Held       int         // how many were held to a schema
	Unknown    []string    // paths of which the folder has no schema, sorted
	Departures []Departure // in the order in which they were met first
}

// Hold holds what one Device showed to the schemas. Its links, wherever they stand among
// the rest, say which type a resource is of whose path is not fixed.
func (s *Schemas) Hold(all []Representation) Seen {
	types := map[string][]string{}
	for _, r := range all {
		if r.Path == ocf.PathRes {
			links, _, _ := ocf.DecodeRes(r.Payload)
			for _, l := range links {
				types[l.Href] = l.RT
			}
		}
	}
	var seen Seen
	index := map[Departure]int{}
	checked := map[string]checking{} // most of what a Device shows it shows often
	for _, r := range all {
		key := r.Path + " " + r.Query + " " + string(r.Payload)
		c, met := checked[key]
		if !met {
			c.departures, c.known = s.check(r, types[r.Path])
			checked[key] = c
		}
		if !c.known {
			seen.unknown(r.Path)
			continue
		}
		seen.Held++
		for _, d := range c.departures {
			i, met := index[d]
			if !met {
				i = len(seen.Departures)
				index[d] = i
				seen.Departures = append(seen.Departures, d)
			}
			seen.Departures[i].Times++
		}
	}
	return seen
}

// checking is what became of one representation.
type checking struct {
	departures []Departure
	known      bool
}

func (s *Seen) unknown(path string) {
	if i, found := slices.BinarySearch(s.Unknown, path); !found {
		s.Unknown = slices.Insert(s.Unknown, i, path)
	}
}

// check holds one representation to its schema; known is false if there is none of it.
func (s *Schemas) check(r Representation, types []string) (departures []Departure, known bool) {
	value, err := decode(r.Payload)
	if m, ok := value.(map[string]any); ok && len(types) == 0 {
		types = texts(m["rt"])
	}
	all := s.forms(r.Path, types)
	if len(all) == 0 {
		return nil, false
	}
	f, ok := pick(all, interfaceOf(r.Query))
	if !ok {
		return nil, false
	}
	d := Departure{Resource: r.Path, Schema: f.file}
	if err != nil {
		d.Text = err.Error()
		return []Departure{d}, true
	}
	var broken *jsonschema.ValidationError
	switch err := f.schema.Validate(value); {
	case err == nil:
	case errors.As(err, &broken):
		departures = leaves(d, broken)
	default:
		d.Text = err.Error()
		departures = []Departure{d}
	}
	return departures, true
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// leaves are the mistakes below e, each once and as like as possible to d. Of
// alternatives none of which fits, only that is told.
func leaves(d Departure, e *jsonschema.ValidationError) []Departure {
	d.At = place(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf:
		d.Text = fmt.Sprintf("is none of the %d forms that are published", len(e.Causes))
		return []Departure{d}
	case *kind.OneOf:
		d.Text = fmt.Sprintf("is none of the %d forms that are published", len(e.Causes))
		if len(k.Subschemas) > 0 {
			d.Text = "is of more than one of the forms that are published, which exclude each other"
		}
		return []Departure{d}
	}
	if len(e.Causes) == 0 {
		d.Text = e.ErrorKind.LocalizedString(message.NewPrinter(language.English))
		return []Departure{d}
	}
	var all []Departure
	for _, cause := range e.Causes {
		for _, leaf := range leaves(d, cause) {
			if !slices.Contains(all, leaf) {
				all = append(all, leaf)
			}
		}
	}
	return all
}

// place writes a location as Properties are written: aclist2[0].subject.
func place(location []string) string {
	var b strings.Builder
	for _, key := range location {
		switch {
		case key != "" && strings.Trim(key, "0123456789") == "":
			b.WriteString("[" + key + "]")
		case b.Len() > 0:
			b.WriteString("." + key)
		default:
			b.WriteString(key)
		}
	}
	return b.String()
}
