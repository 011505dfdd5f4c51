package lookout_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/ocf"
)

// eventSchema is the schema of the lines.
func eventSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(lookout.EventsSchemaJSON))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("events.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("events.schema.json")
}

// linesOf reads lines, each of which has to keep to the schema.
func linesOf(t *testing.T, text string) (all []lookout.Line) {
	t.Helper()
	schema := eventSchema(t)
	for line := range strings.Lines(text) {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Errorf("%v: %s", err, line)
		}
		var l lookout.Line
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// brief is a line without times and addresses.
func brief(l lookout.Line) string {
	parts := []string{l.Event}
	if l.Device != nil {
		parts = append(parts, fmt.Sprint(*l.Device))
	}
	for _, part := range []string{l.Method, l.Path, l.Code, l.Asks, l.Process, l.Result, l.TM, l.CM, l.DOS, l.Reason} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// TestEvents lets a fleet do all kinds of things and reads what is told of them.
func TestEvents(t *testing.T) {
	var out bytes.Buffer
	kinds, err := lookout.ParseKinds(nil)
	if err != nil {
		t.Fatal(err)
	}
	make := func() *lookout.Events { return lookout.NewEvents(&out, kinds, 0) }
	err = telling(t, 2, []string{"success", "failure"}, make, func(w *world) {
		w.request(0, ocf.SVV, time.Minute)
		w.request(1, ocf.SVV|ocf.SSU, time.Hour)
		w.ask(0, codes.GET, ocf.PathD, nil)
		w.write(0, ocf.PstatUpdate{Set: ocf.PropCM, CM: ocf.SVV})
		w.request(0, ocf.SVV, 0)
		w.write(0, ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.RESET})
		if _, err := w.roster.Condition(w.roster.ID(1).String(), "reboot"); err != nil {
			w.Error(err)
		}
		_, _ = w.net.Dial(w.roster.Addr(0))
		time.Sleep(time.Hour)
	})
	if err != nil {
		t.Error(err)
	}
	var got []string
	for _, l := range linesOf(t, out.String()) {
		got = append(got, brief(l))
	}
	const want = `request 0 POST /oic/sec/pstat 2.04 tm=V
write-accepted 0 POST /oic/sec/pstat 2.04 tm=V
state 0 V - RFNOP
process-began 0 validation
state 0 V V RFNOP
state 0 - V RFNOP
process-ended 0 validation available
request 1 POST /oic/sec/pstat 2.04 tm=V+U
write-accepted 1 POST /oic/sec/pstat 2.04 tm=V+U
state 1 V+U - RFNOP
process-began 1 validation
state 1 V+U V RFNOP
state 1 U V RFNOP
process-ended 1 validation available
process-began 1 update
state 1 - V RFNOP
process-ended 1 update not-updated failed
request 0 GET /oic/d 2.05
request 0 POST /oic/sec/pstat 4.00 cm=V
write-refused 0 POST /oic/sec/pstat 4.00 cm=V read-only: cm
request 0 POST /oic/sec/pstat 2.04 tm=V
write-accepted 0 POST /oic/sec/pstat 2.04 tm=V
state 0 V - RFNOP
process-began 0 validation
request 0 POST /oic/sec/pstat 2.04 dos=RESET
write-accepted 0 POST /oic/sec/pstat 2.04 dos=RESET
state 0 0x2 0x1 RESET
process-ended 0 validation aborted
owner-lost 0
went-down 1
state 0 - 0x2 RFOTM
came-up 1
summary`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

// TestEventsAreChosen: only the kinds that were asked for are told, and the summary.
func TestEventsAreChosen(t *testing.T) {
	var out bytes.Buffer
	kinds, err := lookout.ParseKinds([]string{"process-ended", "drop"})
	if err != nil {
		t.Fatal(err)
	}
	make := func() *lookout.Events { return lookout.NewEvents(&out, kinds, 0) }
	err = telling(t, 1, []string{"success"}, make, func(w *world) {
		w.request(0, ocf.SVV, time.Minute)
		c, err := w.net.Dial(w.roster.Addr(0))
		if err != nil {
			w.Fatal(err)
		}
		_, _ = c.Write([]byte("junk"))
		_, _ = c.Write([]byte("junk"))
		time.Sleep(5 * time.Second)
		_ = c.Close()
	})
	if err != nil {
		t.Error(err)
	}
	var got []string
	for _, l := range linesOf(t, out.String()) {
		got = append(got, fmt.Sprintf("%s %d", l.Event, l.Count))
	}
	if want := []string{"process-ended 0", "drop 2", "summary 0"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := lookout.ParseKinds([]string{"process-ended", "summary"}); err == nil {
		t.Error("the summary can be chosen, though it comes in any case")
	}
}

// TestEventsAreLimited: what is more than the rate is counted, by kind, and each kind has
// the rate for itself.
func TestEventsAreLimited(t *testing.T) {
	var out bytes.Buffer
	kinds, err := lookout.ParseKinds([]string{"request", "write-accepted"})
	if err != nil {
		t.Fatal(err)
	}
	make := func() *lookout.Events { return lookout.NewEvents(&out, kinds, 2) }
	err = telling(t, 1, []string{"success"}, make, func(w *world) {
		for range 5 {
			w.ask(0, codes.GET, ocf.PathD, nil)
		}
		w.request(0, ocf.SVV, 3*time.Second)
		w.ask(0, codes.GET, ocf.PathD, nil)
	})
	if err != nil {
		t.Error(err)
	}
	var got []string
	for _, l := range linesOf(t, out.String()) {
		got = append(got, strings.TrimSpace(fmt.Sprintln(l.Event, l.Reason, l.LeftOut["request"])))
	}
	want := []string{"request  0", "request  0", "write-accepted  0", "left-out rate 4", "request  0", "summary  0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// stuck takes nothing until it is told to.
type stuck struct {
	free chan struct{}
	bytes.Buffer
}

func (s *stuck) Write(p []byte) (int, error) { <-s.free; return s.Buffer.Write(p) }

// TestEventsBlockNobody: the fleet goes on though nobody reads, and what did not fit is
// told once somebody does.
func TestEventsBlockNobody(t *testing.T) {
	out := &stuck{free: make(chan struct{})}
	kinds, err := lookout.ParseKinds([]string{"request"})
	if err != nil {
		t.Fatal(err)
	}
	make := func() *lookout.Events { return lookout.NewEvents(out, kinds, 0) }
	const requests = 17_000
	err = telling(t, 1, []string{"success"}, make, func(w *world) {
		for range requests {
			w.ask(0, codes.GET, ocf.PathD, nil)
		}
		close(out.free)
		time.Sleep(10 * time.Second)
	})
	if err != nil {
		t.Error(err)
	}
	told, left := 0, 0
	for line := range strings.Lines(out.String()) {
		var l lookout.Line
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Event == "request" {
			told++
		}
		left += int(l.LeftOut["request"])
	}
	if told+left != requests || left == 0 {
		t.Errorf("%d events told and %d left out of %d", told, left, requests)
	}
}

// broken takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no room") }

// TestEventsThatCantBeWritten: the end of the run says so, and the fleet does not mind.
func TestEventsThatCantBeWritten(t *testing.T) {
	kinds, err := lookout.ParseKinds(nil)
	if err != nil {
		t.Fatal(err)
	}
	make := func() *lookout.Events { return lookout.NewEvents(broken{}, kinds, 0) }
	err = telling(t, 1, []string{"success"}, make, func(w *world) {
		w.request(0, ocf.SVV, time.Minute)
		w.request(0, ocf.SVV, time.Minute)
	})
	if err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("the error is %v", err)
	}
}
