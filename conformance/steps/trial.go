package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

// The names of Clients, as judges know them.
const (
	privileged = conformance.Privileged
	second     = conformance.Second
)

// trial is one scenario against one target: what its sentences share.
type trial struct {
	run     *run
	target  Target
	profile conformance.Profile
	rec     *conformance.Recorder
	watch   conformance.Watch // of what rec records

	viewer    string // who reads pstat to see how the Device is doing
	parties   []*party
	accepted  []accepted
	wrote     int     // N of the last write to pstat, or a little before
	from      int     // N where the When began; -1 before
	asked     ocf.DPM // the processes that were asked for, by whomever
	finished  ocf.DPM // those of them that have ended, or had their time
	held      bool    // the source was told to withhold its answers
	ungated   bool    // it could not be told so
	wants     string  // the offer that the scenario wants and nobody can arrange
	arranges  bool    // an offer was arranged
	unreports bool    // the source can't be asked for a report
	withheld  withheld
	anyRest   bool   // the Device may rest in any dos
	gone      bool   // the Device did not answer when it was read last
	arranged  string // the condition that the scenario began with
	keeps     bool   // owner and identity are compared across the stimulus
	disowned  bool   // its owner has reset the Device
	handed    bool   // a security resource was given another owner
	concluded bool
	sent      []sending
	planning  planning
	repeating bool // the request that the Device fell silent at is being repeated, or was
	budget    budget
}

// party is one Client of the scenario.
type party struct {
	name       string
	client     Client
	observing  bool
	registered int  // N of the answer to its registration
	opened     int  // N when it was opened
	suspect    bool // the Device fell silent: its session may be gone
}

// accepted is a request for processes that the Device took.
type accepted struct {
	n    int // of the request, or a little before
	asks ocf.DPM
}

func newTrial(r *run, p conformance.Profile, rec *conformance.Recorder) *trial {
	t := &trial{run: r, target: r.cfg.Target, profile: p, rec: rec, from: -1, viewer: privileged}
	t.budget.left = t.allowance()
	return t
}

// perform runs the scenario's sentences and cleans up after them.
func (t *trial) perform(ctx context.Context) error {
	limit := t.deadline()
	bounded, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the scenario did not end within %v", limit))
	defer cancel()
	play := perform
	if t.run.cfg.Plain {
		play = performPlainly
	}
	err := play(bounded, t.run.scenario, t.run.language, t.step)
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case bounded.Err() != nil:
		err = context.Cause(bounded)
	}
	t.budget.left = max(t.budget.left, t.bound(t.processes())) // for what follows, which is no longer the scenario
	if isUntestable(err) && !t.concluded && !t.gone && !t.rec.Full() {
		if unfinished := t.missing(bounded, t.untold); unfinished != nil { // the next scenario must not meet what tm does not show
			t.note("waiting for what was requested: %v", unfinished)
		}
	}
	t.learn()
	left := t.teardown(ctx)
	t.reown(ctx)
	switch {
	case left == nil:
		return err
	case err == nil:
		return fmt.Errorf("cleaning up: %w", left)
	default:
		return fmt.Errorf("cleaning up after %q: %w", err.Error(), left)
	}
}

// deadline is far beyond what the declared bounds add up to: it ends a scenario
// that hangs, not one that is slow.
func (t *trial) deadline() time.Duration {
	b := t.profile.Timing
	step := b.Validation + b.Update + b.Reboot + 8*b.Settle + 4*t.profile.Sleep.Every
	return 10*time.Minute + time.Duration(len(t.run.scenario.Steps))*2*step
}

// step executes one sentence. The first Then concludes the scenario.
func (t *trial) step(ctx context.Context, d definition, c call) error {
	if err := t.flooded(); err != nil {
		return err
	}
	if d.word == Then && !t.concluded {
		t.concluded = true
		if err := t.conclude(ctx); err != nil {
			return err
		}
	}
	n := t.rec.Append(conformance.Observation{Kind: conformance.Step, Text: string(d.word) + " " + c.text})
	if d.word == When && t.from < 0 {
		t.from = n
	}
	if d.claim != nil {
		err := d.claim(&claims{rec: t.rec, from: t.from}, c)
		if err != nil && !isUntestable(err) { // what is expected can't be read
			return t.run.scenario.misread(Sentence{Line: c.at.line, Column: c.at.column}, err)
		}
		return err
	}
	return d.act(ctx, t, c)
}

// teardown leaves the Device and its source as they were found, also after an
// interruption. It does not wait for the Device.
func (t *trial) teardown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	var problems []error
	if t.held {
		problems = append(problems, t.release(ctx))
	}
	if err := t.part(ctx); err != nil {
		t.note("%v", err)
	}
	for _, p := range t.parties {
		if p.client == nil {
			continue
		}
		if err := p.client.Close(); err != nil {
			problems = append(problems, fmt.Errorf("closing the %s Client: %w", p.name, err))
		}
	}
	return errors.Join(problems...)
}

func (t *trial) note(format string, args ...any) {
	t.rec.Append(conformance.Observation{Kind: conformance.Note, Text: fmt.Sprintf(format, args...)})
}

// send sends one request of the named Client and waits for its answer, which is
// the Observation n. A request to read that was lost with its session is sent
// again in the new one.
func (t *trial) send(ctx context.Context, name string, c conformance.Call) (n int, err error) {
	if err := t.flooded(); err != nil {
		return -1, err
	}
	p, err := t.party(ctx, name)
	if err != nil {
		return t.refused(name, err)
	}
	n, err = p.client.Do(ctx, c)
	if err == nil && c.Method == "GET" && t.sessionGone(n) {
		n, err = p.client.Do(ctx, c)
	}
	if err != nil {
		return n, fmt.Errorf("%s %s: %w", c.Method, c.Path, err)
	}
	t.heard(n)
	t.sent = append(t.sent, sending{n, name, c})
	if t.fatal(n) && c.Method != "GET" {
		return n, t.died(ctx, t.sent[len(t.sent)-1])
	}
	if c.Method != "GET" && t.forgets(n) {
		return n, t.forgot(ctx, t.sent[len(t.sent)-1])
	}
	return t.ended(p, n, nil)
}

// heard takes note of an answer, if the Observation n is one.
func (t *trial) heard(n int) {
	if !t.answered(n) {
		return
	}
	m, all := t.run.memory, t.rec.Timeline().Observations
	m.heard = true
	if o := all[n]; o.For != nil {
		m.slowest = max(m.slowest, o.At-all[*o.For].At)
	}
}

// insistence is how often a Device that has answered before is asked in all, each time
// with every retransmission: once more on any network, for all five transmissions may
// be lost on one, and more often where the network is known to be bad.
func (t *trial) insistence() int {
	if t.run.memory.lossy || t.run.memory.slowest >= slow || t.rec.Timeline().Lossy() {
		return 3
	}
	return 2
}

// slow is an answer that takes longer than any on a good network.
const slow = 250 * time.Millisecond

// insists reports whether to ask a Device again after it did not answer the
// try-th time, and says so in the Timeline.
func (t *trial) insists(try int) bool {
	if try >= t.insistence() || !t.run.memory.heard {
		return false
	}
	t.note("no answer; asked again, for the network may have lost it")
	return true
}

// present takes note that the Device answered at n after all, though it was believed
// to be silent: what went missing before was lost by the network.
func (t *trial) present(n int) {
	if m := t.run.memory; m.silent && t.answered(n) {
		m.silent, m.lossy = false, true
	}
}

// read reads pstat as the privileged Client, or as whoever else can. A Device that does not answer, for
// as long as a Client repeats its request, is an error: it is not there. One
// that has just let another request go unanswered for so long is asked briefly.
func (t *trial) read(ctx context.Context) error {
	end := time.Now().Add(t.profile.Timing.Reboot)
	for try := 1; ; try++ {
		n, err := t.sendBriefly(ctx, t.viewer, conformance.Call{Method: "GET", Path: ocf.PathPstat})
		if err != nil || t.answered(n) {
			return err
		}
		if t.rec.Timeline().Observations[n].Refused() && time.Now().Before(end) {
			try = 0 // it may be restarting
			if err := t.pause(ctx, t.profile.Timing.Settle); err != nil {
				return err
			}
			continue
		}
		if t.rec.Timeline().Observations[n].Refused() || !t.insists(try) {
			break
		}
	}
	fatal, known := t.last()
	silent := t.silent()
	back, err := t.revive(ctx)
	switch {
	case err != nil:
		return err
	case back && known && !t.repeating:
		return t.repeat(ctx, fatal)
	case back:
		return untestable("the Device stopped answering, and answers again since it was restarted")
	}
	return silent
}

// silent is the error of a Device that does not answer. Later scenarios make
// one short try before they believe it again.
func (t *trial) silent() error {
	t.run.memory.silent = true
	return fmt.Errorf("the Device at %s does not answer", t.profile.Endpoint)
}

// processes are the bits that request a process in the edition of the run.
func (t *trial) processes() ocf.DPM { return edition.Of(t.run.cfg.Edition).Processes() }

// says is the mask m in the words of the edition of the run.
func (t *trial) says(m ocf.DPM) string { return edition.Of(t.run.cfg.Edition).Letters(m.String()) }

// write asks for u as the privileged Client.
func (t *trial) write(ctx context.Context, u ocf.PstatUpdate) error {
	asks := u.TM & t.processes()
	return t.post(ctx, asks, post(u.AppendCBOR(nil)))
}

// post writes pstat as the privileged Client, asking for the processes of asks.
func (t *trial) post(ctx context.Context, asks ocf.DPM, c conformance.Call) error {
	return t.postAs(ctx, privileged, asks, c)
}

// postAs writes pstat as a Client that may write it.
func (t *trial) postAs(ctx context.Context, name string, asks ocf.DPM, c conformance.Call) error {
	t.ask(asks)
	t.wrote = len(t.rec.Timeline().Observations)
	n, err := t.send(ctx, name, c)
	if err == nil {
		t.denied(name, n)
	}
	if err == nil && asks != 0 && t.answered(n) && strings.HasPrefix(t.rec.Timeline().Observations[n].Frame.Code, "2.") {
		t.accepted = append(t.accepted, accepted{t.wrote, asks})
	}
	return err
}

// ask notes that the processes of mask are asked for.
func (t *trial) ask(mask ocf.DPM) { t.asked, t.finished = t.asked.With(mask), t.finished.Without(mask) }

// going are the processes that were asked for and may go on.
func (t *trial) going() ocf.DPM { return t.asked.Without(t.finished) }

// tm asks for the processes of mask, in one write.
func (t *trial) tm(ctx context.Context, mask ocf.DPM) error {
	return t.write(ctx, ocf.PstatUpdate{Set: ocf.PropTM, TM: mask})
}

// post is a write of pstat as OCF Clients send it.
func post(payload []byte) conformance.Call {
	format := uint16(ocf.FormatOCFCBOR)
	return conformance.Call{Method: "POST", Path: ocf.PathPstat, Payload: payload, Format: &format}
}

// answered reports whether the Observation n is an answer, and not the end of
// the retransmission budget.
func (t *trial) answered(n int) bool {
	all := t.rec.Timeline().Observations
	return n >= 0 && n < len(all) && all[n].Kind == conformance.Response
}
