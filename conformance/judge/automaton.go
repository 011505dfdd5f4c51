package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// CourseState is one state of an Automaton: what tm and cm show there.
type CourseState struct {
	Name   string
	TM, CM ocf.DPM
	Says   string
}

// Trigger is what takes a Device from one CourseState to the next.
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

// Edge is a step of an Automaton with the ids of those who speak of it. A step of
// a compliant Device is a witness of requirements where the states on both sides
// are seen; one that no compliant Device takes breaks some.
type Edge struct {
	Step
	Witness []string
	Breach  []string
}

// Automaton is the course of one process as the seed has it.
type Automaton struct {
	Title  string
	Bit    ocf.DPM
	Starts []string
	States []CourseState
	Edges  []Edge
}

// AutomatonOf is the course of the process of bit, a check (seed.txt 28-41,
// 101-102) or an update (45-55, 103-104): the steps of a compliant Device, and
// those by which a requirement is broken, each with the ids of the requirements
// that name it. It is for readers and for tests that compare it with the rules;
// these do not read it.
func AutomatonOf(bit ocf.DPM) Automaton {
	a := checkCourse()
	if bit == ocf.SSU {
		a = updateCourse()
	}
	for _, r := range Requirements() {
		if !r.Course.Of.Has(bit) {
			continue
		}
		for _, step := range r.Course.Witness {
			e := a.edge(step)
			e.Witness = append(e.Witness, r.ID)
		}
		for _, step := range r.Course.Breach {
			e := a.edge(step)
			e.Breach = append(e.Breach, r.ID)
		}
	}
	return a
}

// edge is the Edge of a step. One that no compliant Device takes is added.
func (a *Automaton) edge(step Step) *Edge {
	i := slices.IndexFunc(a.Edges, func(e Edge) bool { return e.Step == step })
	if i < 0 {
		i = len(a.Edges)
		a.Edges = append(a.Edges, Edge{Step: step})
	}
	return &a.Edges[i]
}

func checkCourse() Automaton {
	return Automaton{
		Title: "Software version validation", Bit: ocf.SVV, Starts: []string{"None", "Found"},
		States: []CourseState{
			{"None", 0, 0, "no check runs; none was found, or none was looked for"},
			{"Found", 0, ocf.SVV, "no check runs; the last one found an update"},
			{"Pending", ocf.SVV, 0, "the check runs; the source has not answered"},
			{"Known", ocf.SVV, ocf.SVV, "the result is there, the completion is not signalled yet"},
			{"Kept", ocf.SVV, ocf.SVV, "the check runs, and cm has a result that there is not"},
			{"Hidden", 0, 0, "the check runs, and tm does not say so"},
			{"Stuck", ocf.SVV, 0, "the source has answered, and tm says that it has not"},
			{"Lost", 0, 0, "the check is gone"},
		},
		Edges: edges(
			Step{"None", Requested, "Pending"},
			Step{"Found", Requested, "Pending"},
			Step{"Pending", Zero, "Pending"},
			Step{"Pending", Again, "Pending"},
			Step{"Pending", Available, "Known"},
			Step{"Known", Completes, "Found"},
			Step{"Pending", Available, "Found"},
			Step{"Pending", Nothing, "None"},
			Step{"Pending", GivesUp, "None"},
			Step{"None", Zero, "None"},
			Step{"Found", Zero, "Found"},
		),
	}
}

func updateCourse() Automaton {
	return Automaton{
		Title: "Secure software update", Bit: ocf.SSU, Starts: []string{"NotDone", "Before"},
		States: []CourseState{
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
		Edges: edges(
			Step{"NotDone", Requested, "Pending"},
			Step{"Before", Requested, "Pending"},
			Step{"Before", Requested, "Literal"},
			Step{"Before", Requested, "Corrected"},
			Step{"Pending", Zero, "Pending"},
			Step{"Literal", Available, "Known"},
			Step{"Literal", Nothing, "NotDone"},
			Step{"Corrected", Available, "Known"},
			Step{"Pending", Again, "Pending"},
			Step{"Pending", Available, "Known"},
			Step{"Known", Completes, "Done"},
			Step{"Pending", Available, "Done"},
			Step{"Pending", Nothing, "NotDone"},
			Step{"Pending", GivesUp, "NotDone"},
			Step{"NotDone", Zero, "NotDone"},
			Step{"Done", Zero, "Done"},
		),
	}
}

// edges are the steps of a compliant Device.
func edges(steps ...Step) []Edge {
	all := make([]Edge, len(steps))
	for i, step := range steps {
		all[i].Step = step
	}
	return all
}

// stateNamed finds a CourseState by its name.
func (a Automaton) stateNamed(name string) CourseState {
	for _, s := range a.States {
		if s.Name == name {
			return s
		}
	}
	return CourseState{}
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
