package check

import (
	"context"
	"maps"
	"slices"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/published"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// readAll has the privileged Client read everything that the Device lists, in each
// interface, for the schemas.
func (x *examination) readAll(ctx context.Context) error {
	if x.Schemas == nil {
		return nil
	}
	links := x.look.Links
	for _, query := range []string{"", "if=" + ocf.IfBaseline} {
		n, err := x.bench.client.Do(ctx, conformance.Call{Method: "GET", Path: ocf.PathRes, Query: query})
		if err != nil {
			return err
		}
		if o := x.bench.rec.Timeline().Observations[n]; o.Frame != nil && o.Frame.Code == "2.05" {
			if listed, _, err := ocf.DecodeRes(o.Frame.Payload); err == nil && len(listed) > 0 {
				links = listed
			}
		}
	}
	for _, l := range links {
		if l.Href == ocf.PathRes {
			continue
		}
		for _, query := range queries(l.IF) {
			if _, err := x.bench.client.Do(ctx, conformance.Call{Method: "GET", Path: l.Href, Query: query}); err != nil {
				return err
			}
		}
	}
	return nil
}

// queries ask for the default interface, and for each that a link has and a GET may have.
func queries(interfaces []string) []string {
	all := []string{""}
	for _, name := range interfaces {
		if name == ocf.IfBaseline || name == ocf.IfRW || name == ocf.IfR {
			all = append(all, "if="+name)
		}
	}
	return all
}

// published says where what the Device showed departs from what OCF publishes.
func (x *examination) published() {
	if x.Schemas == nil {
		return
	}
	const topic = "schemas"
	var shown []published.Representation
	for _, path := range slices.Sorted(maps.Keys(x.look.Payloads)) {
		shown = append(shown, published.Representation{Path: path, Payload: x.look.Payloads[path]})
	}
	if x.bench != nil {
		shown = append(shown, published.Shown(x.bench.rec.Timeline())...)
	}
	seen := x.Schemas.Hold(shown)
	for _, d := range seen.Departures {
		x.say(Line{Topic: topic, Outcome: Warn, Text: d.String()})
	}
	for _, path := range seen.Unknown {
		x.unknown(topic, "%s: the folder has no schema of it", path)
	}
	switch {
	case seen.Held == 0:
		x.unknown(topic, "nothing was shown that the folder has a schema of")
	case len(seen.Departures) == 0:
		x.ok(topic, "as published: %s", ocf.Count(seen.Held, "representation"))
	}
}
