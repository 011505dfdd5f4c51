package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"

	"github.com/ocfsim/ocfsim/conformance/assess"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

// formats are the values of --format.
var formats = []string{"pretty", "json", "junit"}

func checkFormats(wanted []string) error {
	for _, f := range wanted {
		if !slices.Contains(formats, f) {
			return fmt.Errorf("unknown format %q, expected %s", f, strings.Join(formats, ", "))
		}
	}
	return nil
}

// terminal reports whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// rerunCommand is what a reader of a report types to see one scenario again.
func rerunCommand(flags testFlags, target, scenario string) string {
	args := []string{"ocfsim", "test"}
	if len(flags.targets) == 0 {
		name := "--embed"
		if len(flags.deviants) > 0 {
			name = "--deviation"
		}
		args = append(args, name, target)
		if flags.plain {
			args = append(args, "--unsecured")
		}
	}
	for _, t := range flags.targets {
		args = append(args, "--target", quote(t))
	}
	if flags.features != "" {
		args = append(args, "--features", quote(flags.features))
	}
	if flags.strict {
		args = append(args, "--strict")
	}
	if flags.repeat > 1 {
		args = append(args, "--repeat", strconv.Itoa(flags.repeat))
	}
	if flags.waivers != "" {
		args = append(args, "--waivers", quote(flags.waivers))
	}
	return strings.Join(append(args, "--scenario", scenario), " ")
}

// quote makes s one word of a shell.
func quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,[]", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// show prints the results in each format: of several targets an overview, for
// each has a folder with all there is to say.
func show(wanted []string, w io.Writer, out string, results []suite.Result) error {
	for _, format := range wanted {
		if format == "pretty" {
			if err := overview(w, out, results); err != nil {
				return err
			}
			continue
		}
		for _, r := range results {
			write := func() error { return reports.JSON(w, r.Report) }
			if format == "junit" {
				write = func() error { return reports.JUnit(w, r.Report, r.Timelines(), r.Rerun) }
			}
			if err := write(); err != nil {
				return err
			}
		}
	}
	return nil
}

func overview(w io.Writer, out string, results []suite.Result) error {
	style := reports.Style{Color: terminal(w)}
	if len(results) == 1 {
		style.Rerun, style.Timelines = results[0].Rerun, results[0].Timelines()
		if err := reports.Summary(w, results[0].Report, style); err != nil {
			return err
		}
	} else {
		entries, err := suite.Entries(out, results)
		if err != nil {
			return err
		}
		if err := reports.Overview(w, entries, style); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, access(results)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "results in %s\n", out)
	return err
}

// access says how the harness came to talk to several targets.
func access(results []suite.Result) string {
	words := []struct{ owning, says string }{
		{"justworks", "owned by Just Works"},
		{"pin", "owned by Random PIN"},
		{"certificate", "owned by manufacturer certificate"},
		{"credential", "with their owner's credential"},
	}
	var parts []string
	for _, word := range words {
		if n := count(results, func(t assess.TargetName) bool { return t.Secured && t.Owning == word.owning }); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word.says))
		}
	}
	if n := count(results, func(t assess.TargetName) bool { return !t.Secured }); n > 0 {
		parts = append(parts, fmt.Sprintf("%d unsecured", n))
	}
	return "targets: " + strings.Join(parts, ", ")
}

func count(results []suite.Result, of func(assess.TargetName) bool) int {
	n := 0
	for _, r := range results {
		if of(r.Report.Target) {
			n++
		}
	}
	return n
}
