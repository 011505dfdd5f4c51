// Package features holds the scenarios that a Device is put through, as Gherkin.
package features

import "embed"

// FS has every feature file in it.
//
//go:embed *.feature
var FS embed.FS
