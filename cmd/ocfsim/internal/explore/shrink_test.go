package explore

import (
	"slices"
	"testing"
)

// has reports whether w has these sentences in this order, maybe with others between
// them.
func has(w Walk, texts ...string) bool {
	for _, text := range w.Whens {
		if len(texts) > 0 && text == texts[0] {
			texts = texts[1:]
		}
	}
	return len(texts) == 0
}

func TestShrinkFindsTheShortest(t *testing.T) {
	const restart, read = "the Device is restarted", "pstat is read"
	calls := 0
	for n, w := range drawn(300) {
		w.Whens = slices.Concat(w.Whens, []string{restart}, w.Whens, []string{read, restart}, w.Whens)
		got := shrink(w, 1000, func(w Walk) bool {
			calls++
			return has(w, restart, restart)
		})
		if want := (Walk{Givens: []string{givens()[0]}, Whens: []string{restart, restart}}); got.key() != want.key() {
			t.Errorf("walk %d: shrunk to %s", n, got)
		}
	}
	if calls > 300*60 {
		t.Errorf("%d tries", calls)
	}
}

func TestShrinkMakesPlainer(t *testing.T) {
	w := Walk{
		Givens: []string{"a Device in RFNOP whose update fails", remember},
		Whens:  []string{"a privileged Client writes tm as 0x8080", late, "the second Client observes pstat again"},
	}
	got := shrink(w, 1000, func(w Walk) bool { return len(w.Whens) == 3 })
	want := Walk{Givens: givens()[:1], Whens: []string{check, answers, "the second Client observes pstat"}}
	if got.key() != want.key() {
		t.Errorf("got %s", got)
	}
	if got := shrink(w, 0, func(Walk) bool { t.Error("tried"); return true }); got.key() != w.key() {
		t.Errorf("without a try: %s", got)
	}
	if got := shrink(w, 1000, func(Walk) bool { return false }); got.key() != w.key() {
		t.Errorf("nothing else fails: %s", got)
	}
}

// TestPlainerHasAnEnd checks that replacing sentences by plainer ones comes to an end:
// no sentence is plainer than itself, not even by way of others.
func TestPlainerHasAnEnd(t *testing.T) {
	var visit func(text string, above []string)
	visit = func(text string, above []string) {
		if slices.Contains(above, text) {
			t.Fatalf("%q is plainer than itself: %q", text, above)
		}
		for _, p := range plainer(text) {
			visit(p, append(above, text))
		}
	}
	for _, s := range stimuli() {
		for _, v := range append([]string{""}, s.values[:min(4, len(s.values))]...) {
			visit(s.with(v), nil)
		}
	}
}

// TestShrinkMakesAGivenAWhen checks a walk that already fails by what its Given does:
// the Given becomes Whens, and all that came after it is left out.
func TestShrinkMakesAGivenAWhen(t *testing.T) {
	w := Walk{Givens: []string{givens()[0], installed}, Whens: []string{holds}}
	got := shrink(w, 100, func(w Walk) bool {
		return slices.Contains(w.Givens, installed) || slices.Contains(w.Whens, update)
	})
	if want := (Walk{Givens: givens()[:1], Whens: []string{update}}); got.key() != want.key() {
		t.Errorf("got %s", got)
	}
}
