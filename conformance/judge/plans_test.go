package judge

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// planned begins each script of this file.
const planned = "edition ocf-2.2\ntarget softwareupdate\n"

// TestWhatFindingsOfAPlanAreAbout: what is concluded of an answer or of a scheduled action
// names a request to oic.r.softwareupdate, so that it is found in the record.
func TestWhatFindingsOfAPlanAreAbout(t *testing.T) {
	seen := map[string]int{}
	for _, tl := range scriptsOf(t, "ocf-2.2/swu_*.txt") {
		s := read(tl)
		for _, q := range requirementsOf(t, "SWU-") {
			for _, f := range q.rule(s) {
				if tl.Observations[f.Witness].Kind == conformance.Notification || f.Verdict == conformance.Inconclusive {
					continue
				}
				seen[q.ID]++
				o := tl.Observations[f.Request]
				if o.Kind != conformance.Request || o.Frame.Path != s.pathOf(ocf.RTSoftwareUpdate) {
					t.Errorf("%s, %s: about %d, a %s", q.ID, f.Reason, f.Request, o.Kind)
				}
			}
		}
	}
	if want := len(requirementsOf(t, "SWU-")); len(seen) != want {
		t.Errorf("findings of %v, want %d requirements", seen, want)
	}
}

// TestACancelledActionIsFoundAtItsIdle: the request that SWU-8 speaks of is the one that
// cancelled, or the one that scheduled where it came too late to cancel.
func TestACancelledActionIsFoundAtItsIdle(t *testing.T) {
	const begin = planned + "get tm=- cm=- dos=RFNOP\nplan action=isac at=10s 2.04\n"
	for text, want := range map[string]int{
		begin + "plan action=idle at=10s 2.04\n":                                       4,
		begin + "get tm=0x100 cm=- dos=RFNOP\nplan action=idle at=10s 2.04\n":          2,
		begin + "version 1.0.0\nplan action=idle at=10s 2.04\nsleep 20s\nsource\n":     6,
		begin + "plan action=isvv at=20s 2.04\nplan action=idle at=20s 2.04\nsource\n": 6,
	} {
		all := planCancelled(read(play(t, text)))
		if len(all) != 1 || all[0].Request != want {
			t.Errorf("%s: %v, want one about %d", text, all, want)
		}
	}
}

// TestWhatADeviceMayHaveBegunIsSilent: of a Device that declares autonomous operation nobody
// knows who began what came too early, too late or as well.
func TestWhatADeviceMayHaveBegunIsSilent(t *testing.T) {
	const begin = "get tm=- cm=- dos=RFNOP\nplan action=isac at=10s 2.04\n"
	for name, c := range map[string]struct {
		rule rule
		text string
	}{
		"too early":               {planBegins, begin + "get tm=0x100 cm=- dos=RFNOP\n"},
		"too early, and replaced": {planBegins, begin + "get tm=0x100 cm=- dos=RFNOP\nplan action=isvv at=20s 2.04\n"},
		"cancelled":               {planCancelled, begin + "plan action=idle at=10s 2.04\nget tm=0x100 cm=- dos=RFNOP\n"},
		"as well":                 {planAlone, begin + "sleep 10s\nget tm=V+0x100 cm=- dos=RFNOP\n"},
	} {
		for target, silent := range map[string]bool{"": false, "target autonomous\n": true} {
			f := c.rule.conclude(read(play(t, planned+target+c.text)))
			if f.Verdict != conformance.Fail || f.Silent != silent {
				t.Errorf("%s, %q: %s, silent: %v, want a breach that is silent: %v", name, target, f.Verdict, f.Silent, silent)
			}
		}
	}
}

// TestARestlessRunExcusesAPlan: where other scenarios of the run show that the Device begins
// processes by itself, it may have begun what shows here.
func TestARestlessRunExcusesAPlan(t *testing.T) {
	const begin = planned + "get tm=- cm=- dos=RFNOP\nplan action=isac at=10s 2.04\n"
	for name, c := range map[string]struct {
		rule rule
		text string
	}{
		"too early": {planBegins, begin + "get tm=0x100 cm=- dos=RFNOP\n"},
		"cancelled": {planCancelled, begin + "plan action=idle at=10s 2.04\nget tm=0x100 cm=- dos=RFNOP\n"},
		"as well":   {planAlone, begin + "sleep 10s\nget tm=V+0x100 cm=- dos=RFNOP\n"},
	} {
		for restless, want := range map[bool]conformance.Verdict{false: conformance.Fail, true: conformance.Inconclusive} {
			if f := c.rule.conclude(readKnowing(play(t, c.text), Known{Restless: restless})); f.Verdict != want {
				t.Errorf("%s, restless: %v: %s (%s), want %s", name, restless, f.Verdict, f.Reason, want)
			}
		}
	}
}

// TestWhatIsReadOfAPlan: of the entries about oic.r.softwareupdate some are no answer and
// no look.
func TestWhatIsReadOfAPlan(t *testing.T) {
	const text = planned + "plan action=isac at=10s 4.00\nplanned state=idle\n" // 0 and 1, 2 and 3
	again := func(tl *conformance.Timeline, change func(*conformance.Observation)) {
		o := tl.Observations[1]
		f := *o.Frame
		f.Code = "2.04"
		o.Frame, o.N = &f, len(tl.Observations)
		change(&o)
		tl.Observations = append(tl.Observations, o)
	}
	payload := func(tl *conformance.Timeline) []byte { return tl.Observations[3].Frame.Payload }
	for name, c := range map[string]struct {
		change func(*conformance.Timeline)
		code   string
		looks  int
	}{
		"as it is":                 {func(*conformance.Timeline) {}, "4.00", 1},
		"a second answer":          {func(tl *conformance.Timeline) { again(tl, func(*conformance.Observation) {}) }, "4.00", 1},
		"an answer that is alone":  {func(tl *conformance.Timeline) { tl.Observations[1].For = nil }, "", 1},
		"a message":                {func(tl *conformance.Timeline) { tl.Observations[1].Kind = conformance.Message }, "", 1},
		"an error with a payload":  {func(tl *conformance.Timeline) { tl.Observations[3].Frame.Code = "4.04" }, "4.00", 0},
		"an answer with a payload": {func(tl *conformance.Timeline) { tl.Observations[1].Frame.Payload = payload(tl) }, "4.00", 1},
		"a message with a payload": {func(tl *conformance.Timeline) {
			again(tl, func(o *conformance.Observation) { o.Kind, o.Frame.Payload = conformance.Message, payload(tl) })
		}, "4.00", 1},
		"a notification, which answers nothing": {func(tl *conformance.Timeline) {
			tl.Observations[1].Kind, tl.Observations[1].Frame.Code, tl.Observations[1].Frame.Payload = conformance.Notification, "2.05", payload(tl)
		}, "", 2},
		"another resource": {func(tl *conformance.Timeline) { tl.Observations[3].Frame.Path = "/upd" }, "4.00", 0},
		"nothing at all":   {func(tl *conformance.Timeline) { tl.Observations[3].Frame = nil }, "4.00", 0},
		"a byte": {func(tl *conformance.Timeline) {
			tl.Observations[3].Frame.Payload = []byte{0xa0}
		}, "4.00", 1},
		"a request that writes in another way": {func(tl *conformance.Timeline) {
			again(tl, func(o *conformance.Observation) {
				o.Kind, o.For, o.Frame.Code, o.Frame.Payload = conformance.Request, nil, "PUT", payload(tl)
			})
		}, "4.00", 1},
	} {
		tl := play(t, text)
		c.change(&tl)
		p := read(tl).plans
		if len(p.writes) != 1 || p.writes[0].code != c.code || len(p.looks) != c.looks {
			t.Errorf("%s: %d writes, %d looks: %+v", name, len(p.writes), len(p.looks), p.writes)
		}
	}
}

// TestWhereAResourceIs: /oic/res says it, in the first answer that lists the resource.
func TestWhereAResourceIs(t *testing.T) {
	for text, want := range map[string]string{
		"":                        ocf.PathSoftwareUpdate,
		"version 1.0.0\nplanned":  ocf.PathSoftwareUpdate,
		"res /upd":                "/upd",
		"version 1.0.0\nres /upd": "/upd",
		"get lost\nres /upd":      "/upd",
		"res /upd\nres /other":    "/upd",
	} {
		if got := read(play(t, text)).pathOf(ocf.RTSoftwareUpdate); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for name, change := range map[string]func(*conformance.Observation){
		"no frame":         func(o *conformance.Observation) { o.Frame = nil },
		"another resource": func(o *conformance.Observation) { o.Frame.Path = ocf.PathD },
		"a notification":   func(o *conformance.Observation) { o.Kind = conformance.Notification },
		"no list":          func(o *conformance.Observation) { o.Frame.Payload = []byte{0xa0} },
	} {
		tl := play(t, "res /upd")
		change(&tl.Observations[1])
		if got := read(tl).pathOf(ocf.RTSoftwareUpdate); got != ocf.PathSoftwareUpdate {
			t.Errorf("%s: %s, want the usual path", name, got)
		}
	}
}

// TestAnEditionThatClearsNothing: DOS-5 speaks of nothing where the edition does not
// have a move of dos clear what is pending.
func TestAnEditionThatClearsNothing(t *testing.T) {
	s := read(play(t, "edition ocf-2.2\nget tm=- cm=V dos=RFNOP\npost dos=RFPRO 2.04\nget tm=- cm=V dos=RFPRO\n"))
	for clears, want := range map[bool]int{true: 1, false: 0} {
		e := *s.edition
		e.DOS.EntryClears.Is = clears
		s.edition = &e
		if all := entryClears(s); len(all) != want {
			t.Errorf("clears: %v: %v", clears, all)
		}
	}
}

// TestWhatTheJudgesOfPlansNeed: they need a Device that schedules, those of the availability
// check one that checks.
func TestWhatTheJudgesOfPlansNeed(t *testing.T) {
	for prefix, need := range map[string]Claims{"SWU-": Schedules, "NSA-": Availability} {
		for _, q := range requirementsOf(t, prefix) {
			if !q.Needs.Target.Has(need) {
				t.Errorf("%s does not need what its family is about", q.ID)
			}
		}
	}
	for id, want := range map[string]bool{"NSA-6": true, "NSA-7": true, "NSA-12": false} {
		for _, q := range requirementsOf(t, id) {
			if q.ID == id && q.Needs.Offer != want {
				t.Errorf("%s needs to know what is on offer: %v, want %v", id, q.Needs.Offer, want)
			}
		}
	}
}

// requirementsOf are those whose id begins with prefix.
func requirementsOf(t *testing.T, prefix string) []Requirement {
	t.Helper()
	var all []Requirement
	for _, q := range Every() {
		if strings.HasPrefix(q.ID, prefix) {
			all = append(all, q)
		}
	}
	if len(all) == 0 {
		t.Fatalf("no requirement of %s", prefix)
	}
	return all
}

// TestWhatIsAroundAnAnswer: the looks before it was asked for and after it came, if no
// process began, ended or had its result between.
func TestWhatIsAroundAnAnswer(t *testing.T) {
	for state, want := range map[string]bool{
		"tm=- cm=V dos=RFNOP":   true,
		"tm=V cm=V dos=RFNOP":   false, // a check began, though cm has had V all the time
		"tm=V cm=- dos=RFNOP":   false,
		"tm=- cm=- dos=RFNOP":   false,
		"tm=- cm=V+U dos=RFNOP": false,
		"tm=0x1 cm=V dos=RFPRO": true, // no bit of a process
	} {
		tl := play(t, "edition ocf-2.2\ntarget softwareupdate\nobserve tm=- cm=V dos=RFNOP\nplanned state=idle\nnotify 11 "+state+"\nget tm=- cm=V dos=RFNOP")
		answer, told := tl.Observations[3], tl.Observations[4] // it is told while the answer is on its way
		answer.N, told.N = 4, 3
		tl.Observations[3], tl.Observations[4] = told, answer
		s := read(tl)
		before, after, ok := s.around(s.plans.looks[0])
		if ok != want || before.N != 1 || ok && after.N != 6 {
			t.Errorf("%s is told meanwhile: %v, want %v; before it is %d, and after it %d", state, ok, want, before.N, after.N)
		}
	}
}
