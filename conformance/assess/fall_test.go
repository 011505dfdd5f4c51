package assess

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// last is the index of the last request in tl.
func last(tl conformance.Timeline) int {
	for i := len(tl.Observations) - 1; i >= 0; i-- {
		if tl.Observations[i].Kind == conformance.Request {
			return i
		}
	}
	return -1
}

// TestWhichRequestsAreAlike: those of one Client that a Device can't tell apart, but for
// the Message ID and the token.
func TestWhichRequestsAreAlike(t *testing.T) {
	seven, eight := uint32(7), uint32(8)
	request := func(change func(*conformance.Observation)) conformance.Observation {
		o := conformance.Observation{Kind: conformance.Request, Client: conformance.Privileged, Frame: &conformance.Frame{
			Code: conformance.MethodPOST, Path: ocf.PathPstat, Query: "if=oic.if.rw", Payload: conformance.Hex{0xa0}, Observe: &seven,
		}}
		change(&o)
		return o
	}
	for name, c := range map[string]struct {
		change func(*conformance.Observation)
		want   bool
	}{
		"nothing differs":   {func(*conformance.Observation) {}, true},
		"the Message ID":    {func(o *conformance.Observation) { o.Frame.MID++ }, true},
		"the Client":        {func(o *conformance.Observation) { o.Client = conformance.Second }, false},
		"the method":        {func(o *conformance.Observation) { o.Frame.Code = "PUT" }, false},
		"the path":          {func(o *conformance.Observation) { o.Frame.Path = ocf.PathDoxm }, false},
		"the query":         {func(o *conformance.Observation) { o.Frame.Query = "" }, false},
		"the payload":       {func(o *conformance.Observation) { o.Frame.Payload = nil }, false},
		"only one observes": {func(o *conformance.Observation) { o.Frame.Observe = nil }, false},
		"both observe":      {func(o *conformance.Observation) { o.Frame.Observe = &eight }, true},
		"one was not taped": {func(o *conformance.Observation) { o.Frame = nil }, false},
		"all but the path": {func(o *conformance.Observation) {
			*o = conformance.Observation{Frame: &conformance.Frame{Path: ocf.PathPstat}}
		}, false},
		"all but the query": {func(o *conformance.Observation) {
			*o = conformance.Observation{Frame: &conformance.Frame{Query: "if=oic.if.rw"}}
		}, false},
		"all but the payload": {func(o *conformance.Observation) {
			*o = conformance.Observation{Frame: &conformance.Frame{Payload: conformance.Hex{0xa0}}}
		}, false},
		"all but the method": {func(o *conformance.Observation) {
			*o = conformance.Observation{Frame: &conformance.Frame{Code: conformance.MethodPOST}}
		}, false},
		"all but who writes it": {func(o *conformance.Observation) { o.Frame = &conformance.Frame{} }, false},
	} {
		tl := conformance.Timeline{Observations: []conformance.Observation{request(func(*conformance.Observation) {}), request(c.change)}}
		if there, back := same(tl, 0, 1), same(tl, 1, 0); there != c.want || back != c.want {
			t.Errorf("%s: %v, and the other way round %v, want %v", name, there, back, c.want)
		}
	}
}

// TestWhatMayRestartADevice before its last request, or by it. By its target it is away for
// at most 3 s.
func TestWhatMayRestartADevice(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   bool
	}{
		"nothing":                            {"get lost", false},
		"a restart":                          {"reboot\nget lost", true},
		"a restart as long ago as it takes":  {"reboot\nsleep 2999ms\nget lost", true},
		"a restart that is over":             {"reboot\nsleep 3s\nget lost", false},
		"a restart that nobody brings about": {"lacks reboot\nget lost", false},
		"another condition":                  {"hold\nget lost", false},
		"an update that restarts":            {"target reboots\npost tm=U lost", true},
		"an update that does not":            {"post tm=U lost", false},
		"a check":                            {"target reboots\npost tm=V lost", false},
		"by itself":                          {"target autonomous reboots\nget lost", true},
		"by itself, without a restart":       {"target autonomous\nget lost", false},
		"an update, long before":             {"target reboots\npost tm=U 2.04\nsleep 1h\nget lost", true},
		"an update that is answered alone":   {"target reboots\nget tm=U cm=- dos=RFNOP\nget lost", false},
	} {
		tl := play(t, c.script)
		if got := mayRestart(tl, last(tl)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	later := play(t, "get lost\nreboot")
	if mayRestart(later, last(later)) {
		t.Error("a restart explains what was sent before it")
	}
	stray := play(t, "target reboots\npost tm=U lost\nget lost")
	stray.Observations[0].Kind = conformance.Message
	if mayRestart(stray, last(stray)) {
		t.Error("a datagram that is no request is taken for one")
	}
}

// TestWhatLeavesADeviceUndisturbed: it has answered since anybody touched its surroundings,
// and what nobody can bring about touches nothing.
func TestWhatLeavesADeviceUndisturbed(t *testing.T) {
	const answered = "get tm=- cm=- dos=RFNOP\n"
	for name, c := range map[string]struct {
		script string
		want   bool
	}{
		"it has answered":                              {answered + "get lost", true},
		"it has answered after a hook":                 {"hold\n" + answered + "get lost", true},
		"a hook was called":                            {answered + "hold\nget lost", false},
		"nobody has such a hook":                       {answered + "lacks hold\nget lost", true},
		"it is as if it were so":                       {answered + "learned no-update\nget lost", true},
		"a hook had worked, and is then missing":       {answered + "hold\nlacks hold\nget lost", false},
		"it was asked twice, and is missing once":      {answered + "asked hold\nlacks hold\nget lost", false},
		"another hook was asked":                       {answered + "asked hold\nlearned no-update\nget lost", false},
		"the trusted source was looked at":             {answered + "source checks=1\nget lost", false},
		"it has not answered":                          {"get lost\nget lost", false},
		"two hooks are missing":                        {answered + "lacks hold\nlacks report\nget lost", true},
		"a step begins, and a wait ends, between them": {answered + "step When a Client writes\nwait timeout\nget lost", true},
	} {
		tl := play(t, c.script)
		if got := undisturbed(tl, last(tl)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	tl := play(t, answered+"get lost")
	tl.Observations = tl.Observations[1:] // the answer is the first entry
	if !undisturbed(tl, 1) {
		t.Error("an answer that is the first entry is not seen")
	}
}

// TestWhatAWriteAsksFor: V and U in tm, in a POST to pstat that can be read.
func TestWhatAWriteAsksFor(t *testing.T) {
	post := func(path, method string, payload ...byte) *conformance.Observation {
		return &conformance.Observation{Frame: &conformance.Frame{Code: method, Path: path, Payload: payload}}
	}
	checks, move := []byte("\xa1\x62tm\x18\x40"), []byte("\xa1\x63dos\xa1\x61s\x04")
	for name, c := range map[string]struct {
		o     *conformance.Observation
		asks  ocf.DPM
		moves bool
	}{
		"a check":             {post(ocf.PathPstat, conformance.MethodPOST, checks...), ocf.SVV, false},
		"both, and more":      {post(ocf.PathPstat, conformance.MethodPOST, []byte("\xa1\x62tm\x19\x01\xc0")...), ocf.SVV | ocf.SSU, false},
		"something else":      {post(ocf.PathPstat, conformance.MethodPOST, []byte("\xa1\x62tm\x01")...), 0, false},
		"a result":            {post(ocf.PathPstat, conformance.MethodPOST, []byte("\xa1\x62cm\x18\x40")...), 0, false},
		"a move of dos":       {post(ocf.PathPstat, conformance.MethodPOST, move...), 0, true},
		"by PUT":              {post(ocf.PathPstat, "PUT", checks...), 0, false},
		"of another resource": {post(ocf.PathDoxm, conformance.MethodPOST, checks...), 0, false},
		"another's dos":       {post(ocf.PathDoxm, conformance.MethodPOST, move...), 0, false},
		"nothing to be read":  {post(ocf.PathPstat, conformance.MethodPOST, 0x82), 0, false},
		"no frame":            {&conformance.Observation{}, 0, false},
	} {
		if asked, moved := asks(c.o), moves(c.o); asked != c.asks || moved != c.moves {
			t.Errorf("%s: it asks for %v and moves dos %v, want %v and %v", name, asked, moved, c.asks, c.moves)
		}
	}
}

// TestWhatARequestCallsUpon: the requirement that says what has to become of it.
func TestWhatARequestCallsUpon(t *testing.T) {
	for script, want := range map[string]string{
		"observe lost":                             "OBS-1",
		"get lost":                                 "DPM-13",
		"post tm=V lost":                           "SVV-1",
		"post tm=U lost":                           "SSU-1",
		"post tm=V+U lost":                         "SVV-1",
		"post cm=V lost":                           "DPM-1",
		"put tm=V lost":                            "DPM-1",
		"unprivileged read-only: post tm=V lost":   "SVV-3",
		"unprivileged read-only: post tm=U lost":   "SSU-3",
		"unprivileged read-only: post tm=V+U lost": "SVV-3",
		"unprivileged read-only: post tm=- lost":   "DPM-1",
		"unprivileged read-only: get lost":         "DPM-13",
	} {
		tl := play(t, script)
		if got := callsUpon(tl, last(tl)); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
	tl := play(t, "observe lost")
	tl.Observations[0].Frame.Code = conformance.MethodPOST
	if got := callsUpon(tl, 0); got != "DPM-1" {
		t.Errorf("a POST with the option Observe: %s, want DPM-1", got)
	}
}

// TestWhatIsSaidOfADeath: the request, what it carried, and the step in which it was sent.
func TestWhatIsSaidOfADeath(t *testing.T) {
	for script, want := range map[string]string{
		"get lost":                     "GET /oic/sec/pstat",
		"step When it reads\nget lost": "GET /oic/sec/pstat (When it reads)",
		"post hex:a0 lost":             "POST /oic/sec/pstat with the payload a0",
		"step When it writes\npost hex:a1626f6d04 lost": "POST /oic/sec/pstat with the payload a1626f6d04 (When it writes)",
	} {
		tl := play(t, script)
		n := last(tl)
		f := died(tl, fall{request: n, lost: n + 1}, "nothing")
		if f.Reason != DiedOf+want || f.Request != n || f.Witness != n+1 || f.AtS != tl.Observations[n+1].At.Seconds() {
			t.Errorf("%q: %+v, want the reason %q", script, f, DiedOf+want)
		}
	}
}

// TestWhenADeviceFallsSilent: at the first request of a row that goes unanswered, if it
// had said something before.
func TestWhenADeviceFallsSilent(t *testing.T) {
	const state = "tm=- cm=- dos=RFNOP"
	for name, c := range map[string]struct {
		script string
		want   string // of each fall: its request, and what is known of it
	}{
		"it never said anything":            {"get lost\nget lost", ""},
		"it had answered":                   {"get " + state + "\nget lost", "2"},
		"it answers again":                  {"get " + state + "\nget lost\nget " + state, "2 back"},
		"nothing else is answered":          {"get " + state + "\nget lost\nget lost\nget lost", "2 whole"},
		"it is restarted":                   {"get " + state + "\nget lost\nreboot\nget lost", "2 whole revived"},
		"nobody can restart it":             {"get " + state + "\nget lost\nlacks reboot", "2"},
		"another condition":                 {"get " + state + "\nget lost\nhold", "2"},
		"it is restarted after it answered": {"get " + state + "\nget lost\nget " + state + "\nreboot", "2 back"},
		"it had been restarted":             {"get " + state + "\nreboot\nget lost", "4 excused"},
		"twice":                             {"get " + state + "\nget lost\nget " + state + "\nget lost", "2 back, 6"},
		"its session is gone":               {"get " + state + "\nget gone\nget lost", "4"},
		"an answer comes late":              {"get " + state + "\nsend tm=V\nanswer lost\nanswer 2.04", ""},
	} {
		var got []string
		for _, x := range falls(play(t, c.script)) {
			got = append(got, known(x))
		}
		if all := strings.Join(got, ", "); all != c.want {
			t.Errorf("%s: %q, want %q", name, all, c.want)
		}
	}
	tl := play(t, "observe "+state+"\nnotify 11 "+state+"\nget lost\nget lost")
	tl.Observations = tl.Observations[2:] // nothing but the notification was heard
	zero := 0
	tl.Observations[0].For = &zero
	*tl.Observations[2].For = 1
	if all := falls(tl); len(all) != 1 || all[0].request != 1 {
		t.Errorf("a Device that had notified: %+v", all)
	}
	given := play(t, "get "+state+"\nget lost\nget lost")
	given.Observations[3].Text = conformance.GivenUp
	given.Observations[5].For = nil // whose end it is, nobody knows
	if all := falls(given); len(all) != 1 || known(all[0]) != "2 excused" {
		t.Errorf("a wait that was given up: %+v", all)
	}
}

// known is what is known of a fall, in words.
func known(x fall) string {
	words := []string{string(rune('0' + x.request))}
	for _, w := range []struct {
		is   bool
		word string
	}{{x.whole, "whole"}, {x.revived, "revived"}, {x.excused, "excused"}, {x.back, "back"}} {
		if w.is {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, " ")
}

// TestAGraveIsKept: a run in which a Device that had died answers nothing is not testable,
// until it answers.
func TestAGraveIsKept(t *testing.T) {
	p := defaults
	p.Timing.Reboot = time.Minute
	array := exchanged{"POST", "\x82\x62tm\x18\x40", "no answer"}
	closes := array
	closes.lost = conformance.PortCloses
	deaf, get, reboot := exchanged{"GET", "", "no answer"}, exchanged{"GET", "", ""}, exchanged{method: conformance.Reboot}
	run := func(id string, requests ...exchanged) conformance.ScenarioRun {
		r := lived(p, requests...)
		r.ID = id
		return r
	}
	dies, silent, alive := run("dies", get, closes, deaf), run("silent", deaf), run("alive", get)
	revived := run("revived", get, array, deaf, reboot, get, array, deaf, reboot, get)
	quiet := run("quiet", get, deaf, deaf)
	skipped := silent
	skipped.Skipped = "pics"
	told := run("told", get)
	told.Timeline.Observations[2].Kind = conformance.Notification
	later := run("later", get, closes, deaf)
	const why = "not testable: the Device died of POST /oic/sec/pstat with the payload 8262746d1840 (When a Client writes), in dies, and stays away"
	for name, c := range map[string]struct {
		runs []conformance.ScenarioRun
		want string // of the last
	}{
		"it died":                         {[]conformance.ScenarioRun{dies, silent}, why},
		"in two runs":                     {[]conformance.ScenarioRun{dies, silent, silent}, why},
		"it is dead in its own run":       {[]conformance.ScenarioRun{dies}, ""},
		"it answers":                      {[]conformance.ScenarioRun{dies, alive}, ""},
		"it has answered since":           {[]conformance.ScenarioRun{dies, alive, silent}, ""},
		"it has told something since":     {[]conformance.ScenarioRun{dies, told, silent}, ""},
		"it came back in its own run":     {[]conformance.ScenarioRun{revived, silent}, ""},
		"it fell silent, of nothing":      {[]conformance.ScenarioRun{quiet, silent}, ""},
		"it only never answered":          {[]conformance.ScenarioRun{silent, silent}, ""},
		"the run was left out":            {[]conformance.ScenarioRun{dies, skipped}, ""},
		"a run was left out in between":   {[]conformance.ScenarioRun{dies, skipped, silent}, why},
		"it died again, and is told anew": {[]conformance.ScenarioRun{dies, later, silent}, strings.Replace(why, "in dies", "in later", 1)},
	} {
		var g grave
		got := ""
		for _, r := range c.runs {
			got = g.after(r)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
