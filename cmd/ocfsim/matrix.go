package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bundle"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/matrix"
	"github.com/ocfsim/ocfsim/conformance/durable"
)

// matrixFormats are the values of matrix --format.
func matrixFormats() map[string]func(io.Writer, []matrix.Entry) error {
	return map[string]func(io.Writer, []matrix.Entry) error{"markdown": matrix.Markdown, "html": matrix.HTML}
}

func newMatrix() *cobra.Command {
	var keyFiles []string
	var format, out string
	var unverified bool
	cmd := &cobra.Command{
		Use:   "matrix BUNDLE... --key PUB",
		Short: "Write who passes what, from several signed bundles",
		Long: `Write a table over signed bundles: which product passes what, by edition and
version. Every bundle is checked as by ` + "`ocfsim verify`" + ` first. One that is refused is
named, and nothing is written.

With --unverified a bundle is shown also where no given key signed it; the table says
so beside each of its verdicts. Its sums and verdicts still have to be right.

Exit codes: 0 written; 1 a bundle is refused; 2 usage; 4 something else failed.`,
		Example: "  ocfsim matrix lamp-1.4.tar.gz lamp-1.5.tar.gz --key lab.pub --out matrix.md",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			write, ok := matrixFormats()[format]
			if !ok {
				return usage(fmt.Errorf("--format %q: expected %s", format, alternatives(slices.Sorted(maps.Keys(matrixFormats())))))
			}
			if len(keyFiles) == 0 && !unverified {
				return usage(errors.New("expected --key PUB, the public key of who signed the bundles, or --unverified"))
			}
			read := append(namedBy("a bundle", args), namedBy("--key", keyFiles)...)
			if err := spares([]named{{"--out", out}}, read); err != nil {
				return usage(err)
			}
			keys, err := publicKeys(keyFiles)
			if err != nil {
				return usage(err)
			}
			var all []matrix.Entry
			for _, name := range args {
				if err := isFile(name); err != nil {
					return usage(err)
				}
				entries, err := entriesOf(cmd.Context(), name, keys, unverified)
				if err != nil {
					return unsound(fmt.Errorf("%s: %w", name, err))
				}
				all = append(all, entries...)
			}
			if out == "" {
				return write(cmd.OutOrStdout(), all)
			}
			return durable.WriteFile(out, durable.Readable, func(w io.Writer) error { return write(w, all) })
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&keyFiles, "key", nil, "the public key in `PUB` (ed25519, PEM) of who signed; may be given several times")
	f.StringVar(&format, "format", "markdown", "in what form: "+alternatives(slices.Sorted(maps.Keys(matrixFormats()))))
	f.StringVar(&out, "out", "", "write the table to `FILE` (default stdout)")
	f.BoolVar(&unverified, "unverified", false, "show also bundles that none of the keys signed, and say so")
	return cmd
}

// entriesOf are the reports in a bundle. One that no key signed is checked in all else, if
// unverified bundles are shown.
func entriesOf(ctx context.Context, name string, keys []bundle.PublicKey, unverified bool) ([]matrix.Entry, error) {
	why := "no key was given"
	var v bundle.Verified
	err := error(nil)
	if len(keys) > 0 {
		v, err = bundle.Verify(ctx, name, keys, version)
		if err != nil {
			why = strings.TrimPrefix(err.Error(), bundle.ErrRefused.Error()+": ")
		}
	}
	switch {
	case len(keys) > 0 && err == nil:
		why = ""
	case !unverified:
		return nil, err
	default:
		if v, err = bundle.Verify(ctx, name, nil, version); err != nil {
			return nil, err
		}
	}
	var all []matrix.Entry
	for _, rep := range v.Reports {
		all = append(all, matrix.Entry{Bundle: filepath.Base(name), Report: rep, Key: v.Key.ID(), Unverified: why})
	}
	return all, nil
}
