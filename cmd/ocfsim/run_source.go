package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// sourceFlags are the flags of `ocfsim run` that say where its Devices get software.
type sourceFlags struct {
	url  string
	root string
	ca   string
}

func (f *sourceFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.url, "source", "", "use the trusted source at `URL` instead of one in this process")
	cmd.Flags().StringVar(&f.root, "source-root", "", "fetch signed packages from --source, verify them with the vendor's root in `FILE`, and boot them")
	cmd.Flags().StringVar(&f.ca, "source-ca", "", "trust the certificates of the authority in `FILE`, in PEM, for an https --source (default those of the system)")
}

// asker is the trusted source that the flags name. Whoever gets it closes it.
func (f *sourceFlags) asker(log *slog.Logger) (fleet.Asker, io.Closer, error) {
	switch {
	case f.url == "" && (f.root != "" || f.ca != ""):
		return nil, nil, errors.New("--source-root and --source-ca: they need a --source")
	case f.url == "":
		s := source.New(source.Config{})
		return s, s, nil
	case f.root != "":
		return f.updater(log)
	case f.ca != "":
		return nil, nil, errors.New("--source-ca: it needs --source-root")
	}
	r, err := source.NewRemote(f.url, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("--source: %w", err)
	}
	return r, r, nil
}

// updater fetches packages and verifies them.
func (f *sourceFlags) updater(log *slog.Logger) (fleet.Asker, io.Closer, error) {
	root, err := bounded.ReadFile(f.root, bounded.Text)
	if err != nil {
		return nil, nil, fmt.Errorf("--source-root: %w", err)
	}
	authorities, err := f.authorities()
	if err != nil {
		return nil, nil, fmt.Errorf("--source-ca: %w", err)
	}
	web, err := updater.NewWeb(f.url, authorities)
	if err != nil {
		return nil, nil, fmt.Errorf("--source: %w", err)
	}
	careless, err := updater.NewCarelessWeb(f.url)
	if err != nil {
		return nil, nil, fmt.Errorf("--source: %w", err)
	}
	u, err := updater.New(updater.Config{
		Transport: web, Careless: careless, Root: root, Model: suit.Virtual(), Log: log,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("--source-root %s: %w", f.root, err)
	}
	return u, u, nil
}

// authorities are those of --source-ca, nil for those of the system.
func (f *sourceFlags) authorities() (*x509.CertPool, error) {
	if f.ca == "" {
		return nil, nil
	}
	data, err := bounded.ReadFile(f.ca, bounded.Text)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s: expected certificates in PEM", f.ca)
	}
	return pool, nil
}
