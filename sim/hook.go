package sim

// A decision in which Devices may differ ends in a hook. The hook is given the
// reference's answer, and each quirk of the Device may change it, in the order in
// which the quirks are declared: each quirk is given the answer that the previous
// one returned. Without quirks a hook is empty and the answer stands.
//
// A hook whose answer is a bool often asks whether the reference goes on. A quirk
// that does something else instead returns false.

// hook is a decision taken during a turn.
type hook[T any] []func(t *turn, answer T) T

func (h hook[T]) decide(t *turn, answer T) T {
	for _, bend := range h {
		answer = bend(t, answer)
	}
	return answer
}

func (h *hook[T]) add(bend func(t *turn, answer T) T) { *h = append(*h, bend) }

// hookOf is a decision taken during a turn about a subject of type S.
type hookOf[S, T any] []func(t *turn, of S, answer T) T

func (h hookOf[S, T]) decide(t *turn, of S, answer T) T {
	for _, bend := range h {
		answer = bend(t, of, answer)
	}
	return answer
}

func (h *hookOf[S, T]) add(bend func(t *turn, of S, answer T) T) { *h = append(*h, bend) }

// view is something that is read from a Device. It changes nothing.
type view[T any] []func(d *Device, answer T) T

func (v view[T]) see(d *Device, answer T) T {
	for _, bend := range v {
		answer = bend(d, answer)
	}
	return answer
}

func (v *view[T]) add(bend func(d *Device, answer T) T) { *v = append(*v, bend) }

// viewOf is something that is read from a Device about a subject of type S.
type viewOf[S, T any] []func(d *Device, of S, answer T) T

func (v viewOf[S, T]) see(d *Device, of S, answer T) T {
	for _, bend := range v {
		answer = bend(d, of, answer)
	}
	return answer
}

func (v *viewOf[S, T]) add(bend func(d *Device, of S, answer T) T) { *v = append(*v, bend) }

// cue is an event that quirks may react to. The reference expects no answer.
type cue []func(t *turn)

func (c cue) happens(t *turn) {
	for _, notice := range c {
		notice(t)
	}
}

func (c *cue) add(notice func(t *turn)) { *c = append(*c, notice) }

// cueOf is an event about a subject of type S.
type cueOf[S any] []func(t *turn, of S)

func (c cueOf[S]) happens(t *turn, of S) {
	for _, notice := range c {
		notice(t, of)
	}
}

func (c *cueOf[S]) add(notice func(t *turn, of S)) { *c = append(*c, notice) }
