// Package update takes a Device through a software version validation and a
// secure software update, and tells of each change of pstat while it goes on.
package update

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// The outcomes of a Run.
const (
	Updated  = "updated"
	NoUpdate = "no-update" // the validation found nothing
	Failed   = "failed"    // refused, given up by the Device, or not ended in time
)

// Errors of Run. A refusal is none: it is Failed.
var (
	ErrNoAnswer = errors.New("no answer")
	ErrNoPstat  = errors.New("not readable")
)

// Config is one update. Client appends all it sees to Inbox, which keeps
// answers too.
type Config struct {
	Client *target.Client
	Inbox  *talk.Inbox
	Tell   func(Event)
	// Answer bounds each request; Validation and Update each of the two
	// processes, from the Device's answer to the request.
	Answer, Validation, Update time.Duration
}

// Event is one line of the timeline. One of its kinds of text is set.
type Event struct {
	AtS     float64 `json:"at_s"`
	Pstat   string  `json:"pstat,omitempty"`   // what pstat shows from now on
	Write   string  `json:"write,omitempty"`   // what was written, "tm=V"
	Code    string  `json:"code,omitempty"`    // of the answer
	Note    string  `json:"note,omitempty"`    // anything else worth knowing
	Verdict string  `json:"verdict,omitempty"` // Updated, NoUpdate or Failed
	Reason  string  `json:"reason,omitempty"`  // of the verdict
	From    string  `json:"from,omitempty"`    // software version before, where the Device tells
	To      string  `json:"to,omitempty"`      // and after
}

// How a Device is watched. Notifications are told at once; in between the
// observation is renewed, which finds what was lost, and a Device that restarted.
const (
	renewal = 2 * time.Second
	// settle is how long after its answer a Device may need to show that a
	// process runs.
	settle = time.Second
)

// run is an update under way.
type run struct {
	Config
	began   time.Time
	home    ocf.DOS // where the Device was before anything was written
	pstat   ocf.Pstat
	at      time.Time // when pstat was seen last
	shown   ocf.DPM   // what tm showed since a process was asked for
	known   bool      // pstat was seen
	silent  bool      // the Device did not answer the last request
	writing bool      // the next answer is of a write
	numbers numbers
}

// Run watches the Device, asks for a validation, and for an update if it finds
// one. The last Event has the verdict; an error leaves it out.
func Run(ctx context.Context, cfg Config) (verdict string, err error) {
	r := &run{Config: cfg, began: time.Now()}
	if err := r.begin(ctx); err != nil {
		return "", err
	}
	from := r.version(ctx)
	verdict, reason, err := r.course(ctx)
	if err != nil {
		return "", err
	}
	e := Event{Verdict: verdict, Reason: reason, From: from}
	if verdict == Updated {
		e.To = r.version(ctx)
	}
	r.tell(e)
	return verdict, nil
}

// course is both processes, one after the other.
func (r *run) course(ctx context.Context) (verdict, reason string, err error) {
	if reason, err := r.process(ctx, ocf.SVV, r.Validation); reason != "" || err != nil {
		return Failed, reason, err
	}
	if !r.pstat.CM.Has(ocf.SVV) {
		return NoUpdate, "the Device found nothing newer", nil
	}
	if reason, err := r.process(ctx, ocf.SSU, r.Update); reason != "" || err != nil {
		return Failed, reason, err
	}
	if !r.pstat.CM.Has(ocf.SSU) {
		return Failed, "the Device gave the update up", nil
	}
	return Updated, "", nil
}

// begin reads pstat for the first time and waits for a Device that is busy.
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
	r.home = r.pstat.DOS
	busy := ocf.SVV | ocf.SSU
	if r.pstat.TM&busy == 0 {
		return nil
	}
	r.tell(Event{Note: "the Device is busy: waiting for it"})
	_, err = r.until(ctx, r.Validation+r.Update, func() bool { return r.pstat.TM&busy == 0 })
	return err
}

// process asks for what bit stands for and waits for its end. reason is empty
// where it ended, well or not.
func (r *run) process(ctx context.Context, bit ocf.DPM, limit time.Duration) (reason string, err error) {
	r.tell(Event{Write: "tm=" + bit.String()})
	r.shown = 0
	seen := r.at
	code, err := r.write(ctx, bit)
	switch {
	case err != nil:
		return "", err
	case !talk.Success(code):
		return fmt.Sprintf("the Device answers %s to tm=%v", talk.CodeText(code), bit), nil
	}
	answered := time.Now()
	ended, err := r.until(ctx, limit, func() bool {
		began := r.shown.Has(bit) || r.at.Sub(answered) >= settle
		return r.at != seen && began && !r.pstat.TM.Has(bit) && r.pstat.DOS == r.home
	})
	if err != nil || ended {
		return "", err
	}
	return fmt.Sprintf("%v after it was asked for, pstat shows %v", limit, r.pstat), nil
}

// write writes tm and is the code of the answer.
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

// version is the software version that the Device tells of, "" for none.
func (r *run) version(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, r.Answer)
	defer cancel()
	reply, err := r.Client.Exchange(ctx, ask("GET", ocf.PathD))
	if err != nil || reply.Lost || !talk.Success(reply.Frame.Code) {
		return ""
	}
	d, _, err := ocf.DecodeD(reply.Frame.Payload)
	if err != nil {
		return ""
	}
	return d.SV
}

// ask is a request as OCF Clients send it.
func ask(method, path string) conformance.Call {
	format, version := uint16(ocf.FormatOCFCBOR), uint16(ocf.Version100)
	return conformance.Call{Method: method, Path: path, Accept: &format, Version: &version}
}

func (r *run) tell(e Event) {
	e.AtS = time.Since(r.began).Seconds()
	r.Tell(e)
}
