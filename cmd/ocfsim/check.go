package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/check"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// checkFlags are the flags of `ocfsim check`.
type checkFlags struct {
	look     bool
	noUpdate bool
	schemas  string
	format   string
}

func newCheck() *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check TARGET",
		Short: "Look whether a Device can be tested, and whether its target file is true",
		Long: `Look at a Device before the suite does, with a line for each thing: whether it is
an OCF Device, its state, its owner, how it can be owned, whether the harness can
become privileged, which conditions really work, whether the gate holds, whether
what is offered is newer, and what was measured beside what is declared. The end is
an estimate of what a whole run would ask of the Device.

TARGET is a target file or a URI. Each condition of the file is tried once: that takes
about six checks, two updates and a restart; with autonomous ones, a check and an update
more. What was tried is undone: the gate is opened, the Device gets back the owner that
it had, or none, and in the end nothing is on offer. --no-update updates nothing; --look
writes nothing at all.

With --schemas DIR every resource that the Device lists is read, and what it shows is
held to the schemas that OCF publishes (` + "`*.swagger.json`" + `), which are not part of this
program. What departs from them is a warning, and the Device is ready all the same.

Outcomes: ok; not-so, it is declared and it is not so; more, it is so and is not
declared; warn, nothing is judged by it; unknown; untried.

Exit codes: 0 ready; 1 something that is declared is not so, or a test could not begin;
2 usage; 4 nobody answers, or the Device is not as it was found; 130 interrupted.`,
		Example: "  ocfsim check lamp.yaml\n  ocfsim check coap://127.1.0.1 --look",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.BoolVar(&flags.look, "look", false, "only look: write nothing, own nothing, bring nothing about")
	f.BoolVar(&flags.noUpdate, "no-update", false, "update no software")
	schemasIn(cmd, &flags.schemas)
	f.StringVar(&flags.format, "format", "pretty", "what stdout shows: pretty or json")
	return cmd
}

func (f checkFlags) run(cmd *cobra.Command, name string) error {
	if f.format != "pretty" && f.format != "json" {
		return usage(fmt.Errorf("--format %q: expected pretty or json", f.format))
	}
	cfg, err := readTarget(name)
	if err != nil {
		return usage(err)
	}
	schemas, err := readSchemas(f.schemas, cmd.ErrOrStderr())
	if err != nil {
		return usage(err)
	}
	targets := []target.Config{cfg}
	if err := keepDebts(targets, cmd.ErrOrStderr()); err != nil {
		return harness(err)
	}
	cfg = targets[0]
	out := cmd.OutOrStdout()
	var broken error
	tell := func(l check.Line) {
		if f.format == "pretty" && broken == nil {
			broken = showLine(out, l)
		}
	}
	report, err := check.Run(cmd.Context(), check.Config{Target: cfg, LookOnly: f.look, NoUpdate: f.noUpdate, Schemas: schemas, Tell: tell})
	if broken != nil {
		return harness(broken)
	}
	if f.format == "json" && (err == nil || len(report.Lines) > 0) {
		if err := writeJSON(out, report); err != nil {
			return harness(err)
		}
	}
	return f.ended(cmd, out, report, err)
}

// ended says what the report comes to, and gives it its exit code.
func (f checkFlags) ended(cmd *cobra.Command, out io.Writer, report check.Report, err error) error {
	var u *target.Unready
	switch {
	case cmd.Context().Err() != nil && !errors.Is(err, suite.ErrLeft):
		return &exitError{suite.ExitInterrupted, errors.New("interrupted; what was tried is undone")}
	case errors.As(err, &u):
		_ = advise(cmd.ErrOrStderr(), "The Device", u)
		return exitWith(suite.ExitError)
	case err != nil:
		return harness(err)
	}
	if f.format == "pretty" {
		if err := showEnd(out, report); err != nil {
			return harness(err)
		}
	}
	if !report.Ready {
		return exitWith(suite.ExitFail)
	}
	return nil
}

// showLine shows one thing that was looked at, with what would help below it.
func showLine(w io.Writer, l check.Line) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-22s %-8s %s\n", l.Topic, l.Outcome, l.Text)
	for _, help := range []struct {
		what  string
		lines []string
	}{{"write", l.Write}, {"run", l.Run}} {
		for _, line := range help.lines {
			fmt.Fprintf(&b, "%31s %-5s %s\n", "", help.what, line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// showEnd shows the estimate and what it all comes to.
func showEnd(w io.Writer, report check.Report) error {
	var b strings.Builder
	if e := report.Estimate; e != nil {
		fmt.Fprintf(&b, "\nA whole run: %d of the %d scenarios that apply, for %d of %d requirements; %s, %s, %s; about %s.\n",
			e.Scenarios, e.Of, e.Requirements, e.All, ocf.Count(e.Checks, "check"), ocf.Count(e.Updates, "update"), ocf.Count(e.Restarts, "restart"), minutes(e.Minutes))
	}
	n := 0
	for _, l := range report.Lines {
		if l.Outcome == check.NotSo {
			n++
		}
	}
	switch {
	case report.Ready:
		b.WriteString("READY\n")
	case n == 1:
		b.WriteString("NOT READY  one thing is not so\n")
	default:
		fmt.Fprintf(&b, "NOT READY  %d things are not so\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// minutes is a time in words, as coarse as it was estimated.
func minutes(m float64) string {
	switch {
	case m < 1.5:
		return "a minute"
	case m < 90:
		return fmt.Sprintf("%.0f minutes", m)
	}
	return fmt.Sprintf("%.1f hours", m/60)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
