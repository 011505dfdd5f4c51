package client

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// A record that has no room left takes nothing more, and says how much it missed: what it
// would have from there on could have holes.
func TestAFullRecord(t *testing.T) {
	r := conformance.NewRecorder(conformance.Header{}, nil)
	r.Confine(conformance.Room{Frames: 3, Bytes: 1 << 20})
	s := NewScribe(r)
	get := func(mid byte) []byte { return []byte{0x40, 1, 0, mid} }
	s.Came("a", get(1))
	s.Left("a", []byte{0x60, 0x45, 0, 1})
	s.Came("a", get(2))
	for range 2 {
		s.Came("a", get(3))
	}
	s.Left("a", []byte{0x60, 0x45, 0, 2})
	s.Became(ocf.Pstat{})
	s.Close()
	if all := r.Timeline().Kept().Observations; len(all) != 3 || all[2].Frame.MID != 2 || s.Missed() != 5 {
		t.Errorf("%d entries and %d missed, want 3 and 5", len(all), s.Missed())
	}
	if story := tell(r.Timeline()); len(story.all) != 3 {
		t.Errorf("%d entries are judged, want 3", len(story.all))
	}
}

// A datagram is the Scribe's only during the call.
func TestDatagramsAreKept(t *testing.T) {
	r := conformance.NewRecorder(conformance.Header{}, nil)
	s := NewScribe(r)
	for _, raw := range [][]byte{{0x80}, {0x40, 1, 0, 1}} {
		s.Came("a", raw)
		clear(raw)
	}
	var got []string
	for _, o := range r.Timeline().Observations {
		got = append(got, string(o.Frame.Raw))
	}
	if diff := cmp.Diff([]string{"\x80", "\x40\x01\x00\x01"}, got); diff != "" {
		t.Error(diff)
	}
}

// A record from which somebody has taken the datagrams is judged by what it says of them.
func TestWithoutDatagrams(t *testing.T) {
	tl := play(t, "0s state\n1s came post tm=U+0x20\n1s left 2.04\n", conformance.Profile{Client: true})
	for i := range tl.Observations {
		if f := tl.Observations[i].Frame; f != nil {
			f.Raw = nil
		}
	}
	found := All(tl)
	for _, id := range []string{"USE-1", "WRITE-2"} {
		if found[id].Verdict != conformance.Warn {
			t.Errorf("%s: %s", id, found[id].Verdict)
		}
	}
}

// An answer whose request is not in the record says nothing of the Client.
func TestAnAnswerToNothing(t *testing.T) {
	request := 0
	s := tell(conformance.Timeline{Observations: []conformance.Observation{
		{Kind: conformance.Note}, {N: 1, Kind: conformance.Response, For: &request, Frame: &conformance.Frame{Code: conformance.CodeContent, Path: ocf.PathPstat}},
	}})
	if len(s.requests)+len(s.watches) != 0 {
		t.Errorf("%d requests, %d observations", len(s.requests), len(s.watches))
	}
}

// Of the answers to one request to a group 200 are recorded, and of all 4,000. The record says
// how many there were besides, and an RST for one of those is none of the record's.
func TestManyMembersAnswer(t *testing.T) {
	r := conformance.NewRecorder(conformance.Header{}, nil)
	s := NewScribe(r)
	taken := false
	for ask := range byte(30) {
		s.CameToGroup("192.0.2.1:40000", "224.0.1.187:5683", []byte{0x51, 1, 0, ask, ask})
		for device := range byte(210) {
			at := fmt.Sprintf("127.1.0.%d:5683", device)
			s.LeftForGroup("a Device", at, "192.0.2.1:40000", []byte{0x51, 0x45, 1, ask, ask})
			taken = s.TookOfGroup(at, "192.0.2.1:40000", []byte{0x70, 0, 1, ask})
			if kept := ask < 20 && device < 200; taken != kept {
				t.Fatalf("answer %d of Device %d: %v", ask, device, taken)
			}
		}
	}
	s.Close()
	answers := 0
	for _, q := range tell(r.Timeline()).groups {
		answers += len(q.members)
	}
	all := r.Timeline().Observations
	if note := all[len(all)-2].Text; answers != 4000 || !strings.HasPrefix(note, "2300 more answers ") {
		t.Errorf("%d answers; %s", answers, note)
	}
}
