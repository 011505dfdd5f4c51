// Package update takes a Device through a software version validation and a
// secure software update, and tells of each change of pstat while it goes on.
package update

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// The verdicts of Run.
const (
	Updated   = "updated"
	NoUpdate  = "no-update" // the validation found nothing
	Available = "available" // the validation found something, and no more was asked for
	Unproven  = "unproven"  // the Device says that it was updated, and shows nothing of it
	Failed    = "failed"    // the Device refused or gave up, or did not end in time
)

// Why a verdict is Failed, in a word. Where the update ended and came to nothing, there
// is no such word.
const (
	CauseRefused = "refused"
	CauseLate    = "late" // it had not ended when the time for it was over
)

// Errors of Run. A refusal is not an error: its verdict is Failed.
var (
	ErrNoAnswer = errors.New("no answer")
	ErrNoPstat  = errors.New("not readable")
)

// Config describes one update. The Inbox has to be the log of the Client, and a full
// one (talk.NewFullInbox), since Run needs the answers too.
type Config struct {
	Client *target.Client
	Inbox  *talk.Inbox
	Tell   func(Line)
	// Answer is how long to wait for the answer to a request. Validation and
	// Update are how long each of the two processes may take from the Device's
	// answer to the request for it.
	Answer, Validation, Update time.Duration
	// Check ends the run after the validation.
	Check bool
	// Version is where the software version is read: "/oic/d#sv", which is also meant by
	// "", or "/oic/p#mnfv"; or "undeclared", for sv, which an update may leave as it was.
	Version string
	// Known is what an earlier run that was interrupted knows of the Device. An update that it
	// asked for is followed to its end, and not asked for again.
	Known Known
}

// Line is one line of what `ocfsim update` shows. One of Pstat, Write, Code, Note
// and Verdict is set.
type Line struct {
	AtS     float64 `json:"at_s"`
	Pstat   string  `json:"pstat,omitempty"`   // what pstat shows from now on
	Write   string  `json:"write,omitempty"`   // what was written, "tm=V"
	Code    string  `json:"code,omitempty"`    // response code of the answer to the write
	Note    string  `json:"note,omitempty"`    // anything else worth knowing
	Verdict string  `json:"verdict,omitempty"` // one of those above
	Reason  string  `json:"reason,omitempty"`  // why the verdict is not Updated
	Cause   string  `json:"-"`                 // CauseRefused or CauseLate, where the verdict is Failed for it
	From    string  `json:"from,omitempty"`    // software version before the update, if the Device shows one
	To      string  `json:"to,omitempty"`      // software version after it
	Known   *Known  `json:"-"`                 // what a later run would have to know: with Write, which is not sent yet, and with Note where an update is rejoined
}

// How a Device is watched. Notifications are told as they come. The observation is
// also renewed at intervals, to find out about notifications that were lost and about
// a Device that restarted.
const renewal = 2 * time.Second

// run is an update under way.
type run struct {
	Config
	began   time.Time
	from    string  // software version before anything was written
	home    ocf.DOS // the state of the Device before anything was written
	pstat   ocf.Pstat
	at      time.Time // when pstat was seen last
	process Process   // the one that was asked for last
	known   bool      // pstat was seen at least once
	silent  bool      // the Device did not answer the last request
	writing bool      // the next answer is that of a write
	numbers numbers
}

// Run watches the Device, asks for a validation, and asks for an update if the
// validation finds one. The last Line has the verdict, unless there is an error.
func Run(ctx context.Context, cfg Config) (verdict string, err error) {
	r := &run{Config: cfg, began: time.Now()}
	if err := r.begin(ctx); err != nil {
		return "", err
	}
	pending := r.Known.Pending(r.pstat)
	if !pending {
		if err := r.calm(ctx); err != nil {
			return "", err
		}
	}
	e := Line{From: r.version(ctx)}
	follow := r.course
	if pending || r.Known.Over(r.pstat, e.From) {
		e.From, follow = r.Known.From, r.rejoin
	}
	r.from = e.From
	if err := follow(ctx, &e); err != nil {
		return "", err
	}
	r.tell(e)
	return e.Verdict, nil
}

// course takes the Device through both processes, one after the other, and writes into e
// what they came to.
func (r *run) course(ctx context.Context, e *Line) error {
	e.Verdict = Failed
	if cause, reason, err := r.ask(ctx, ocf.SVV, r.Validation); reason != "" || err != nil {
		e.Cause, e.Reason = cause, reason
		return err
	}
	if !r.process.Found() {
		e.Verdict, e.Reason = NoUpdate, "the Device found nothing newer"
		return nil
	}
	if r.Check {
		e.Verdict = Available
		return nil
	}
	if cause, reason, err := r.ask(ctx, ocf.SSU, r.Update); reason != "" || err != nil {
		e.Cause, e.Reason = cause, reason
		return err
	}
	r.conclude(ctx, e)
	return nil
}

// rejoin follows an update that an earlier run has asked for to its end, which may have been
// before.
func (r *run) rejoin(ctx context.Context, e *Line) error {
	r.tell(Line{Note: "the update was asked for by the run that was interrupted", Known: &r.Known})
	e.Verdict = Failed
	r.process = Ask(ocf.SSU, r.home, ocf.Pstat{})
	r.process.See(r.pstat, time.Since(r.began))
	if cause, reason, err := r.await(ctx, ocf.SSU, r.Update); reason != "" || err != nil {
		e.Cause, e.Reason = cause, reason
		return err
	}
	r.conclude(ctx, e)
	return nil
}

// conclude writes into e what an update that has ended came to.
func (r *run) conclude(ctx context.Context, e *Line) {
	if r.process.Succeeded() {
		e.To = r.version(ctx)
	}
	from := e.From
	if r.Version == "undeclared" {
		from = ""
	}
	e.Verdict, e.Reason = r.process.Conclude(from, e.To)
}

// begin reads pstat for the first time.
func (r *run) begin(ctx context.Context) error {
	reply, err := r.renew(ctx)
	switch {
	case err != nil:
		return err
	case reply.Lost:
		return fmt.Errorf("%w: %s", ErrNoAnswer, reply.Reason)
	case !talk.Success(reply.Frame.Code):
		return fmt.Errorf("pstat is %w: %s", ErrNoPstat, talk.CodeText(reply.Frame.Code))
	}
	r.drain()
	if !r.known {
		return fmt.Errorf("pstat is %w: it lacks tm, cm or dos", ErrNoPstat)
	}
	r.home = r.Known.Home(r.pstat.DOS)
	return nil
}

// calm waits until a Device that is busy has finished.
func (r *run) calm(ctx context.Context) error {
	if r.pstat.TM&Busy == 0 {
		return nil
	}
	r.tell(Line{Note: "the Device is busy; waiting until it has finished"})
	_, err := r.until(ctx, r.Validation+r.Update, func() bool { return r.pstat.TM&Busy == 0 })
	return err
}

// ask asks for the process that bit stands for and waits for its end. reason says why it
// did not begin or end, and cause in a word; both are empty if it ended, well or not.
func (r *run) ask(ctx context.Context, bit ocf.DPM, limit time.Duration) (cause, reason string, err error) {
	r.process = Ask(bit, r.home, r.pstat)
	if r.pstat.TM.Has(bit) {
		r.tell(Line{Note: "the Device has begun that already"})
		r.process.See(r.pstat, time.Since(r.began))
	} else {
		r.tell(Line{Write: "tm=" + bit.String(), Known: &Known{From: r.from, Asked: bit, Before: r.pstat}})
		code, err := r.write(ctx, bit)
		switch {
		case err != nil:
			return "", "", err
		case !talk.Success(code):
			return CauseRefused, fmt.Sprintf("the Device answers %s to tm=%v", talk.CodeText(code), bit), nil
		}
	}
	return r.await(ctx, bit, limit)
}

// await waits for the end of the process that the Device has accepted; what it returns is as
// of ask.
func (r *run) await(ctx context.Context, bit ocf.DPM, limit time.Duration) (cause, reason string, err error) {
	r.process.Answer(time.Since(r.began))
	ended, err := r.until(ctx, limit, r.process.Ended)
	if err != nil || ended {
		return "", "", err
	}
	return CauseLate, fmt.Sprintf("it did not end within %v: pstat shows %v", limit, r.pstat), nil
}

// write writes tm and returns the response code of the answer.
func (r *run) write(ctx context.Context, bit ocf.DPM) (code string, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.Answer)
	defer cancel()
	payload, err := talk.FromNotation([]string{"tm=" + bit.String()})
	if err != nil {
		return "", err
	}
	call := ask("POST", ocf.PathPstat)
	call.Payload, call.Format = payload, call.Accept
	r.writing = true
	reply, err := r.Client.Exchange(ctx, call)
	r.drain()
	r.writing = false
	switch {
	case err != nil:
		return "", r.unanswered(ctx, err)
	case reply.Lost:
		return "", fmt.Errorf("%w: %s", ErrNoAnswer, reply.Reason)
	}
	return reply.Frame.Code, nil
}

// version is the software version that the Device shows, or "" if it shows none.
func (r *run) version(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, r.Answer)
	defer cancel()
	path, property, _ := strings.Cut(r.Version, "#")
	if property == "" {
		path = ocf.PathD
	}
	reply, err := r.Client.Exchange(ctx, ask("GET", path))
	if err != nil || reply.Lost || !talk.Success(reply.Frame.Code) {
		return ""
	}
	if path == ocf.PathP {
		p, _, err := ocf.DecodeP(reply.Frame.Payload)
		if err != nil {
			return ""
		}
		return p.MNFV
	}
	d, _, err := ocf.DecodeD(reply.Frame.Payload)
	if err != nil {
		return ""
	}
	return d.SV
}

// ask makes a request as OCF Clients send it.
func ask(method, path string) conformance.Call {
	format, version := uint16(ocf.FormatOCFCBOR), uint16(ocf.Version100)
	return conformance.Call{Method: method, Path: path, Accept: &format, Version: &version}
}

func (r *run) tell(e Line) {
	e.AtS = time.Since(r.began).Seconds()
	r.Tell(e)
}
