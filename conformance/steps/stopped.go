package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// ErrAway is the error of a run that ended early because the Device stayed away.
var ErrAway = errors.New("the Device stays away")

// patienceWith is how many scenarios in a row may end with a silent Device
// before the run ends. The first waits for as long as a Device may be away, the
// next one makes a short try.
const patienceWith = 2

// sending is a request of the scenario, and how it ended.
type sending struct {
	n    int // the Observation that ended it
	name string
	call conformance.Call
}

// fatal reports whether the Device may have died of the request that ended at n:
// the request arrived, and nobody has listened since. One that declares restarts
// has a reason to be away while it updates, and every Device has one that was just
// restarted.
func (t *trial) fatal(n int) bool {
	all := t.rec.Timeline().Observations
	if t.repeating || n < 0 || n >= len(all) || !all[n].Closes() || !t.run.memory.heard {
		return false
	}
	return !(t.profile.Update.Reboots && t.asked.Has(ocf.SSU)) && !restarted(all, all[n].At-t.profile.Timing.Reboot)
}

// restarted reports whether the surroundings restarted the Device after that time.
func restarted(all []conformance.Observation, since time.Duration) bool {
	for i := range all {
		o := &all[i]
		if o.Restarted() && o.At >= since {
			return true
		}
	}
	return false
}

// died goes on after a request that the Device may have died of: it waits for the
// Device to come back, has it restarted where it does not, and sends the request
// once more. Whether the Device died of it is for the report to say.
func (t *trial) died(ctx context.Context, s sending) error {
	t.run.memory.silent = true
	t.fellSilent()
	if err := t.returns(ctx); err != nil {
		return err
	}
	if t.gone {
		silent := t.silent()
		if back, err := t.revive(ctx); err != nil || !back {
			return errors.Join(silent, err)
		}
	}
	t.run.memory.silent = false
	return t.repeat(ctx, s)
}

// forgets reports whether the Device may have restarted at the request that ended at
// n, and was back before the wait was over: it no longer knew the session. A network
// that loses datagrams looks like it; a move of dos, a restart that was asked for and
// an update that restarts the Device are reasons of their own.
func (t *trial) forgets(n int) bool {
	tl := t.rec.Timeline()
	return !t.repeating && n >= 0 && n < len(tl.Observations) && tl.Observations[n].Forgets() &&
		t.run.memory.heard && !t.run.memory.lossy && !tl.Lossy() && !t.mayRestart()
}

// forgot sends a request again that the Device forgot the session of, as often as it
// takes to tell a restart from a network that lost something. Whether the Device died
// of it is for the report to say.
func (t *trial) forgot(ctx context.Context, s sending) error {
	what := fmt.Sprintf("%s %s of the %s Client", s.call.Method, s.call.Path, s.name)
	t.repeating = true
	for range conformance.Restarts - 1 {
		t.note("%s is sent once more, for the Device has forgotten the session", what)
		n, err := t.send(ctx, s.name, s.call)
		switch {
		case err != nil:
			return err
		case t.answered(n):
			return untestable("the Device forgot its session at %s, and not when that was repeated", what)
		case !t.rec.Timeline().Observations[n].Forgets():
			return untestable("the Device does not answer %s", what)
		}
	}
	return untestable("the Device forgets its session at %s each time", what)
}

// sendBriefly is send to a Device that has already let a request go unanswered
// for as long as a Client repeats it: one such silence is enough, and the next one
// is not waited for to its end. It is where the Device may be restarting, and where
// the network loses datagrams.
func (t *trial) sendBriefly(ctx context.Context, name string, c conformance.Call) (n int, err error) {
	if !t.fellSilentBefore() || !t.repeating && t.mayRestart() || t.run.memory.lossy || t.rec.Timeline().Lossy() {
		return t.send(ctx, name, c)
	}
	brief, cancel := context.WithTimeout(ctx, max(t.patience(), longestProbe+t.profile.Sleep.Every))
	defer cancel()
	n, err = t.send(brief, name, c)
	if brief.Err() == nil || ctx.Err() != nil {
		return n, err
	}
	t.unanswered(name, n)
	return len(t.rec.Timeline().Observations) - 1, nil
}

// mayRestart reports whether the Device has a reason to be away: the update that it
// was asked for restarts it, or it was just restarted.
func (t *trial) mayRestart() bool {
	all := t.rec.Timeline().Observations
	return t.profile.Update.Reboots && t.asked.Has(ocf.SSU) || len(all) > 0 && restarted(all, all[len(all)-1].At-t.profile.Timing.Reboot)
}

// fellSilentBefore reports whether a request of the scenario went unanswered to
// the end, and none was answered since, or it is that request which is repeated.
func (t *trial) fellSilentBefore() bool {
	all := t.rec.Timeline().Observations
	for i := len(all) - 1; i >= 0; i-- {
		switch o := &all[i]; {
		case o.Kind == conformance.Lost && !o.Gone() && o.Text != conformance.GivenUp:
			return true
		case o.Kind == conformance.Response && !t.repeating:
			return false
		}
	}
	return false
}

// returns waits, for as long as a restart may take, for the Device to answer.
func (t *trial) returns(ctx context.Context) error {
	for end := time.Now().Add(t.profile.Timing.Reboot); t.gone && time.Now().Before(end); {
		if err := t.pause(ctx, t.profile.Timing.Settle); err != nil {
			return err
		}
		if err := t.probe(ctx); err != nil {
			return err
		}
	}
	return nil
}

// last is the request that the Device was sent when it fell silent: the first one
// without an answer since the last answer. ok is false where the scenario did not
// send it, and where it is a plain GET of pstat, which every scenario sends.
func (t *trial) last() (s sending, ok bool) {
	all := t.rec.Timeline().Observations
	answered := 0
	for i := range all {
		if all[i].Kind == conformance.Response {
			answered = i
		}
	}
	for _, s := range t.sent {
		if s.n > answered {
			c := s.call
			plain := c.Method == "GET" && c.Path == ocf.PathPstat && c.Query == "" && c.BlockSize == 0 && c.Critical == 0 && !c.NON && c.Accept == nil && c.Version == nil
			return s, all[s.n].Kind == conformance.Lost && !plain
		}
	}
	return s, false
}

// repeat sends a request again that the Device fell silent at, now that it
// answers again. If it falls silent again, it is restarted for the scenarios to come.
func (t *trial) repeat(ctx context.Context, s sending) error {
	what := fmt.Sprintf("%s %s of the %s Client", s.call.Method, s.call.Path, s.name)
	t.note("%s is sent once more, for the Device fell silent at it", what)
	t.repeating = true
	n, err := t.sendBriefly(ctx, s.name, s.call)
	if err != nil {
		return err
	}
	if t.answered(n) {
		return untestable("the Device fell silent at %s, and not when that was repeated", what)
	}
	t.fellSilent()
	if err := t.probe(ctx); err != nil {
		return err
	}
	if !t.gone {
		return untestable("the Device does not answer %s", what)
	}
	silent := t.silent()
	if err := t.returnsIfRefused(ctx, n); err != nil {
		return err
	}
	if t.gone {
		if back, err := t.revive(ctx); err != nil || !back {
			return errors.Join(silent, err)
		}
	}
	t.run.memory.silent = false
	return untestable("the Device falls silent at %s each time", what)
}

// returnsIfRefused waits for a Device whose port closed at n, which may be
// restarted by something that watches over it.
func (t *trial) returnsIfRefused(ctx context.Context, n int) error {
	if all := t.rec.Timeline().Observations; !all[n].Refused() {
		return nil
	}
	return t.returns(ctx)
}
