package conformance

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

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
	if !errors.Is(err, ErrTruncated) || !strings.HasPrefix(err.Error(), "run.jsonl:6:1: ") {
		t.Errorf("error %v", err)
	}
	if len(tl.Observations) != 3 || len(tl.Expectations) != 1 {
		t.Errorf("kept %d observations, %d expectations", len(tl.Observations), len(tl.Expectations))
	}
}

func TestBrokenTimelinesAreRefusedWithTheirPlace(t *testing.T) {
	header := `{"schema":"ocfsim.timeline/1","tool":"","edition":"","scenario":"","name":"","feature":"","tags":null,"started":"2026-01-01T00:00:00Z","target":{}}` + "\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", "t:1:1: empty"},
		"unknown schema":  {`{"schema":"ocfsim.timeline/9"}` + "\n", `t:1:1: schema "ocfsim.timeline/9", expected "ocfsim.timeline/1"`},
		"no json":         {"hello\n", "t:1:1: no header"},
		"missing line":    {header + `{"n":1,"at_ns":0,"wall":"2026-01-01T00:00:00Z","kind":"note"}` + "\n", "t:2:1: n is 1, expected 0"},
		"unknown field":   {header + `{"n":0,"kind":"note","colour":"red"}` + "\n", "t:2:1: json: unknown field"},
		"for itself":      {header + `{"n":0,"kind":"response","for":0}` + "\n", "t:2:1: for is 0"},
		"for before all":  {header + `{"n":0,"kind":"note"}` + "\n" + `{"n":1,"kind":"response","for":-1}` + "\n", "t:3:1: for is -1"},
		"before the run":  {header + `{"n":0,"kind":"note","at_ns":-1}` + "\n", "t:2:1: at_ns is -1"},
		"odd form":        {header + `{"form":"exactly","colour":"red"}` + "\n", "t:2:1: json: unknown field"},
		"odd header":      {`{"schema":"ocfsim.timeline/1","colour":"red"}` + "\n", "t:1:1: json: unknown field"},
		"blank lines":     {"\n\n", "t:1:1: empty"},
		"odd hexadecimal": {header + `{"n":0,"kind":"note","frame":{"token":"0g"}}` + "\n", "t:2:1: encoding/hex"},
		"for in future":   {header + `{"n":0,"kind":"response","for":3}` + "\n", "t:2:1: for is 3"},
		"cut in between":  {header + `{"n":0,"kind":"no` + "\n" + `{"n":0,"kind":"note"}` + "\n", "t:2:18: invalid character"},
		"neither of both": {header + `{"n":0}` + "\n", "t:2:1: neither kind nor form"},
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

// TestAWholeLastLineNeedsNoEnd: a file whose last line lacks its line feed is
// whole where the line is, also where it is the only one.
func TestAWholeLastLineNeedsNoEnd(t *testing.T) {
	_, text := record(t)
	tl, err := ReadTimeline("run.jsonl", strings.NewReader(strings.TrimSuffix(text, "\n")))
	if err != nil || len(tl.Observations) != 4 || len(tl.Expectations) != 1 {
		t.Errorf("%d observations, %d expectations, %v", len(tl.Observations), len(tl.Expectations), err)
	}
	head, _, _ := strings.Cut(text, "\n")
	if tl, err := ReadTimeline("run.jsonl", strings.NewReader(head)); err != nil || tl.Header.Scenario != "check" {
		t.Errorf("header alone: %+v, %v", tl.Header, err)
	}
	if _, err := ReadTimeline("run.jsonl", strings.NewReader(head[:20])); err == nil || errors.Is(err, ErrTruncated) {
		t.Errorf("half a header is %v, want an error that no rest can be had", err)
	}
	unknown := text + `{"n":4,"kind":"note","colour":1}`
	if _, err := ReadTimeline("run.jsonl", strings.NewReader(unknown)); err == nil || errors.Is(err, ErrTruncated) {
		t.Errorf("a last line that is whole but wrong is %v, want no cut", err)
	}
	spaced := strings.ReplaceAll(text, "\n", "\n \n")
	if tl, err := ReadTimeline("run.jsonl", strings.NewReader(spaced)); err != nil || len(tl.Observations) != 4 {
		t.Errorf("with blank lines: %d observations, %v", len(tl.Observations), err)
	}
}

func TestAReaderThatFailsIsNoEndOfFile(t *testing.T) {
	_, text := record(t)
	broken := errors.New("disk gone")
	_, err := ReadTimeline("t", io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "t:7:1: ") {
		t.Errorf("error %v", err)
	}
	long := text + strings.Repeat(" ", maxLine) + "\n"
	if _, err := ReadTimeline("t", strings.NewReader(long)); err == nil || !strings.Contains(err.Error(), "t:7:1: longer than") {
		t.Errorf("a line too long: %v", err)
	}
	fits := text + strings.Repeat(" ", maxLine-1) + "\n"
	if _, err := ReadTimeline("t", strings.NewReader(fits)); err != nil {
		t.Errorf("a line as long as may be: %v", err)
	}
}

// TestExpectationsStandWhereTheyWereMade: each behind the last entry that it
// judges, in the order in which they were made.
func TestExpectationsStandWhereTheyWereMade(t *testing.T) {
	var file bytes.Buffer
	r := NewRecorder(Header{}, &file)
	rows := []Row{{TM: "V"}}
	r.Expect(Expectation{Text: "a", Form: Exactly, Rows: rows, Upto: 2})
	r.Append(Observation{Kind: Note})
	r.Expect(Expectation{Text: "b", Form: Exactly, Rows: rows})
	r.Append(Observation{Kind: Note})
	r.Expect(Expectation{Text: "c", Form: Exactly, Rows: rows})
	r.Append(Observation{Kind: Note})
	tl := r.Timeline()
	if tl.Header.Schema != TimelineSchema || tl.Header.Started.IsZero() {
		t.Errorf("header %+v", tl.Header)
	}
	var upto []int
	for _, e := range tl.Expectations {
		upto = append(upto, e.Upto)
	}
	if diff := cmp.Diff([]int{2, 1, 2}, upto); diff != "" {
		t.Errorf("upto (-want +got):\n%s", diff)
	}
	tl.Expectations[0].Upto, tl.Expectations[1].Upto, tl.Expectations[2].Upto = 1, 2, 9
	var written bytes.Buffer
	if err := tl.Write(&written); err != nil {
		t.Fatal(err)
	}
	var order []string
	for line := range strings.Lines(written.String()) {
		for _, what := range []string{`"schema"`, `"n":0`, `"n":1`, `"n":2`, `"text":"a"`, `"text":"b"`, `"text":"c"`} {
			if strings.Contains(line, what) {
				order = append(order, what)
			}
		}
	}
	want := []string{`"schema"`, `"n":0`, `"text":"a"`, `"n":1`, `"text":"b"`, `"n":2`, `"text":"c"`}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	given := Header{Schema: "other", Started: tl.Header.Started.Add(-time.Hour)}
	if diff := cmp.Diff(given, NewRecorder(given, nil).Timeline().Header); diff != "" {
		t.Errorf("a header that was given (-given +kept):\n%s", diff)
	}
}

// TestASnapshotDoesNotGrow: what is appended later is in later snapshots alone.
func TestASnapshotDoesNotGrow(t *testing.T) {
	r := NewRecorder(Header{}, nil)
	for range 3 {
		r.Append(Observation{Kind: Note})
	}
	early := r.Timeline()
	if n := r.Append(Observation{Kind: Note, Text: "late"}); n != 3 {
		t.Errorf("the fourth entry is %d", n)
	}
	_ = append(early.Observations, Observation{Text: "mine"})
	late := r.Timeline()
	if len(early.Observations) != 3 || late.Observations[3].Text != "late" {
		t.Errorf("%d entries in the early one, the late one ends with %q", len(early.Observations), late.Observations[3].Text)
	}
	for i, o := range late.Observations {
		if o.N != i || i > 0 && o.At < late.Observations[i-1].At || o.Wall.IsZero() {
			t.Errorf("entry %d is %+v", i, o)
		}
	}
	if r.Err() != nil {
		t.Errorf("without a file: %v", r.Err())
	}
}

// TestAFullDiskIsToldWhereverItHappens: in the header, in an entry or in an
// expectation.
func TestAFullDiskIsToldWhereverItHappens(t *testing.T) {
	tl, text := record(t)
	big := tl
	big.Observations = append([]Observation(nil), tl.Observations...)
	big.Observations[0].Text = strings.Repeat("x", 8192)
	big.Expectations = []Expectation{{Text: strings.Repeat("y", 8192), Form: Exactly, Upto: 2}, {Text: strings.Repeat("z", 8192), Form: Exactly, Upto: 9}}
	big.Header.Name = strings.Repeat("n", 8192)
	for after := range 4 {
		if err := big.Write(&fullDisk{after: after}); err == nil {
			t.Errorf("no error though the disk was full after %d writes", after)
		}
	}
	if err := tl.Write(&fullDisk{after: 0}); err == nil {
		t.Error("no error though nothing was written")
	}
	if err := tl.Write(&fullDisk{after: strings.Count(text, "\n")}); err != nil {
		t.Error(err)
	}
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

// TestTheTimeOfDayGoesOnEvenly checks that the time of day of each Observation follows from when
// the Timeline began and how much time has passed, and not from the clock of the machine, which
// somebody may set meanwhile.
func TestTheTimeOfDayGoesOnEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) // not what the clock says
		r := NewRecorder(Header{Started: began}, nil)
		r.Append(Observation{Kind: Note})
		time.Sleep(1500 * time.Millisecond) // in the bubble's time
		r.Append(Observation{Kind: Note})
		for i, want := range []time.Time{began, began.Add(1500 * time.Millisecond)} {
			if got := r.Timeline().Observations[i].Wall; !got.Equal(want) {
				t.Errorf("Observation %d: %v, want %v", i, got, want)
			}
		}
		if got := r.Time(); !got.Equal(began.Add(1500 * time.Millisecond)) {
			t.Errorf("it is %v", got)
		}
	})
}
