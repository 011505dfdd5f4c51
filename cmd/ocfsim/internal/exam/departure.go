package exam

import (
	"fmt"
	"slices"
	"strings"
)

// Departure is how a Device fared in a setting, as far as that is not how it has to fare
// in the usual one.
type Departure struct {
	Also    []string // red, and not declared
	Open    []string // declared, and not red
	Escaped []string // of Open: broken, and not even inconclusive
	Green   bool     // nothing is red
	Error   bool     // the harness gave up, and judged nothing
}

// Departure is how o departs from what was declared; the zero value where it does not.
func (o Result) Departure() Departure {
	switch {
	case o.Right():
		return Departure{}
	case o.Err != nil:
		return Departure{Error: true}
	}
	return Departure{Also: o.Undeclared, Open: o.Missed, Escaped: o.Escaped, Green: len(o.Red) == 0}
}

// With is d and what o shows besides: what is red and was not declared, what escapes,
// and that the harness gave up. That o misses something says little where it was tried
// with some scenarios only.
func (d Departure) With(o Result) Departure {
	fresh := o.Departure()
	add := func(to *[]string, ids []string) {
		for _, id := range ids {
			if !slices.Contains(*to, id) {
				*to = append(slices.Clone(*to), id)
			}
		}
	}
	add(&d.Also, fresh.Also)
	add(&d.Open, fresh.Escaped)
	add(&d.Escaped, fresh.Escaped)
	d.Error = d.Error || fresh.Error
	return d
}

// String is d in the words of testdata/departures; empty for the zero value.
func (d Departure) String() string {
	var parts []string
	add := func(word string, ids []string) {
		if len(ids) > 0 {
			parts = append(parts, word+" "+strings.Join(ids, " "))
		}
	}
	add("also", d.Also)
	add("open", slices.DeleteFunc(slices.Clone(d.Open), func(id string) bool { return slices.Contains(d.Escaped, id) }))
	add("passes", d.Escaped)
	if d.Green {
		parts = append(parts, "nothing is red")
	}
	if d.Error {
		parts = append(parts, "not judged")
	}
	return strings.Join(parts, "; ")
}

// ParseDeparture reads what String has written.
func ParseDeparture(text string) (d Departure, err error) {
	for part := range strings.SplitSeq(text, "; ") {
		words := strings.Fields(part)
		switch {
		case part == "nothing is red":
			d.Green = true
		case part == "not judged":
			d.Error = true
		case len(words) < 2:
			return d, fmt.Errorf("%q: expected also, open or passes and requirements, or \"nothing is red\"", part)
		case words[0] == "also":
			d.Also = words[1:]
		case words[0] == "open":
			d.Open = append(d.Open, words[1:]...)
		case words[0] == "passes":
			d.Open, d.Escaped = append(d.Open, words[1:]...), words[1:]
		default:
			return d, fmt.Errorf("%q: expected also, open or passes", part)
		}
	}
	return d, nil
}
