package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/sim/source/depot"
	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// rootFile is where `ocfsim source --signed` writes the root that Devices are made with,
// unless --root names another file.
const rootFile = "ocfsim-vendor-root.cbor"

// signedFlags are the flags of `ocfsim source` about packages that it signs itself.
type signedFlags struct {
	signed bool
	keys   string
	root   string
	flaw   string
}

// vendorShelf has a vendor sign what is on offer, whenever that changes.
type vendorShelf struct {
	vendor *suit.Vendor
	flaw   suit.Flaw
	size   int
	keep   func(*suit.Vendor) error // the keys and the count, for the next run
}

// shelve has c offer signed packages, as the flags ask.
func (f signedFlags) shelve(c *depot.Config) error {
	if !f.signed {
		if f.flaw != "" {
			return errors.New("--flaw: it is one of a signed package; add --signed")
		}
		return nil
	}
	if len(c.Releases) > 0 {
		return errors.New("--signed and --release: packages that are signed here are made up here")
	}
	flaw, err := flawNamed(f.flaw)
	if err != nil {
		return fmt.Errorf("--flaw: %w", err)
	}
	p := packageFlags{keys: f.keys, algorithm: suit.ESP256.String(), threshold: 2}
	s := &vendorShelf{flaw: flaw, size: int(c.Size), keep: func(*suit.Vendor) error { return nil }}
	if f.keys == "" {
		s.vendor, err = suit.NewVendor(suit.VendorConfig{Model: suit.Virtual(), Threshold: p.threshold}, time.Now())
	} else {
		s.vendor, err = p.vendor(time.Now())
		s.keep = p.keep
	}
	if err != nil {
		return fmt.Errorf("--keys: %w", err)
	}
	c.Shelf, c.Flawed = s.put, f.flaw != ""
	if err := writeWhole(f.root, durable.Readable, s.vendor.Root()); err != nil {
		return harness(fmt.Errorf("--root: %w", err))
	}
	return nil
}

// put signs what is on offer: a version above all before it, which is flawed if it is to
// be, or nothing at all.
func (s *vendorShelf) put(newer, flawed bool) ([]depot.Release, error) {
	now := time.Now()
	count := s.vendor.Publications() + 1
	version := fmt.Sprintf("1.0.%d", count)
	r, err := suit.NewRelease(s.vendor.Model(), "ocfsim-"+version, version, count, s.size)
	if err != nil {
		return nil, err
	}
	var files suit.Files
	flaw := ""
	switch {
	case !newer:
		files, err = s.vendor.Publish(now)
	case flawed:
		flaw = s.flaw.Name
		files, err = s.vendor.PublishFlawed(s.flaw, now, r)
	default:
		files, err = s.vendor.Publish(now, r)
	}
	if err == nil {
		err = s.keep(s.vendor)
	}
	if err != nil {
		return nil, err
	}
	return shelved(files, version, flaw), nil
}

// shelved are signed files as a depot serves them.
func shelved(files suit.Files, version, flaw string) []depot.Release {
	var all []depot.Release
	for _, name := range slices.Sorted(maps.Keys(files)) {
		r := depot.Release{Name: name, Version: version, Content: files[name], Flaw: flaw, Part: depot.Beside}
		switch {
		case name == suit.TimestampFile:
			r.Part = depot.Offer
		case strings.HasSuffix(name, ".bin"):
			r.Part = depot.Package
		}
		all = append(all, r)
	}
	return all
}
