package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
)

// TestANotificationIsToldFromItsFirstBlock: over small blocks and a bad network the rest of a
// notification may be fetched much later.
func TestANotificationIsToldFromItsFirstBlock(t *testing.T) {
	stream, other, number := 1, 2, uint32(7)
	s := &story{tl: conformance.Timeline{Observations: []conformance.Observation{
		{Kind: conformance.Note},
		{Kind: conformance.Request},
		{Kind: conformance.Request},
		{Kind: conformance.Message, For: &other, Frame: &conformance.Frame{Observe: &number}},
		{Kind: conformance.Message, For: &stream, Frame: &conformance.Frame{}},
		{Kind: conformance.Message, For: &stream},
		{Kind: conformance.Notification, For: &stream, Frame: &conformance.Frame{Observe: &number}},
		{Kind: conformance.Message, Frame: &conformance.Frame{Observe: &number}},
		{Kind: conformance.Message, For: &stream, Frame: &conformance.Frame{Observe: &number}}, // 8
		{Kind: conformance.Note},
	}}}
	for _, c := range []struct {
		from, upto int
		want       bool
	}{
		{-1, 10, true}, {-1, 100, true}, {7, 9, true}, {8, 10, false}, {0, 8, false}, {0, 9, true}, {0, 0, false},
	} {
		if got := s.beginsToTell(observing{stream: stream}, c.from, c.upto); got != c.want {
			t.Errorf("between %d and %d: %v", c.from, c.upto, got)
		}
	}
	if s.beginsToTell(observing{stream: 5}, -1, 10) {
		t.Error("what another observer was told is nothing of its own")
	}
}
