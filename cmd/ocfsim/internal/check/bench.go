package check

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// bench is the privileged Client that watches pstat while things are tried.
type bench struct {
	target   *target.Target
	rec      *conformance.Recorder
	client   *target.Client
	settle   time.Duration
	observes bool // the latest registration was accepted
}

// seen is what was seen of one process.
type seen struct {
	code   string // of the answer to the request, "" where there was none
	shown  bool   // tm had the bit
	ended  bool   // and has it no more
	took   time.Duration
	told   time.Duration // from the answer to the first notification of the bit; -1 if there was none
	last   ocf.Pstat
	dos    []ocf.DOS     // states other than RFNOP
	silent time.Duration // the longest time in which nothing was answered
}

// accepted reports whether the Device took the request.
func (s seen) accepted() bool { return s.code != "" && s.code[0] == '2' }

func newBench(ctx context.Context, t *target.Target) (*bench, error) {
	b := &bench{target: t, settle: t.Profile().Timing.Settle}
	b.rec = conformance.NewRecorder(conformance.Header{Target: t.Profile()}, nil)
	var err error
	if b.client, err = t.Client(ctx, conformance.Privileged, b.rec); err != nil {
		return nil, fmt.Errorf("open the privileged Client: %w", err)
	}
	return b, b.observe(ctx)
}

func (b *bench) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = b.client.Cancel(ctx)
	_ = b.client.Close()
}

// observe registers, or renews the registration.
func (b *bench) observe(ctx context.Context) error {
	n, err := b.client.Observe(ctx, ocf.PathPstat, "")
	if err != nil {
		return err
	}
	o := b.rec.Timeline().Observations[n]
	b.observes = o.Frame != nil && o.Frame.Observe != nil
	return nil
}

// latest is the last look at pstat from Observation from on.
func (b *bench) latest(from int) (ocf.Pstat, bool) {
	samples := b.rec.Timeline().Samples()
	for i := len(samples) - 1; i >= 0 && samples[i].N >= from; i-- {
		return samples[i].Pstat, true
	}
	return ocf.Pstat{}, false
}

// mark is where the Timeline ends now.
func (b *bench) mark() int { return len(b.rec.Timeline().Observations) }

// request writes mask to tm and returns the code of the answer.
func (b *bench) request(ctx context.Context, mask ocf.DPM) (string, error) {
	format := uint16(ocf.FormatOCFCBOR)
	n, err := b.client.Do(ctx, conformance.Call{
		Method: "POST", Path: ocf.PathPstat, Format: &format,
		Payload: ocf.PstatUpdate{Set: ocf.PropTM, TM: mask}.AppendCBOR(nil),
	})
	if err != nil {
		return "", err
	}
	if o := b.rec.Timeline().Observations[n]; o.Kind == conformance.Response {
		return o.Frame.Code, nil
	}
	return "", nil
}

// process requests mask and watches until it has ended, at most for bound.
func (b *bench) process(ctx context.Context, mask ocf.DPM, bound time.Duration) (seen, error) {
	from := b.mark()
	code, err := b.request(ctx, mask)
	if err != nil || code == "" || code[0] != '2' {
		return seen{code: code}, err
	}
	s, err := b.follow(ctx, from, mask, bound)
	s.code = code
	return s, err
}

// follow watches what began at Observation from until tm has lost mask again, at
// most for bound.
func (b *bench) follow(ctx context.Context, from int, mask ocf.DPM, bound time.Duration) (seen, error) {
	limit := time.NewTimer(bound)
	defer limit.Stop()
	began, silent, every := time.Now(), time.Duration(0), max(b.settle, 20*time.Millisecond)
	poll := time.NewTimer(every)
	defer poll.Stop()
	for {
		changed := b.rec.Changed()
		s := b.read(from, mask)
		s.silent = silent
		if s.ended && (s.shown || time.Since(began) > 2*b.settle) {
			return s, nil
		}
		select {
		case <-changed:
		case <-poll.C:
			quiet, err := b.look(ctx)
			if err != nil {
				return s, err
			}
			silent = max(silent, quiet)
			every = min(2*every, time.Second)
			poll.Reset(every)
		case <-limit.C:
			return s, nil
		case <-ctx.Done():
			return s, context.Cause(ctx)
		}
	}
}

// read is what Observations from on tell of the process that is mask.
func (b *bench) read(from int, mask ocf.DPM) seen {
	tl := b.rec.Timeline()
	s := seen{told: -1}
	var answered, since time.Duration
	for _, o := range tl.Observations[from:] {
		if o.Kind == conformance.Response && answered == 0 {
			answered = o.At
		}
	}
	for _, m := range tl.Samples() {
		if m.N < from {
			continue
		}
		at := tl.Observations[m.N].At
		s.last = m.Pstat
		switch {
		case m.Pstat.TM&mask != 0:
			s.shown, s.ended = true, false
			if m.Notified && s.told < 0 {
				s.told = max(0, at-answered)
			}
		case !s.ended:
			s.ended, since = true, at
		}
		if m.HasDOS() && m.Pstat.DOS != ocf.RFNOP {
			s.dos = append(s.dos, m.Pstat.DOS)
			s.ended = false
		}
	}
	if s.ended {
		s.took = max(0, since-answered)
	}
	return s
}

// patience is how long one look may take: far less than the retransmissions of a
// request to a Device that is restarting.
const patience = time.Second

// look reads pstat until it is answered, and returns how long the Device was silent.
// From a Device that restarted it is read by a new Client: the session is gone.
func (b *bench) look(ctx context.Context) (time.Duration, error) {
	if answered, err := b.glance(ctx); answered || err != nil {
		return 0, err
	}
	silent, err := b.back(ctx)
	return silent + patience, err
}

// back waits until the Device answers a new Client, for as long as a restart may
// take, and returns how long that was. The new Client observes in the old one's place.
func (b *bench) back(ctx context.Context) (time.Duration, error) {
	bound := b.target.Profile().Timing.Reboot
	for began := time.Now(); ; {
		if err := b.reconnect(ctx); err != nil {
			return 0, err
		}
		answered, err := b.glance(ctx)
		took := time.Since(began)
		switch {
		case err != nil:
			return took, err
		case answered:
			return took, b.observe(ctx)
		case took > bound:
			return took, nil
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return took, err
		}
	}
}

// glance reads pstat once and reports whether it was answered.
func (b *bench) glance(ctx context.Context) (bool, error) {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	n, err := b.client.Do(bounded, conformance.Call{Method: "GET", Path: ocf.PathPstat})
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err != nil && bounded.Err() != nil:
		return false, nil
	case err != nil:
		return false, err
	}
	return b.rec.Timeline().Observations[n].Kind == conformance.Response, nil
}

// reconnect puts a new Client in the place of the old one.
func (b *bench) reconnect(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	next, err := b.target.Client(bounded, conformance.Privileged, b.rec)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && (bounded.Err() != nil || errors.Is(err, target.ErrRefused)): // it is not back yet
		return nil
	case err != nil:
		return err
	}
	_ = b.client.Close()
	b.client = next
	return nil
}

// sleep waits for d or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
