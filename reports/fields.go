package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// fields says, for a kind of object in results.json, which fields it must have,
// which it may have, and what kinds of objects they contain.
type fields struct {
	must, may []string
	inner     map[string]*fields
}

// resultsFields mirrors results.schema.json; a test compares the two.
func resultsFields() *fields {
	finding := &fields{
		must: []string{"scenario", "verdict", "want", "got", "reason", "at_s"},
		may:  []string{"witness", "attempt", "waived", "waiver", "next", "silent", "request"},
	}
	waiver := &fields{
		must: []string{"requirement", "device", "edition", "reason", "reference", "expires", "approved_by", "at", "state", "says", "findings"},
		may:  []string{"scenario", "undecided_by"},
	}
	attempt := &fields{
		must:  []string{"verdict", "reason", "duration_s", "timeline"},
		may:   []string{"checks"},
		inner: map[string]*fields{"checks": finding},
	}
	return &fields{
		must: []string{
			"schema", "tool", "edition", "target", "started", "duration_s", "verdict", "counts", "requirements", "scenarios",
		},
		may: []string{"revision", "reason", "partial", "selection", "causes", "waivers", "document", "declared", "bench", "measured", "remarks", "edition_notes"},
		inner: map[string]*fields{
			"waivers": waiver,
			"causes": {
				must: []string{"says", "verdict", "requirements", "findings", "scenarios", "scenario"},
				may:  []string{"edition"},
			},
			"selection": {
				must: []string{"scenarios", "requirements", "of_requirements"},
				may:  []string{"of_scenarios"},
			},
			"tool": {must: []string{"name", "version"}, may: []string{"commit"}},
			"target": {
				must: []string{"name", "endpoint", "di"},
				may:  []string{"secured", "owning", "expired", "devices", "vendor", "product", "version", "contact"},
			},
			"declared": declaredFields(),
			"measured": measuredFields(),
			"remarks":  {must: []string{"about", "says"}},
			"bench":    benchFields(),
			"counts":   {must: []string{"pass", "warn", "fail", "inconclusive", "not-applicable", "error", "waived"}},
			"requirements": {
				must:  []string{"id", "level", "verdict", "findings"},
				may:   []string{"reason", "source", "alike"},
				inner: map[string]*fields{"findings": finding, "source": {must: []string{"lines", "section"}, may: []string{"table"}}},
			},
			"scenarios": {
				must:  []string{"id", "name", "feature", "tags", "verdict", "reason", "requirements", "duration_s", "timeline"},
				may:   []string{"checks", "attempt", "attempts", "flaky"},
				inner: map[string]*fields{"checks": finding, "attempts": attempt},
			},
		},
	}
}

// declaredFields are the PICS and the IXIT.
func declaredFields() *fields {
	return &fields{
		must: []string{"supports", "timing", "update", "policy"},
		may:  []string{"always"},
		inner: map[string]*fields{
			"supports": {must: []string{"validation", "update", "autonomous", "softwareupdate-resource"}, may: []string{"availability"}},
			"timing":   {must: []string{"validation_s", "update_s", "settle_s", "reboot_s"}},
			"update":   {must: []string{"reboots"}, may: []string{"dos", "version"}},
			"policy":   {must: []string{"ssu_start_clears", "strict"}},
		},
	}
}

// measuredFields are the times that were seen.
func measuredFields() *fields {
	one := &fields{must: []string{"max_s", "declared_s", "times", "scenario", "at_s"}}
	return &fields{
		may:   []string{"validation", "update", "settle", "reboot"},
		inner: map[string]*fields{"validation": one, "update": one, "settle": one, "reboot": one},
	}
}

// benchFields are what the run was made with.
func benchFields() *fields {
	file := &fields{must: []string{"name", "sha256"}}
	return &fields{
		must: []string{"host"},
		may:  []string{"hook"},
		inner: map[string]*fields{
			"host": {must: []string{"os", "arch"}},
			"hook": {must: []string{"kind"}, may: []string{"name", "files"}, inner: map[string]*fields{"files": file}},
		},
	}
}

// deepest is how deeply results.json may be nested. Anything deeper is refused.
const deepest = 8

// exactFields finds mistakes that encoding/json accepts: fields whose names differ
// in case, appear twice or are missing, and data after the object. If newer is true,
// unknown fields are allowed.
func exactFields(data []byte, newer bool) error {
	dec := &scan{json.NewDecoder(bytes.NewReader(data)), newer}
	if err := resultsFields().value(dec, "results", 0); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("offset %d: something follows the object", dec.InputOffset())
	}
	return nil
}

// scan is one pass over results.json. If newer is true, it accepts unknown fields.
type scan struct {
	*json.Decoder
	newer bool
}

// value consumes one value. f is nil if no object is expected.
func (f *fields) value(dec *scan, where string, depth int) error {
	if depth > deepest {
		return fmt.Errorf("offset %d: %s: nested too deep", dec.InputOffset(), where)
	}
	tok, err := dec.Token()
	if err != nil {
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	switch tok {
	case json.Delim('{'):
		return f.object(dec, where, depth)
	case json.Delim('['):
		for dec.More() {
			if err := f.value(dec, where, depth+1); err != nil {
				return err
			}
		}
		_, err := dec.Token()
		return err
	}
	return nil
}

func (f *fields) object(dec *scan, where string, depth int) error {
	if f == nil {
		return fmt.Errorf("offset %d: %s: an object is not expected here", dec.InputOffset(), where)
	}
	var seen []string
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := tok.(string)
		switch {
		case slices.Contains(seen, key):
			return fmt.Errorf("offset %d: %s: field %q stands twice", dec.InputOffset(), where, key)
		case f.unknown(key) && dec.newer:
			var passed json.RawMessage
			if err := dec.Decode(&passed); err != nil {
				return err
			}
			seen = append(seen, key)
			continue
		case f.unknown(key):
			return fmt.Errorf("offset %d: %s: unknown field %q", dec.InputOffset(), where, key)
		}
		seen = append(seen, key)
		if err := f.inner[key].value(dec, where+"."+key, depth+1); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err == io.EOF {
		return io.ErrUnexpectedEOF
	} else if err != nil {
		return err
	}
	for _, key := range f.must {
		if !slices.Contains(seen, key) {
			return fmt.Errorf("offset %d: %s: field %q is missing", dec.InputOffset(), where, key)
		}
	}
	return nil
}

func (f *fields) unknown(key string) bool {
	return !slices.Contains(f.must, key) && !slices.Contains(f.may, key)
}
