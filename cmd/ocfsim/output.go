package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/suite"
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
		args = append(args, "--embed", target)
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

// show prints the results in each format.
func show(wanted []string, w io.Writer, out string, results []suite.Result) error {
	for _, format := range wanted {
		for _, r := range results {
			if err := showOne(format, w, r); err != nil {
				return err
			}
		}
		if format == "pretty" {
			fmt.Fprintf(w, "results in %s\n", out)
		}
	}
	return nil
}

func showOne(format string, w io.Writer, r suite.Result) error {
	switch format {
	case "json":
		return reports.JSON(w, r.Report)
	case "junit":
		return reports.JUnit(w, r.Report)
	default:
		return reports.Summary(w, r.Report, reports.Style{Color: terminal(w)})
	}
}
