package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// talkFlags are the flags of every command that talks to one Device: as whom it
// talks, and how long it waits for an answer.
type talkFlags struct {
	credentialFlags
	wait    float64 // seconds
	verbose bool
}

func (f *talkFlags) register(cmd *cobra.Command) {
	f.credentialFlags.register(cmd)
	flags := cmd.Flags()
	flags.Float64VarP(&f.wait, "break", "B", 10, "give up after `SECONDS` without an answer")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show every datagram on stderr")
}

// check returns an error that names the flag that is wrong.
func (f *talkFlags) check(uri talk.URI) error {
	if !(f.wait > 0) || f.wait > 24*3600 {
		return fmt.Errorf("-B %v: expected a number of seconds above 0, at most a day", f.wait)
	}
	return f.credentialFlags.read(uri.Secured())
}

// answer is how long to wait for an answer.
func (f *talkFlags) answer() time.Duration { return time.Duration(f.wait * float64(time.Second)) }

// limit is ctx with the time that the flags allow as its deadline.
func (f *talkFlags) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, f.answer(), errNoAnswer)
}

var errNoAnswer = errors.New("no answer")

// connect opens a Client of the Device at uri, with a session if the URI is
// coaps://. ctx bounds only the handshake.
func (f *talkFlags) connect(ctx context.Context, cmd *cobra.Command, uri talk.URI, log target.Log) (*target.Client, error) {
	if f.verbose {
		log = tee{log, cmd.ErrOrStderr()}
	}
	var client *target.Client
	var err error
	if f.credential != nil {
		client, err = target.DialSecure(ctx, uri.Endpoint, *f.credential, log)
	} else {
		client, err = target.Dial(ctx, uri.Endpoint, log)
	}
	if err != nil {
		return nil, f.answered(cmd.Context(), uri, target.Reply{}, err)
	}
	return client, nil
}

// answered returns nil if an exchange brought an answer, and otherwise the error
// with its exit code.
func (f *talkFlags) answered(ctx context.Context, uri talk.URI, reply target.Reply, err error) error {
	switch {
	case ctx.Err() != nil:
		return &exitError{suite.ExitInterrupted, errors.New("interrupted")}
	case errors.Is(err, errNoAnswer), errors.Is(err, context.DeadlineExceeded):
		return harness(fmt.Errorf("%s: no answer within %v s", uri.Endpoint, f.wait))
	case errors.Is(err, target.ErrRefused):
		return &exitError{suite.ExitFail, err}
	case errors.Is(err, target.ErrUnreachable):
		return harness(err)
	case err != nil:
		return harness(fmt.Errorf("%s: %w", uri.Endpoint, err))
	case reply.Lost:
		return harness(fmt.Errorf("%s: %s", uri.Endpoint, reply.Reason))
	}
	return nil
}

// deregister tells the Device that the observation is over, even after an interrupt.
// It waits a second for the answer and no longer.
func deregister(ctx context.Context, client *target.Client) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, err := client.Cancel(ctx)
	return err
}

// silent is the Log of a conversation that nobody records.
type silent struct{ n int }

// Append only counts.
func (s *silent) Append(conformance.Observation) int { s.n++; return s.n - 1 }

// tee shows each datagram before it logs it.
type tee struct {
	target.Log
	w io.Writer
}

// Append writes a line for o.
func (t tee) Append(o conformance.Observation) int {
	fmt.Fprintln(t.w, talk.Line(o))
	return t.Log.Append(o)
}
