package conformance

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func record(t *testing.T) (Timeline, string) {
	t.Helper()
	var file bytes.Buffer
	r := NewRecorder(Header{Scenario: "check", Tags: []string{"SVV-6"}}, &file)
	zero := 0
	format := uint16(10000)
	r.Append(Observation{Kind: Request, Client: "privileged", Frame: &Frame{Type: "CON", Code: "GET", MID: 7, Token: Hex{1, 2}, Path: "/oic/sec/pstat"}})
	r.Append(Observation{Kind: Response, Client: "privileged", For: &zero, Frame: &Frame{
		Type: "ACK", Code: "2.05", MID: 7, Format: &format,
		Path: "/oic/sec/pstat", Payload: Hex{0xa2, 0x62, 't', 'm', 0x18, 0x40, 0x62, 'c', 'm', 0x00},
	}})
	r.Append(Observation{Kind: Source, Source: &SourceReport{Checks: 1, Holding: 1}})
	r.Expect(Expectation{Text: "x", Form: Exactly, Client: "privileged", Rows: []Row{{TM: "V", CM: "-", DOS: "*"}}})
	r.Append(Observation{Kind: Waiting, Outcome: Timeout, Text: "completion"})
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return r.Timeline(), file.String()
}

func TestARecordedTimelineIsReadBack(t *testing.T) {
	want, text := record(t)
	got, err := ReadTimeline("run.jsonl", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	same := cmp.Options{cmpopts.IgnoreUnexported(Observation{}), cmpopts.EquateApproxTime(0), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("read back (-recorded +read):\n%s", diff)
	}
	var again bytes.Buffer
	if err := got.Write(&again); err != nil {
		t.Fatal(err)
	}
	if again.String() != text {
		t.Errorf("written again:\n%s\nwant:\n%s", again.String(), text)
	}
}

func TestACutOffLineIsReportedAndTheRestKept(t *testing.T) {
	_, text := record(t)
	tl, err := ReadTimeline("run.jsonl", strings.NewReader(text[:len(text)-20]))
	if !errors.Is(err, ErrTruncated) || !strings.HasPrefix(err.Error(), "run.jsonl:6: ") {
		t.Errorf("error %v", err)
	}
	if len(tl.Observations) != 3 || len(tl.Expectations) != 1 {
		t.Errorf("kept %d observations, %d expectations", len(tl.Observations), len(tl.Expectations))
	}
}

func TestBrokenTimelinesAreRefusedWithTheirLine(t *testing.T) {
	header := `{"schema":"ocfsim.timeline/1","tool":"","edition":"","scenario":"","name":"","feature":"","tags":null,"started":"2026-01-01T00:00:00Z","target":{}}` + "\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", "t:1: empty"},
		"unknown schema":  {`{"schema":"ocfsim.timeline/9"}` + "\n", `t:1: schema "ocfsim.timeline/9", expected "ocfsim.timeline/1"`},
		"no json":         {"hello\n", "t:1: no header"},
		"missing line":    {header + `{"n":1,"at_ns":0,"wall":"2026-01-01T00:00:00Z","kind":"note"}` + "\n", "t:2: n is 1, expected 0"},
		"unknown field":   {header + `{"n":0,"kind":"note","colour":"red"}` + "\n", "t:2: json: unknown field"},
		"for in future":   {header + `{"n":0,"kind":"response","for":3}` + "\n", "t:2: for is 3"},
		"cut in between":  {header + `{"n":0,"kind":"no` + "\n" + `{"n":0,"kind":"note"}` + "\n", "t:2: "},
		"neither of both": {header + `{"n":0}` + "\n", "t:2: neither kind nor form"},
	} {
		_, err := ReadTimeline("t", strings.NewReader(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}

type fullDisk struct{ after int }

func (b *fullDisk) Write(p []byte) (int, error) {
	if b.after--; b.after < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestAFailedWriteIsKept(t *testing.T) {
	r := NewRecorder(Header{Scenario: "s"}, &fullDisk{after: 1})
	changed := r.Changed()
	r.Append(Observation{Kind: Note})
	r.Append(Observation{Kind: Note})
	select {
	case <-changed:
	default:
		t.Error("Append did not close Changed")
	}
	if r.Err() == nil || !strings.Contains(r.Err().Error(), "disk full") {
		t.Errorf("Err is %v", r.Err())
	}
	if n := len(r.Timeline().Observations); n != 2 {
		t.Errorf("%d observations in memory, want 2", n)
	}
}
