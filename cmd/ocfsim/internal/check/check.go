// Package check looks at a target before the suite runs: who answers, whether the
// harness can become privileged there, which conditions really work, and whether what
// the target file declares is so. Everything that it tries it undoes. It judges no
// requirement.
package check

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/published"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// Outcome is what became of one thing that was looked at.
type Outcome string

// The outcomes of a Line.
const (
	OK      Outcome = "ok"      // it is as declared, or there is nothing to declare
	NotSo   Outcome = "not-so"  // it is declared, and it is not so
	More    Outcome = "more"    // it is so and not declared: requirements that apply are not judged
	Unknown Outcome = "unknown" // nothing that was seen tells
	Warn    Outcome = "warn"    // nothing is judged by it: it departs from a schema that OCF publishes, or a time is declared far too long
	Untried Outcome = "untried" // it was not looked at; Text says why
)

// Line is one thing that was looked at.
type Line struct {
	Topic   string   `json:"topic"` // "device", "dos", "owner", "hold", "timing.update", ...
	Outcome Outcome  `json:"outcome"`
	Text    string   `json:"text"`
	Write   []string `json:"write,omitempty"` // lines of a target file that would help; one is to be chosen
	Run     []string `json:"run,omitempty"`   // commands that would help; one is to be chosen
}

// Config is one check. Only Target is needed.
type Config struct {
	Target   target.Config
	LookOnly bool               // nothing is written, owned or brought about
	NoUpdate bool               // no software is updated
	Schemas  *published.Schemas // what the Device shows is held to them; nil for nothing
	Tell     func(Line)         // is told each Line as it is found; nil for nobody
}

// Report is all that was found.
type Report struct {
	Lines    []Line    `json:"lines"`
	Ready    bool      `json:"ready"` // a test can begin, and all that is declared is so as far as was seen
	Estimate *Estimate `json:"estimate,omitempty"`
}

// examination is a check under way.
type examination struct {
	Config
	report Report
	look   target.Look
	target *target.Target
	bench  *bench
	works  map[string]bool // conditions, by name; absent: not tried
	took   measured
	broken bool // something declared is not so, or the test could not begin
	tried  bool // a check was requested, and its line is there
}

// measured are the times that were seen, 0 where none was.
type measured struct {
	validation, update, settle, reboot time.Duration
}

// Run looks at the target and, unless cfg says otherwise, tries what its file
// declares. The error is target.ErrUnreachable if nobody answers, and suite.ErrLeft if
// the Device could not be left as it was found.
func Run(ctx context.Context, cfg Config) (Report, error) {
	x := &examination{Config: cfg, works: map[string]bool{}}
	err := x.run(ctx)
	if begun := x.target != nil || x.LookOnly && !x.broken; err == nil && begun {
		x.estimate()
	}
	x.report.Ready = err == nil && !x.broken
	return x.report, err
}

func (x *examination) run(ctx context.Context) error {
	var err error
	if x.look, err = target.LookAt(ctx, x.Target); err != nil {
		return err
	}
	if !x.facts() || x.LookOnly {
		x.published()
		return nil
	}
	began := time.Now()
	opened, err := target.Open(ctx, x.Target)
	var u *target.Unready
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &u):
		x.say(Line{Topic: "privilege", Outcome: NotSo, Text: u.Err.Error(), Write: u.Write, Run: u.Run})
		return nil
	case err != nil:
		x.notSo("privilege", "%v", err)
		return nil
	}
	x.target = opened
	x.ok("privilege", "%s", x.privilege(time.Since(began)))
	err = x.tryAll(ctx)
	if left := suite.Restore(ctx, x.target); left != nil {
		return errors.Join(left, err)
	}
	if err == nil && x.target.Profile().Secured {
		x.ok("given back", "the Device is as it was found")
	}
	return err
}

// privilege says how the harness became privileged.
func (x *examination) privilege(took time.Duration) string {
	p := x.target.Profile()
	switch {
	case !p.Secured:
		return "everyone has it: the target is declared to be unsecured; SVV-3, SSU-3 and OBS-5 are not judged"
	case p.Owning == "credential":
		return fmt.Sprintf("the harness comes as the owner; it told the Device about its Clients in %v", round(took))
	}
	return fmt.Sprintf("the harness owned it by %s and told it about its Clients in %v", p.Owning, round(took))
}

// tryAll tries what takes a privileged Client.
func (x *examination) tryAll(ctx context.Context) error {
	b, err := newBench(ctx, x.target)
	if err != nil {
		return err
	}
	defer b.close(ctx)
	x.bench = b
	if !x.watched() {
		return nil
	}
	x.version(ctx)
	if err := x.readAll(ctx); err != nil {
		return err
	}
	defer x.published()
	if x.arranges(ctx) {
		return x.arrange(ctx)
	}
	x.say(Line{
		Topic: "conditions", Outcome: Unknown,
		Text:  "the target declares none: nobody says what is on offer, and what needs the gate or a restart can't be tested",
		Write: []string{"conditions: {http: URL}", `conditions: {exec: ["./prepare.sh"]}`, "conditions: {prompt: true}", "always: [" + conformance.UpdateAvailable + "]"},
	})
	s, err := x.validate(ctx)
	switch {
	case err != nil || !s.ended:
	case s.shown:
		x.ok("offer", "%s", offer(s.last.CM))
	default:
		x.unknown("offer", "cm=%v, and whether that is the result of a check is not seen", s.last.CM)
	}
	x.timings()
	return err
}

// arranges reports whether any condition may be had: the target declares a hook, or
// that what it is offered is always the same.
func (x *examination) arranges(ctx context.Context) bool {
	if x.Target.Arranges() {
		return true
	}
	for _, offer := range []string{conformance.UpdateAvailable, conformance.NoUpdate, conformance.UpdateFails} {
		if _, err := x.target.Condition(ctx, offer); err == nil {
			return true
		}
	}
	return false
}

// say adds a line and tells it.
func (x *examination) say(l Line) {
	l.Text = edition.Of(x.Target.Profile.Edition).Letters(l.Text)
	x.report.Lines = append(x.report.Lines, l)
	x.broken = x.broken || l.Outcome == NotSo
	if x.Tell != nil {
		x.Tell(l)
	}
}

func (x *examination) ok(topic, format string, args ...any) {
	x.say(Line{Topic: topic, Outcome: OK, Text: fmt.Sprintf(format, args...)})
}

func (x *examination) notSo(topic, format string, args ...any) {
	x.say(Line{Topic: topic, Outcome: NotSo, Text: fmt.Sprintf(format, args...)})
}

func (x *examination) unknown(topic, format string, args ...any) {
	x.say(Line{Topic: topic, Outcome: Unknown, Text: fmt.Sprintf(format, args...)})
}

func (x *examination) untried(topic, format string, args ...any) {
	x.say(Line{Topic: topic, Outcome: Untried, Text: fmt.Sprintf(format, args...)})
}

func (x *examination) more(topic, format string, args ...any) {
	x.say(Line{Topic: topic, Outcome: More, Text: fmt.Sprintf(format, args...)})
}

// profile is what the target declares, completed by what the Device said once it
// is open.
func (x *examination) profile() conformance.Profile {
	if x.target != nil {
		return x.target.Profile()
	}
	return x.Target.Profile
}

// round makes a measured time short to read.
func round(d time.Duration) time.Duration {
	switch {
	case d >= 10*time.Second:
		return d.Round(time.Second)
	case d >= 100*time.Millisecond:
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(100 * time.Microsecond)
}
