package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/suite"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// exchangeFlags are what get, post and observe have in common.
type exchangeFlags struct {
	accept  string
	non     bool
	wait    float64 // seconds
	raw     bool
	json    bool
	verbose bool
}

func (f *exchangeFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.accept, "accept", "A", "ocf", "the content `FORMAT` to ask for: a number, ocf, cbor, link, text, json, or none")
	flags.BoolVarP(&f.non, "non", "N", false, "send NON requests instead of CON")
	flags.Float64VarP(&f.wait, "break", "B", 10, "give up after `SECONDS` without an answer")
	flags.BoolVar(&f.raw, "raw", false, "write the payload as it came")
	flags.BoolVar(&f.json, "json", false, "write one JSON object")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show every datagram on stderr")
	cmd.MarkFlagsMutuallyExclusive("raw", "json")
}

// call is the request that the flags and uri ask for.
func (f *exchangeFlags) call(method string, uri talk.URI) (conformance.Call, error) {
	if !(f.wait > 0) || f.wait > 24*3600 {
		return conformance.Call{}, fmt.Errorf("-B %v: expected seconds, more than 0 and at most a day", f.wait)
	}
	call := conformance.Call{Method: method, Path: uri.Path, Query: uri.Query, NON: f.non}
	if f.accept == "none" {
		return call, nil
	}
	format, err := talk.ParseFormat(f.accept)
	if err != nil {
		return call, fmt.Errorf("-A: %w", err)
	}
	call.Accept = &format
	if format == ocf.FormatOCFCBOR {
		version := uint16(ocf.Version100)
		call.Version = &version
	}
	return call, nil
}

// limit is ctx until the flags' wait is over.
func (f *exchangeFlags) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, time.Duration(f.wait*float64(time.Second)), errNoAnswer)
}

var errNoAnswer = errors.New("no answer")

// connect opens a Client of the Device at uri; done must be called.
func (f *exchangeFlags) connect(ctx context.Context, cmd *cobra.Command, uri talk.URI, log target.Log) (*target.Client, func(), error) {
	if f.verbose {
		log = tee{log, cmd.ErrOrStderr()}
	}
	client, err := target.Dial(ctx, uri.Endpoint, log)
	if err != nil {
		return nil, nil, harness(err)
	}
	return client, func() { _ = client.Close() }, nil
}

// exchange sends call and shows the answer.
func (f *exchangeFlags) exchange(cmd *cobra.Command, uri talk.URI, call conformance.Call) error {
	ctx, cancel := f.limit(cmd.Context())
	defer cancel()
	client, done, err := f.connect(ctx, cmd, uri, &silent{})
	if err != nil {
		return err
	}
	defer done()
	reply, err := client.Exchange(ctx, call)
	if err := f.answered(cmd.Context(), uri, reply, err); err != nil {
		return err
	}
	if err := f.show(cmd.OutOrStdout(), reply.Frame); err != nil {
		return harness(err)
	}
	return refused(reply.Frame.Code)
}

// answered sorts out the exchanges that brought no answer.
func (f *exchangeFlags) answered(ctx context.Context, uri talk.URI, reply target.Reply, err error) error {
	switch {
	case ctx.Err() != nil:
		return &exitError{suite.ExitInterrupted, errors.New("interrupted")}
	case errors.Is(err, errNoAnswer), errors.Is(err, context.DeadlineExceeded):
		return harness(fmt.Errorf("%s: no answer within %v s", uri.Endpoint, f.wait))
	case err != nil:
		return harness(fmt.Errorf("%s: %w", uri.Endpoint, err))
	case reply.Lost:
		return harness(fmt.Errorf("%s: %s", uri.Endpoint, reply.Reason))
	}
	return nil
}

// refused is the exit code of a response code.
func refused(code string) error {
	if talk.Success(code) {
		return nil
	}
	return exitWith(suite.ExitFail)
}

// show writes an answer in the form that the flags ask for.
func (f *exchangeFlags) show(w io.Writer, frame conformance.Frame) error {
	if f.raw {
		_, err := w.Write(frame.Payload)
		return err
	}
	answer := talk.NewAnswer(frame)
	if f.json {
		return json.NewEncoder(w).Encode(answer)
	}
	return answer.Write(w)
}

// silent is the Log of a conversation that nobody records.
type silent struct{ n int }

// Append counts.
func (s *silent) Append(conformance.Observation) int { s.n++; return s.n - 1 }

// tee shows each datagram before it is logged.
type tee struct {
	target.Log
	w io.Writer
}

// Append writes a line for o.
func (t tee) Append(o conformance.Observation) int {
	fmt.Fprintln(t.w, talk.Line(o))
	return t.Log.Append(o)
}
