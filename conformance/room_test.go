package conformance

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// flood sends r as many notifications of so many bytes as said.
func flood(r *Recorder, frames, size int) {
	zero := 0
	for range frames {
		r.Append(Observation{Kind: Notification, Client: Privileged, For: &zero, Frame: &Frame{Type: "NON", Code: "2.05", Raw: make(Hex, size)}})
	}
}

func TestAFullRecordKeepsWhatTheHarnessDid(t *testing.T) {
	var file bytes.Buffer
	r := NewRecorder(Header{Scenario: "flood"}, &file)
	r.Confine(Room{Frames: 4, Bytes: 1000})
	request := r.Append(Observation{Kind: Request, Client: Privileged, Frame: &Frame{Type: "CON", Code: "GET"}})
	flood(r, 10, 20)
	if !r.Full() {
		t.Fatal("not full after 11 frames of 4")
	}
	if n := r.Append(Observation{Kind: Message, Client: Privileged, Frame: &Frame{Type: "RST", Raw: make(Hex, 4)}}); n != -1 {
		t.Errorf("a message of the Device is kept as %d", n)
	}
	r.Append(Observation{Kind: Response, Client: Privileged, For: &request, Frame: &Frame{Type: "ACK", Code: "2.05"}})
	r.Append(Observation{Kind: Step, Text: "Then"})
	r.Finish()
	var got []string
	for _, o := range r.Timeline().Observations {
		got = append(got, string(o.Kind)+" "+o.Text)
	}
	want := []string{
		"request ", "notification ", "notification ", "notification ",
		"note the record is full: it has room for 4 frames and 1000 bytes, and what the Device sends from here on is counted and not kept",
		"response ", "step Then", "note 8 frames and 144 bytes more were not kept",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	read, err := ReadTimeline("flood.jsonl", &file)
	if err != nil || read.Full() != 4 || len(read.Kept().Observations) != 4 {
		t.Errorf("read back: %v, full at %d, %d entries kept", err, read.Full(), len(read.Kept().Observations))
	}
}

func TestARecordIsFullByItsBytesToo(t *testing.T) {
	r := NewRecorder(Header{}, nil)
	r.Confine(Room{Frames: 1000, Bytes: 1000})
	flood(r, 3, 400)
	if tl := r.Timeline(); tl.Full() != 3 {
		t.Errorf("full at %d, want 3", tl.Full())
	}
}

func TestARecordWithRoomLeftSaysNothing(t *testing.T) {
	r := NewRecorder(Header{}, nil)
	flood(r, 100, 100)
	r.Finish()
	tl := r.Timeline()
	if len(tl.Observations) != 100 || tl.Full() != -1 || len(tl.Kept().Observations) != 100 {
		t.Errorf("%d entries, full at %d", len(tl.Observations), tl.Full())
	}
}

func TestNotesOfTheSocketAreBoundedAndNotesThatEndARequestAreKept(t *testing.T) {
	r := NewRecorder(Header{}, nil)
	r.Confine(Room{Frames: 10, Bytes: 1 << 20})
	zero := 0
	for range 50 {
		r.Append(Observation{Kind: Note, Client: Privileged, Text: "read: connection refused"})
	}
	r.Append(Observation{Kind: Note, Client: Privileged, For: &zero, Text: "no longer waited for"})
	if n := len(r.Timeline().Observations); n != 12 {
		t.Errorf("%d entries, want 10 notes, the one that it is full, and the one that ends a request", n)
	}
}

func TestARunOfFullRecordsHasLessAndLessRoom(t *testing.T) {
	full := FullRoom()
	sum, last := 0, full.Frames
	for n := range 300 {
		room := full.Less(n)
		if room.Frames > last || room.Frames*64 < full.Frames || room.Bytes*64 < full.Bytes {
			t.Fatalf("after %d full records: room for %v", n, room)
		}
		sum, last = sum+room.Frames, room.Frames
	}
	if sum > 8*full.Frames {
		t.Errorf("300 full records take %d frames in all", sum)
	}
	if full.Less(-1) != full || !strings.Contains(full.String(), "40000 frames") {
		t.Errorf("%v", full.Less(-1))
	}
}
