package ocf

import (
	"errors"
	"fmt"
	"slices"
)

// readUpdate reads an update that is a map of at most limit bytes. Anything
// that is wrong with one of the fields is an error; all of them may be absent.
func (r *reader) readUpdate(payload []byte, limit int, fields []field) error {
	it, rest, err := one(payload, limit)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d bytes follow the update", len(rest))
	}
	if it.major() != MajorMap {
		return errors.New(Problem{"payload", wantMap, r.describe(it)}.String())
	}
	r.update = true
	for i := range fields {
		fields[i].optional = true
	}
	r.object(it, "", fields)
	return r.refusal()
}

// readKnown is a readUpdate that also refuses every other name; it words the
// refusal of readonly names and of the common properties differently.
func readKnown(payload []byte, fields []field, readonly ...string) error {
	r := reader{}
	if err := r.readUpdate(payload, MaxUpdateBytes, fields); err != nil {
		return err
	}
	it, _, _ := one(payload, MaxUpdateBytes)
	r.others(it, "", fields, readonly...)
	return r.refusal()
}

// others reports the members of an update that are none of the fields.
func (r *reader) others(it item, prefix string, fields []field, readonly ...string) {
	if !r.update {
		return
	}
	for key := range it.pairs() {
		name, _ := key.text()
		switch {
		case slices.ContainsFunc(fields, func(f field) bool { return f.name == string(name) }):
		case readOnly(name) || slices.Contains(readonly, string(name)):
			r.wrong(Problem{prefix + string(name), "property that a Client may write", "read-only property"})
		default:
			r.wrong(Problem{fmt.Sprintf("%s%q", prefix, clip(name)), "property of the schema", "unknown property"})
		}
	}
}

// refusal is the first Problem as an error.
func (r *reader) refusal() error {
	if len(r.problems) == 0 {
		return nil
	}
	return errors.New(r.problems[0].String())
}

// sets is f as a property whose presence sets bit.
func sets[T ~uint8](f field, set *T, bit T) field {
	read := f.read
	f.read = func(it item) bool {
		if !read(it) {
			return false
		}
		*set |= bit
		return true
	}
	return f
}

// has is f as a property whose presence sets to.
func has(f field, to *bool) field {
	read := f.read
	f.read = func(it item) bool {
		*to = read(it)
		return *to
	}
	return f
}
