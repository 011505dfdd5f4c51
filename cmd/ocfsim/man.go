//go:build man

package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// extra is the command that writes the man pages, for the release program. It stands
// behind a tag of its own, so that the program that people get does without a Markdown
// library.
func extra() []*cobra.Command {
	return []*cobra.Command{{
		Use:    "man DIR DATE",
		Short:  "Write the man pages into a folder, dated in RFC 3339",
		Hidden: true,
		Args:   cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			date, err := time.Parse(time.RFC3339, args[1])
			if err != nil {
				return fmt.Errorf("date: %w", err)
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, &doc.GenManHeader{
				Section: "1", Date: &date, Source: "ocfsim " + version, Manual: "ocfsim",
			}, args[0])
		},
	}}
}
