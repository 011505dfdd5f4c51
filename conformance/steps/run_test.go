package steps

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cucumber/godog"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// TestStepOutcomes checks that each way in which a step can fail to do its work
// is an error, with godog, which takes them for a success by default, and without.
func TestStepOutcomes(t *testing.T) {
	act := func(text string, err error) definition {
		return definition{word: When, text: text, act: func(context.Context, *trial, call) error { return err }}
	}
	words := newLanguage([]definition{
		{word: Given, text: "a start", act: func(context.Context, *trial, call) error { return nil }},
		{word: Then, text: "an end", act: func(context.Context, *trial, call) error { return nil }},
		act("fine", nil), act("pending", godog.ErrPending), act("skipped", godog.ErrSkip), act("broken", errors.New("broken pipe")),
		act("untestable", untestable("no gate")), act("twice.*", nil), act("twice again", nil),
		{word: When, text: "panics", act: func(context.Context, *trial, call) error { panic("at the disco") }},
		{word: When, text: "laid", table: true, act: func(context.Context, *trial, call) error { return nil }},
	})
	tests := []struct{ step, want, plain string }{
		{"fine", "", ""},
		{"unheard of", "undefined step: unheard of", "undefined step: unheard of"},
		{"a start", "undefined step: a start", "undefined step: a start"}, // defined as a Given, and used as a When
		{"pending", "pending step: pending", godog.ErrPending.Error()},
		{"skipped", "skipped step: skipped", godog.ErrSkip.Error()},
		{"broken", "broken pipe", "broken pipe"},
		{"untestable", "not testable: no gate", "not testable: no gate"},
		{"twice again", "ambiguous step", "ambiguous step"},
		{"panics", `panic in step "panics": at the disco`, `panic in step "panics": at the disco`},
		{"laid", "expected 1 arguments, matched 0", "step with a table"},
	}
	do := func(ctx context.Context, d definition, c call) error { return d.act(ctx, nil, c) }
	for _, tt := range tests {
		s := Scenario{ID: "x", Steps: []Sentence{{Word: Given, Text: "a start"}, {Word: When, Text: tt.step}, {Word: Then, Text: "an end"}}}
		got, plain := message(perform(t.Context(), s, words, do)), message(performPlainly(t.Context(), s, words, do))
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.step, got, tt.want)
		}
		if (plain == "") != (tt.plain == "") || !strings.Contains(plain, tt.plain) {
			t.Errorf("%s, without godog: got %q, want %q", tt.step, plain, tt.plain)
		}
	}
	for _, play := range []func(context.Context, Scenario, *language, func(context.Context, definition, call) error) error{perform, performPlainly} {
		if err := play(t.Context(), Scenario{ID: "x"}, words, do); err == nil {
			t.Error("a scenario without steps is no error")
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// first is the scenario with that id.
func first(t *testing.T, id string) []Scenario {
	t.Helper()
	s, err := load(t).Select("", id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	plainCheck = "validation.a-check-that-finds-an-update-says-so-and-ends"
	heldCheck  = "validation.a-check-is-pending-until-the-trusted-source-has-answered"
)

// lampWith is a lamp with something changed.
func lampWith(change func(*lamp)) *lamp {
	l := newLamp()
	change(l)
	return l
}

// TestScenarioOutcomes runs one scenario against surroundings that let it down.
func TestScenarioOutcomes(t *testing.T) {
	breaks := func(condition string, change func(*broken)) Target {
		b := &broken{lamp: newLamp(), condition: condition}
		change(b)
		return b
	}
	fails := func(*broken) {}
	later := func(b *broken) { b.spared = 1 }
	tests := []struct {
		name, id                 string
		target                   Target
		err, untestable, skipped string
	}{
		{name: "all well", target: newLamp()},
		{
			name: "a condition that can't be had", id: "restart.the-device-is-restarted-at-rest", target: lampWith(func(l *lamp) { l.deaf = true }),
			untestable: "not testable: the condition reboot can't be had; to test it: ",
		},
		{name: "a hook that fails", target: breaks(conformance.UpdateAvailable, fails), err: "condition update-available: hook failed"},
		{name: "a gate that fails to open", target: breaks(conformance.Release, fails), err: "condition release: hook failed"},
		{name: "a gate that fails to open again", id: heldCheck, target: breaks(conformance.Release, later), err: "condition release: hook failed"},
		{
			name: "a scenario that ends early and leaves the gate closed", id: heldCheck,
			target: breaks(conformance.Release, func(b *broken) { b.spared, b.lamp.diesHeld = 1, true }), err: "cleaning up",
		},
		{name: "a hook that panics", target: breaks(conformance.ReportSource, func(b *broken) { b.panics = true }), err: "panic in step"},
		{name: "a hook that hangs", target: breaks(conformance.NoUpdate, func(b *broken) { b.hangs = true }), id: heldCheck, err: "the scenario did not end within"},
		{name: "a Device that is switched off", target: lampWith(func(l *lamp) { l.off = true }), err: "the Device at coap://lamp does not answer"},
		{
			name: "what the target does not claim", target: lampWith(func(l *lamp) { l.profile.Supports.Validation = false }),
			skipped: "does not declare support of software version validation",
		},
		{
			name: "a Device that is not at rest", target: lampWith(func(l *lamp) { l.pstat.TM = 64 }),
			untestable: "not at rest to begin with: tm=V cm=- dos=RFNOP",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scenarios := first(t, cmp.Or(tt.id, plainCheck))
			synctest.Test(t, func(t *testing.T) {
				runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: tt.target})
				if err != nil || len(runs) != 1 {
					t.Fatalf("%d runs, %v", len(runs), err)
				}
				for _, pair := range [][2]string{{runs[0].Err, tt.err}, {runs[0].NotTestable, tt.untestable}, {runs[0].Skipped, tt.skipped}} {
					if got, want := pair[0], pair[1]; !strings.Contains(got, want) || want == "" && got != "" {
						t.Errorf("got %q, want %q", got, want)
					}
				}
			})
		})
	}
}

// TestWhatIsNoMaskIsTakenBack: what a Device has taken for tm in one scenario, though it is none, keeps
// the next one from nothing. A Device of which pstat was never read is not written to.
func TestWhatIsNoMaskIsTakenBack(t *testing.T) {
	const wide = "payloads.a-value-that-is-no-16-bit-mask-starts-nothing.tm-as-65536"
	scenarios := append(first(t, wide), first(t, plainCheck)...)
	never := lampWith(func(l *lamp) { l.wide, l.shown = true, []byte{0x1a, 0, 1, 0, 0} })
	for _, c := range []struct {
		lamp    *lamp
		want    string // of the second scenario
		written int    // updates of the first and the second before their own
	}{
		{lampWith(func(l *lamp) { l.wide = true }), "", 1},
		{never, "not testable: the Device shows no pstat that carries tm and cm", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			runs, err := Run(t.Context(), Config{Scenarios: scenarios, Target: c.lamp})
			if err != nil || len(runs) != 2 {
				t.Fatalf("%d runs, %v", len(runs), err)
			}
			written := 0
			for _, o := range runs[1].Timeline.Observations {
				if o.Kind == conformance.Request && o.Frame.Code == "POST" && bytes.Equal(o.Frame.Payload, []byte("\xa1\x62tm\x00")) {
					written++
				}
			}
			if runs[1].NotTestable != c.want || written != c.written {
				t.Errorf("got %q and %d writes of tm=0, want %q and %d", runs[1].NotTestable, written, c.want, c.written)
			}
		})
	}
}

// broken is a lamp whose hook for one condition does not work.
type broken struct {
	*lamp
	condition string
	spared    int // calls that still work
	panics    bool
	hangs     bool
}

func (b *broken) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	switch {
	case name != b.condition:
		return b.lamp.Condition(ctx, name)
	case b.spared > 0:
		b.spared--
		return b.lamp.Condition(ctx, name)
	case b.panics:
		panic("hook")
	case b.hangs:
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, errors.New("hook failed")
}

// unlessErr is a judge to whom all is well that ran to its end.
func unlessErr(attempts []conformance.ScenarioRun) (conformance.Verdict, string) {
	if last := attempts[len(attempts)-1]; last.Err != "" {
		return conformance.Error, last.Err
	}
	return conformance.Pass, ""
}

// TestInterrupted wants what was recorded until then, and the gate open again.
func TestInterrupted(t *testing.T) {
	scenarios, err := load(t).Select("@S1 or @S2 and not @needs:autonomous", "")
	if err != nil {
		t.Fatal(err)
	}
	held := slices.IndexFunc(scenarios, func(s Scenario) bool { return s.ID == heldCheck })
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := newLamp()
		var ended []Progress
		runs, err := Run(ctx, Config{Scenarios: scenarios, Target: l, Verdict: unlessErr, Progress: func(p Progress) {
			if p.Moment == Waits && p.Scenario.ID == heldCheck && strings.Contains(p.Text, "withholds") {
				cancel()
			}
			if p.Moment == Ends {
				ended = append(ended, p)
			}
		}})
		if !errors.Is(err, context.Canceled) || len(runs) != held+1 {
			t.Fatalf("%d runs, %v", len(runs), err)
		}
		last := runs[held]
		if last.Err != "interrupted" || len(last.Timeline.Observations) == 0 {
			t.Errorf("got %q with %d observations", last.Err, len(last.Timeline.Observations))
		}
		if len(ended) != held+1 || ended[held].Outcome != conformance.Error || ended[held-1].Outcome != conformance.Pass {
			t.Errorf("progress: %+v", ended)
		}
		if l.held {
			t.Error("the gate was left closed")
		}
	})
}

// file is a timeline that can't be written on after a while.
type file struct {
	bytes.Buffer
	left   int
	closed bool
}

func (f *file) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("disk full")
	}
	return f.Buffer.Write(p)
}

func (f *file) Close() error { f.closed = true; return nil }

func TestTimelineFile(t *testing.T) {
	scenarios := first(t, plainCheck)
	for _, room := range []int{1 << 20, 4000} {
		synctest.Test(t, func(t *testing.T) {
			f := &file{left: room}
			runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: newLamp(), Open: func(Scenario, int) (io.WriteCloser, string, error) {
				return f, "timelines/x.jsonl", nil
			}})
			if r := runs[0]; (r.Err != "") != (room == 4000) || r.File != "timelines/x.jsonl" || !f.closed {
				t.Errorf("room for %d bytes: %q, %q, closed %v", room, r.Err, r.File, f.closed)
			}
			if room > 4000 {
				tl, err := conformance.ReadTimeline("x", &f.Buffer)
				if err != nil || len(tl.Observations) != len(runs[0].Timeline.Observations) || len(tl.Expectations) != 1 {
					t.Errorf("read back %d observations and %d expectations: %v", len(tl.Observations), len(tl.Expectations), err)
				}
			}
		})
	}
}

// TestDeviantDevices runs against a Device that is wrong, and wants the expectation
// not to be met, in the time that the Device declared.
func TestDeviantDevices(t *testing.T) {
	tests := []struct {
		name   string
		change func(*lamp)
		want   conformance.Verdict
	}{
		{"tm is never cleared", func(l *lamp) { l.stuck = true }, conformance.Fail},
		{"observers are not told", func(l *lamp) { l.mute = true }, conformance.None},
	}
	scenarios := first(t, plainCheck)
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			runs, _ := Run(t.Context(), Config{Scenarios: scenarios, Target: lampWith(tt.change)})
			r := runs[0]
			if r.Err != "" || len(r.Timeline.Expectations) != 1 {
				t.Fatalf("%s: %s", tt.name, r.Err)
			}
			if f := judge.Scenario(r.Timeline, judge.Known{}).Expectations[0]; f.Verdict != tt.want {
				t.Errorf("%s: %q, %s", tt.name, f.Verdict, f.Reason)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s: took %v", tt.name, took)
			}
		})
	}
}
