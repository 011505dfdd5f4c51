package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/doorman"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/certs"
	"github.com/ocfsim/ocfsim/sim/source/coap"
	"github.com/ocfsim/ocfsim/sim/source/depot"
	"github.com/ocfsim/ocfsim/sim/source/web"
)

// The files in which source keeps what Devices need to trust it, unless flags name others.
const (
	sourceTrustFile = "ocfsim-source-ca.pem"
	sourceKeyFile   = "ocfsim-source-psk.txt"
)

// depotFlags are the flags of `ocfsim source`.
type depotFlags struct {
	listen, http, coaps, coap string
	control, tokenFile        string
	releases, faults, names   []string
	size                      int64
	state, trust, psk         string
	json                      bool
	signed                    signedFlags
	ddi                       ddiFlags
}

func newSource() *cobra.Command {
	var flags depotFlags
	cmd := &cobra.Command{
		Use:   "source",
		Short: "Run a trusted source that breaks where it is told to",
		Long: `Run the trusted source of a bench, from which Devices get their software over HTTPS
and CoAPs, until interrupted. It breaks where --fault says: at a byte, a block or
a request.

  GET /versions?version=V    which version is on offer to whoever has V
  GET /packages/NAME         a package, or a range or a block of it

Over HTTPS and HTTP it also speaks DDI, as a hawkBit server does, to any tenant:

  GET /TENANT/controller/v1/CONTROLLER     what there is to do

A fault is NAME[@PLACE][,KEY=VALUE...], with a name that 'ocfsim list faults' shows.
PLACE is a byte, byte:N, block:N or request:N, and the keys are byte, block, request,
times, rate (bytes a second) and of (the name of a package).

Conditions over --control are those of a target file: update-available, no-update,
update-fails, hold, release and report. Until one is asked for, something newer is on
offer and every fault is on. Then faults under which an update fails are on in
update-fails alone. With --control - the source is a program that a harness starts
itself, by 'conditions: {lines: [ocfsim, source, --control, "-"]}', and ends with its
input; whatever else it says stands behind a # on its line.`,
		Example: `  ocfsim source --release 1.2.0=lamp.bin --control 127.0.0.1:9100
  ocfsim source --fault truncated@4096 --fault flapping,times=3
  ocfsim source --coap 127.0.0.1:5683 --fault wrong-block@block:7
  ocfsim source --signed --flaw tampered --control 127.0.0.1:9100`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runSource(cmd.Context(), flags, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.listen, "listen", "", "serve over HTTPS at `ADDR:PORT` (default 127.0.0.1:8443 if no other transport is asked for)")
	f.StringVar(&flags.http, "http", "", "serve over HTTP without TLS at `ADDR:PORT`")
	f.StringVar(&flags.coaps, "coaps", "", "serve over CoAP and DTLS at `ADDR:PORT`, with a certificate and a pre-shared key")
	f.StringVar(&flags.coap, "coap", "", "serve over CoAP without DTLS at `ADDR:PORT`")
	f.StringVar(&flags.control, "control", "", "let a harness set conditions over HTTP at `ADDR`, or with - by lines on stdin, which stdout answers")
	f.StringVar(&flags.tokenFile, "token-file", "", "what --control asks for unless it is on loopback: the token in `FILE`, made if there is none (default a new token each time)")
	f.StringArrayVar(&flags.releases, "release", nil, "offer the package in `[VERSION=]FILE`, the newest last (default packages that are made up, each a version above what the Device has)")
	f.StringArrayVar(&flags.faults, "fault", nil, "what goes wrong, and where: `FAULT`")
	f.Int64Var(&flags.size, "size", source.DefaultSize, "how many `BYTES` a package has that is made up")
	f.StringSliceVar(&flags.names, "name", nil, "`NAMES` of the source in its certificate, beside the address it listens at")
	f.StringVar(&flags.state, "state", "", "keep the source's CA in `DIR`, for the next run")
	f.StringVar(&flags.trust, "trust", sourceTrustFile, "write the root of the source's certificate to `FILE`")
	f.StringVar(&flags.psk, "psk", sourceKeyFile, "the pre-shared key of --coaps, IDENTITY:KEY in hex: read from `FILE` if it exists, else made and written there")
	f.BoolVar(&flags.signed.signed, "signed", false, "offer signed packages, as 'ocfsim package' makes them, a new version with each condition; Devices fetch them below /packages/")
	f.StringVar(&flags.signed.keys, "keys", "", "with --signed: keep the vendor's private keys in `FILE` (default new keys each time)")
	f.StringVar(&flags.signed.root, "root", rootFile, "with --signed: write the root that Devices trust to `FILE`")
	f.StringVar(&flags.signed.flaw, "flaw", "", "with --signed: what is wrong with the package where an update is to fail: the `NAME` of a flaw")
	flags.ddi.register(cmd)
	f.BoolVar(&flags.json, "json", false, "write where the source is, and each answer, as a line of JSON")
	return cmd
}

// runSource is `ocfsim source` after its flags were read.
func runSource(ctx context.Context, flags depotFlags, stdin io.Reader, stdout io.Writer) error {
	if flags.listen+flags.http+flags.coaps+flags.coap == "" {
		flags.listen = "127.0.0.1:8443"
	}
	if err := errors.Join(flags.checkAddresses(), flags.replacesNothing()); err != nil {
		return usage(err)
	}
	config, err := flags.depot()
	if err != nil {
		return unlessTold(err, usage)
	}
	talk := &remarks{out: stdout}
	if flags.control == onLines {
		stdout = talk
	}
	tell := &sourceTeller{w: stdout, json: flags.json}
	config.Tell = tell.entry
	d, err := depot.New(config)
	if err != nil {
		return harness(err)
	}
	defer d.Close() // it never fails
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r := sourceReady{Event: "ready"}
	if flags.signed.signed {
		r.Root = flags.signed.root
	}
	servers, err := flags.serve(ctx, d, &r)
	if err == nil {
		err = flags.openControl(ctx, d, &r)
	}
	if flags.control == onLines {
		r.Control = "its input"
	}
	if err == nil {
		err = tell.ready(r)
	}
	if err != nil {
		stop()
	}
	if err == nil && flags.control == onLines {
		go func() { // it ends with the program, whose input it reads
			_ = source.Lines(stdin, answers{talk}, d.Condition)
			stop()
		}()
	}
	return errors.Join(wrapped(err), wrapped(waitFor(servers, stop)))
}

// checkAddresses says which address at which the source is to listen is none.
func (f depotFlags) checkAddresses() error {
	all := map[string]string{"--listen": f.listen, "--http": f.http, "--coaps": f.coaps, "--coap": f.coap}
	if f.control != onLines {
		all["--control"] = f.control
	}
	for flag, addr := range all {
		if err := checkListen(flag, addr); err != nil {
			return err
		}
	}
	return nil
}

// wrapped is an error of the surroundings, or nil. What is classified already stays so.
func wrapped(err error) error { return unlessTold(err, harness) }

// server is one transport.
type server interface{ Wait() error }

// waitFor waits until all servers have ended. One that fails ends the others.
func waitFor(servers []server, stop func()) error {
	ended := make(chan error, len(servers))
	for _, s := range servers {
		go func() { ended <- s.Wait() }()
	}
	var failed error
	for range servers {
		failed = errors.Join(failed, <-ended)
		stop()
	}
	return failed
}

// depot is what the flags say of packages and faults.
func (f depotFlags) depot() (depot.Config, error) {
	c := depot.Config{Size: f.size, Confirms: f.ddi.confirms}
	if f.size < 1 || f.size > source.MaxSize {
		return c, fmt.Errorf("--size %d: expected 1 to %d bytes", f.size, source.MaxSize)
	}
	for _, text := range f.releases {
		r, err := depot.ParseRelease(text, func(name string) ([]byte, error) { return bounded.ReadFile(name, source.MaxSize) })
		if err != nil {
			return c, fmt.Errorf("--release: %w", err)
		}
		if slices.ContainsFunc(c.Releases, func(o depot.Release) bool { return o.Name == r.Name }) {
			return c, fmt.Errorf("--release: two packages are called %s", r.Name)
		}
		c.Releases = append(c.Releases, r)
	}
	for _, text := range f.faults {
		s, err := depot.ParseStrike(text, fixtures.Fault)
		if err != nil {
			return c, fmt.Errorf("--fault: %w", err)
		}
		if !slices.ContainsFunc(f.transports(), s.Speaks) {
			return c, fmt.Errorf("--fault %s: it happens over %v, and the source speaks %v", s.Name, s.Over, f.transports())
		}
		c.Strikes = append(c.Strikes, s)
	}
	if err := f.signed.shelve(&c); err != nil || c.Flawed || slices.ContainsFunc(c.Strikes, depot.Strike.Fails) {
		return c, err
	}
	cut, err := fixtures.Fault("truncated")
	c.Strikes = append(c.Strikes, depot.Strike{Fault: cut, Byte: f.shortest(c.Releases) / 2, Spare: true})
	return c, err
}

// shortest is the size of the smallest package that is on offer.
func (f depotFlags) shortest(releases []depot.Release) int64 {
	least := f.size
	for i, r := range releases {
		if n := int64(len(r.Content)); i == 0 || n < least {
			least = n
		}
	}
	return least
}

// transports are those that are asked for.
func (f depotFlags) transports() []string {
	var all []string
	for _, t := range []struct{ name, at string }{{"https", f.listen}, {"http", f.http}, {"coaps", f.coaps}, {"coap", f.coap}} {
		if t.at != "" {
			all = append(all, t.name)
		}
	}
	return all
}

// serve starts the transports and says in r where they are.
func (f depotFlags) serve(ctx context.Context, d *depot.Depot, r *sourceReady) (all []server, err error) {
	ca, err := f.authority()
	if err != nil {
		return nil, err
	}
	api, err := f.ddi.config()
	if err != nil {
		return nil, usage(err)
	}
	plain := ""
	if f.http != "" {
		s, err := web.Listen(ctx, web.Config{Listen: f.http, Names: f.names, Depot: d, DDI: api})
		if err != nil {
			return all, fmt.Errorf("--http: %w", err)
		}
		all, r.HTTP, plain = append(all, s), s.URL(), s.Addr().String()
	}
	if f.listen != "" {
		s, err := web.Listen(ctx, web.Config{Listen: f.listen, Authority: ca, Names: f.names, Plain: plain, Depot: d, DDI: api})
		if err != nil {
			return all, fmt.Errorf("--listen: %w", err)
		}
		all, r.HTTPS = append(all, s), s.URL()
	}
	if f.coap != "" {
		s, err := coap.Listen(ctx, coap.Config{Listen: f.coap, Depot: d})
		if err != nil {
			return all, fmt.Errorf("--coap: %w", err)
		}
		all, r.CoAP = append(all, s), s.URL()
	}
	if f.coaps != "" {
		identity, key, err := sharedKey(f.psk)
		if err != nil {
			return all, err
		}
		s, err := coap.Listen(ctx, coap.Config{Listen: f.coaps, Authority: ca, Names: f.names, Identity: identity, Key: key, Depot: d})
		if err != nil {
			return all, fmt.Errorf("--coaps: %w", err)
		}
		all, r.CoAPS, r.PSK = append(all, s), s.URL(), f.psk
	}
	if ca != nil {
		r.Trust = f.trust
	}
	return all, nil
}

// authority is the CA of the source's certificate, nil where none is needed. Its root is
// written to a file.
func (f depotFlags) authority() (ca *certs.Authority, err error) {
	switch {
	case f.listen == "" && f.coaps == "":
		return nil, nil
	case f.state != "":
		ca, err = certs.Keep(f.state)
	default:
		ca, err = certs.New()
	}
	if err != nil {
		return nil, fmt.Errorf("the source's CA: %w", err)
	}
	if err := writeWhole(f.trust, durable.Readable, ca.PEM()); err != nil {
		return nil, fmt.Errorf("--trust: %w", err)
	}
	return ca, nil
}

// openControl lets a harness set conditions.
func (f depotFlags) openControl(ctx context.Context, d *depot.Depot, r *sourceReady) error {
	if f.control == "" || f.control == onLines {
		return nil
	}
	token, err := doorman.Token(f.tokenFile)
	if err != nil {
		return err
	}
	l, err := doorman.Listen(ctx, f.control, d.Control(), token)
	if err != nil {
		return fmt.Errorf("--control: %w", err)
	}
	r.Control = l.URL()
	return nil
}
