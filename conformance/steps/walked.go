package steps

import (
	"context"

	"github.com/ocfsim/ocfsim/conformance"
)

// walked are the Whens that only random walks need: what scenarios say in a
// Given, at any time; leaving, even for a Client that does not observe; and a
// look at what lies outside pstat, which a scenario takes only at its beginning
// and its end.
func walked() []definition {
	when := func(text string, act func(context.Context, *trial) error) definition {
		return definition{word: When, text: text, walked: true, act: func(ctx context.Context, t *trial, _ call) error { return act(ctx, t) }}
	}
	on := func(condition string) func(context.Context, *trial) error {
		return func(ctx context.Context, t *trial) error { return t.condition(ctx, condition) }
	}
	return []definition{
		when(`the trusted source withholds its answers`, func(ctx context.Context, t *trial) error { return t.hold(ctx) }),
		when(`the trusted source has an update again`, on(conformance.UpdateAvailable)),
		when(`the update fails from now on`, on(conformance.UpdateFails)),
		when(`the privileged Client stops observing`, func(ctx context.Context, t *trial) error { return t.leave(ctx, privileged) }),
		when(`a moment goes by`, func(ctx context.Context, t *trial) error { return t.pause(ctx, t.profile.Timing.Settle) }),
		when(`the software version is read`, func(ctx context.Context, t *trial) error { return t.inventory(ctx) }),
	}
}

// Payloads are the names of the writes that no encoder would produce, as
// feature files quote them, in a fixed order.
func Payloads() []string {
	var names []string
	for _, p := range payloads() {
		names = append(names, p.name)
	}
	return names
}

// Manners are the names of the ways to send a request, as feature files quote
// them, in a fixed order.
func Manners() []string {
	var names []string
	for _, m := range manners() {
		names = append(names, m.name)
	}
	return names
}
