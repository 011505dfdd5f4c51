package judge

import (
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// What a Client got last is what it got when it read pstat as a whole, or the
// session that it was refused.
func TestRights(t *testing.T) {
	for text, want := range map[string]string{
		"get tm=- cm=- dos=RFNOP":           "permitted",
		"get 4.03":                          "refused",
		"get lost":                          "",
		"get 5.00":                          "",
		"post tm=V 2.04":                    "",
		"post tm=V 4.03":                    "",
		"version 1.0.0":                     "",
		"refused":                           "refused a session",
		"opened":                            "",
		"get 4.03\nget tm=- cm=- dos=RFNOP": "permitted",
		"second: get 4.03":                  "",
		"notify 11 tm=- cm=- dos=RFNOP":     "",
	} {
		s := storyOf(t, text)
		if got := s.rights(-1, never)[conformance.Privileged].what; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	s := storyOf(t, "get 4.03\nget tm=- cm=- dos=RFNOP\n") // answered at 1 and 3
	for _, c := range []struct {
		from, upto int
		want       string
	}{{-1, 1, ""}, {0, 2, "refused"}, {1, 3, ""}, {1, 4, "permitted"}, {0, 3, "refused"}, {3, 9, ""}} {
		if got := s.rights(c.from, c.upto)[conformance.Privileged].what; got != c.want {
			t.Errorf("between %d and %d: %q, want %q", c.from, c.upto, got, c.want)
		}
	}
	for name, change := range map[string]func(request, answer *conformance.Observation){
		"a part of it":         func(r, _ *conformance.Observation) { r.Frame.Query = "if=x" },
		"an answer to nothing": func(_, a *conformance.Observation) { a.For = nil },
		"an answer of nothing": func(_, a *conformance.Observation) { a.Frame = nil },
		"a request of nothing": func(r, _ *conformance.Observation) { r.Frame = nil },
		"no answer":            func(_, a *conformance.Observation) { a.Kind = conformance.Message },
		"a refusal of no session": func(_, a *conformance.Observation) {
			*a = conformance.Observation{Kind: conformance.Note, Client: a.Client, Outcome: conformance.Refused}
		},
	} {
		s := storyOf(t, "get 4.03\n")
		change(&s.tl.Observations[0], &s.tl.Observations[1])
		if got := s.rights(-1, never); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The identity is what was read last between two entries; what can't be read says nothing.
func TestIdentity(t *testing.T) {
	const one, two = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
	s := storyOf(t, "identity "+one+"\nidentity "+two+"\nrules 1\ndevice "+one+"\n") // read at 1, 3, 5, 7
	for _, c := range []struct {
		from, upto int
		want       string
	}{{-1, 1, ""}, {0, 2, one}, {1, 3, ""}, {1, 4, two}, {0, 3, one}, {-1, never, two}} {
		if got := s.identity(c.from, c.upto)["di"]; got != c.want {
			t.Errorf("between %d and %d: %q, want %q", c.from, c.upto, got, c.want)
		}
	}
	if all := s.identity(-1, never); all["deviceuuid"] != one || all["owned"] != "true" || brief(all[accessRulesName]) != "1 entries, owned by 00000000-0000-0000-0000-000000000000" {
		t.Errorf("%v", all)
	}
	for _, n := range []int{1, 5, 7} {
		for name, change := range map[string]func(o *conformance.Observation){
			"no CBOR":     func(o *conformance.Observation) { o.Frame.Payload = []byte{0xff} },
			"no answer":   func(o *conformance.Observation) { o.Kind = conformance.Message },
			"nothing":     func(o *conformance.Observation) { o.Frame = nil },
			"not granted": func(o *conformance.Observation) { o.Frame.Code = conformance.CodeUnauthorized },
		} {
			s := storyOf(t, "identity "+one+"\nversion 1.0.0\nrules 1\ndevice "+one+"\n")
			if o := &s.tl.Observations[n]; o.Frame != nil {
				frame := *o.Frame
				o.Frame = &frame
				change(o)
			}
			if got := s.identity(n-1, n+1); len(got) != 0 {
				t.Errorf("entry %d, %s: %v", n, name, got)
			}
		}
	}
	a, b := ocf.ACE{ID: 1, Permission: ocf.MayRead}, ocf.ACE{ID: 2, Permission: ocf.MayRead, Subject: ocf.Subject{UUID: ocf.UUID{9}}}
	c := b
	a.ID, c.ID = 4, 3
	if x, y := accessRules(ocf.ACL{List: []ocf.ACE{a, b}}), accessRules(ocf.ACL{List: []ocf.ACE{c, a}}); x != y {
		t.Errorf("other numbers and another order are other rules:\n%s\n%s", x, y)
	}
}

// A notification in a format that pstat does not have is found where it belongs
// to the observation.
func TestRelabelled(t *testing.T) {
	const head = "observe tm=- cm=- dos=RFNOP\n"
	for text, want := range map[string]bool{
		"notify 11 tm=- cm=- dos=RFNOP format=0":                                              true,
		"notify 11 tm=- cm=- dos=RFNOP format=60":                                             false,
		"notify 11 tm=- cm=- dos=RFNOP format=10000":                                          false,
		"notify 11 tm=- cm=- dos=RFNOP":                                                       false,
		"cancel\nnotify 11 tm=- cm=- dos=RFNOP format=0":                                      false,
		"second: observe tm=- cm=- dos=RFNOP\nsecond: notify 11 tm=- cm=- dos=RFNOP format=0": false,
	} {
		s := storyOf(t, head+text)
		if _, got := s.relabelled(s.observings()[0]); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	s := storyOf(t, head+"notify 11 tm=- cm=- dos=RFNOP format=0")
	s.tl.Observations[2].Kind = conformance.Response
	if _, found := s.relabelled(observing{from: 1, upto: never}); found {
		t.Error("an answer is no notification")
	}
	s.tl.Observations[2].Kind, s.tl.Observations[2].Frame.Code = conformance.Notification, conformance.CodeUnauthorized
	if _, found := s.relabelled(observing{from: 1, upto: never}); found {
		t.Error("an error is in a format of its own")
	}
}

// An observer was told the end where its last news says what the last GET shows.
func TestToldEnd(t *testing.T) {
	for text, want := range map[string]bool{
		"observe tm=V cm=- dos=RFNOP\nnotify 11 tm=- cm=- dos=RFNOP\nget tm=- cm=- dos=RFNOP": true,
		"observe tm=V cm=- dos=RFNOP\nget tm=- cm=- dos=RFNOP\nnotify 11 tm=- cm=- dos=RFNOP": true,
		"observe tm=V cm=- dos=RFNOP\nnotify 11 tm=- cm=- dos=RFNOP\nget tm=V cm=- dos=RFNOP": false,
		"observe tm=- cm=- dos=RFNOP\nget tm=- cm=- dos=RFNOP":                                false,
	} {
		s := storyOf(t, text)
		if got := s.toldEnd(s.observings()[0]); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if s := storyOf(t, "get tm=- cm=- dos=RFNOP"); s.toldEnd(observing{stream: 7, upto: never}) {
		t.Error("nothing was told")
	}
}

// A Client without permission is blind where it was refused, or got no answer
// from a Device that answers others; what proves nothing is left open.
func TestBlind(t *testing.T) {
	const who, alive = "unprivileged", "get tm=- cm=- dos=RFNOP\n"
	for name, c := range map[string]struct {
		text string
		n    int
		want conformance.Verdict
	}{
		"notified":                        {"notify 11 tm=- cm=- dos=RFNOP", 0, conformance.Fail},
		"registered":                      {"observe tm=- cm=- dos=RFNOP", 1, conformance.Fail},
		"the registration itself":         {"observe tm=- cm=- dos=RFNOP", 0, conformance.None},
		"a plain look":                    {"get tm=- cm=- dos=RFNOP", 1, conformance.None},
		"refused a session":               {"refused\n" + alive, 0, conformance.Pass},
		"refused a session by silence":    {"refused", 0, conformance.Inconclusive},
		"a session":                       {"opened\n" + alive, 0, conformance.None},
		"no answer":                       {"observe lost\n" + alive, 1, conformance.Pass},
		"no answer to anybody":            {"observe lost", 1, conformance.Inconclusive},
		"no answer, its session was gone": {"observe gone\n" + alive, 1, conformance.Inconclusive},
		"no answer over a bad network":    {"observe lost\n" + alive + "send tm=-\nretransmit\nanswer 2.04", 1, conformance.Inconclusive},
		"refused":                         {"observe 4.01", 1, conformance.Pass},
	} {
		s := storyOf(t, "target secured\n"+who+": "+c.text)
		f, ok := s.blind(c.n, &s.tl.Observations[c.n])
		if f.Verdict != c.want || ok != (c.want != conformance.None) {
			t.Errorf("%s: %s, %v, want %s", name, f.Verdict, ok, c.want)
		}
	}
	s := storyOf(t, "target secured\n"+who+": observe 4.01\n")
	for name, change := range map[string]func(o *conformance.Observation){
		"a message":            func(o *conformance.Observation) { o.Kind = conformance.Message },
		"an answer of nothing": func(o *conformance.Observation) { o.Frame = nil },
		"what is called refused": func(o *conformance.Observation) {
			o.Kind, o.Outcome, o.For = conformance.Note, conformance.Refused, nil
		},
		"news of nothing": func(o *conformance.Observation) { o.Kind, o.Frame, o.For = conformance.Notification, nil, nil },
	} {
		o := s.tl.Observations[1]
		change(&o)
		if f, ok := s.blind(1, &o); ok {
			t.Errorf("%s: %s", name, f.Reason)
		}
	}
	wantEach(t, "whether the Device is alive", storyOf(t, alive).aliveAfter, map[int]bool{0: true, 1: false})
	wantEach(t, "whether it is alive for others", storyOf(t, "target secured\n"+who+": get 4.03").aliveAfter, map[int]bool{0: false})
}

// Only a condition asks for a process of the Device's own, and only one that the bench can arrange.
func TestArrangedAlone(t *testing.T) {
	for text, want := range map[string]bool{"autonomous-validation": true, "autonomous-update": true, "update-available": false} {
		s := storyOf(t, text)
		if got := s.arrangedAlone(); got != want {
			t.Errorf("%s: %v", text, got)
		}
		if storyOf(t, "lacks "+text).arrangedAlone() {
			t.Errorf("%s, which the bench can't do", text)
		}
		for i := range s.tl.Observations {
			s.tl.Observations[i].Outcome, s.tl.Observations[i].Kind = conformance.Done, conformance.Note
		}
		if s.arrangedAlone() {
			t.Errorf("%s, and no condition", text)
		}
	}
}
