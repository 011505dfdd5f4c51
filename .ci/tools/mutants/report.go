package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// outcome is what a whole run came to.
type outcome struct {
	Package string    `json:"package"`
	Killed  int       `json:"killed"`
	Share   float64   `json:"share"`        // of all, in percent
	Of      int       `json:"of,omitempty"` // there are, where only some were tried
	Mutants []*mutant `json:"mutants"`
	Unused  []string  `json:"unused,omitempty"` // keys on the list that did not survive, or are gone
}

func conclude(path string, all []*mutant, list reasons) outcome {
	o := outcome{Package: path, Mutants: all}
	used := map[string]bool{}
	for _, m := range all {
		if m.dead() {
			o.Killed++
			continue
		}
		reason, line := list.of(m.key())
		m.Reason = reason
		used[line] = true
	}
	for _, line := range list.lines() {
		if !used[line] {
			o.Unused = append(o.Unused, line)
		}
	}
	slices.Sort(o.Unused)
	if len(all) > 0 {
		o.Share = 100 * float64(o.Killed) / float64(len(all))
	}
	return o
}

// fresh are the survivors that no reason is given for.
func (o outcome) fresh() []*mutant {
	var all []*mutant
	for _, m := range o.Mutants {
		if !m.dead() && m.Reason == "" {
			all = append(all, m)
		}
	}
	return all
}

func (o outcome) writeJSON(name string) error {
	text, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}

func readJSON(name string) (o outcome, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(text, &o); err != nil {
		return o, fmt.Errorf("%s: %w", name, err)
	}
	return o, nil
}

// killedIn are the mutants that an earlier run killed, by key.
func killedIn(name string) (map[string]*mutant, error) {
	killed := map[string]*mutant{}
	if name == "" {
		return killed, nil
	}
	o, err := readJSON(name)
	for _, m := range o.Mutants {
		if m.dead() {
			killed[m.key()] = m
		}
	}
	return killed, err
}

// writeMarkdown writes the score of every file, and the survivors under their reasons.
func (o outcome) writeMarkdown(w io.Writer, command string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Mutants of %s\n\nWritten by `%s`.\n\n", o.Package, command)
	fmt.Fprintf(&b, "%d of %d mutants are killed: %.1f %%.\n", o.Killed, len(o.Mutants), o.Share)
	if o.Of > 0 {
		fmt.Fprintf(&b, "\nTried were %d of %d, drawn from all files alike; the rest awaits a run without a limit.\n", len(o.Mutants), o.Of)
	}
	b.WriteString("\n| file | mutants | killed | survived | share |\n|---|--:|--:|--:|--:|\n")
	perFile, names := map[string][2]int{}, []string{}
	for _, m := range o.Mutants {
		if _, ok := perFile[m.File]; !ok {
			names = append(names, m.File)
		}
		n := perFile[m.File]
		n[0]++
		if m.dead() {
			n[1]++
		}
		perFile[m.File] = n
	}
	for _, name := range names {
		n := perFile[name]
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %.0f %% |\n", name, n[0], n[1], n[0]-n[1], 100*float64(n[1])/float64(n[0]))
	}
	byReason := map[string][]*mutant{}
	for _, m := range o.Mutants {
		if !m.dead() {
			byReason[m.Reason] = append(byReason[m.Reason], m)
		}
	}
	reasons := []string{}
	for r := range byReason {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, func(a, b string) int { // most first, none last
		if d := len(byReason[b]) - len(byReason[a]); d != 0 && a != "" && b != "" {
			return d
		}
		return -strings.Compare(a, b)
	})
	b.WriteString("\n## Survivors\n")
	for _, r := range reasons {
		title := r
		if title == "" {
			title = "Not looked at yet."
		}
		fmt.Fprintf(&b, "\n%s\n\n```\n", title)
		for _, m := range byReason[r] {
			b.WriteString(m.key() + "\n")
		}
		b.WriteString("```\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
