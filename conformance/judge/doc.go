// Package judge judges a recorded Timeline by the requirements of the seed. A
// Requirement is a pure function of the Timeline: it sends nothing, waits for
// nothing, and shares no rule with the simulator.
//
// A requirement is one file, svv_04.go for SVV-4: what it says, what it needs, what
// is pass, fail and inconclusive, which steps of the course it speaks of, its rule,
// and what only this rule uses. Its scripts stand in testdata/svv_04.txt; the list
// of all, catalogue.go, is generated.
//
// A rule looks at a story (story.go): the Timeline sorted out into looks at pstat
// (samples), writes, gates and reports of the trusted source. Where the sentence
// is about a process, it follows an episode (episode.go): one plain request and
// what was certainly seen after it. A disturbance (disturbance.go) is a write that
// comes while a process is pending; truth (truth.go) is the result that a process
// has to announce. An Expectation of a scenario is held against a window
// (window.go). What several rules share has a file of its own, named for what it
// is. What a Timeline has to hold for each requirement to find its witness stands
// in recording.md.
package judge
