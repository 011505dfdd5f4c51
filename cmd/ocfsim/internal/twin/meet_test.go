package twin

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// play is a recorded scenario: "second opened", "second refused", and who writes.
func play(t *testing.T, name string, words ...[2]string) *chapter {
	tl := conformance.Timeline{Header: conformance.Header{Scenario: name}}
	for i, w := range words {
		o := conformance.Observation{N: i, Client: w[0], Kind: conformance.Session, Outcome: w[1]}
		if w[1] == "writes" {
			raw := conformance.Hex(hexed(t, "42 02 0001 aabb b3 6f6963 03 736563 05 7073746174 ff a162746d1840"))
			o.Kind, o.Outcome, o.Frame = conformance.Request, "", &conformance.Frame{Raw: raw}
		}
		tl.Observations = append(tl.Observations, o)
	}
	return newChapter(tl)
}

// TestWhoMeetsTheTwin: whose session a handshake is, and what became of it in the record.
func TestWhoMeetsTheTwin(t *testing.T) {
	const (
		asIs   = fleet.AsTheDevice
		opened = fleet.Admitted
		away   = fleet.TurnedAway
	)
	id := func(n byte) ocf.UUID { return ocf.UUID{n} }
	twin := New(&Book{chapters: []*chapter{
		play(t, "one", [2]string{"owner", "opened"}, [2]string{"second", "opened"}, [2]string{"owner", "writes"}, [2]string{"second", "refused"}, [2]string{"third", "closed"}),
		play(t, "two", [2]string{"deleted", "opened"}, [2]string{"second", "opened"}, [2]string{"second", "writes"}, [2]string{"wrong key", "refused"}),
	}}, nil)
	di := ocf.UUID{0xd1}
	expect := func(when string, who byte, want fleet.Admission) {
		t.Helper()
		if got := twin.Meets(fleet.Met{Scene: fleet.Scene{DI: di}, Identity: id(who)}); got != want {
			t.Errorf("%s, Client %d: %d, want %d", when, who, got, want)
		}
	}
	writes := func(chapter int) {
		r := newReading(twin.chapters[chapter], chapter)
		r.latest = r.stimuli[0]
		r.take(r.latest)
		r.met(twin.ahead)
		twin.guide, twin.last, twin.ahead = r, chapter, nil
	}
	expect("at the beginning, in the order of the record", 1, opened)
	expect("at the beginning, the next one", 2, opened)
	expect("once more", 2, opened)
	expect("nobody is left", 3, asIs)
	writes(0)
	expect("after the write, known by its uuid", 2, away)
	expect("and again", 2, away)
	expect("before the next scenario, which it begins", 4, opened)
	expect("before the next scenario, where it has a session", 5, asIs)
	expect("the owner, beside the scenarios", 1, asIs)
	writes(1)
	expect("after the write", 6, away)
	expect("again, by its uuid", 6, away)
	di = ocf.UUID{0xd2} // its next owner brings other Clients
	twin.guide, twin.last, twin.ahead = nil, -1, nil
	expect("of another owner", 2, opened)
	if twin.names[id(2)] != "owner" {
		t.Errorf("taken for %v", twin.names)
	}
}

// TestOfWhichEditionATwinIs: what the Device says of itself decides, where it is known.
func TestOfWhichEditionATwinIs(t *testing.T) {
	for icv, want := range map[string]string{"ocf.1.0.0": "ocf-1.0", "ocf.2.2.5": "ocf-2.2", "ocf.9.0.0": "ocf-2.2", "": "ocf-2.2"} {
		b := &Book{Edition: "ocf-2.2", Target: conformance.Profile{ICV: icv}}
		if got := b.Born(); got != want {
			t.Errorf("icv %q: %s, want %s", icv, got, want)
		}
	}
	if got := (&Book{Edition: "ocf-1.0", Target: conformance.Profile{ICV: "ocf.2.2.4"}}).Born(); got != "ocf-2.2" {
		t.Errorf("a Device of ocf-2.2 that was judged by ocf-1.0 is of %s", got)
	}
}
