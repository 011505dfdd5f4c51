// Package judge judges a recorded Timeline by the requirements of the seed. A
// Requirement is a pure function of the Timeline: it sends nothing, waits for
// nothing, and shares no rule with the simulator.
//
// A rule looks at a story: the Timeline sorted out into samples of pstat,
// writes, gates and reports of the trusted source. Where the sentence is about
// a process, it follows an episode: one plain request and what was certainly
// seen after it. What a Timeline has to hold for each requirement to find its
// witness stands in recording.md.
package judge
