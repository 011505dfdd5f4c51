package main

import (
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

// showIn registers --format, which says what stdout shows.
func showIn(cmd *cobra.Command, formats *[]string) {
	cmd.Flags().StringSliceVar(formats, "format", []string{"pretty"}, "what stdout shows: "+alternatives(reports.Shown()))
}

// alternatives reads "pretty, json or junit".
func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// formatsNamed are the formats of these names.
func formatsNamed(names []string) ([]reports.Format, error) {
	var all []reports.Format
	for _, name := range names {
		f, err := reports.Named(name)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// rerunCommand is what a reader of a report types to see one scenario again.
func rerunCommand(flags testFlags, edition, target, scenario string) string {
	args := []string{"ocfsim", "test"}
	if len(flags.targets) == 0 {
		name := "--embed"
		if len(flags.deviants) > 0 {
			name = "--deviation"
		}
		args = append(args, name, unnumbered(flags, target))
		if flags.plain {
			args = append(args, "--unsecured")
		}
	}
	for _, t := range flags.targets {
		args = append(args, "--target", quote(t))
	}
	if edition != "" {
		args = append(args, "--edition", edition)
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

// quote writes s so that a shell reads it as one word.
func quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,[]", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// show prints the results in each format.
func show(formats []reports.Format, w io.Writer, out string, results []suite.Result) error {
	entries, err := suite.Entries(out, results)
	if err != nil {
		return err
	}
	for _, f := range formats {
		if err := f.Show(direct(w), entries, reports.Style{Color: colored(w), Folder: out}); err != nil {
			return err
		}
	}
	return nil
}

// follow is told, which each of the formats that say something before the end is told as
// well.
func follow(formats []reports.Format, w io.Writer, told func(reports.ProgressEvent)) func(reports.ProgressEvent) {
	for _, f := range formats {
		if f.Follow != nil {
			before, after := told, f.Follow(direct(w))
			told = func(e reports.ProgressEvent) { before(e); after(e) }
		}
	}
	return told
}
