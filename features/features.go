// Package features holds the scenarios that a Device is put through, as Gherkin.
//
// They are written for somebody who knows the standard and not CoAP: a scenario is
// one stimulus and what pstat has to show of it. Its tags name the requirements
// that it is about (@SVV-6), the stimulus (@S1) and what a target must have declared
// for it to apply (@needs:update). Package steps has the sentences and reads the
// files; own features can stand beside these in suite.Selection.
package features

import "embed"

// FS has every feature file in it, at its top; those that only Devices of a later
// edition are put through are in a folder that is named for it.
//
//go:embed *.feature ocf-2.2/*.feature
var FS embed.FS
