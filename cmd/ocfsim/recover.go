package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/ledger"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// openLedger opens this user's ledger.
func openLedger() (*ledger.Dir, error) {
	path, err := ledger.DefaultPath()
	if err != nil {
		return nil, err
	}
	return ledger.Open(path)
}

// keepDebts has each target keep what has to be undone at it, and tell w what it
// undid of an earlier run.
func keepDebts(targets []target.Config, w io.Writer) error {
	dir, err := openLedger()
	if err != nil {
		return err
	}
	for i := range targets {
		targets[i].Ledger = dir
		targets[i].Tell = func(text string) { fmt.Fprintln(w, "ocfsim: "+text) }
	}
	return nil
}

// recoverFlags are the flags of `ocfsim recover`.
type recoverFlags struct {
	targets []string
	list    bool
}

func newRecover() *cobra.Command {
	var flags recoverFlags
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "Give back the Devices that an ended run could not give back",
		Long: `Undo at each Device what a run left that was killed, lost its terminal or its
network, or found the Device silent in the end: the Device is reset where the run
had made itself its owner, test Clients are taken out where it came as the owner,
and the trusted source answers again.

A run keeps what it has to undo in a folder before it changes a Device:
~/.local/state/ocfsim, or the one that the variable OCFSIM_STATE names. The next
` + "`ocfsim test`" + ` at that Device undoes it by itself; this command does it at once,
for all. A Device that had its owner before needs --target with the owner's
credential, and a source that was held needs --target with the conditions.

Exit codes: 0 nothing is left to undo, or it was only listed; 2 usage; 4 something is left.`,
		Example: "  ocfsim recover --list\n  ocfsim recover --target lamp.yaml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return flags.recover(cmd) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&flags.targets, "target", nil, "the target `FILE` of a Device, for its owner's credential and its conditions; may be given several times")
	f.BoolVar(&flags.list, "list", false, "only show what is left to undo")
	return cmd
}

// recover undoes what is owed, or lists it.
func (f *recoverFlags) recover(cmd *cobra.Command) error {
	var known []target.Config
	for _, name := range f.targets {
		cfg, err := target.Load(name)
		if err != nil {
			return usage(err)
		}
		known = append(known, cfg)
	}
	dir, err := openLedger()
	if err != nil {
		return harness(err)
	}
	debts, left := dir.Debts()
	for _, d := range debts {
		if f.list {
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %v\n", d.Endpoint, d)
			continue
		}
		cfg, err := debtor(d, known)
		if err != nil {
			return harness(err)
		}
		cfg.Ledger, cfg.Tell = dir, func(text string) { fmt.Fprintln(cmd.OutOrStdout(), text) }
		left = errors.Join(left, target.Recover(cmd.Context(), cfg, d))
	}
	if left != nil {
		return harness(left)
	}
	if len(debts) == 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "Nothing is left to undo at any Device, says %s%c.\n", dir.Path(), os.PathSeparator)
	}
	return nil
}

// debtor is the target that d is about: the one of known with the same endpoint or
// di, or one of which no more is known than d says.
func debtor(d target.Debt, known []target.Config) (target.Config, error) {
	for _, cfg := range known {
		if cfg.Profile.Endpoint == d.Endpoint || !cfg.Find.IsNil() && cfg.Find == d.DI {
			return cfg, nil
		}
	}
	uri := d.Endpoint
	if uri == "" {
		uri = "coap://" + d.Plain
	}
	return target.FromURI(uri)
}
