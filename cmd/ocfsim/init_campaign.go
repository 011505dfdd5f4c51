package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
)

// newInitCampaign makes `ocfsim init campaign`.
func newInitCampaign() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "campaign",
		Short: "Write a campaign file with comments, for 'ocfsim drive'",
		Long: `Write a campaign file that says all that a campaign can say, with comments.

Exit codes: 0 written; 2 usage, or the file is there already.`,
		Example: "  ocfsim init campaign --out night.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "-" {
				_, err := io.WriteString(cmd.OutOrStdout(), campaign.Example())
				return err
			}
			file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			switch {
			case errors.Is(err, fs.ErrExist):
				return usage(fmt.Errorf("--out %s: expected the name of a new file", out))
			case err != nil:
				return usage(fmt.Errorf("--out: %w", err))
			}
			_, err = file.WriteString(campaign.Example())
			if err := errors.Join(err, file.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is written\nnext: ocfsim drive coap://127.1.0.1:5683+1000 --campaign %s\n", out, quote(out))
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "campaign.yaml", "write to `FILE`, which must not exist; - for stdout")
	return cmd
}
