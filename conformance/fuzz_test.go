package conformance_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/fixtures/seeds"
)

// FuzzReadTimeline holds the reader to its word: what it reads without an
// error it writes back as it was, and whatever it reads can be judged.
func FuzzReadTimeline(f *testing.F) {
	files, err := filepath.Glob("../fixtures/timelines/*.jsonl")
	if err != nil || len(files) == 0 {
		f.Fatalf("no timelines: %v", err)
	}
	for _, file := range files[:2] {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		lines := bytes.SplitAfterN(text, []byte("\n"), 13)
		f.Add(bytes.Join(lines[:12], nil))
	}
	f.Add([]byte(`{"schema":"ocfsim.timeline/1"}` + "\n" + `{"n":0,"kind":"lost"}` + "\n" + `{"form":"exactly","upto":9}`))
	found, err := seeds.Read("testdata/seeds/FuzzReadTimeline")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range found {
		f.Add([]byte(input))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		tl, err := conformance.ReadTimeline("fuzz", bytes.NewReader(text))
		judge.Scenario(tl, judge.Known{})
		if err != nil {
			return
		}
		var once, twice bytes.Buffer
		if err := tl.Write(&once); err != nil {
			t.Fatal(err)
		}
		again, err := conformance.ReadTimeline("again", bytes.NewReader(once.Bytes()))
		if err != nil {
			t.Fatalf("read back: %v\n%s", err, once.Bytes())
		}
		if err := again.Write(&twice); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Errorf("written again differs: %v", err)
		}
	})
}
