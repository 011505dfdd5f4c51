package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/suite"
)

// exitError carries an exit code through cobra. If err is nil there is nothing
// left to print: the command has already shown what led to the code.
type exitError struct {
	code int
	err  error
}

// Error is what is printed before the program ends with the code.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// Unwrap is the error behind the code.
func (e *exitError) Unwrap() error { return e.err }

// usage says that the caller got something wrong: a flag, a file, a name.
func usage(err error) error { return &exitError{suite.ExitUsage, err} }

// harness says that this program or its surroundings failed.
func harness(err error) error { return &exitError{suite.ExitError, err} }

// unlessTold gives err an exit code by otherwise, unless it has one. Of nil it is nil.
func unlessTold(err error, otherwise func(error) error) error {
	if exit := (*exitError)(nil); err == nil || errors.As(err, &exit) {
		return err
	}
	return otherwise(err)
}

// exitWith ends the program with code and without a message. For 0 it returns nil.
func exitWith(code int) error {
	if code == suite.ExitPass {
		return nil
	}
	return &exitError{code: code}
}

// run is the whole program: it reads args, writes to stdout and stderr, and
// returns the exit code. When ctx ends, the command that runs is interrupted.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "ocfsim: internal error: %v\n%s", r, debug.Stack())
			code = suite.ExitError
		}
	}()
	out, said := &output{w: stdout}, &output{w: stderr}
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(said)
	cmd, err := root.ExecuteContextC(ctx)
	code = tell(cmd, args, unread(err, out.lost()), said)
	if said.lost() != nil && code != suite.ExitUsage {
		return suite.ExitError
	}
	return code
}

// unread is the error with which a command ended that could not write all it had to say,
// for the reason lost. It comes after wrong usage, and an error that the command tells
// itself is as good.
func unread(err, lost error) error {
	var exit *exitError
	told := errors.As(err, &exit) && (exit.code == suite.ExitUsage || exit.code == suite.ExitError && exit.err != nil)
	if lost == nil || told {
		return err
	}
	return harness(lost)
}

// tell says on stderr with which error a command ended, and returns its exit code.
func tell(cmd *cobra.Command, args []string, err error, stderr io.Writer) int {
	if err == nil {
		return suite.ExitPass
	}
	var exit *exitError
	if !errors.As(err, &exit) { // an error of cobra itself: it does not know a flag or an argument
		exit = &exitError{suite.ExitUsage, errors.Join(spoken(cmd, err), withdrawUnread(cmd, args, stderr))}
	}
	if exit.err != nil {
		fmt.Fprintf(stderr, "ocfsim: %v\n", exit.err)
	}
	if exit.code == suite.ExitUsage {
		fmt.Fprintf(stderr, "Run '%s --help' to see how to use it.\n", cmd.CommandPath())
	}
	return exit.code
}

// miscounted is how cobra says that there are too many arguments, or too few.
var miscounted = regexp.MustCompile(`^(?:accepts|requires) .*arg\(s\), (?:only )?received ([0-9]+)$`)

// spoken is an error of cobra in words: it has riddles for flags that exclude each other,
// and for those that are given together, and does not say which arguments there are.
func spoken(cmd *cobra.Command, err error) error {
	if len(cmd.ValidArgs) > 0 && strings.HasPrefix(err.Error(), "invalid argument ") && strings.HasSuffix(err.Error(), strconv.Quote(cmd.CommandPath())) {
		return fmt.Errorf("%w: expected %s", err, alternatives(cmd.ValidArgs))
	}
	if m := miscounted.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("got %s, expected: %s", cmp.Or(map[string]string{"0": "no argument", "1": "1 argument"}[m[1]], m[1]+" arguments"), strings.TrimSuffix(cmd.UseLine(), " [flags]"))
	}
	group, rest, found := strings.Cut(strings.TrimPrefix(err.Error(), "if any flags in the group ["), "] are set ")
	if !found {
		return err
	}
	flags := func(names string) string {
		return "--" + strings.ReplaceAll(strings.TrimSuffix(names, "]"), " ", " and --")
	}
	if _, set, exclusive := strings.Cut(rest, "none of the others can be; ["); exclusive {
		return errors.New(flags(strings.TrimSuffix(set, " were all set")) + " do not go together")
	}
	if _, missing, together := strings.Cut(rest, "they must all be set; missing ["); together {
		return fmt.Errorf("%s: %s missing", flags(group)+" go together", flags(missing))
	}
	return err
}

// guard turns each error that a command did not classify into an error of the
// harness. So only errors from before a command runs (its flags and arguments)
// count as wrong usage.
func guard(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		guard(sub)
	}
	inner := cmd.RunE
	if inner == nil {
		return
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := inner(cmd, args)
		var exit *exitError
		switch {
		case err == nil || errors.As(err, &exit):
			return err
		case cmd.Context().Err() != nil:
			return &exitError{suite.ExitInterrupted, err}
		default:
			return harness(err)
		}
	}
}
