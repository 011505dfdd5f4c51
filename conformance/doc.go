// Package conformance records what a Device did and judges the record against
// the requirements of the seed. A Recorder yields a Timeline; a Requirement is
// a pure function of it; a Report is what the findings add up to. Nothing in
// here sends a packet, and nothing in here shares a rule with the simulator.
package conformance
