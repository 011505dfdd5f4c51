package judge

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// worlds calls f with n random Timelines, every other one of a compliant Device.
func worlds(t *testing.T, n uint64, f func(seed uint64, rng *rand.Rand, tl conformance.Timeline, net net)) {
	t.Helper()
	for seed := range n {
		tl, _, net := timelineOf(seed, seed%2 == 1)
		f(seed, rand.New(rand.NewPCG(seed, 3)), tl, net)
	}
}

// once reports the first Timeline of each kind that breaks a property.
type once struct {
	*testing.T
	seen map[string]int
}

func (o *once) errorf(kind string, tl conformance.Timeline, format string, args ...any) {
	o.Helper()
	if o.seen == nil {
		o.seen = map[string]int{}
	}
	o.seen[kind]++
	if o.seen[kind] == 1 {
		o.Errorf(format+"\n%s", append(args, say(tl))...)
	}
}

// Whatever a compliant Device is like, and whatever its Clients do, it fails
// nothing. What the network keeps back costs it an answer or a notification: a
// breach that says of itself that it rests on silence, and nothing else.
func TestNoRandomCompliantDeviceFails(t *testing.T) {
	for seed := range uint64(1000) {
		tl, life, net := timelineOf(seed, false)
		for id, f := range All(tl) {
			excused := f.Silent && net.holes+net.loses+net.late > 0
			if f.Verdict == conformance.Fail && !excused {
				t.Fatalf("seed %d: %s: %s\n%+v %+v\n%s", seed, id, f.Reason, life, net, say(tl))
			}
		}
	}
}

func cutAt(tl conformance.Timeline, n int) conformance.Timeline {
	tl.Observations = tl.Observations[:n]
	return tl
}

// A fail is final: whatever is observed after it, the requirement has failed, or
// one that takes it over: a wrong result, where cm then changes with nobody
// asking, was no result yet, and what breaks the course of a process may turn out
// to be another breach of the same course. It cannot be so in two cases. A
// Device that declares processes of its own, and is seen later to begin one, may
// have begun one before; and that an observer was not told is concluded from
// what has not come, which a network may still be keeping.
func TestAFailIsNeverUndone(t *testing.T) {
	o := &once{T: t}
	defer func() { t.Log(o.seen) }()
	worlds(t, 300, func(seed uint64, rng *rand.Rand, tl conformance.Timeline, net net) {
		whole := All(tl)
		for range 4 {
			n := rng.IntN(len(tl.Observations))
			for id, f := range All(cutAt(tl, n)) {
				if f.Verdict != conformance.Fail || tl.Header.Target.Supports.Autonomous || net.late > 0 && strings.HasPrefix(id, "OBS-") {
					continue
				}
				stands := whole[id].Verdict == conformance.Fail
				for _, other := range sameCourse(id) {
					stands = stands || whole[other].Verdict == conformance.Fail
				}
				if !stands {
					o.errorf(id, tl, "seed %d: %s: fail after %d entries (%s), %q after all (%s)", seed, id, n, f.Reason, whole[id].Verdict, whole[id].Reason)
				}
			}
		}
	})
}

// sameCourse are the requirements that speak of the same process as id does.
func sameCourse(id string) []string {
	of := map[string]ocf.DPM{}
	for _, r := range Requirements() {
		of[r.ID] = r.Course.Of
	}
	return slices.DeleteFunc(IDs(), func(other string) bool { return of[other]&of[id] == 0 })
}

// silenced is tl with a Device that says nothing from entry n on.
func silenced(tl conformance.Timeline, n int) conformance.Timeline {
	obs := slices.Clone(tl.Observations)
	asked := conformance.SourceReport{}
	for i, o := range obs {
		switch {
		case o.Kind == conformance.Source && i < n:
			asked = *o.Source
		case o.Kind == conformance.Source:
			obs[i].Source = &asked
		}
	}
	for i, o := range obs[n:] {
		switch o.Kind {
		case conformance.Notification:
			obs[n+i] = conformance.Observation{Kind: conformance.Note, N: o.N, At: o.At}
		case conformance.Response:
			obs[n+i] = conformance.Observation{Kind: conformance.Lost, N: o.N, At: o.At, Client: o.Client, For: o.For}
		}
	}
	tl.Observations = obs
	return tl
}

// From whatever entry on the Device is switched off, nothing that comes then is
// a witness: what passes, passes on what had been seen. (The passing of time may
// be what shows that it was seen in time, and a request what it has to do with.)
func TestSwitchingTheDeviceOffPassesNothing(t *testing.T) {
	o := &once{T: t}
	defer func() { t.Log(o.seen) }()
	worlds(t, 300, func(seed uint64, rng *rand.Rand, tl conformance.Timeline, net net) {
		for range 2 {
			n := rng.IntN(len(tl.Observations))
			for id, f := range All(silenced(tl, n)) {
				if f.Verdict == conformance.Pass && f.Witness >= n {
					o.errorf(id, tl, "seed %d: %s: silent from entry %d on, and passed by entry %d: %s", seed, id, n, f.Witness, f.Reason)
				}
			}
		}
	})
}

// sameVerdicts holds that two Timelines are judged alike, but for those of but.
func sameVerdicts(t *once, seed uint64, what string, a, b conformance.Timeline, but string) {
	t.Helper()
	want, got := All(a), All(b)
	for id, w := range want {
		if g := got[id]; g.Verdict != w.Verdict && !slices.Contains(strings.Fields(but), id) {
			t.errorf(id, a, "seed %d: %s: %s: %q (%s), was %q (%s)", seed, what, id, g.Verdict, g.Reason, w.Verdict, w.Reason)
		}
	}
}

// mapped is tl with f over a copy of each Observation and of its Frame.
func mapped(tl conformance.Timeline, f func(o *conformance.Observation)) conformance.Timeline {
	obs := slices.Clone(tl.Observations)
	for i := range obs {
		if obs[i].Frame != nil {
			frame := *obs[i].Frame
			obs[i].Frame = &frame
		}
		f(&obs[i])
	}
	tl.Observations = obs
	return tl
}

// Hours, message ids, tokens and where a stream of Observe numbers begins have
// no meaning.
func TestNamesAndHoursDoNotMatter(t *testing.T) {
	o := &once{T: t}
	defer func() { t.Log(o.seen) }()
	worlds(t, 200, func(seed uint64, rng *rand.Rand, tl conformance.Timeline, net net) {
		shift, mask, turn := time.Duration(rng.Int64N(1e15)), uint16(rng.IntN(1<<16)), uint32(rng.IntN(1<<24))
		renamed := mapped(tl, func(o *conformance.Observation) {
			o.At += shift
			f := o.Frame
			if f == nil {
				return
			}
			f.MID += mask
			f.Token = append(slices.Clone(f.Token), byte(mask))
			if f.Observe != nil && o.Kind != conformance.Request {
				n := (*f.Observe + turn) & conformance.ObserveMask
				f.Observe = &n
			}
		})
		renamed.Header.Target.Name, renamed.Header.Target.Endpoint = "another", "coap://192.0.2.1"
		sameVerdicts(o, seed, "renamed", tl, renamed, "")
	})
}

// recoded is tl with f over every representation of pstat in it.
func recoded(tl conformance.Timeline, f func(p *ocf.Pstat)) conformance.Timeline {
	return mapped(tl, func(o *conformance.Observation) {
		if p, _, ok := o.Pstat(); ok {
			f(&p)
			o.Frame.Payload = p.AppendCBOR(nil, ocf.InterfaceDefault)
			o.Decode()
		}
	})
}

// Bits below 64 are not what the requirements of a check and an update speak
// of: they may be anything, at any time. DPM-14 alone speaks of them. A Device that
// shows the same of them all along is judged alike by every requirement.
func TestOtherBitsDoNotMatter(t *testing.T) {
	o := &once{T: t}
	defer func() { t.Log(o.seen) }()
	worlds(t, 200, func(seed uint64, rng *rand.Rand, tl conformance.Timeline, net net) {
		steady := ocf.DPM(rng.IntN(64))
		sameVerdicts(o, seed, "the same other bits", tl, recoded(tl, func(p *ocf.Pstat) {
			p.TM, p.CM = p.TM|steady, p.CM|steady
		}), "DPM-12")
		sameVerdicts(o, seed, "any other bits", tl, recoded(tl, func(p *ocf.Pstat) {
			p.TM, p.CM = p.TM|ocf.DPM(rng.IntN(64)), p.CM|ocf.DPM(rng.IntN(64))
		}), "OBS-3 OBS-4 DPM-12 DPM-14")
	})
}

// with inserts what more says before some entries of tl.
func with(tl conformance.Timeline, rng *rand.Rand, more func(at time.Duration, n int) []conformance.Observation) conformance.Timeline {
	var all []conformance.Observation
	from := map[int]int{}
	own := map[int]bool{}
	for i, o := range tl.Observations {
		if rng.IntN(4) == 0 {
			for _, x := range more(o.At, len(all)) {
				own[len(all)] = true
				all = append(all, x)
			}
		}
		from[i] = len(all)
		all = append(all, o)
	}
	for i := range all {
		all[i].N = i
		if all[i].For != nil && !own[i] {
			n := from[*all[i].For]
			all[i].For = &n
		}
	}
	tl.Observations = all
	return tl
}

// What goes on at other resources, and what is only remarked, changes nothing.
func TestOtherTrafficDoesNotMatter(t *testing.T) {
	o := &once{T: t}
	defer func() { t.Log(o.seen) }()
	worlds(t, 200, func(seed uint64, rng *rand.Rand, tl conformance.Timeline, net net) {
		busy := with(tl, rng, func(at time.Duration, n int) []conformance.Observation {
			client := []string{conformance.Privileged, conformance.Second, "third"}[rng.IntN(3)]
			path := []string{"/light", "/oic/res", "/oic/sec/pstatus"}[rng.IntN(3)]
			code := []string{"GET", "POST"}[rng.IntN(2)]
			body := ocf.PstatUpdate{Set: ocf.PropTM, TM: bothBits}.AppendCBOR(nil)
			frame := func(code string, payload conformance.Hex) *conformance.Frame {
				return &conformance.Frame{Type: "CON", Code: code, MID: uint16(n), Token: conformance.Hex("other"), Path: path, Payload: payload}
			}
			return []conformance.Observation{
				{Kind: conformance.Request, At: at, Client: client, Frame: frame(code, body)},
				{Kind: conformance.Note, At: at, Text: "the lamp is warm"},
				{Kind: conformance.Response, At: at, Client: client, For: &n, Frame: frame(conformance.CodeContent, body)},
				{Kind: conformance.Message, At: at, Client: client, Frame: &conformance.Frame{Type: "ACK", Code: conformance.CodeEmpty, MID: uint16(n)}},
				{Kind: conformance.Step, At: at, Text: "And the sun shines"},
			}
		})
		sameVerdicts(o, seed, "with other traffic", tl, busy, "")
	})
}

// A Timeline is read and not written, and read again it is judged as before.
func TestJudgingChangesNothing(t *testing.T) {
	o := &once{T: t}
	defer func() { t.Log(o.seen) }()
	worlds(t, 100, func(seed uint64, _ *rand.Rand, tl conformance.Timeline, _ net) {
		same := func(a, b conformance.Observation) int {
			return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.At, b.At), strings.Compare(string(a.Kind), string(b.Kind)))
		}
		before := mapped(tl, func(*conformance.Observation) {})
		text := say(tl)
		sameVerdicts(o, seed, "judged again", tl, tl, "")
		if slices.CompareFunc(before.Observations, tl.Observations, same) != 0 || say(tl) != text {
			t.Errorf("seed %d: judging changed the Timeline", seed)
		}
		if a, b := All(tl), All(before); len(a) != len(b) {
			t.Errorf("seed %d: %d findings, then %d", seed, len(a), len(b))
		} else {
			for id := range a {
				if a[id] != b[id] {
					t.Errorf("seed %d: %s: %v, then %v", seed, id, a[id], b[id])
				}
			}
		}
	})
}

// The one thing that takes back a fail: what an observer was not told comes
// after all. The network may have kept it.
func TestALateNotificationIsNoBreach(t *testing.T) {
	const text = `update-available
		begin tm=- cm=- dos=RFNOP
		release
		post tm=V 2.04
		both 11 tm=V cm=- dos=RFNOP
		source checks=1
		end tm=- cm=V dos=RFNOP
		sleep 200ms
		get tm=- cm=V dos=RFNOP
		send tm=U
		%s
		answer 2.04
		both 13 tm=U cm=- dos=RFNOP
		both 14 tm=- cm=U dos=RFNOP
		end tm=- cm=U dos=RFNOP`
	for late, want := range map[string]conformance.Verdict{"both 12 tm=- cm=V dos=RFNOP": conformance.Pass, "": conformance.Fail} {
		if f := All(play(t, fmt.Sprintf(text, late)))["OBS-3"]; f.Verdict != want {
			t.Errorf("told late %q: OBS-3 is %s (%s), want %s", late, f.Verdict, f.Reason, want)
		}
	}
}
