// Package conformance records what a Device did and judges the record against
// the requirements of the seed. A Recorder yields a Timeline; a Requirement is
// a pure function of it; a Report is what the findings add up to. Nothing in
// here sends a packet, and nothing in here shares a rule with the simulator.
//
// A judge looks at a story: the Timeline sorted out into samples of pstat,
// writes, gates and reports of the trusted source. Where the sentence is about
// a process, it follows an episode: one plain request and what was certainly
// seen after it. What a Timeline has to hold for each requirement to find its
// witness stands in recording.md.
package conformance
