package conformance

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
)

// pack is text as gzip has it.
func pack(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const packedText = `{"schema":"ocfsim.timeline/1","scenario":"a"}` + "\n" +
	`{"n":0,"at_ns":1,"wall":"2026-03-14T09:26:53Z","kind":"note","text":"one"}` + "\n" +
	`{"n":1,"at_ns":2,"wall":"2026-03-14T09:26:53Z","kind":"note","text":"two"}` + "\n"

func TestPackedTimelines(t *testing.T) {
	whole := pack(t, packedText)
	tl, err := ReadTimeline("x.jsonl.gz", bytes.NewReader(whole))
	if err != nil || len(tl.Observations) != 2 || tl.Header.Scenario != "a" {
		t.Errorf("%d observations of %q: %v", len(tl.Observations), tl.Header.Scenario, err)
	}
	// Wherever the file is cut, what is there is read, and said not to be all.
	for n := 3; n < len(whole); n++ {
		tl, err := ReadTimeline("x", bytes.NewReader(whole[:n]))
		if err == nil || len(tl.Observations) > 0 && !errors.Is(err, ErrTruncated) {
			t.Errorf("of %d bytes %d observations were read: %v", n, len(tl.Observations), err)
		}
	}
	// Whichever byte of what is packed is another, that is no Timeline; the header of a
	// gzip file holds a time and a system, which say nothing.
	for n := 10; n < len(whole); n++ {
		bad := bytes.Clone(whole)
		bad[n] ^= 0xff
		if _, err := ReadTimeline("x", bytes.NewReader(bad)); err == nil {
			t.Errorf("byte %d is another, and nobody noticed", n)
		}
	}
	if _, err := ReadTimeline("x", bytes.NewReader(append(whole, "more"...))); err == nil {
		t.Error("what stands after the end went unnoticed")
	}
}

func TestAPackedTimelineIsBounded(t *testing.T) {
	const each = 8 << 20
	member := pack(t, strings.Repeat(" ", each-1)+"\n") // gzip files that follow one another are one
	bomb := bytes.Repeat(member, maxUnpacked/each+1)
	if _, err := ReadTimeline("bomb", bytes.NewReader(bomb)); err == nil || !strings.Contains(err.Error(), "unpacks to more than") {
		t.Errorf("%d bytes that unpack to too much: %v", len(bomb), err)
	}
}
