package steps

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
)

// language is definitions that are ready for use. Several goroutines may share one.
type language struct {
	definitions []definition
	// matches has, by the text of a sentence, the places in definitions of those that match
	// it. To try all of them takes time, and sentences come again and again.
	matches sync.Map
}

// ours is the language of this package.
var ours = sync.OnceValue(func() *language { return newLanguage(definitions()) })

func newLanguage(all []definition) *language {
	for i := range all {
		all[i].expr = regexp.MustCompile("^" + all[i].text + "$")
	}
	return &language{definitions: all}
}

// languageWith is the language of this package and the definitions of own.
func languageWith(own []Definition) (*language, error) {
	if len(own) == 0 {
		return ours(), nil
	}
	all := definitions()
	for _, d := range own {
		made, err := d.inside()
		if err != nil {
			return nil, fmt.Errorf("sentence %q: %w", string(d.Word)+" "+d.Text, err)
		}
		for _, other := range all {
			if other.word == made.word && other.text == made.text {
				return nil, fmt.Errorf("sentence %q is defined twice", string(d.Word)+" "+d.Text)
			}
		}
		all = append(all, made)
	}
	return newLanguage(all), nil
}

// matching are the definitions that match one of the sentences, in their order, since
// godog takes time for each definition that it is given. A sentence that no
// definition matches stays undefined, and a sentence that several match stays
// ambiguous.
func (l *language) matching(sentences []Sentence) []definition {
	var places []int
	for _, s := range sentences {
		places = append(places, l.places(s.Text)...)
	}
	slices.Sort(places)
	var some []definition
	for _, i := range slices.Compact(places) {
		some = append(some, l.definitions[i])
	}
	return some
}

// places are those in l.definitions of the ones that match text.
func (l *language) places(text string) []int {
	if known, ok := l.matches.Load(text); ok {
		return known.([]int)
	}
	var all []int
	for i, d := range l.definitions {
		if d.expr.MatchString(text) {
			all = append(all, i)
		}
	}
	l.matches.Store(text, all)
	return all
}
