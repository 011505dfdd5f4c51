package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bundle"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

func newBundle() *cobra.Command {
	var keyFile, out string
	cmd := &cobra.Command{
		Use:   "bundle RUN --key FILE",
		Short: "Pack a recorded run into one signed file",
		Long: `Pack the folder of a recorded run, with all that is in it, into a .tar.gz that is
signed: an in-toto test-result statement with the sum of every file, in a DSSE
envelope (attestation.dsse.json). RUN is the folder that a test wrote (--out), of
one target or of several. Files whose names begin with a dot are left out.

The key is an ed25519 key as openssl makes it:

  openssl genpkey -algorithm ed25519 -out lab.key
  openssl pkey -in lab.key -pubout -out lab.pub

The run is judged again before it is signed. If its verdicts differ, if it is not
concluded, or if its timelines are not what was recorded, nothing is written.

Exit codes: 0 written; 1 the run is refused; 2 usage; 4 something else failed.`,
		Example: "  ocfsim bundle results-1.4 --key lab.key --out lamp-1.4.tar.gz",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if keyFile == "" {
				return usage(errors.New("expected --key FILE, the private key to sign with"))
			}
			key, err := bundle.ReadPrivateKey(keyFile)
			if err != nil {
				return usage(err)
			}
			run := filepath.Clean(args[0])
			if _, err := suite.Read(run); err != nil {
				return usage(err)
			}
			if out == "" {
				out = run + ".tar.gz"
			}
			if err := errors.Join(bundle.Outside(out, run), spares([]named{{"--out", out}}, []named{{"--key", keyFile}})); err != nil {
				return usage(err)
			}
			made, err := bundle.Create(cmd.Context(), out, run, key, version)
			if err != nil {
				return unsound(fmt.Errorf("%s: %w", args[0], err))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d files, signed by key %s\n", out, made.Files, made.Key.ID())
			return nil
		},
	}
	cmd.Flags().StringVar(&keyFile, "key", "", "sign with the private key in `FILE` (ed25519, PKCS#8, PEM)")
	cmd.Flags().StringVar(&out, "out", "", "write the bundle to `FILE` (default RUN.tar.gz)")
	return cmd
}

func newVerify() *cobra.Command {
	var keyFiles []string
	cmd := &cobra.Command{
		Use:   "verify BUNDLE --key PUB",
		Short: "Check a signed bundle, and judge its timelines again",
		Long: `Check a bundle that ` + "`ocfsim bundle`" + ` wrote: the key signed it, no byte of it was
changed since, and its timelines, judged again by this version, have the verdicts
that were signed. Nothing is unpacked before the signature and the sum of all that
is packed are found right.

Exit codes: 0 verified, whatever the verdicts are; 1 the bundle is not as it was
signed, or not by this key, or has other verdicts; 2 usage; 4 something else
failed.`,
		Example: "  ocfsim verify lamp-1.4.tar.gz --key lab.pub",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(keyFiles) == 0 {
				return usage(errors.New("expected --key PUB, the public key of who signed the bundle"))
			}
			keys, err := publicKeys(keyFiles)
			if err != nil {
				return usage(err)
			}
			if err := isFile(args[0]); err != nil {
				return usage(err)
			}
			v, err := bundle.Verify(cmd.Context(), args[0], keys, version)
			if err != nil {
				return unsound(fmt.Errorf("%s: %w", args[0], err))
			}
			w := cmd.OutOrStdout()
			fmt.Fprintf(w, "%s: verified. Key %s signed it; %d files are as signed, and judged again the verdicts are the same.\n",
				args[0], v.Key.ID(), v.Files)
			for _, rep := range v.Reports {
				fmt.Fprintln(w, "  "+reports.Headline(rep))
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&keyFiles, "key", nil, "the public key in `PUB` (ed25519, PEM); given several times: one of them has signed")
	return cmd
}

// publicKeys reads public keys.
func publicKeys(names []string) ([]bundle.PublicKey, error) {
	var keys []bundle.PublicKey
	for _, name := range names {
		key, err := bundle.ReadPublicKey(name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// isFile is an error where name is no file that can be read.
func isFile(name string) error {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: expected a file", name)
	}
	return err
}

// unsound gives the exit code of a failed requirement to what is wrong with a bundle or the run
// in it, and that of the surroundings to everything else.
func unsound(err error) error {
	if errors.Is(err, bundle.ErrRefused) {
		return &exitError{suite.ExitFail, err}
	}
	return harness(err)
}
