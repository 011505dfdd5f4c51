package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
)

// newInitCampaign makes `ocfsim init campaign`.
func newInitCampaign() *cobra.Command {
	var out string
	var schema bool
	cmd := &cobra.Command{
		Use:   "campaign",
		Short: "Write a campaign file with comments, for 'ocfsim drive'",
		Long: `Write a campaign file that says all that a campaign can say, with comments; or with
--schema the JSON Schema of campaign files, for an editor that helps to write them.

Exit codes: 0 written; 2 usage, or the file is there already.`,
		Example: "  ocfsim init campaign --out night.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := campaign.Example()
			if schema {
				text = string(campaign.Schema())
			}
			if out == "-" {
				_, err := io.WriteString(cmd.OutOrStdout(), text)
				return err
			}
			file, err := newFile(out)
			if err != nil {
				return err
			}
			_, err = file.WriteString(text)
			if err := errors.Join(err, file.Close()); err != nil {
				return err
			}
			if schema {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is written\n", out)
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is written\nnext: ocfsim drive coap://127.1.0.1:5683+1000 --campaign %s\n", out, quote(out))
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "campaign.yaml", "write to `FILE`, which must not exist; - for stdout")
	cmd.Flags().BoolVar(&schema, "schema", false, "write the JSON Schema of campaign files")
	return cmd
}
