package explore

import (
	"slices"
	"strings"
)

// shrink shortens w as long as what is left still fails, and returns the shortest walk
// that it found. It calls fails at most limit times. It leaves out halves, quarters and
// so on down to single sentences (Zeller's ddmin), then replaces sentences by plainer
// ones, and begins again until nothing changes.
func shrink(w Walk, limit int, fails func(Walk) bool) Walk {
	s := &shrinker{limit: limit, fails: fails, seen: map[string]bool{w.key(): true}}
	for {
		before := w.key()
		w = s.shorten(w)
		w = s.simplify(w)
		if w.key() == before {
			return w
		}
	}
}

type shrinker struct {
	limit int
	fails func(Walk) bool
	seen  map[string]bool // walks that were tried, and are not tried again
}

// try tries w and reports whether it fails. It is false if w was tried before.
func (s *shrinker) try(w Walk) bool {
	key := w.key()
	if s.limit <= 0 || s.seen[key] || len(w.Whens) == 0 || len(w.Givens) == 0 {
		return false
	}
	s.limit--
	s.seen[key] = true
	return s.fails(w)
}

// shorten leaves out whatever it can, beginning at the end: what comes late is the least
// likely to have caused the breach.
func (s *shrinker) shorten(w Walk) Walk {
	for size := len(w.Whens); size >= 1; size /= 2 {
		for from := len(w.Whens) - size; from > -size; from -= size {
			at := max(0, from)
			to := min(from+size, len(w.Whens))
			if to <= at {
				continue
			}
			shorter := Walk{Givens: w.Givens, Whens: slices.Concat(w.Whens[:at], w.Whens[to:])}
			if s.try(shorter) {
				w = shorter
			}
		}
	}
	for i := len(w.Givens) - 1; i >= 1; i-- {
		shorter := Walk{Givens: slices.Concat(w.Givens[:i], w.Givens[i+1:]), Whens: w.Whens}
		if s.try(shorter) {
			w = shorter
		}
	}
	return w
}

// simplify replaces sentences by plainer ones.
func (s *shrinker) simplify(w Walk) Walk {
	for _, given := range givens() {
		if given == w.Givens[0] {
			break
		}
		if p := w.replaced(-1, given); s.try(p) {
			w = p
			break
		}
	}
	for i := len(w.Givens) - 1; i >= 1; i-- {
		if begun := begins(w.Givens[i]); begun != nil {
			p := Walk{Givens: slices.Delete(slices.Clone(w.Givens), i, i+1), Whens: slices.Concat(begun, w.Whens)}
			if s.try(p) {
				w = p
			}
		}
	}
	for i := range w.Whens {
		for _, text := range plainer(w.Whens[i]) {
			if p := w.replaced(i, text); s.try(p) {
				w = p
				break
			}
		}
	}
	return w
}

// begins are the Whens that do what a Given says has been done, nil for other Givens. If
// these alone make a walk fail, what comes after them can be left out.
func begins(given string) []string {
	switch given {
	case made:
		return []string{check, rests}
	case installed:
		return []string{check, rests, update, rests}
	}
	return nil
}

// replaced is w with text as its When number i, or as its first Given if i is -1.
func (w Walk) replaced(i int, text string) Walk {
	out := Walk{Givens: slices.Clone(w.Givens), Whens: slices.Clone(w.Whens)}
	if i < 0 {
		out.Givens[0] = text
	} else {
		out.Whens[i] = text
	}
	return out
}

// plainer are sentences that say less than text, the plainest first. text is never among
// the plainer sentences of one of them.
func plainer(text string) []string {
	if plain, how, ok := strings.Cut(text, `, "`); ok && strings.HasPrefix(text, "an unprivileged Client") && how != "" {
		return []string{plain}
	}
	ranks := []string{check, update}
	if i := slices.Index(ranks, text); i >= 0 {
		return ranks[:i]
	}
	for _, s := range everyStimulus() {
		for i, value := range s.values {
			if s.with(value) != text {
				continue
			}
			var out []string
			for _, v := range s.values[:i] {
				out = append(out, s.with(v))
			}
			if strings.HasPrefix(text, "a privileged Client") {
				out = append(slices.Clone(ranks), out...)
			}
			return out
		}
	}
	switch text {
	case late, silence:
		return []string{answers}
	case "the second Client observes pstat again":
		return []string{"the second Client observes pstat"}
	case both:
		return ranks
	}
	return nil
}
