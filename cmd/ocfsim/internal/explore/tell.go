package explore

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Tell writes the result of an exploration for people: the shortest walks that break a
// requirement or, if none did, how many walks were tried.
func Tell(w io.Writer, rec Record, res Result) error {
	out := bufio.NewWriter(w)
	for _, f := range res.Found {
		tellFound(out, rec, f)
	}
	for i, t := range res.Trouble {
		if i == 3 {
			fmt.Fprintf(out, "... and %d more\n", len(res.Trouble)-i)
			break
		}
		fmt.Fprintf(out, "ERROR  %s\n       %s\n", t.Reason, t.Walk)
	}
	if len(res.Missing) > 0 {
		fmt.Fprintf(out, "left out, since the target does not support these conditions: %s\n", strings.Join(res.Missing, ", "))
	}
	fmt.Fprintf(out, "%s of %s from seed %d: ", count(res.Walks, "walk"), stimuliOf(res.Stimuli), rec.Seed)
	switch {
	case len(res.Found) > 0:
		fmt.Fprintf(out, "%s broken\n%s/%s, timelines/, report.html\nAgain: %s\n", count(len(res.Found), "requirement"), rec.Dir, FeatureFile, rec.Again)
	case len(res.Passed) == 0:
		fmt.Fprintln(out, "nothing could be judged")
	default:
		fmt.Fprintf(out, "nothing found; %s seen to hold\n", count(len(res.Passed), "requirement"))
	}
	if warned := slices.DeleteFunc(slices.Clone(res.Warned), func(id string) bool {
		return slices.ContainsFunc(res.Found, func(f Found) bool { return f.Requirement == id })
	}); len(warned) > 0 {
		fmt.Fprintf(out, "warned, but not counted as broken: %s\n", strings.Join(warned, ", "))
	}
	return out.Flush()
}

func tellFound(out io.Writer, rec Record, f Found) {
	q := requirement(f.Requirement)
	fmt.Fprintf(out, "%-5s  %s  %s\n", strings.ToUpper(string(f.Finding.Verdict)), q.ID, q.Says)
	fmt.Fprintf(out, "       %q%s\n", q.Clause, source(q))
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(out, "       %-9s %s\n", name, strings.Join(strings.Fields(text), " "))
		}
	}
	line("expected", f.Finding.Want)
	line("observed", f.Finding.Got)
	line("why", f.Finding.Reason)
	line("walk", f.Origin(rec.Seed))
	for _, text := range slices.Concat(f.Walk.Givens, f.Walk.Whens) {
		fmt.Fprintf(out, "         - %s\n", text)
	}
	line("also", strings.Join(f.Also, ", "))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
