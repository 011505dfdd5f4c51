package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/edition"
)

// editionFlag is the flag of the commands that show what a Device says of itself: which
// edition gives the bits of tm and cm their letters.
type editionFlag struct{ edition string }

func (f *editionFlag) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.edition, "edition", edition.First().ID, "the `EDITION` whose letters tm and cm are shown in: "+alternatives(edition.IDs()))
}

// check returns an error if there is no such edition.
func (f *editionFlag) check() error { return knownEdition(f.edition) }

// named is the edition if cmd was called with the flag, and else "".
func (f *editionFlag) named(cmd *cobra.Command) string {
	if cmd.Flags().Changed("edition") {
		return f.edition
	}
	return ""
}

// by is the edition.
func (f *editionFlag) by() *edition.Edition { return edition.Of(f.edition) }

// knownEdition returns an error that names --edition if there is no edition with this id.
func knownEdition(id string) error {
	if _, known := edition.Named(id); !known {
		return fmt.Errorf("--edition %s: expected %s", id, strings.Join(edition.IDs(), " or "))
	}
	return nil
}
