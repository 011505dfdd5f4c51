package ocf

import (
	"errors"
	"fmt"
)

// readMap hands the pairs of a representation to property, which reports
// whether it knows the name. The problems are of the map itself.
func readMap(payload []byte, property func(name []byte, value item) bool) ([]Problem, error) {
	it, rest, err := one(payload, MaxPayloadBytes)
	if err != nil {
		return nil, err
	}
	if it.major() != majorMap {
		return nil, errors.New(Problem{"payload", wantMap, it.describe()}.String())
	}
	var problems []Problem
	for key, value := range it.pairs() {
		name, ok := key.text()
		if !ok {
			problems = append(problems, Problem{"key", wantText, key.describe()})
			continue
		}
		property(name, value)
	}
	if len(rest) > 0 {
		problems = append(problems, trailing(rest))
	}
	return problems, nil
}

// trailing is the Problem of bytes behind a representation.
func trailing(rest []byte) Problem {
	return Problem{"payload", "one CBOR item", fmt.Sprintf("%d bytes more", len(rest))}
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
