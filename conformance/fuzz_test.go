package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// FuzzReadTimeline holds the reader to its word: what it reads without an
// error it writes back as it was, and whatever it reads can be judged.
func FuzzReadTimeline(f *testing.F) {
	files, err := filepath.Glob(recorded + "/*.jsonl")
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
	f.Fuzz(func(t *testing.T, text []byte) {
		tl, err := ReadTimeline("fuzz", bytes.NewReader(text))
		JudgeAll(tl)
		for _, e := range tl.Expectations {
			e.Check(tl)
		}
		if err != nil {
			return
		}
		var once, twice bytes.Buffer
		if err := tl.Write(&once); err != nil {
			t.Fatal(err)
		}
		again, err := ReadTimeline("again", bytes.NewReader(once.Bytes()))
		if err != nil {
			t.Fatalf("read back: %v\n%s", err, once.Bytes())
		}
		if err := again.Write(&twice); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Errorf("written again differs: %v", err)
		}
	})
}

func FuzzReadPayload(f *testing.F) {
	f.Add([]byte{0xa1, 0x62, 't', 'm', 0x18, 0x40})
	f.Add([]byte{0xbf, 0x62, 't', 'm', 0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0, 0xff})
	f.Add([]byte{0x9f, 0x9f, 0x9f})
	f.Fuzz(func(_ *testing.T, b []byte) {
		v, _ := readPayload(b)
		_ = write{body: v, ok: true}.says()
	})
}

func TestManyMayRecord(t *testing.T) {
	var file bytes.Buffer
	r := NewRecorder(Header{Scenario: "busy"}, &file)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				<-r.Changed()
			}
		})
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for n := 0; ; n++ {
		select {
		case <-done:
			tl, err := ReadTimeline("busy", &file)
			if err != nil || len(tl.Observations) != n {
				t.Errorf("%d of %d observations read back: %v", len(tl.Observations), n, err)
			}
			return
		default:
			r.Append(Observation{Kind: Note})
			r.Timeline()
		}
	}
}
