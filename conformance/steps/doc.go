// Package steps runs the scenarios of *.feature files against a target and
// records what happened. A scenario's Given brings the Device into a known
// state, its When is the stimulus, and between When and Then the scenario is
// concluded: the gate is released, the Device given the time it declared to
// come to rest, and its state read. A Then sends nothing and judges nothing: it
// writes down what is expected of the record, for conformance to judge.
//
// Scenarios of one target run one after another; several targets may be run at
// the same time, for the package keeps no state of its own.
package steps
