package explore

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
)

// generator draws walks for one target.
type generator struct {
	seed    uint64
	length  int // how many stimuli a walk has at most
	profile conformance.Profile
	edition *edition.Edition // nil: the first
	missing map[string]bool  // conditions that the target does not support
	all     []stimulus       // filled by the first walk
}

// theme is what walk n is about.
func (g *generator) theme(n int) theme { return g.drawTheme(g.random(n)) }

// random is the random number generator that all of walk n is drawn from.
func (g *generator) random(n int) *rand.Rand { return rand.New(rand.NewPCG(g.seed, uint64(n))) }

// walk draws walk n. It is the same for the same seed, length and target.
func (g *generator) walk(n int) Walk {
	r := g.random(n)
	if g.all == nil {
		g.all = g.stimuli()
	}
	t := g.drawTheme(r)
	w := Walk{Givens: []string{g.given(r)}}
	if past := g.had(g.histories()); len(past) > 0 && r.IntN(2) == 0 {
		w.Givens = append(w.Givens, past[r.IntN(len(past))].text)
	}
	usable := slices.DeleteFunc(g.had(g.all), func(s stimulus) bool { return s.about&t.about == 0 })
	if t.about == anything {
		usable = swarm(r, usable)
	}
	draws, length := t.length(r, g.length)
	at := idle
	for ; draws > 0 && len(w.Whens) < length; draws-- {
		s, ok := pick(r, usable, at)
		if !ok {
			s = stimulus{text: rests, leads: settles}
		}
		w.Whens = append(w.Whens, s.draw(r))
		for _, text := range s.then {
			w.Whens = append(w.Whens, g.follower(text).draw(r))
		}
		if s.last {
			break
		}
		if s.leads != nil {
			at = s.leads(at)
		}
	}
	w.Whens = w.Whens[:min(len(w.Whens), g.length)]
	return w
}

// given draws the first sentence of a walk; the first of givens is the likeliest.
func (g *generator) given(r *rand.Rand) string {
	all := slices.DeleteFunc(givens(), func(text string) bool { return g.missing[conditionOf(text)] })
	if len(all) == 0 {
		return plain
	}
	if r.IntN(2) == 0 {
		return all[0]
	}
	return all[r.IntN(len(all))]
}

// had are those of all stimuli that can do something to the target.
func (g *generator) had(all []stimulus) []stimulus {
	return slices.DeleteFunc(slices.Clone(all), g.lacks)
}

// lacks reports whether s can do nothing to the target.
func (g *generator) lacks(s stimulus) bool {
	return s.lacks != nil && s.lacks(g.profile) || slices.ContainsFunc(s.conditions, func(c string) bool { return g.missing[c] })
}

// swarm picks the stimuli that a walk may use, and for each walk it picks others (swarm
// testing). A walk with few stimuli combines them again and again, in orders that
// walks with all stimuli seldom come to. And where a stimulus hides a bug, the bug shows
// more often in walks that may not use the stimulus than in walks that happen not to.
func swarm(r *rand.Rand, all []stimulus) []stimulus {
	var some []stimulus
	keep := []float64{0.1, 0.3, 1}[r.IntN(3)]
	for _, s := range all {
		if p := r.Float64(); p < keep || p < 0.8 && s.core() {
			some = append(some, s)
		}
	}
	if len(some) == 0 {
		return all
	}
	return some
}

// core reports whether s is one of the stimuli that every process needs.
func (s stimulus) core() bool {
	return slices.Contains([]string{check, update, zero, holds, whenHeld, answers, rests}, s.text)
}

// pick draws a stimulus by the weights for the phase. ok is false if all weights are 0.
func pick(r *rand.Rand, from []stimulus, at phase) (s stimulus, ok bool) {
	sum := 0
	for _, s := range from {
		sum += s.weights[at]
	}
	if sum == 0 {
		return s, false
	}
	left := r.IntN(sum)
	for _, s := range from {
		if left -= s.weights[at]; left < 0 {
			return s, true
		}
	}
	return s, false
}

// follower is the stimulus with this text that is not itself followed by others.
func (g *generator) follower(text string) stimulus {
	for _, s := range g.all {
		if s.text == text && len(s.then) == 0 {
			return s
		}
	}
	return stimulus{text: text}
}

// draw is the sentence of s with one of its values, drawn from r.
func (s stimulus) draw(r *rand.Rand) string {
	if len(s.values) == 0 {
		return s.text
	}
	return s.with(s.values[r.IntN(len(s.values))])
}

func (s stimulus) with(value string) string { return strings.Replace(s.text, "%", value, 1) }
