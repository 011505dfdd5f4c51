// Package steps runs the scenarios of *.feature files against a target and
// records what happened. A scenario's Given brings the Device into a known
// state, its When is the stimulus, and between When and Then the scenario is
// concluded: the gate is released, the Device given the time it declared to
// come to rest, and its state read. A Then sends nothing and judges nothing: it
// writes down what is expected of the record, for conformance to judge.
//
// # What is here
//
// Load reads feature files into a Catalogue, and Catalogue.Select picks Scenarios
// by tags and ids. Run runs them against a Target, which package suite makes of a
// target file; what comes out is a conformance.ScenarioRun each, with its Timeline.
//
// A Definition adds a sentence of one's own to the language: its Given or When is
// given a Trial to drive the Device with, its Then is given Claims to write down
// what is expected. docs/guide/library.md has an example in full. Of the rest of
// this package those who only run the suite need nothing: package suite does.
//
// Scenarios of one target run one after another; several targets may be run at
// the same time, for the package keeps no state of its own.
package steps
