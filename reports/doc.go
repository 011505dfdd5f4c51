// Package reports writes what a run has concluded: results.json for programs,
// junit.xml for CI, report.html for people, an index of several targets, and the
// summary and progress for the terminal. It draws and words the conclusions of
// conformance, and concludes nothing itself.
//
// # What is here
//
// Formats lists the formats in which a run can be reported: those that --format
// shows, and those that Save leaves in the folder of a target. Each Format is in a
// file of its own. To add one, write a function that returns a Format and add it to
// that list.
//
// Concerns reports what did not pass piece by piece, Summary reports all of it, and
// Overview does so for several targets. Progress reports how a run is going.
// ReadJSON reads results.json back, and Compare says how two of them differ. Exit is
// the exit code of a verdict. WriteFile writes a file completely or not at all.
//
// The evidence is read through Timelines. Without it every report is written all the
// same, but without evidence.
package reports
