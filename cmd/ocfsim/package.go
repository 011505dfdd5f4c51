package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// vendorFile is the file that keeps the vendor's private keys, unless --keys names another.
const vendorFile = "ocfsim-vendor.keys"

// packageFlags are the flags of `ocfsim package`.
type packageFlags struct {
	out       string
	keys      string
	version   string
	size      int
	flaw      string
	algorithm string
	threshold int
}

func newPackage() *cobra.Command {
	var flags packageFlags
	cmd := &cobra.Command{
		Use:   "package",
		Short: "Make a signed software package for virtual Devices, a good one or a flawed one",
		Long: `Write what a trusted source serves so that virtual Devices find a new version:
a SUIT envelope and its image, and the signed metadata that offer them (root,
timestamp, targets). Any web server can serve the folder, and Devices fetch from it
with ` + "`ocfsim run --source URL --source-root OUT/root.1.cbor`" + `.

The vendor's private keys are kept in the file of --keys. If there is none, it is
made; packages made with the same file are releases of the same vendor, each newer
than the one before.

With --flaw one thing is wrong with the package, and a Device that makes every check
refuses it; ` + "`ocfsim list flaws`" + ` says what can be wrong and which check finds it.`,
		Example: "  ocfsim package --out served --version 1.0.1\n  ocfsim package --out served --version 1.0.2 --flaw tampered",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return flags.run(cmd.OutOrStdout(), time.Now()) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.out, "out", "", "write the files to `DIR`")
	f.StringVar(&flags.keys, "keys", vendorFile, "keep the vendor's private keys in `FILE`")
	f.StringVar(&flags.version, "version", "1.0.1", "the `VERSION` of the software, as numbers with dots")
	f.IntVar(&flags.size, "size", int(source.DefaultSize), "the size of the image in `BYTES`")
	f.StringVar(&flags.flaw, "flaw", "", "what is wrong with the package: the `NAME` of a flaw")
	f.StringVar(&flags.algorithm, "algorithm", suit.ESP256.String(), "what new keys sign with: ESP256, ES256 or EdDSA")
	f.IntVar(&flags.threshold, "threshold", 2, "how many new keys have to sign each package")
	must(cmd.MarkFlagRequired("out"))
	return cmd
}

func (f packageFlags) run(stdout io.Writer, now time.Time) error {
	if f.size < 0 || f.size > source.MaxSize {
		return usage(fmt.Errorf("--size %d: expected 0 to %d", f.size, source.MaxSize))
	}
	flaw, err := flawNamed(f.flaw)
	if err != nil {
		return usage(fmt.Errorf("--flaw: %w", err))
	}
	if _, err := suit.ParseVersion(f.version); err != nil {
		return usage(fmt.Errorf("--version: %w", err))
	}
	vendor, err := f.vendor(now)
	if err != nil {
		return usage(fmt.Errorf("--keys: %w", err))
	}
	r, err := suit.NewRelease(vendor.Model(), "ocfsim-"+f.version, f.version, vendor.Publications()+1, f.size)
	if err != nil {
		return usage(err)
	}
	var files suit.Files
	if f.flaw == "" {
		files, err = vendor.Publish(now, r)
	} else {
		files, err = vendor.PublishFlawed(flaw, now, r)
	}
	if err != nil {
		return harness(err)
	}
	var written []named
	for name := range files {
		written = append(written, named{"--out", filepath.Join(f.out, name)})
	}
	if err := spares(written, []named{{"--keys", f.keys}}); err != nil {
		return usage(err)
	}
	// The keys come first: files that a forgotten publication has signed would be older
	// than those that Devices have seen.
	if err := f.keep(vendor); err != nil {
		return harness(err)
	}
	if err := writeAll(f.out, files); err != nil {
		return harness(err)
	}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		fmt.Fprintf(stdout, "%8d  %s\n", len(files[name]), filepath.Join(f.out, name))
	}
	return nil
}

// flawNamed is the flaw of --flaw. Without one it is not looked at.
func flawNamed(name string) (suit.Flaw, error) {
	if name == "" {
		return suit.Flaw{}, nil
	}
	flaw, err := suit.FlawNamed(name)
	if err != nil {
		var known []string
		for _, f := range suit.Flaws() {
			known = append(known, f.Name)
		}
		return flaw, fmt.Errorf("%w; `ocfsim list flaws` names them%s", err, ocf.Near(name, known))
	}
	return flaw, nil
}

// vendor is the one whose keys are kept, or a new one.
func (f packageFlags) vendor(now time.Time) (*suit.Vendor, error) {
	data, err := bounded.ReadText(f.keys)
	switch {
	case err == nil:
		v, err := suit.ParseVendor(data, suit.Virtual())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.keys, err)
		}
		return v, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	alg, err := suit.ParseAlgorithm(f.algorithm)
	if err != nil {
		return nil, fmt.Errorf("--algorithm: %w", err)
	}
	if f.threshold < 2 || f.threshold > 8 {
		return nil, fmt.Errorf("--threshold %d: expected 2 to 8", f.threshold)
	}
	return suit.NewVendor(suit.VendorConfig{Model: suit.Virtual(), Algorithm: alg, Threshold: f.threshold}, now)
}

// keep writes the vendor's keys to a file that only its owner may read.
func (f packageFlags) keep(v *suit.Vendor) error {
	data, err := v.Marshal()
	if err != nil {
		return err
	}
	return writeWhole(f.keys, durable.Private, data)
}

// writeAll writes the files to a folder. The timestamp, which makes Devices look at the
// others, is the last.
func writeAll(dir string, files suit.Files) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(files))
	names = append(slices.DeleteFunc(names, func(n string) bool { return n == suit.TimestampFile }), suit.TimestampFile)
	for _, name := range names {
		if err := writeWhole(filepath.Join(dir, name), durable.Readable, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// flawRow is a line of `ocfsim list flaws`.
type flawRow struct {
	Name  string     `json:"name"`
	Check suit.Check `json:"check"`
	Says  string     `json:"says"`
}

func flawTable(*edition.Edition) (table, error) {
	t := table{header: []string{"NAME", "FOUND BY", "SAYS"}}
	rows := []flawRow{}
	for _, f := range suit.Flaws() {
		rows = append(rows, flawRow{f.Name, f.Check, f.Says})
		t.cells = append(t.cells, []string{f.Name, string(f.Check), f.Says})
	}
	t.rows = rows
	return t, nil
}
