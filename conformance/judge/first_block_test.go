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

// TestWhatBlocksShowLater: what comes in blocks may show a later state than its Observe number
// says, and the answer to a registration that is renewed may be a late notification.
func TestWhatBlocksShowLater(t *testing.T) {
	for _, c := range []struct{ id, name, script string }{
		{"SVV-11", "the blocks of a notification are fetched after the next one", `
			observe tm=- cm=U dos=RFNOP
			post tm=V 2.04
			step first block
			step changed
			notify 11 tm=V cm=U dos=RFNOP
			step first block
			step changed
			notify 12 tm=- cm=V+U dos=RFNOP
			notify 13 tm=- cm=U dos=RFNOP
		`},
		{"OBS-3", "the first block was sent before the observation was renewed", `
			observe tm=- cm=- dos=RFNOP
			notify 14 tm=- cm=U dos=RFNOP
			observe 16 tm=- cm=U dos=RFNOP
			post tm=V 2.04
			step first block
			step changed
			notify 15 tm=V cm=U dos=RFNOP
			notify 17 tm=V cm=U dos=RFNOP
			notify 18 tm=- cm=V+U dos=RFNOP
			sleep 150ms
			get tm=- cm=V+U dos=RFNOP
		`},
	} {
		tl := play(t, c.script)
		if f := All(tl)[c.id]; f.Verdict != conformance.Fail {
			t.Errorf("%s, in one datagram: %s (%s), want a fail", c.name, f.Verdict, f.Reason)
		}
		var first *conformance.Observation
		for i := range tl.Observations {
			switch o := &tl.Observations[i]; {
			case o.Text == "first block":
				first = o
			case o.Text == "changed":
				*first = conformance.Observation{Kind: conformance.Message, Client: conformance.Privileged, Frame: tl.Observations[i+1].Frame, Text: conformance.FirstBlock}
				*o = conformance.Observation{Kind: conformance.Message, Client: conformance.Privileged, Frame: first.Frame, Text: conformance.ChangedBetween}
			}
		}
		if f := All(tl)[c.id]; f.Verdict == conformance.Fail {
			t.Errorf("%s: %s, which the blocks explain", c.name, f.Reason)
		}
	}
}

// TestWhatIsNeverWhole: pstat may change faster than a Client can fetch its blocks.
func TestWhatIsNeverWhole(t *testing.T) {
	const script = "get hex:a2\n"
	for text, want := range map[string]conformance.Verdict{
		"": conformance.Fail, "incomplete: block at byte 0 where 64 was asked for": conformance.Fail,
		conformance.Outrun + ", 17 times in a row": conformance.Inconclusive,
	} {
		tl := play(t, script)
		half := &tl.Observations[1]
		half.Text = text
		half.Decode()
		if f := All(tl)["DPM-13"]; f.Verdict != want {
			t.Errorf("%q: %s (%s), want %s", text, f.Verdict, f.Reason, want)
		}
	}
}
