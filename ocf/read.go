package ocf

import (
	"errors"
	"fmt"
	"slices"
)

// field is one property of a resource that a Client reads. read takes the
// value and reports whether it was as want says.
type field struct {
	name     string
	want     string
	optional bool
	read     func(item) bool
}

// readObject reads a representation that is a map; err is set where it is none.
func readObject(payload []byte, fields []field) ([]Problem, error) {
	it, rest, err := one(payload, MaxPayloadBytes)
	if err != nil {
		return nil, err
	}
	if it.major() != majorMap {
		return nil, errors.New(Problem{"payload", wantMap, it.describe()}.String())
	}
	problems := readFields(it, "", fields)
	if len(rest) > 0 {
		problems = append(problems, trailing(rest))
	}
	return problems, nil
}

// readFields hands the values of a map to the fields of their names and
// returns what was wrong with them. Other names are passed over.
func readFields(it item, prefix string, fields []field) []Problem {
	var problems []Problem
	seen := make([]bool, len(fields))
	for key, value := range it.pairs() {
		name, ok := key.text()
		if !ok {
			problems = append(problems, Problem{prefix + "key", wantText, key.describe()})
			continue
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == string(name) })
		switch {
		case i < 0:
		case seen[i]:
			problems = append(problems, Problem{prefix + fields[i].name, wantOnce, duplicate})
		case !fields[i].read(value):
			problems = append(problems, Problem{prefix + fields[i].name, fields[i].want, value.describe()})
		}
		if i >= 0 {
			seen[i] = true
		}
	}
	for i, f := range fields {
		if !seen[i] && !f.optional {
			problems = append(problems, Problem{prefix + f.name, f.want, missing})
		}
	}
	return problems
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
func wordField(name string, to *uint16) field {
	return field{name: name, want: wantMode, read: func(it item) bool {
		n, ok := it.unsigned(0xffff)
		if ok {
			*to = uint16(n)
		}
		return ok
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
	if it.major() != majorArray {
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
