// Package reports writes what a run concluded: results.json for programs,
// junit.xml for CI, report.html for people, an index above several targets,
// and the summary and progress of the terminal. It draws and words what
// conformance concluded, and concludes nothing itself.
package reports
