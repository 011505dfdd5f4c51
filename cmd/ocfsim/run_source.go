package main

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
	"github.com/ocfsim/ocfsim/sim/source/updater/overcoap"
)

// sourceFlags are the flags of `ocfsim run` that say where its Devices get software.
type sourceFlags struct {
	url  string
	root string
	ca   string
	psk  string

	ddi   string // tenant of a server that is asked by DDI
	token string // file with what Devices show to it

	group *fleetfile.Source // whose settings these are instead; nil: the flags are set
}

// wrong says what is wrong about one of the settings: "url", or a file. "" is what a file has in it.
func (f *sourceFlags) wrong(setting string, err error) error {
	switch {
	case f.group != nil:
		return f.group.Wrong(cmp.Or(setting, "token"), err.Error())
	case setting == "":
		return err
	case setting == "url":
		return fmt.Errorf("--source: %w", err)
	}
	return fmt.Errorf("--source-%s: %w", setting, err)
}

func (f *sourceFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.url, "source", "", "use the trusted source at `URL` instead of one in this process")
	cmd.Flags().StringVar(&f.root, "source-root", "", "fetch signed packages from --source, verify them with the vendor's root in `FILE`, and boot them")
	cmd.Flags().StringVar(&f.ca, "source-ca", "", "trust the certificates of the authority in `FILE`, in PEM, for an https or coaps --source (default those of the system)")
	cmd.Flags().StringVar(&f.psk, "source-psk", "", "meet a coaps --source with the pre-shared key in `FILE`, IDENTITY:KEY in hex, instead of a certificate")
	cmd.Flags().StringVar(&f.ddi, "source-ddi", "", "ask --source by DDI, as a hawkBit server is asked, for signed packages of `TENANT`")
	cmd.Flags().StringVar(&f.token, "source-token", "", "show --source-ddi the token in the first line of `FILE`, as it stands in Authorization: TargetToken SECRET or GatewayToken SECRET")
}

// flashFolder is the folder in the --state directory with the images that have not come whole.
const flashFolder = "flash"

// asker is the trusted source that the flags name. state is the --state directory, "" for
// none, and of the edition of the Devices. Whoever gets it closes it.
func (f *sourceFlags) asker(log *slog.Logger, state, of string) (fleet.Asker, io.Closer, error) {
	switch {
	case f.url == "" && f.root+f.ca+f.psk+f.ddi+f.token != "":
		return nil, nil, errors.New("--source-root, --source-ca, --source-psk, --source-ddi and --source-token: they need a --source")
	case f.url == "":
		s := source.New(source.Config{})
		return s, s, nil
	case f.root != "":
		return f.updater(log, state, of)
	case f.ca+f.psk+f.ddi+f.token != "":
		return nil, nil, errors.New("--source-ca, --source-psk, --source-ddi and --source-token: they need --source-root")
	}
	r, err := source.NewRemote(f.url, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("--source: %w", err)
	}
	return r, r, nil
}

// updater fetches packages and verifies them.
func (f *sourceFlags) updater(log *slog.Logger, state, of string) (fleet.Asker, io.Closer, error) {
	root, err := bounded.ReadText(f.root)
	if err != nil {
		return nil, nil, f.wrong("root", err)
	}
	cfg := updater.Config{Root: root, Model: suit.Virtual(), Log: log}
	if f.ddi+f.token != "" {
		cfg.DDI, err = f.server(of)
	} else {
		cfg.Transport, cfg.Careless, err = f.transports()
	}
	if err != nil {
		return nil, nil, err
	}
	if state != "" {
		cfg.Flash = updater.Folder(filepath.Join(state, flashFolder))
	}
	u, err := updater.New(cfg)
	if err != nil {
		return nil, nil, f.wrong("root", fmt.Errorf("%s: %w", f.root, err))
	}
	return u, u, nil
}

// server is asked by DDI, by Devices of an edition. Those of ocf-2.2 fetch a package to
// validate it.
func (f *sourceFlags) server(of string) (*updater.DDI, error) {
	switch {
	case f.ddi == "":
		return nil, errors.New("--source-token: it needs --source-ddi")
	case f.psk != "":
		return nil, errors.New("--source-psk: it is for a coaps --source")
	}
	authorities, err := f.authorities()
	if err != nil {
		return nil, f.wrong("ca", err)
	}
	c := updater.DDIConfig{URL: f.url, Tenant: f.ddi, Roots: authorities, Validates: of == edition.OCF22}
	if f.token != "" {
		text, err := bounded.ReadText(f.token)
		if err != nil {
			return nil, f.wrong("token", err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		t, ok := tokenOf(strings.Fields(first))
		if !ok {
			return nil, f.wrong("", fmt.Errorf("%s:1:1: expected TargetToken SECRET or GatewayToken SECRET", f.token))
		}
		c.Token = t.Scheme + " " + t.Secret
	}
	server, err := updater.NewDDI(c)
	if err != nil {
		return nil, f.wrong("url", err)
	}
	return server, nil
}

// transports get the files from the source: for Devices that look at its certificate, and
// for those that do not.
func (f *sourceFlags) transports() (careful, careless updater.Transport, err error) {
	authorities, err := f.authorities()
	if err != nil {
		return nil, nil, f.wrong("ca", err)
	}
	if scheme, _, _ := strings.Cut(f.url, ":"); scheme == "coap" || scheme == "coaps" {
		return f.overCoAP(overcoap.Config{Roots: authorities})
	}
	if f.psk != "" {
		return nil, nil, errors.New("--source-psk: it is for a coaps --source")
	}
	web, err := updater.NewWeb(f.url, authorities)
	if err != nil {
		return nil, nil, f.wrong("url", err)
	}
	credulous, err := updater.NewCarelessWeb(f.url)
	return web, credulous, err
}

func (f *sourceFlags) overCoAP(c overcoap.Config) (careful, careless updater.Transport, err error) {
	if f.psk != "" {
		if c.Identity, c.Key, err = readSharedKey(f.psk); err != nil {
			return nil, nil, f.wrong("psk", err)
		}
	}
	strict, err := overcoap.New(f.url, c)
	if err != nil {
		return nil, nil, f.wrong("url", err)
	}
	c.Careless = true
	credulous, err := overcoap.New(f.url, c)
	return strict, credulous, err
}

// authorities are those of --source-ca, nil for those of the system.
func (f *sourceFlags) authorities() (*x509.CertPool, error) {
	if f.ca == "" {
		return nil, nil
	}
	data, err := bounded.ReadText(f.ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s: expected certificates in PEM", f.ca)
	}
	return pool, nil
}
