package suit_test

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// today is when the tests take place.
func today() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// maker is a vendor whose packages need two signatures, and a Device that has installed
// the release 1.0.2 of it.
type maker struct {
	vendor *suit.Vendor
	device *suit.Verifier
}

func newMaker(t *testing.T, skips ...suit.Check) maker {
	t.Helper()
	v, err := suit.NewVendor(suit.VendorConfig{Model: lamp(), Threshold: 2}, today())
	if err != nil {
		t.Fatal(err)
	}
	d, err := suit.NewVerifier(suit.Trust{Root: v.Root(), Model: v.Model(), Sequence: 1, Skips: skips})
	if err != nil {
		t.Fatal(err)
	}
	m := maker{v, d}
	for n := uint64(1); n <= 2; n++ {
		files, err := v.Publish(today(), release(t, 1), release(t, n))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.update(files); err != nil {
			t.Fatalf("the good release %d: %v", n, err)
		}
	}
	if d.Sequence() != 2 {
		t.Fatalf("sequence number %d is installed, expected 2", d.Sequence())
	}
	return m
}

// update has the Device do everything with what a source serves, up to the boot. It
// returns the version that was installed, "" if there was nothing newer.
func (m maker) update(files suit.Files) (string, error) {
	get := func(file string, most int64) ([]byte, error) {
		data, ok := files[file]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return data[:min(int64(len(data)), most+1)], nil
	}
	o, err := m.device.Check(get, today())
	if err != nil || o == nil {
		return "", err
	}
	image := files[o.ImageFile()]
	if err := m.device.CheckImage(o, int64(len(image)), sha256.Sum256(image)); err != nil {
		return "", err
	}
	return m.device.Confirm(o, image)
}

// A Device that makes every check refuses each flawed package, by the one check that the
// flaw names; it has then still installed what it had, and takes a good release after it.
func TestFlawsAreFound(t *testing.T) {
	for _, f := range suit.Flaws() {
		t.Run(f.Name, func(t *testing.T) {
			m := newMaker(t)
			files, err := m.vendor.PublishFlawed(f, today(), release(t, 3))
			if err != nil {
				t.Fatal(err)
			}
			_, err = m.update(files)
			var refusal *suit.Refusal
			if !errors.As(err, &refusal) || refusal.Check != f.Check || refusal.Package == "" {
				t.Fatalf("got error %v, expected a refusal by the check %s", err, f.Check)
			}
			if m.device.Sequence() != 2 {
				t.Errorf("sequence number %d is installed, expected 2 as before", m.device.Sequence())
			}
			good, err := m.vendor.Publish(today(), release(t, 4))
			if err != nil {
				t.Fatal(err)
			}
			if version, err := m.update(good); err != nil || version != "1.0.4" {
				t.Errorf("the good release afterwards: version %q, error %v", version, err)
			}
		})
	}
}

// A Device that leaves just this check out installs the flawed package, so nothing else
// is wrong with it.
func TestAFlawIsTheOnlyOne(t *testing.T) {
	for _, f := range suit.Flaws() {
		if f.Check == suit.CheckFormat {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			m := newMaker(t, f.Check)
			files, err := m.vendor.PublishFlawed(f, today(), release(t, 3))
			if err != nil {
				t.Fatal(err)
			}
			if version, err := m.update(files); err != nil || version == "" {
				t.Errorf("without the check %s: version %q is installed, error %v", f.Check, version, err)
			}
		})
	}
}

// Every check that a Device may leave out has a flaw that shows that it was left out.
func TestEveryCheckHasAFlaw(t *testing.T) {
	for _, check := range suit.Checks() {
		if !slices.ContainsFunc(suit.Flaws(), func(f suit.Flaw) bool { return f.Check == check }) {
			t.Errorf("no flaw is found by the check %s", check)
		}
	}
	names := map[string]bool{}
	for _, f := range suit.Flaws() {
		if names[f.Name] || f.Says == "" {
			t.Errorf("flaw %+v: its name is not its own, or it says nothing", f)
		}
		names[f.Name] = true
	}
	if _, err := suit.FlawNamed("nonsense"); err == nil {
		t.Error("there is a flaw called nonsense")
	}
}

// Whichever byte of whichever file is another, the Device refuses it, or installs what
// the vendor has signed.
func TestAFlippedByteOfAnyFile(t *testing.T) {
	m := newMaker(t)
	if err := m.vendor.Revoke(today()); err != nil {
		t.Fatal(err)
	}
	files, err := m.vendor.Publish(today(), release(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for name, good := range files {
		for i := 0; i < len(good); i += 7 {
			device := *m.device
			changed := maps.Clone(files)
			changed[name] = slices.Clone(good)
			changed[name][i] ^= 0x10
			version, err := maker{m.vendor, &device}.update(changed)
			if err != nil {
				refused++
			} else if version != "1.0.3" {
				t.Errorf("%s with another byte %d: version %q is installed", name, i, version)
			}
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}

func TestATrustThatIsNone(t *testing.T) {
	for name, trust := range map[string]suit.Trust{
		"no root":                   {Model: lamp()},
		"a check that nobody makes": {Root: newMaker(t).vendor.Root(), Skips: []suit.Check{"weather"}},
		"a check that stays":        {Root: newMaker(t).vendor.Root(), Skips: []suit.Check{suit.CheckFormat}},
	} {
		if _, err := suit.NewVerifier(trust); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
}
