package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
)

func newInitFleet() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "fleet",
		Short: "Write a fleet file with comments, to begin with",
		Long: `Write a fleet file: two groups of Devices with what they play, when they come, when
the trusted source offers them updates, and what goes wrong. Comments say what each
line means. 'ocfsim run --fleet FILE --dry-run' says what the file plans.

Exit codes: 0 written; 2 usage, or the file is there already.`,
		Example: "  ocfsim init fleet --out fleet.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "-" {
				_, err := cmd.OutOrStdout().Write(fleetfile.Example())
				return err
			}
			file, err := newFile(out)
			if err != nil {
				return err
			}
			_, err = file.Write(fleetfile.Example())
			if err := errors.Join(err, file.Close()); err != nil {
				return harness(err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is written\nnext: ocfsim run --fleet %s --dry-run\n", out, quote(out))
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "fleet.yaml", "write to `FILE`, which must not exist; - for stdout")
	return cmd
}
