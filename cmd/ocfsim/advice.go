package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// adviseAll says of each target that could not be tested as it is declared what
// would help.
func adviseAll(w io.Writer, results []suite.Result) error {
	for _, r := range results {
		var u *target.Unready
		if !errors.As(r.Err, &u) {
			continue
		}
		if err := advise(w, r.Report.Target.Name, u); err != nil {
			return err
		}
	}
	return nil
}

// advise shows what to write into a target file, and what to run, on lines that can
// be copied.
func advise(w io.Writer, name string, u *target.Unready) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s can't be tested like this: %v\n", name, u.Err)
	lines(&b, "Write into a target file", u.Write)
	lines(&b, "Run", u.Run)
	_, err := io.WriteString(w, b.String())
	return err
}

// lines shows alternatives under a heading; nothing if there are none.
func lines(b *strings.Builder, heading string, alternatives []string) {
	if len(alternatives) == 0 {
		return
	}
	if len(alternatives) > 1 {
		heading += " one of"
	}
	fmt.Fprintf(b, "%s:\n", heading)
	for _, line := range alternatives {
		fmt.Fprintf(b, "  %s\n", line)
	}
}
