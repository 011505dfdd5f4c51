package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// Sessions takes Devices that need a session through a campaign, each by a Client of its
// own. It is safe for concurrent use.
type Sessions struct {
	Plan     *Plan
	Security target.Security // of Devices that no target file speaks for
	Owners   string          // folder for the credentials of Devices that are owned here
	// Asking is told of each Device before it is asked for an update: r is what a later run has
	// to know if this one is killed. It is called from several goroutines.
	Asking func(r Result)

	once    sync.Once
	opening chan struct{} // a place for each session that is being opened
	silent  atomic.Int64  // Devices that have not answered for longer than a Client waits
	heard   atomic.Bool   // a Device has answered
	begun   atomic.Int64  // Devices
}

// Silent is how many Devices have not answered yet, and whether any has.
func (s *Sessions) Silent() (devices int, heard bool) {
	return int(s.silent.Load()), s.heard.Load()
}

// strangerTries is how often a Device is asked for a session that has never answered.
func (s *Sessions) strangerTries() int {
	if s.heard.Load() || s.begun.Load() < 2 {
		return s.Plan.Tries
	}
	return cmp.Or(s.Plan.Unheard, s.Plan.Tries)
}

// await waits for its turn to open a session, and returns what gives the turn back. Too many
// handshakes at one time would all be late, and be begun again.
func (s *Sessions) await(ctx context.Context) (func(), error) {
	s.once.Do(func() { s.opening = make(chan struct{}, s.Plan.Handshakes) })
	select {
	case s.opening <- struct{}{}:
		return func() { <-s.opening }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// session opens the session with a Device. A handshake that nobody has answered is tried as often
// as any request, and one that was refused once more: one damaged datagram ends it.
func (s *Sessions) session(ctx context.Context, m Member, log target.Log) (*target.Client, error) {
	for tries := 1; ; tries++ {
		client, err := s.handshake(ctx, m, log)
		most := 1
		switch {
		case errors.Is(err, target.ErrUnreachable):
			most = s.strangerTries()
		case errors.Is(err, target.ErrRefused):
			most = min(s.Plan.Tries, 2)
			s.heard.Store(true)
		case err == nil:
			s.heard.Store(true)
		}
		if err == nil || tries >= most || ctx.Err() != nil {
			return client, err
		}
	}
}

// handshake tries to open the session with a Device, when it is its turn.
func (s *Sessions) handshake(ctx context.Context, m Member, log target.Log) (*target.Client, error) {
	done, err := s.await(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	defer s.waiting()()
	endpoint, owner, err := s.enter(ctx, m)
	if err != nil {
		return nil, err
	}
	within, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return target.DialSecure(within, endpoint, owner, log)
}

// waiting counts the Device as silent once it has not answered for longer than a Client waits
// before it asks again. What it returns has to be called when the wait is over.
func (s *Sessions) waiting() (over func()) {
	late := time.AfterFunc(ackTimeout+ackRandom, func() { s.silent.Add(1) })
	return func() {
		if !late.Stop() {
			s.silent.Add(-1)
		}
	}
}

// Drive takes one Device through the campaign. known is what an earlier run knows of it.
func (s *Sessions) Drive(ctx context.Context, m Member, known update.Known) Result {
	s.begun.Add(1)
	r, err := s.drive(ctx, m, known)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		r.Verdict, r.Reason = UnderWay, "the campaign was interrupted"
	case errors.Is(err, target.ErrRefused), errors.Is(err, update.ErrNoPstat), errors.Is(err, target.ErrOwned), errors.Is(err, target.ErrMethod):
		r.Verdict, r.Reason = Refused, err.Error()
	case errors.Is(err, target.ErrUnreachable), errors.Is(err, update.ErrNoAnswer), errors.Is(err, context.DeadlineExceeded):
		r.Verdict, r.Reason = Lost, err.Error()
	default:
		r.Verdict, r.Reason = Failed, err.Error()
	}
	return r
}

func (s *Sessions) drive(ctx context.Context, m Member, known update.Known) (r Result, err error) {
	inbox := &counting{Inbox: talk.NewFullInbox()}
	client, err := s.session(ctx, m, inbox)
	if err != nil {
		return r, err
	}
	defer client.Close()
	defer func() { r.Requests, r.Notifications = int(inbox.requests.Load()), int(inbox.notifications.Load()) }()
	about, err := s.meet(ctx, client)
	if err != nil {
		return r, err
	}
	r.Name = about.Name
	if !about.DI.IsNil() {
		r.DI = about.DI.String()
	}
	if !fits(s.Plan.OnlyName, about.Name) {
		r.Verdict = NotSelected
		return r, nil
	}
	_, err = update.Run(ctx, update.Config{
		Client: client, Inbox: inbox.Inbox, Check: s.Plan.Check, Version: s.Plan.Version,
		Answer: s.Plan.Answer, Validation: s.Plan.Validation, Update: s.Plan.Update,
		Known: known, Meant: func(version string) bool { return fits(s.Plan.OnlyVersion, version) }, Tell: r.follow(m.Endpoint, s.Asking),
	})
	leave, cancelLeave := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancelLeave()
	_, _ = client.Cancel(leave) // the session ends anyway
	return r, err
}

// follow takes note of what `ocfsim update` tells of a Device.
func (r *Result) follow(device string, asking func(Result)) func(update.Line) {
	var answered float64
	rejoined := false
	return func(l update.Line) {
		switch {
		case l.Known != nil:
			if rejoined = l.Write == ""; r.Asked != "" {
				took := l.AtS - answered
				r.ValidationS = &took
			}
			r.From, r.Asked, r.Before = l.Known.From, l.Known.Asked.String(), ""
			if l.Known.Asked == ocf.SSU {
				r.Before = l.Known.Before.String()
				asking(Result{Device: device, Verdict: UnderWay, From: r.From, Asked: r.Asked, Before: r.Before})
			}
		case l.Code != "":
			answered = l.AtS
		case l.Verdict != "":
			r.conclude(l)
			took := l.AtS - answered
			switch {
			case rejoined || r.Verdict == Refused || r.Verdict == Straggler || r.Verdict == NotSelected:
			case r.Asked == ocf.SSU.String():
				r.UpdateS = &took
			default:
				r.ValidationS = &took
			}
		}
	}
}

// conclude takes note of the verdict that `ocfsim update` tells.
func (r *Result) conclude(l update.Line) {
	r.Verdict, r.Reason, r.From, r.To = Verdict(l.Verdict), l.Reason, l.From, l.To
	switch {
	case l.Cause == update.CauseRefused:
		r.Verdict = Refused
	case l.Cause == update.CauseLate:
		r.Verdict = Straggler
	case r.Verdict == NoUpdate:
		r.Reason = ""
	}
	if !r.Verdict.Unfinished() {
		r.Before = ""
	}
}

// meet reads /oic/d. A Device that denies it says nothing of itself. One that restarts meanwhile
// takes a new session for the next request.
func (s *Sessions) meet(ctx context.Context, client *target.Client) (d ocf.D, err error) {
	for tries := 1; ; tries++ {
		d, err = s.about(ctx, client)
		if !errors.Is(err, update.ErrNoAnswer) || tries >= s.Plan.Tries || ctx.Err() != nil {
			return d, err
		}
	}
}

// about asks once for /oic/d.
func (s *Sessions) about(ctx context.Context, client *target.Client) (ocf.D, error) {
	within, cancel := context.WithTimeout(ctx, s.Plan.Answer)
	defer cancel()
	format, version := uint16(ocf.FormatOCFCBOR), uint16(ocf.Version100)
	reply, err := client.Exchange(within, conformance.Call{Method: conformance.MethodGET, Path: ocf.PathD, Accept: &format, Version: &version})
	switch {
	case err != nil:
		return ocf.D{}, err
	case reply.Lost:
		return ocf.D{}, fmt.Errorf("%w: %s", update.ErrNoAnswer, reply.Reason)
	case !talk.Success(reply.Frame.Code):
		return ocf.D{}, nil
	}
	d, _, err := ocf.DecodeD(reply.Frame.Payload)
	if err != nil {
		return ocf.D{}, nil
	}
	return d, nil
}

// enter is where the Device takes sessions, and as whom: it becomes the Device's owner
// first where the campaign, or the target file, says so.
func (s *Sessions) enter(ctx context.Context, m Member) (endpoint string, owner target.Credential, err error) {
	cfg, err := s.config(m)
	switch {
	case err != nil:
		return "", owner, err
	case cfg.Security.Own != "":
		if owner, err = target.Own(ctx, cfg, func(c target.Credential) error { return c.Save(s.file(m)) }); err != nil {
			return "", owner, err
		}
	case cfg.Security.Owner == nil:
		return "", owner, errors.New("it needs a session: the campaign's security says as whom to come")
	default:
		owner = *cfg.Security.Owner
	}
	if strings.HasPrefix(m.Endpoint, "coaps://") {
		return m.Endpoint, owner, nil
	}
	found, err := target.Discover(ctx, target.DiscoverConfig{Unicast: m.Endpoint, Wait: 3 * time.Second})
	if err != nil {
		return "", owner, err
	}
	for _, d := range found {
		for _, ep := range d.Endpoints {
			if strings.HasPrefix(ep, "coaps://") {
				return ep, owner, nil
			}
		}
	}
	return "", owner, fmt.Errorf("%w: it names no endpoint for sessions", target.ErrUnreachable)
}

// config is how the Device is reached. Its credential may have been stored by an earlier
// run, which has become its owner.
func (s *Sessions) config(m Member) (target.Config, error) {
	if m.File != nil && (m.File.Security.Own == "" || !exists(s.file(m))) {
		return *m.File, nil
	}
	cfg, err := target.FromURI(m.Endpoint)
	if err != nil {
		return cfg, err
	}
	cfg.Profile.Secured = true
	if exists(s.file(m)) {
		c, err := target.LoadCredential(s.file(m))
		cfg.Security.Owner = &c
		return cfg, err
	}
	cfg.Security = s.Security
	return cfg, nil
}

// file is where the credential of the owner of m is kept.
func (s *Sessions) file(m Member) string {
	_, at, _ := strings.Cut(m.Endpoint, "://")
	return filepath.Join(s.Owners, strings.NewReplacer(":", "-", "[", "", "]", "", "%", "-").Replace(at)+".yaml")
}

// counting counts what passes on its way to the Inbox.
type counting struct {
	*talk.Inbox
	requests, notifications atomic.Int32
}

// Append counts o.
func (c *counting) Append(o conformance.Observation) int {
	switch o.Kind {
	case conformance.Request:
		c.requests.Add(1)
	case conformance.Notification:
		c.notifications.Add(1)
	}
	return c.Inbox.Append(o)
}
