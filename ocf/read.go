package ocf

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// field is one property of a resource that a Client reads. read takes the
// value and reports whether it was as want says.
type field struct {
	name     string
	want     string
	optional bool
	read     func(item) bool
}

// reader takes a resource apart and collects what is wrong with it.
type reader struct {
	update   bool // a Client's update, not a Device's representation
	secret   bool // values are not to be told
	problems []Problem
}

// readObject reads a representation that is a map; err is set if it is not a
// map.
func readObject(payload []byte, fields []field) ([]Problem, error) {
	var r reader
	err := r.representation(payload, fields)
	return r.problems, err
}

// representation reads a representation that is a map; err is set if it is not
// a map.
func (r *reader) representation(payload []byte, fields []field) error {
	it, rest, err := one(payload, MaxPayloadBytes)
	if err != nil {
		return err
	}
	if it.major() != MajorMap {
		return errors.New(Problem{"payload", wantMap, r.describe(it)}.String())
	}
	r.object(it, "", fields)
	if len(rest) > 0 {
		r.wrong(trailing(rest))
	}
	return nil
}

// readFields hands the values of a map to the fields of their names and
// returns what was wrong with them. Other names are passed over.
func readFields(it item, prefix string, fields []field) []Problem {
	var r reader
	r.object(it, prefix, fields)
	return r.problems
}

// object hands the values of a map to the fields of their names. Other names
// are passed over.
func (r *reader) object(it item, prefix string, fields []field) {
	seen := make([]bool, len(fields))
	for key, value := range it.pairs() {
		name, ok := key.text()
		if !ok {
			r.wrong(Problem{prefix + "key", wantText, r.describe(key)})
			continue
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == string(name) })
		switch {
		case i < 0:
		case seen[i]:
			r.wrong(Problem{prefix + fields[i].name, wantOnce, duplicate})
		case !fields[i].read(value):
			r.wrong(Problem{prefix + fields[i].name, fields[i].want, r.describe(value)})
		}
		if i >= 0 {
			seen[i] = true
		}
	}
	for i, f := range fields {
		if !seen[i] && !f.optional {
			r.wrong(Problem{prefix + f.name, f.want, missing})
		}
	}
}

// list hands the elements of an array to each, with the place at which each
// stands. In an update, null is an empty array, which some Clients write.
func (r *reader) list(name, want, prefix string, each func(it item, at string)) field {
	return field{name: name, want: want, read: func(it item) bool {
		if r.update && it.null() {
			return true
		}
		if it.major() != MajorArray {
			return false
		}
		i := 0
		for element := range it.elements() {
			each(element, fmt.Sprintf("%s%s[%d]", prefix, name, i))
			i++
		}
		return true
	}}
}

// isMap reports whether the element at the place at is a map, and enters a
// Problem if it is not.
func (r *reader) isMap(it item, at string) bool {
	if it.major() != MajorMap {
		r.wrong(Problem{at, wantMap, r.describe(it)})
		return false
	}
	return true
}

func (r *reader) wrong(p Problem) { r.problems = append(r.problems, p) }

// describe says what an item is or, where values are secret, only of which type
// it is.
func (r *reader) describe(it item) string {
	if r.secret {
		return it.kind()
	}
	return it.describe()
}

// unlessUpdate is f as a property that only an update may leave out.
func (r *reader) unlessUpdate(f field) field {
	f.optional = r.update
	return f
}

// trailing is the Problem of bytes behind a representation.
func trailing(rest []byte) Problem {
	return Problem{"payload", "one CBOR item", fmt.Sprintf("%d bytes more", len(rest))}
}

// opt is f as a property that may be absent.
func opt(f field) field {
	f.optional = true
	return f
}

// uuidField reads a uuid into to.
func uuidField(name string, to *UUID) field {
	return field{name: name, want: wantUUID, read: func(it item) bool {
		u, ok := it.uuid()
		if ok {
			*to = u
		}
		return ok
	}}
}

// textField reads a text string into to.
func textField(name string, to *string) field {
	return field{name: name, want: wantText, read: func(it item) bool {
		text, ok := it.text()
		if ok {
			*to = string(text)
		}
		return ok
	}}
}

// textsField reads an array of text strings into to.
func textsField(name string, to *[]string) field {
	return field{name: name, want: wantList, read: func(it item) bool {
		list, ok := it.texts()
		if ok {
			*to = list
		}
		return ok
	}}
}

// boolField reads true or false into to.
func boolField(name string, to *bool) field {
	return field{name: name, want: wantBool, read: func(it item) bool {
		v, ok := it.boolean()
		if ok {
			*to = v
		}
		return ok
	}}
}

// wordField reads an unsigned integer of 16 bits into to.
func wordField(name string, to *uint16) field { return uintField(name, wantMode, math.MaxUint16, to) }

// numberField reads the number of an entry into to. The schemas give no limit,
// and some Devices choose numbers of 31 bits.
func numberField(name string, to *uint32) field {
	return uintField(name, "unsigned integer 0 to 4294967295", math.MaxUint32, to)
}

// uintField reads an unsigned integer of at most limit into to.
func uintField[T ~uint8 | ~uint16 | ~uint32](name, want string, limit uint64, to *T) field {
	return field{name: name, want: want, read: func(it item) bool {
		n, ok := it.unsigned(limit)
		if ok {
			*to = T(n)
		}
		return ok
	}}
}

// wordOf reads one of the words into to.
func wordOf(name string, to *string, words ...string) field {
	return field{name: name, want: strings.Join(words, " or "), read: func(it item) bool {
		text, ok := it.text()
		if !ok || !slices.Contains(words, string(text)) {
			return false
		}
		*to = string(text)
		return true
	}}
}

// dataField reads a byte or text string into to, as it stands: PEM comes as
// text, and some Clients write the bytes of a key as text that is no UTF-8.
func (r *reader) dataField(name string, to *[]byte) field {
	return field{name: name, want: "byte or text string", read: func(it item) bool {
		if r.update && it.null() {
			return true
		}
		if it.major() != MajorBytes && it.major() != MajorText {
			return false
		}
		*to = append([]byte(nil), it.content()...)
		return true
	}}
}

// uuid is the value of a text string that is a uuid.
func (it item) uuid() (UUID, bool) {
	text, ok := it.text()
	if !ok {
		return UUID{}, false
	}
	u, err := ParseUUID(string(text))
	return u, err == nil
}

// texts is the value of an array of text strings.
func (it item) texts() ([]string, bool) {
	if it.major() != MajorArray {
		return nil, false
	}
	var list []string
	for element := range it.elements() {
		text, ok := element.text()
		if !ok {
			return nil, false
		}
		list = append(list, string(text))
	}
	return list, true
}
