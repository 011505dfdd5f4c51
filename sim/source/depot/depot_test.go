package depot_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// strike reads a strike of a built-in fault.
func strike(t *testing.T, text string) depot.Strike {
	t.Helper()
	s, err := depot.ParseStrike(text, fixtures.Fault)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseStrike(t *testing.T) {
	for text, want := range map[string]string{
		"truncated":                    "truncated",
		"truncated@4096":               "truncated@4096",
		"truncated@byte:4096":          "truncated@4096",
		"aborted@block:3,request=2":    "aborted@block:3,request=2",
		"flapping@request:2,times=4":   "flapping,request=2",
		"flipped,byte=7,of=lamp-2.bin": "flipped@7,of=lamp-2.bin",
	} {
		if got := strike(t, text).String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	if s := strike(t, "slow@1000,rate=7"); s.Rate != 7 || s.At(64) != 1000 {
		t.Errorf("%+v", s)
	}
	if s := strike(t, "aborted@block:3"); s.At(64) != 192 || s.At(1024) != 3072 {
		t.Errorf("%+v", s)
	}
	for _, text := range []string{"", "nonsense", "truncated@", "truncated@-1", "truncated@block:x", "truncated@page:1", "slow,rate=0"} {
		if s, err := depot.ParseStrike(text, fixtures.Fault); err == nil {
			t.Errorf("%q is %v", text, s)
		}
	}
}

func TestParseRelease(t *testing.T) {
	read := func(name string) ([]byte, error) { return []byte(strings.Repeat("x", len(name)-len("empty"))), nil }
	r, err := depot.ParseRelease("2.0=some/where/lamp.bin", read)
	if err != nil || r.Name != "lamp.bin" || r.Version != "2.0" || len(r.Content) == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = depot.ParseRelease("lamp.bin", read); err != nil || r.Version != "1.0.1" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, text := range []string{"empty", "=lamp.bin", "2.0=", "a b=lamp.bin", "2.0=..", "2.0=" + strings.Repeat("n", 65)} {
		if r, err := depot.ParseRelease(text, read); err == nil {
			t.Errorf("%q is %+v", text, r)
		}
	}
}

// take lets a Device take the bytes from and upto of the package.
func take(t *testing.T, d *depot.Depot, from, upto int64) {
	t.Helper()
	r := depot.Request{Over: "https", Peer: "192.0.2.9:4711", Name: "1.0.1.bin", From: from, Upto: upto}
	x, ok := d.Fetch(context.Background(), r)
	if !ok || !x.Plain() {
		t.Fatalf("%v %+v", ok, x.Reply)
	}
	x.Sends(x.From, x.Upto)
	_ = x.Bytes(x.From, int(x.Upto-x.From))
	x.End(depot.Answered)
}

func newDepot(t *testing.T, c depot.Config) *depot.Depot {
	t.Helper()
	d, err := depot.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// TestAPackageIsServedWhenAllOfItHasLeft counts a package that is taken in parts once,
// and one of which a byte was changed never.
func TestAPackageIsServedWhenAllOfItHasLeft(t *testing.T) {
	d := newDepot(t, depot.Config{Size: 1000})
	take(t, d, 0, 400)
	take(t, d, 300, 600)
	if r := d.Report(); r.Served != 0 || r.Fetches != 2 || r.Last.Bytes != 600 || r.Last.Good {
		t.Errorf("%+v %+v", r, r.Last)
	}
	take(t, d, 600, 0)
	if r := d.Report(); r.Served != 1 || r.Last.Bytes != 1000 || !r.Last.Good || r.Last.Number != 3 {
		t.Errorf("%+v %+v", r, r.Last)
	}
	flipped := newDepot(t, depot.Config{Size: 1000, Strikes: []depot.Strike{strike(t, "flipped@999")}})
	take(t, flipped, 0, 0)
	if r := flipped.Report(); r.Served != 0 || r.Last.Good || !slices.Equal(r.Last.Faults, []string{"flipped@999"}) {
		t.Errorf("%+v %+v", r, r.Last)
	}
}

// TestUnanswered counts the questions that a fault of the source leaves without an answer, over
// each kind of question: an error of the server is none, a redirect and a package that is cut are.
func TestUnanswered(t *testing.T) {
	for name, want := range map[string]int{
		"unavailable": 2, "stalled": 2, "redirected": 0, "truncated@10": 0, "withdrawn": 0, "bad-signature": 0, "flapping": 2,
	} {
		d := newDepot(t, depot.Config{Size: 1000, Strikes: []depot.Strike{strike(t, name)}})
		q := depot.Request{Over: "https", Peer: "192.0.2.9:4711", Version: "1.0.0"}
		if _, ok := d.Versions(context.Background(), q); !ok {
			t.Fatalf("%s: no answer", name)
		}
		q.Name = "1.0.1.bin"
		x, ok := d.Fetch(context.Background(), q)
		if !ok {
			t.Fatalf("%s: no package", name)
		}
		x.End(depot.Answered)
		if r := d.Report(); r.Unanswered != want || r.Checks != 1 || r.Fetches != 1 {
			t.Errorf("%s: %+v, want %d unanswered", name, r, want)
		}
	}
}

// TestTheGateHoldsQuestions checks that a question waits while the source is held, and is
// answered by what is on offer when it is released.
func TestTheGateHoldsQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDepot(t, depot.Config{})
		condition := func(name string) source.Report {
			t.Helper()
			r, err := d.Condition("", name)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		condition("hold")
		var got *depot.Transfer
		go func() {
			got, _ = d.Fetch(context.Background(), depot.Request{Over: "coaps", Peer: "192.0.2.9:1", Name: "1.0.1.bin"})
		}()
		synctest.Wait()
		if r := condition("report"); got != nil || r.Holding != 1 || r.Fetches != 1 {
			t.Fatalf("%v %+v", got, r)
		}
		condition("no-update")
		condition("release")
		synctest.Wait()
		if r := condition("report"); got == nil || got.Status != 404 || r.Holding != 0 {
			t.Fatalf("%v %+v", got, r)
		}
		ctx, cancel := context.WithCancel(context.Background())
		condition("hold")
		answered := true
		go func() { _, answered = d.Versions(ctx, depot.Request{Over: "http", Peer: "192.0.2.9:1"}) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if answered {
			t.Error("a question is answered whose Device went away")
		}
	})
}

func TestConditions(t *testing.T) {
	d := newDepot(t, depot.Config{})
	for _, name := range []string{"reboot", "nonsense", "update-fails"} {
		if _, err := d.Condition("", name); !errors.Is(err, source.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ends := map[string]string{}
	spare := strike(t, "truncated@10")
	spare.Spare = true
	d = newDepot(t, depot.Config{Strikes: []depot.Strike{strike(t, "unavailable"), strike(t, "range-ignored"), strike(t, "redirected"), spare}})
	for _, name := range []string{"report", "update-available", "update-fails"} {
		if _, err := d.Condition("", name); err != nil {
			t.Fatal(err)
		}
		x, _ := d.Fetch(context.Background(), depot.Request{Over: "https", Peer: "192.0.2.9:1", Name: "1.0.1.bin", From: 7})
		_, _, cut := x.Next(0, 20)
		ends[name] = strings.TrimSpace(strings.Join([]string{x.Redirect, map[bool]string{true: "503"}[x.Status == 503], map[bool]string{true: "whole"}[x.Unranged], map[bool]string{true: "cut"}[cut]}, " "))
		x.End(depot.Answered)
	}
	for name, want := range map[string]string{"report": "same-host 503 whole", "update-available": "whole", "update-fails": "503 whole cut"} {
		if got := strings.Join(strings.Fields(ends[name]), " "); got != want {
			t.Errorf("after %s: %q, want %q", name, got, want)
		}
	}
}

// TestReleasesTakeTurns offers a Device that has the newest release the one before it.
func TestReleasesTakeTurns(t *testing.T) {
	d := newDepot(t, depot.Config{Releases: []depot.Release{
		{Name: "a.bin", Version: "1.0", Content: []byte("a")}, {Name: "b.bin", Version: "2.0", Content: []byte("b")},
	}})
	for has, want := range map[string]string{"": "2.0", "1.0": "2.0", "2.0": "1.0", "0.9": "2.0"} {
		o, ok := d.Versions(context.Background(), depot.Request{Over: "http", Peer: "192.0.2.9:1", Version: has})
		if !ok || o.Release == nil || o.Release.Version != want {
			t.Errorf("who has %q is offered %+v, want %s", has, o.Release, want)
		}
	}
	x, _ := d.Fetch(context.Background(), depot.Request{Over: "http", Peer: "192.0.2.9:1", Name: "c.bin"})
	if x.Status != 404 {
		t.Errorf("a package that nobody has: %d", x.Status)
	}
	x.End(depot.Answered)
}

// TestRollbackAmongReleases offers the oldest of them, which is its vendor's own.
func TestRollbackAmongReleases(t *testing.T) {
	d := newDepot(t, depot.Config{Strikes: []depot.Strike{strike(t, "rollback")}, Releases: []depot.Release{
		{Name: "a.bin", Version: "1.0", Content: []byte("a")}, {Name: "b.bin", Version: "2.0", Content: []byte("b")},
	}})
	o, ok := d.Versions(context.Background(), depot.Request{Over: "http", Peer: "192.0.2.9:1", Version: "1.5"})
	if !ok || o.Release == nil || o.Release.Version != "1.0" || o.Flaw != source.Rollback {
		t.Errorf("%+v, %+v", o, o.Release)
	}
}

// TestBytesOfAnEndlessPackage goes on from the beginning behind the end.
func TestBytesOfAnEndlessPackage(t *testing.T) {
	d := newDepot(t, depot.Config{Size: 10, Strikes: []depot.Strike{strike(t, "endless")}})
	x, _ := d.Fetch(context.Background(), depot.Request{Over: "http", Peer: "192.0.2.9:1", Name: "1.0.1.bin"})
	whole := x.Bytes(0, 10)
	if got := x.Bytes(8, 14); x.Upto >= 0 || !bytes.Equal(got, slices.Concat(whole[8:], whole, whole[:2])) {
		t.Errorf("upto %d: %x of %x", x.Upto, got, whole)
	}
	x.End(depot.WentAway)
}
