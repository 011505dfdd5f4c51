package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/doorman"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// seenFlags are the flags of `ocfsim run` that let somebody see what the Devices do.
type seenFlags struct {
	events    string
	only      []string
	rate      string
	http      string
	history   int
	pprof     bool
	watch     bool
	logLevel  string
	logFormat string
}

func (s *seenFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.events, "events", "", "write what happens to `FILE`, a line of JSON each; - is stdout, which then has nothing but lines of JSON")
	f.StringSliceVar(&s.only, "events-only", nil, "of --events, only these `KINDS`: request, write-refused, process-ended, ...")
	f.StringVar(&s.rate, "events-rate", "", "of --events, at most `N/s` of each kind; what is left out is counted")
	f.StringVar(&s.http, "listen-http", "", "show metrics, health and Devices over HTTP at `ADDR`")
	f.IntVar(&s.history, "history", 0, "with --listen-http or --watch, show the last `N` things that happened to a Device")
	f.BoolVar(&s.pprof, "pprof", false, "with --listen-http, let profiles of this program be taken at /debug/pprof/")
	f.BoolVar(&s.watch, "watch", false, "show what the Devices do in the terminal; with --json, write a summary each second")
	f.StringVar(&s.logLevel, "log-level", "warn", "log to stderr from this `LEVEL` on: debug, info, warn or error")
	f.StringVar(&s.logFormat, "log-format", "text", "log as `text` or json")
}

// check finds what is wrong with the flags before anything is opened.
func (s *seenFlags) check() error {
	for _, needs := range []struct {
		set        bool
		flag, with string
		there      bool
	}{
		{len(s.only) > 0, "--events-only", "--events", s.events != ""},
		{s.rate != "", "--events-rate", "--events", s.events != ""},
		{s.history != 0, "--history", "--listen-http or --watch", s.http != "" || s.watch},
		{s.pprof, "--pprof", "--listen-http", s.http != ""},
	} {
		if needs.set && !needs.there {
			return fmt.Errorf("%s needs %s", needs.flag, needs.with)
		}
	}
	if s.history < 0 || s.history > lookout.MostHistory {
		return fmt.Errorf("--history %d: expected a number from 0 to %d", s.history, lookout.MostHistory)
	}
	if err := checkListen("--listen-http", s.http); err != nil {
		return err
	}
	if _, err := lookout.ParseKinds(s.only); err != nil {
		return fmt.Errorf("--events-only: %w", err)
	}
	_, err := s.eventsRate()
	return err
}

// eventsRate is --events-rate in events a second; 0 is no limit.
func (s *seenFlags) eventsRate() (float64, error) {
	if s.rate == "" {
		return 0, nil
	}
	rate, err := strconv.ParseFloat(strings.TrimSuffix(s.rate, "/s"), 64)
	if err != nil || !(rate > 0) || rate > 1e9 {
		return 0, fmt.Errorf("--events-rate %q: expected a number of events a second above 0, such as 100/s", s.rate)
	}
	return rate, nil
}

// logger makes what logs to w.
func (s *seenFlags) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.logLevel)); err != nil {
		return nil, fmt.Errorf("--log-level %q: expected debug, info, warn or error", s.logLevel)
	}
	options := &slog.HandlerOptions{Level: level}
	switch s.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return nil, fmt.Errorf("--log-format %q: expected text or json", s.logFormat)
}

// lookouts is what sees what the Devices of a run do.
type lookouts struct {
	flags   seenFlags
	log     *slog.Logger
	board   *lookout.Board
	metrics *lookout.Metrics // nil without --listen-http
	history *lookout.History // nil without --history
	events  *lookout.Events  // nil without --events
	file    *os.File         // that events are written to; nil for stdout
	meter   *lookout.Meter   // nil before begin
	server  *lookout.Server  // nil before begin
}

// look prepares to see what the fleet of cfg does. What nobody is shown is not counted
// either: with --json alone nobody is shown anything but where the Devices are.
func look(flags seenFlags, cfg *fleet.Config, tell *teller) (*lookouts, error) {
	l := &lookouts{flags: flags, log: cfg.Log}
	var sinks []lookout.Sink
	if flags.http != "" {
		l.metrics = lookout.NewMetrics(version)
		sinks = append(sinks, l.metrics)
	}
	if flags.history > 0 {
		l.history = lookout.NewHistory(flags.history)
		sinks = append(sinks, l.history)
	}
	if flags.events != "" {
		if err := l.open(tell.w); err != nil {
			return nil, err
		}
		sinks = append(sinks, l.events)
	}
	l.board = lookout.NewBoard(cfg.Devices, sinks...)
	if len(sinks) > 0 || flags.watch || !tell.json {
		cfg.Watch = l.board
	}
	return l, nil
}

// open opens what events are written to.
func (l *lookouts) open(stdout io.Writer) error {
	kinds, rate, err := l.flags.chosen()
	if err != nil {
		return err
	}
	w, file, err := l.flags.open(stdout)
	if err != nil {
		return err
	}
	l.file, l.events = file, lookout.NewEvents(w, kinds, rate)
	return nil
}

// chosen is which events --events writes, and at most how many a second of each kind.
func (s *seenFlags) chosen() (kinds lookout.KindSet, rate float64, err error) {
	if kinds, err = lookout.ParseKinds(s.only); err != nil {
		return 0, 0, err
	}
	rate, err = s.eventsRate()
	return kinds, rate, err
}

// open opens what --events names; file is nil for stdout.
func (s *seenFlags) open(stdout io.Writer) (w io.Writer, file *os.File, err error) {
	if s.events == "-" {
		return direct(stdout), nil, nil
	}
	if file, err = os.Create(s.events); err != nil {
		return nil, nil, fmt.Errorf("--events: %w", err)
	}
	return file, file, nil
}

// begin begins to see what a fleet does. It returns where that is shown over HTTP, nil for
// nowhere.
func (l *lookouts) begin(ctx context.Context, roster *lookout.Roster, tokenFile string) (*doorman.Listener, error) {
	l.meter = lookout.NewMeter(roster, l.board)
	if l.events != nil {
		l.events.Begin(roster, lookout.NewMeter(roster, l.board))
	}
	l.server = lookout.NewServer(roster, l.board, l.metrics, l.history)
	if l.metrics == nil {
		return nil, nil
	}
	l.metrics.Begin(roster, l.board)
	profiling := lookout.NoProfiles
	if l.flags.pprof {
		profiling = lookout.WithProfiles
	}
	token, err := doorman.Token(tokenFile)
	if err != nil {
		return nil, err
	}
	at, err := doorman.Listen(ctx, l.flags.http, l.server.Handler(profiling), token)
	if err != nil {
		return nil, fmt.Errorf("--listen-http: %w", err)
	}
	if at.Guarded() {
		l.log.Warn("other machines can reach --listen-http, and need the token of its address", "address", at.Addr())
	}
	return at, nil
}

// close ends the events. Its error is the first that writing them had.
func (l *lookouts) close() (err error) {
	if l.events != nil && l.meter != nil {
		err = l.events.Close()
	}
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	return err
}
