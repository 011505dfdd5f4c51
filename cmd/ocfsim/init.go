package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// initFlags are the flags of `ocfsim init`.
type initFlags struct {
	out        string
	iface      string
	credential string
	wait       time.Duration
}

func newInit() *cobra.Command {
	var flags initFlags
	cmd := &cobra.Command{
		Use:   "init [URI]",
		Short: "Write a target file for a Device, from what it shows",
		Long: `Look at a Device and write a target file for it, with comments: its name and
endpoint, how the harness can become privileged, where it shows its version, and what
only you know, to be completed. Nothing is written to the Device.

URI is coap://host[:port]. Without it Devices are looked for by multicast, on the
loopback interface unless --interface names another, and there must be one. If the
Device has an owner, --credential is the file with the owner's credential.

Exit codes: 0 written; 1 no Device or several, or what answers is no OCF Device;
2 usage, or the file is there already; 4 nobody answers; 130 interrupted.`,
		Example: "  ocfsim init coap://127.1.0.1 --out lamp.yaml\n  ocfsim init --interface eth0",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args) },
	}
	cmd.AddCommand(newInitCampaign())
	f := cmd.Flags()
	f.StringVar(&flags.out, "out", "target.yaml", "write to `FILE`, which must not exist; - for stdout")
	f.StringVar(&flags.iface, "interface", "", "look for Devices on the network interface `NAME`; loopback if absent")
	f.StringVar(&flags.credential, "credential", "", "the credential of the Device's owner, in `FILE`")
	f.DurationVar(&flags.wait, "wait", 3*time.Second, "how long to look for Devices")
	cmd.AddCommand(newInitFleet())
	return cmd
}

func (f initFlags) run(cmd *cobra.Command, args []string) error {
	switch _, err := os.Stat(f.out); {
	case f.wait <= 0:
		return usage(fmt.Errorf("--wait %v: expected more than 0", f.wait))
	case len(args) == 1 && f.iface != "":
		return usage(errors.New("--interface says where to look for a Device, and the URI says where it is: give one of them"))
	case f.out != "-" && !errors.Is(err, fs.ErrNotExist):
		return usage(fmt.Errorf("--out %s: expected the name of a new file", f.out))
	}
	uri, err := f.find(cmd.Context(), args)
	if err != nil {
		return err
	}
	cfg, err := target.FromURI(uri)
	if err != nil {
		return usage(err)
	}
	named := ""
	if f.credential != "" {
		owner, err := target.LoadCredential(f.credential)
		if err != nil {
			return usage(err)
		}
		cfg.Security.Owner, cfg.Profile.Secured = &owner, true
		named = f.relative()
	}
	look, err := target.LookAt(cmd.Context(), cfg)
	if err == nil && !look.OCF() {
		if u := look.Ready(cfg.Profile); u != nil {
			return &exitError{suite.ExitFail, u}
		}
	}
	if err != nil {
		return err
	}
	if look.Owner != nil {
		return &exitError{suite.ExitFail, fmt.Errorf("--credential %s: %w", f.credential, look.Owner)}
	}
	return f.write(cmd.OutOrStdout(), look.FindDoor(cmd.Context()), named)
}

// find is the URI of the Device: the one that is given, or the only one that answers.
func (f initFlags) find(ctx context.Context, args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	found, err := target.Discover(ctx, target.DiscoverConfig{Interface: f.iface, Wait: f.wait})
	if err != nil {
		return "", err
	}
	var plain []string
	for _, d := range found {
		for _, ep := range d.Endpoints {
			if strings.HasPrefix(ep, "coap://") {
				plain = append(plain, ep)
				break
			}
		}
	}
	switch len(plain) {
	case 0:
		return "", &exitError{suite.ExitFail, errors.New("no Device answered; give its URI, or --interface")}
	case 1:
		return plain[0], nil
	}
	return "", &exitError{suite.ExitFail, fmt.Errorf("%d Devices answered; give the URI of one: %s", len(plain), strings.Join(plain, " "))}
}

// relative is the credential as the target file names it: from the file's own folder.
func (f initFlags) relative() string {
	if f.out == "-" {
		return f.credential
	}
	from, errFrom := filepath.Abs(filepath.Dir(f.out))
	to, errTo := filepath.Abs(f.credential)
	rel, err := filepath.Rel(from, to)
	if errors.Join(errFrom, errTo, err) != nil {
		return f.credential
	}
	return filepath.ToSlash(rel)
}

// write writes the draft, and says what comes next.
func (f initFlags) write(stdout io.Writer, look target.Look, credential string) error {
	text := look.Draft(credential)
	if f.out == "-" {
		_, err := io.WriteString(stdout, text)
		return err
	}
	file, err := newFile(f.out)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s is written for %q at %s\nnext: ocfsim check %s\n", f.out, look.D.Name, look.Endpoint, quote(f.out))
	return err
}
