package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

// observeFlags are the flags of `ocfsim observe`.
type observeFlags struct {
	exchangeFlags
	seconds float64
	count   int
}

func newObserve() *cobra.Command {
	var flags observeFlags
	cmd := &cobra.Command{
		Use:   "observe URI",
		Short: "Observe a resource of a Device",
		Long: `Observe a resource of a Device and show each notification on a line: the seconds
since the observation was asked for, the Observe number, CON or NON, and what it
shows. Notifications that come late or twice are shown too. The command ends
after -s SECONDS, after --count notifications, or when it is interrupted; then it
deregisters.

URI is coap[s]://host[:port][/path][?query]; without a path it is /oic/sec/pstat.

Exit codes: 0 observed; 1 refused, or answered without Observe or with blocks
that do not make up a representation; 2 usage; 4 no answer; 130 interrupted before the first answer.`,
		Example: "  ocfsim observe -s 30 coap://127.1.0.1/oic/sec/pstat",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			uri, err := talk.ParseURI(args[0])
			if err != nil {
				return usage(err)
			}
			call, err := flags.call("GET", uri)
			switch {
			case err != nil:
				return usage(err)
			case !(flags.seconds >= 0) || flags.seconds > maxObserve:
				return usage(fmt.Errorf("-s %v: expected a number of seconds, or 0 to observe until interrupted", flags.seconds))
			case flags.count < 0:
				return usage(fmt.Errorf("--count %d: expected at least 0", flags.count))
			}
			return flags.observe(cmd, uri, call)
		},
	}
	flags.register(cmd)
	f := cmd.Flags()
	f.Float64VarP(&flags.seconds, "subscribe", "s", 0, "observe for `SECONDS`; 0: until interrupted")
	f.IntVar(&flags.count, "count", 0, "end after `N` notifications, the first answer not counted; 0: no limit")
	return cmd
}

// maxObserve is ten years in seconds; a time.Duration can hold far more.
const maxObserve = 10 * 365 * 24 * 3600

// observe registers, shows what comes, and deregisters.
func (f *observeFlags) observe(cmd *cobra.Command, uri talk.URI, call conformance.Call) error {
	inbox := talk.NewInbox()
	start := time.Now()
	ctx, cancel := f.limit(cmd.Context())
	defer cancel()
	client, err := f.connect(ctx, cmd, uri, inbox)
	if err != nil {
		return err
	}
	defer client.Close()
	reply, err := client.Register(ctx, call)
	if err := f.answered(cmd.Context(), uri, reply, err); err != nil {
		return err
	}
	w := cmd.OutOrStdout()
	if err := f.line(w, time.Since(start), reply.Frame); err != nil {
		return harness(err)
	}
	if err := whole(uri, reply); err != nil {
		return err
	}
	if reply.Frame.Observe == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "ocfsim: %s%s: answered %s without Observe\n", uri.Endpoint, uri.Path, reply.Frame.Code)
		return exitWith(suite.ExitFail)
	}
	last, err := f.listen(cmd.Context(), w, start, inbox)
	switch {
	case err != nil:
		return harness(err)
	case last != "" && !talk.Success(last):
		fmt.Fprintf(cmd.ErrOrStderr(), "ocfsim: %s%s: the Device ended the observation with %s\n", uri.Endpoint, uri.Path, talk.CodeText(last))
		return exitWith(suite.ExitFail)
	}
	if err := deregister(cmd.Context(), client); err != nil && f.verbose {
		fmt.Fprintf(cmd.ErrOrStderr(), "ocfsim: deregister: %v\n", err)
	}
	return nil
}

// listen shows notifications until the flags, ctx or the Device end it; last
// is the code of the last one.
func (f *observeFlags) listen(ctx context.Context, w io.Writer, start time.Time, inbox *talk.Inbox) (last string, err error) {
	if f.seconds > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(f.seconds*float64(time.Second)))
		defer cancel()
	}
	for n := 0; f.count == 0 || n < f.count; n++ {
		o, ok := inbox.Next(ctx)
		if !ok {
			return last, nil
		}
		if err := f.line(w, o.At.Sub(start), o.Frame); err != nil {
			return last, err
		}
		if last = o.Frame.Code; !talk.Success(last) {
			break
		}
	}
	return last, nil
}

// line shows one answer or notification.
func (f *observeFlags) line(w io.Writer, at time.Duration, frame conformance.Frame) error {
	switch {
	case f.raw:
		_, err := bytesTo(w).Write(frame.Payload)
		return err
	case f.json:
		answer := talk.NewAnswer(frame, f.by())
		seconds := at.Seconds()
		answer.AtS = &seconds
		return json.NewEncoder(w).Encode(answer)
	}
	_, err := fmt.Fprintln(w, talk.NotificationLine(at, frame, f.by()))
	return err
}
