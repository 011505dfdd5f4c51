package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/assess"
)

// prettyFormat is what a person at the terminal reads: the summary for one target,
// the overview for several. It leaves no file.
func prettyFormat() Format { return Format{Name: "pretty", Show: pretty} }

func pretty(w io.Writer, targets []Entry, style Style) error {
	if len(targets) == 1 {
		style.Rerun, style.Timelines = targets[0].Rerun, targets[0].Timelines
		if err := Summary(w, targets[0].Report, style); err != nil {
			return err
		}
	} else {
		if err := Overview(w, targets, style); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, owning(targets)); err != nil {
			return fmt.Errorf("write the overview: %w", err)
		}
	}
	if style.Folder == "" {
		return nil
	}
	if _, err := fmt.Fprintf(w, "results in %s\n", style.Folder); err != nil {
		return fmt.Errorf("write where the results are: %w", err)
	}
	return nil
}

// owning says how the harness gained access to several targets.
func owning(targets []Entry) string {
	words := []struct{ owning, says string }{
		{"justworks", "owned by Just Works"},
		{"pin", "owned by Random PIN"},
		{"certificate", "owned by manufacturer certificate"},
		{"credential", "with their owner's credential"},
	}
	var parts []string
	for _, word := range words {
		if n := howMany(targets, func(t assess.TargetName) bool { return t.Secured && t.Owning == word.owning }); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word.says))
		}
	}
	if n := howMany(targets, func(t assess.TargetName) bool { return !t.Secured }); n > 0 {
		parts = append(parts, fmt.Sprintf("%d unsecured", n))
	}
	return "targets: " + strings.Join(parts, ", ")
}

// howMany counts the targets for which is is true.
func howMany(targets []Entry, is func(assess.TargetName) bool) int {
	n := 0
	for _, t := range targets {
		if is(t.Report.Target) {
			n++
		}
	}
	return n
}
