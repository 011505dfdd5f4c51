package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// findFlags say which Device own and disown are about.
type findFlags struct {
	di    string
	iface string
	wait  time.Duration
	json  bool
}

func (f *findFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.di, "di", "", "find the Device with this `UUID` by multicast, instead of giving a URI")
	flags.StringVar(&f.iface, "interface", "", "multicast on the network interface `NAME`; loopback if absent")
	flags.DurationVar(&f.wait, "wait", 30*time.Second, "give up if it takes longer than this in all")
	flags.BoolVar(&f.json, "json", false, "write one JSON object")
}

// config is the target that the flags and arguments name. A Device that is named
// by its identity is looked up first, and then named by its address: its identity
// will change.
func (f *findFlags) config(ctx context.Context, args []string) (target.Config, error) {
	switch {
	case (len(args) == 1) == (f.di != ""):
		return target.Config{}, usage(errors.New("expected a URI or --di UUID"))
	case f.iface != "" && f.di == "":
		return target.Config{}, usage(errors.New("--interface needs --di: it says where to look for that Device"))
	case f.wait <= 0:
		return target.Config{}, usage(fmt.Errorf("--wait %v: expected more than 0", f.wait))
	}
	uri := strings.Join(args, "")
	if f.di != "" {
		di, err := ocf.ParseUUID(f.di)
		if err != nil {
			return target.Config{}, usage(fmt.Errorf("--di: %w", err))
		}
		if uri, err = f.locate(ctx, di); err != nil {
			return target.Config{}, err
		}
	}
	cfg, err := target.FromURI(uri)
	if err != nil {
		return cfg, usage(err)
	}
	cfg.Profile.Secured = true
	return cfg, nil
}

// locate is the endpoint of the Device di: the one without security, if it has one.
func (f *findFlags) locate(ctx context.Context, di ocf.UUID) (string, error) {
	found, err := target.Discover(ctx, target.DiscoverConfig{Interface: f.iface, Wait: min(f.wait/2, 3*time.Second)})
	if err != nil {
		return "", err
	}
	for _, d := range found {
		if d.DI == di {
			slices.SortStableFunc(d.Endpoints, func(a, b string) int { return cmp.Compare(scheme(a), scheme(b)) })
			return d.Endpoints[0], nil
		}
	}
	return "", harness(fmt.Errorf("of %s that answered none is %v", ocf.Count(len(found), "Device"), di))
}

func scheme(uri string) string {
	s, _, _ := strings.Cut(uri, ":")
	return s
}

// ownFlags are the flags of `ocfsim own`.
type ownFlags struct {
	findFlags
	otm   string
	pin   string
	trust string

	acceptExpired bool
	certificate   string
	key           string
	out           string
	kept          bool // the owner's credential is in out
}

func newOwn() *cobra.Command {
	var flags ownFlags
	cmd := &cobra.Command{
		Use:   "own {URI | --di UUID}",
		Short: "Become the owner of a Device",
		Long: `Become the owner of a Device that has none, and bring it to RFNOP. The owner's
credential is written to a file, which the other commands (--credential FILE) and
target files (security: {psk: {file: FILE}}) read.

URI is coap://host[:port], where the Device answers without security.

With --otm pin the Device shows a PIN: give it with --pin, or type it when you
are asked for it. With --otm certificate the Device's manufacturer certificate
is verified against the root certificates in --trust.

Exit codes: 0 owned; 1 the Device refuses, or has an owner; 2 usage; 4 no
answer; 130 interrupted.`,
		Example: "  ocfsim own coap://127.1.0.1 --out lamp-owner.yaml\n  ocfsim own coap://127.1.0.1 --otm pin",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return flags.own(cmd, args) },
	}
	flags.register(cmd)
	f := cmd.Flags()
	f.StringVar(&flags.otm, "otm", "justworks", "owner transfer `METHOD`: justworks, pin or certificate")
	f.StringVar(&flags.pin, "pin", "", "the `PIN` that the Device shows")
	f.BoolVar(&flags.acceptExpired, "accept-expired", false, "take a manufacturer certificate whose time is over")
	f.StringVar(&flags.trust, "trust", "", "manufacturers' root certificates, a PEM `FILE`")
	f.StringVar(&flags.certificate, "certificate", "", "the certificate to show the Device in return, a PEM `FILE`")
	f.StringVar(&flags.key, "key", "", "the private key of --certificate, a PEM `FILE`")
	f.StringVar(&flags.out, "out", "owner.yaml", "write the credential to `FILE`, which must not exist")
	cmd.MarkFlagsRequiredTogether("certificate", "key")
	return cmd
}

// own makes its caller the owner of the Device.
func (f *ownFlags) own(cmd *cobra.Command, args []string) error {
	s, err := f.security(cmd)
	if err != nil {
		return usage(err)
	}
	if err := f.creatable(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), f.wait)
	defer cancel()
	cfg, err := f.config(ctx, args)
	if err != nil {
		return err
	}
	cfg.Security = s
	owner, err := target.Own(ctx, cfg, f.keep)
	if err != nil {
		return f.failed(cmd, errors.Join(err, f.forget(err)))
	}
	row := ownedRow{Endpoint: cfg.Profile.Endpoint, Owner: owner.ID.String(), Credential: f.out}
	found, err := target.Discover(ctx, target.DiscoverConfig{Unicast: cfg.Profile.Endpoint, Wait: 2 * time.Second})
	if err == nil && len(found) == 1 {
		row.DI, row.Endpoints = found[0].DI.String(), found[0].Endpoints
	}
	return f.say(cmd.OutOrStdout(), row)
}

// keep saves the owner's credential before the Device is told about the owner.
func (f *ownFlags) keep(owner target.Credential) error {
	if err := owner.Save(f.out); err != nil {
		return err
	}
	f.kept = true
	return durable.SyncDir(filepath.Dir(f.out))
}

// forget deletes the credential of an owner that the Device does not have, because
// owning failed with err. Where the Device may have it, the credential stays.
func (f *ownFlags) forget(err error) error {
	switch {
	case !f.kept:
		return nil
	case errors.Is(err, target.ErrOwed):
		return fmt.Errorf("the owner's credential is in %s: `ocfsim disown` with it gives the Device back", f.out)
	}
	return os.Remove(f.out)
}

// creatable checks that --out can be written. It is called before the Device has
// an owner, so that no owner's key is made that can't be saved.
func (f *ownFlags) creatable() error {
	file, err := newFile(f.out)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(f.out))
}

// security says how the flags want the Device to be owned.
func (f *ownFlags) security(cmd *cobra.Command) (target.Security, error) {
	method, err := secure.ParseOTM(f.otm)
	if err != nil {
		return target.Security{}, fmt.Errorf("--otm: %w", err)
	}
	s := target.Security{Own: target.Method(method.String()), PIN: f.pin, AcceptExpired: f.acceptExpired}
	switch {
	case f.pin != "" && method != secure.RandomPIN:
		return s, errors.New("--pin is for --otm pin")
	case f.trust == "" && method == secure.ManufacturerCertificate:
		return s, errors.New("--otm certificate needs --trust FILE")
	case (f.trust != "" || f.certificate != "" || f.acceptExpired) && method != secure.ManufacturerCertificate:
		return s, errors.New("--trust, --certificate and --accept-expired are for --otm certificate")
	}
	s.ReadPIN = func() (string, error) { return askPIN(cmd.InOrStdin(), cmd.ErrOrStderr()) }
	if f.trust != "" {
		data, err := bounded.ReadText(f.trust)
		if err != nil {
			return s, err
		}
		if s.Roots, err = secure.Pool(data); err != nil {
			return s, fmt.Errorf("--trust %s: %w", f.trust, err)
		}
	}
	if f.certificate != "" {
		own, err := bounded.KeyPair(f.certificate, f.key)
		if err != nil {
			return s, fmt.Errorf("--certificate %s: %w", f.certificate, err)
		}
		s.Certificate = &own
	}
	return s, nil
}

// askPIN asks the person at the terminal for the PIN that the Device shows.
func askPIN(in io.Reader, out io.Writer) (string, error) {
	if _, err := io.WriteString(out, "PIN that the Device shows: "); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(io.LimitReader(in, 1024)).ReadString('\n')
	if pin := strings.TrimSpace(line); pin != "" {
		return pin, nil
	}
	return "", errors.Join(errors.New("no PIN was typed"), err)
}

// ownedRow is what --json says of an owned Device.
type ownedRow struct {
	Endpoint   string   `json:"endpoint"`
	DI         string   `json:"di,omitempty"` // the new one
	Endpoints  []string `json:"endpoints,omitempty"`
	Owner      string   `json:"owner"`
	Credential string   `json:"credential"` // file
}

// say shows what became of the Device.
func (f *ownFlags) say(w io.Writer, r ownedRow) error {
	if f.json {
		return json.NewEncoder(w).Encode(r)
	}
	_, err := fmt.Fprintf(w, "owned %s\n  di          %s\n  endpoints   %s\n  owner       %s\n  credential  %s\n",
		r.Endpoint, cmp.Or(r.DI, "-"), cmp.Or(strings.Join(r.Endpoints, " "), "-"), r.Owner, r.Credential)
	return err
}

// failed gives err, which kept a Device from being owned or disowned, its exit code.
func (f *findFlags) failed(cmd *cobra.Command, err error) error {
	switch {
	case cmd.Context().Err() != nil:
		return &exitError{suite.ExitInterrupted, errors.New("interrupted")}
	case errors.Is(err, context.DeadlineExceeded):
		return harness(fmt.Errorf("gave up after %v: %w", f.wait, err))
	case errors.Is(err, target.ErrUnreachable) || errors.As(err, new(*net.OpError)):
		return harness(err)
	}
	return &exitError{suite.ExitFail, err}
}
