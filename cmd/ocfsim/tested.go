package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures"
)

// tested is what `ocfsim test` is about.
type tested struct {
	targets []target.Config
	copies  [][]target.Config // of each embedded Device; nil of others
	close   func()
}

// plain reports whether the scenarios are run without godog, which keeps a database of each:
// against many embedded Devices, as the exam does (docs/adr/0092, 0134).
func (t tested) plain() bool { return t.copies != nil && len(t.targets) > manyTargets }

// openTargets reads the target files, or embeds Devices if none is named, for so many
// scenarios.
func openTargets(flags testFlags, scenarios int, stderr io.Writer) (tested, error) {
	if len(flags.targets) == 0 {
		return embed(flags, scenarios)
	}
	if len(flags.embed)+len(flags.deviants) > 0 || flags.all || flags.lanes > 0 || flags.devices != 0 || flags.mix != "" {
		return tested{}, usage(errors.New("--target excludes --all, --embed, --deviation, --devices, --behaviour and --side-by-side: give one of them"))
	}
	if flags.plain {
		return tested{}, usage(errors.New("--unsecured is only for embedded Devices; for a target, its file says security: {unsecured: true}"))
	}
	var targets []target.Config
	for _, name := range flags.targets {
		cfg, err := readTarget(name)
		if err != nil {
			return tested{}, usage(err)
		}
		targets = append(targets, cfg)
	}
	if err := target.Distinct(targets); err != nil {
		return tested{}, usage(err)
	}
	if err := keepDebts(targets, stderr); err != nil {
		return tested{}, harness(err)
	}
	return tested{targets: targets, close: func() {}}, nil
}

// embed runs virtual Devices in this process.
func embed(flags testFlags, scenarios int) (tested, error) {
	specimens, err := specimensOf(flags)
	if err != nil {
		return tested{}, usage(err)
	}
	specimens = lab.ByEdition(specimens, flags.edition)
	if specimens, err = many(flags, specimens); err != nil {
		return tested{}, usage(err)
	}
	if flags.plain {
		if specimens = lab.Unsecured(specimens); len(specimens) == 0 {
			return tested{}, usage(fmt.Errorf("--unsecured: %s works only with security", strings.Join(flags.embed, ", ")))
		}
	}
	cfg := lab.Config{
		Specimens: specimens, Copies: lanes(flags, scenarios) - 1, Unsecured: flags.plain, Listen: lab.Loopback, Seed: flags.seed,
	}
	if flags.capture { // Wireshark knows CoAP by its port
		cfg.Listen = netip.AddrPortFrom(lab.Loopback.Addr(), 5683)
	}
	l, err := lab.Open(cfg)
	if err != nil && flags.capture { // somebody else has the port
		cfg.Listen = lab.Loopback
		l, err = lab.Open(cfg)
	}
	if err != nil {
		return tested{}, harness(err)
	}
	return tested{targets: l.Targets(), copies: l.Copies(), close: func() { _ = l.Close() }}, nil
}

// lanes is how many like Devices share these scenarios of each embedded one. The more they
// are, the sooner a target ends and gives up its memory. Each of the Devices has to be owned
// first, which takes as long as some twenty scenarios.
func lanes(flags testFlags, scenarios int) int {
	switch {
	case flags.lanes > 0:
		return flags.lanes
	case len(flags.deviants) > 0 || flags.devices > 0:
		return 1 // what shows only at the fortieth check takes every scenario on one Device
	}
	return max(min(6, scenarios/20), 1)
}

// specimensOf are the Devices to embed: the deviants that are named, or the
// compliant Devices that are named, or a few or all of these.
func specimensOf(flags testFlags) ([]lab.Specimen, error) {
	switch {
	case len(flags.embed) > 0 && len(flags.deviants) > 0:
		return nil, errors.New("--embed and --deviation exclude each other")
	case flags.all && len(flags.embed)+len(flags.deviants) > 0:
		return nil, errors.New("--all excludes --embed and --deviation")
	case flags.mix != "" && (flags.all || len(flags.embed)+len(flags.deviants) > 0):
		return nil, errors.New("--behaviour excludes --all, --embed and --deviation")
	case len(flags.deviants) == 0 && len(flags.embed) == 0 && !flags.all:
		return lab.Few()
	case len(flags.deviants) == 0:
		return lab.Specimens(flags.embed)
	}
	var list []lab.Specimen
	for _, name := range flags.deviants {
		d, err := fixtures.Deviation(name)
		if err != nil {
			return nil, err
		}
		s, err := lab.Deviant(d)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
