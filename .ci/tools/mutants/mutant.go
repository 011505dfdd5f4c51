package main

import (
	"fmt"
	"strings"
)

// mutant is one change of the source.
type mutant struct {
	File    string `json:"file"` // path from the module's directory
	Func    string `json:"func"` // the function, or the variable whose initial value it changes
	Line    int    `json:"line"`
	Op      string `json:"op"`
	From    string `json:"from"`
	To      string `json:"to"`
	Nth     int    `json:"nth"` // its number among those that read the same in the function, from 1
	Status  string `json:"status,omitempty"`
	By      string `json:"by,omitempty"`      // the test that killed it
	Changed bool   `json:"changed,omitempty"` // the function differs from the base

	ID   int `json:"id"` // valid only in this run
	Site int `json:"site"`
}

// The outcomes of a mutant.
const (
	killed    = "killed"
	timedOut  = "timed out" // killed: the tests did not end
	survived  = "survived"
	uncovered = "uncovered" // survived: no test reaches it
)

func (m *mutant) dead() bool { return m.Status == killed || m.Status == timedOut }

// key names m by what it changes, so that edits elsewhere in the file do not matter.
func (m *mutant) key() string {
	return fmt.Sprintf("%s %s: %s", m.File, m.Func, m.change())
}

// change is what m does to the source.
func (m *mutant) change() string {
	change := m.From + " => " + m.To
	if m.Nth > 1 {
		change += fmt.Sprintf(" #%d", m.Nth)
	}
	return change
}

// brief is text in one line, cut off if it is long.
func brief(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 110 {
		return string(r[:109]) + "…"
	}
	return text
}

// site is a place in a file with the alternatives for it, each a mutant.
type site struct {
	from, upto int    // offsets
	typ        string // type of an expression; empty for a statement
	first      int    // id of the first alternative
	alts       []alternative
	dropped    bool // it does not compile
}

type alternative struct {
	text string // Go source; empty for a statement that is left out
	m    *mutant
}
