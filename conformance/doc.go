// Package conformance is the record of what a Device did, and the words that
// everybody needs who speaks of it. A Recorder appends Observations and yields a
// Timeline: everything that was sent and seen in one scenario, in order. An
// Expectation is what the scenario wants to see there, a Sample one look at
// pstat, a Verdict and a Finding what somebody concludes from them.
//
// The record knows none of those who conclude: the rules are those of package
// judge, and what a whole run adds up to is package assess's. Nothing in here
// sends a packet, and nothing in here shares a rule with the simulator.
package conformance
