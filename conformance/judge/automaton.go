package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// State is one state of an Automaton: what tm and cm show there.
type State struct {
	Name   string
	TM, CM ocf.DPM
	Says   string
}

// Trigger is what takes a Device from one State to the next.
type Trigger string

// The triggers of an Edge. Before Available and None the source withholds its
// answer; Idle is no trigger at all, and Late that the declared time is over.
const (
	Requested Trigger = "the bit is written as 1"
	Again     Trigger = "the bit is written as 1 again"
	Zero      Trigger = "the bit is written as 0"
	Available Trigger = "the source answers: an update is to be had"
	Nothing   Trigger = "the source answers: none is to be had"
	GivesUp   Trigger = "the source has not answered for long, and the Device gives up"
	Completes Trigger = "completion"
	Idle      Trigger = "nothing"
	Late      Trigger = "the declared time passes"
)

// Edge is a step of an Automaton. One that no compliant Device takes names the
// requirements that it breaks; any other those that it is a witness of, where
// the states on both sides are seen.
type Edge struct {
	From, To string
	On       Trigger
	Witness  []string
	Breach   []string
}

// Automaton is the course of one process as the seed has it.
type Automaton struct {
	Title  string
	Bit    ocf.DPM
	Starts []string
	States []State
	Edges  []Edge
}

// Course is the automaton of the process of bit, a check (seed.txt 28-41,
// 101-102) or an update (45-55, 103-104). It is for readers and for tests that
// compare it with the judges; these do not read it.
func Course(bit ocf.DPM) Automaton {
	if bit == ocf.SSU {
		return updateCourse()
	}
	return checkCourse()
}

func checkCourse() Automaton {
	return Automaton{
		Title: "Software version validation", Bit: ocf.SVV, Starts: []string{"None", "Found"},
		States: []State{
			{"None", 0, 0, "no check runs; none was found, or none was looked for"},
			{"Found", 0, ocf.SVV, "no check runs; the last one found an update"},
			{"Pending", ocf.SVV, 0, "the check runs; the source has not answered"},
			{"Known", ocf.SVV, ocf.SVV, "the result is there, the completion is not signalled yet"},
			{"Kept", ocf.SVV, ocf.SVV, "the check runs, and cm has a result that there is not"},
			{"Hidden", 0, 0, "the check runs, and tm does not say so"},
			{"Stuck", ocf.SVV, 0, "the source has answered, and tm says that it has not"},
			{"Lost", 0, 0, "the check is gone"},
		},
		Edges: slices.Concat(
			[]Edge{
				{"None", "Pending", Requested, []string{"SVV-1", "SVV-10", "DPM-8"}, nil},
				{"Found", "Pending", Requested, []string{"SVV-1", "SVV-4", "SVV-10", "DPM-8"}, nil},
				{"Found", "Kept", Requested, nil, []string{"SVV-4"}},
				{"Pending", "Kept", Idle, nil, []string{"SVV-4"}},
				{"Pending", "Pending", Zero, []string{"SVV-13"}, nil},
				{"Pending", "Hidden", Zero, nil, []string{"SVV-13"}},
			},
			courseEdges("SVV", "DPM-8", "None", "Found"),
		),
	}
}

func updateCourse() Automaton {
	return Automaton{
		Title: "Secure software update", Bit: ocf.SSU, Starts: []string{"NotDone", "Before"},
		States: []State{
			{"NotDone", 0, 0, "no update runs; the last one, if any, changed nothing"},
			{"Before", 0, bothBits, "no update runs; an earlier one was done, and a check found another"},
			{"Done", 0, ocf.SSU, "no update runs; the last one was done"},
			{"Pending", ocf.SSU, 0, "the update runs; its start cleared V and U in cm, or nothing was there"},
			{"Literal", ocf.SSU, ocf.SSU, "the update runs; its start cleared V alone, as the text has it"},
			{"Corrected", ocf.SSU, ocf.SVV, "the update runs; its start cleared U alone, as the text may mean"},
			{"Known", ocf.SSU, ocf.SSU, "the result is there, the completion is not signalled yet"},
			{"Kept", ocf.SSU, bothBits, "the update runs, and its start has cleared nothing"},
			{"Risen", ocf.SSU, ocf.SSU, "the update runs, and cm claims that it is done"},
			{"Hidden", 0, 0, "the update runs, and tm does not say so"},
			{"Stuck", ocf.SSU, 0, "the source has answered, and tm says that it has not"},
			{"Lost", 0, 0, "the update is gone"},
		},
		Edges: slices.Concat(
			[]Edge{
				{"NotDone", "Pending", Requested, []string{"SSU-1", "SSU-10", "DPM-9"}, nil},
				{"Before", "Pending", Requested, []string{"SSU-1", "SSU-4", "SSU-10", "DPM-9"}, nil},
				{"Before", "Literal", Requested, []string{"SSU-1", "SSU-4", "SSU-10", "DPM-9"}, nil},
				{"Before", "Corrected", Requested, []string{"SSU-1", "SSU-4", "SSU-10", "DPM-9"}, nil},
				{"Before", "Kept", Requested, nil, []string{"SSU-4"}},
				{"Pending", "Risen", Idle, nil, []string{"SSU-6"}},
				{"Pending", "Pending", Zero, nil, nil},
				{"Literal", "Known", Available, nil, nil},
				{"Literal", "NotDone", Nothing, []string{"SSU-7", "SSU-8", "SSU-11", "SSU-5"}, nil},
				{"Corrected", "Known", Available, nil, nil},
			},
			courseEdges("SSU", "DPM-9", "NotDone", "Done"),
		),
	}
}

// courseEdges are the steps that check and update share, from the start on.
func courseEdges(family, table, off, on string) []Edge {
	ends := []string{family + "-5", family + "-8", family + "-11", table}
	is := func(n string) []string { return []string{family + "-" + n} }
	return []Edge{
		{"Pending", "Pending", Again, nil, nil},
		{"Pending", "Known", Available, nil, nil},
		{"Known", on, Completes, append(is("6"), ends...), nil},
		{"Pending", on, Available, append(is("6"), ends...), nil},
		{"Pending", off, Nothing, append(is("7"), ends...), nil},
		{"Pending", off, GivesUp, nil, nil},
		{off, off, Zero, is("9"), nil},
		{on, on, Zero, is("9"), nil},

		{off, "Hidden", Requested, nil, append(is("10"), table)},
		{"Pending", off, Available, nil, is("6")},
		{"Pending", on, Nothing, nil, is("7")},
		{"Pending", "Stuck", Late, nil, append(is("8"), table)},
		{on, "Lost", Idle, nil, is("11")},
		{on, "Lost", Zero, nil, is("9")},
		{off, "Pending", Zero, nil, is("9")},
		{on, "Stuck", Idle, nil, append(is("8"), table)},
		{"Pending", "Lost", Zero, nil, is("9")},
		{"Pending", "Lost", Again, nil, []string{"USE-3"}},
	}
}

// state finds a State by its name.
func (a Automaton) state(name string) State {
	for _, s := range a.States {
		if s.Name == name {
			return s
		}
	}
	return State{}
}

// Mermaid draws a as a state diagram of the Mermaid notation: every step of a
// compliant Device, and of the others those that break one of ids.
func (a Automaton) Mermaid(ids ...string) string {
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(id string) bool { return slices.Contains(ids, id) })
	}
	var edges strings.Builder
	shown := map[string]bool{}
	for _, e := range a.Edges {
		mark := ""
		switch {
		case has(e.Witness):
			mark = " ✓"
		case has(e.Breach):
			mark = " ✗"
		case len(e.Breach) > 0:
			continue
		}
		shown[e.From], shown[e.To] = true, true
		fmt.Fprintf(&edges, "    %s --> %s: %s%s\n", e.From, e.To, e.On.short(), mark)
	}
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range a.States {
		if shown[s.Name] {
			fmt.Fprintf(&b, "    %s: %s<br/>tm=%v cm=%v\n", s.Name, s.Name, s.TM, s.CM)
		}
	}
	for _, s := range a.Starts {
		fmt.Fprintf(&b, "    [*] --> %s\n", s)
	}
	return b.String() + edges.String()
}

// short is t for a picture.
func (t Trigger) short() string {
	switch t {
	case Requested:
		return "request"
	case Again:
		return "request again"
	case Zero:
		return "0 written"
	case Available:
		return "answer, available"
	case Nothing:
		return "answer, none"
	case GivesUp:
		return "the Device gives up"
	case Late:
		return "time is up"
	}
	return string(t)
}
