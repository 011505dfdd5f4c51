package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/target"
)

// disownFlags are the flags of `ocfsim disown`.
type disownFlags struct {
	findFlags
	credentialFlags
}

func newDisown() *cobra.Command {
	var flags disownFlags
	cmd := &cobra.Command{
		Use:   "disown {URI | --di UUID} --credential FILE",
		Short: "Give up the ownership of a Device",
		Long: `As the owner of a Device, reset it to its factory state: it forgets its owner,
every credential and every access control entry, takes a new identity, and waits
for a new owner.

URI is coap://host[:port] or coaps://host[:port].

Exit codes: 0 disowned; 1 the Device refuses; 2 usage; 4 no answer;
130 interrupted.`,
		Example: "  ocfsim disown coap://127.1.0.1 --credential lamp-owner.yaml",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return flags.disown(cmd, args) },
	}
	flags.findFlags.register(cmd)
	flags.credentialFlags.register(cmd)
	return cmd
}

// disown gives up the ownership.
func (f *disownFlags) disown(cmd *cobra.Command, args []string) error {
	if err := f.read(true); err != nil {
		return usage(err)
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), f.wait)
	defer cancel()
	cfg, err := f.config(ctx, args)
	if err != nil {
		return err
	}
	cfg.Security.Owner = f.credential
	if err := target.Disown(ctx, cfg); err != nil {
		return f.failed(cmd, err)
	}
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]string{"endpoint": cfg.Profile.Endpoint})
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "disowned %s\n", cfg.Profile.Endpoint)
	return err
}
