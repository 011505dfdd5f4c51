package fortune

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// journaled is what a Journal is told of Device 0, one entry of each kind with all that can be in it.
func journaled() []fleet.Entry {
	request := sim.Request{
		Path: "/oic/sec/cred", Interface: "oic.if.rw", RT: "oic.r.cred", Owned: "TRUE", Payload: []byte{0xa0, 0xff}, Format: 10000, Multicast: true,
		ID: 7, PIN: "01234567", Way: sim.InBlocks | sim.Unconfirmed,
		Via: sim.Via{Session: 3, Subject: ocf.UUID{1, 2, 3}, OTM: true, OwnerKey: [16]byte{9, 8, 7}},
	}
	answer := sim.Answer{Ask: 4, Available: true, Version: "1.0.1", Declared: 5, Received: 6, Failed: true, Flaw: sim.StaleMetadata}
	all := []fleet.Entry{
		{Kind: fleet.LostPower},
		{Kind: fleet.Started, At: 3},
		{Kind: fleet.Started, At: 3, Saved: &sim.Saved{ID: ocf.UUID{5}, CM: ocf.SSU, DOS: ocf.RFNOP}},
	}
	for _, ev := range []sim.Event{
		{Kind: sim.Post, Request: request},
		{Kind: sim.Post, Request: sim.Request{Path: "/x", Format: 0xffff}},
		{Kind: sim.Delete, Request: request},
		{Kind: sim.Due},
		{Kind: sim.Autonomous, Bits: ocf.SVV},
		{Kind: sim.Autonomous, Bits: ocf.SSU},
		{Kind: sim.Autonomous, Bits: ocf.SVV | ocf.SSU},
		{Kind: sim.PowerCycle},
		{Kind: sim.FactoryReset},
		{Kind: sim.SourceAnswer, Answer: answer},
		{Kind: sim.Arrange, Outcome: sim.Fails},
		{Kind: sim.SessionOpened, Request: sim.Request{Via: request.Via}},
		{Kind: sim.SessionClosed, Request: sim.Request{Via: request.Via}},
	} {
		ev.At = 12345 * time.Microsecond
		all = append(all, fleet.Entry{Kind: fleet.Applied, At: ev.At, Event: &ev})
	}
	return all
}

// TestARecordHasAllThatADeviceTakes writes entries of all kinds, and reads them again as they were.
func TestARecordHasAllThatADeviceTakes(t *testing.T) {
	plan, err := fleetfile.Parse("x.yaml", []byte("groups: [{name: a, count: 4}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var record strings.Builder
	c := Config{Plan: plan, Terms: Terms{Speed: 2, Epoch: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Owner: "x"}}
	c.Record = NewWriter(&record, c)
	k := New(c)
	for _, e := range journaled() {
		k.Enter(e)
	}
	if err := c.Record.buffer.Flush(); err != nil {
		t.Fatal(err)
	}
	tape, err := OpenTape("record", strings.NewReader(record.String()))
	if err != nil || tape.Head.Terms != c.Terms {
		t.Fatalf("%v, %+v", err, tape)
	}
	for _, want := range journaled() {
		l, err := tape.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Deed.entry(0)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, got %+v, want %+v", l.Deed.What, err, got, want)
		}
	}
	if _, err := tape.Next(); !errors.Is(err, io.EOF) || tape.Tail != nil {
		t.Errorf("behind the last: %v, %v", err, tape.Tail)
	}
}

// TestATornRecordEndsBeforeItsLastLine cuts a record anywhere: what is whole of it is read, and
// it is no error.
func TestATornRecordEndsBeforeItsLastLine(t *testing.T) {
	whole := `{"event":"run","schema":"ocfsim.fleet-run/1"}` + "\n" +
		`{"event":"deed","what":"off"}` + "\n" + `{"event":"fault","kind":"loss","way":"in"}` + "\n" + `{"event":"end"}` + "\n"
	for cut := strings.Index(whole, "\n") + 1; cut < len(whole); cut++ {
		tape, err := OpenTape("record", strings.NewReader(whole[:cut]))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; err == nil; n++ {
			_, err = tape.Next()
		}
		if tape.Tail != nil {
			n++
		}
		want := 0
		for line := range strings.Lines(whole[:cut]) {
			if json.Valid([]byte(line)) {
				want++
			}
		}
		if !errors.Is(err, io.EOF) || n != want { // the Head is one, as is the last call of Next
			t.Errorf("cut after %d bytes: %v, %d lines, want %d", cut, err, n, want)
		}
	}
}
