// Package reports writes what a run concluded: results.json for programs,
// junit.xml for CI, report.html for people, an index above several targets,
// and the summary and progress of the terminal. It draws and words what
// conformance concluded, and concludes nothing itself.
//
// # What is here
//
// Formats is the list of what a run can be reported as, each a Format in a file of
// its own: what --format shows, and what Save leaves in the folder of a target.
// To add one, write a function that returns a Format and add it to that list.
//
// Concerns tells what did not pass piece by piece, Summary as a whole, and Overview
// that of several targets; Progress tells how a run goes on. ReadJSON reads
// results.json back, and Compare says how two of them differ. Exit is the exit code
// of a verdict. WriteFile writes a file as a whole or not at all.
//
// Timelines is where the evidence is read from. Without it every report is written
// all the same, and tells none.
package reports
