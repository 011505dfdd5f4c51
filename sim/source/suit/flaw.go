package suit

import (
	"fmt"
	"slices"
	"time"
)

// Flaw is one thing that can be wrong with a package or with the metadata that offers it.
// All else is right, so a Device that makes the one check refuses it, and a Device that
// leaves just this check out installs it.
type Flaw struct {
	Name  string
	Says  string
	Check Check // that finds it

	forge func(*forgery) error
}

// forgery is a publication on its way to be flawed. The release has not been added yet.
type forgery struct {
	*publication
	release Release
	now     time.Time
	add     func(r Release) error // adds a release as a good one is added
}

// Flaws are all flaws, in the order of the checks that find them.
func Flaws() []Flaw {
	return slices.Concat(signatureFlaws(), keyFlaws(), timeFlaws(), contentFlaws(), deviceFlaws())
}

// FlawNamed finds a flaw.
func FlawNamed(name string) (Flaw, error) {
	flaws := Flaws()
	i := slices.IndexFunc(flaws, func(f Flaw) bool { return f.Name == name })
	if i < 0 {
		return Flaw{}, fmt.Errorf("unknown flaw %q", name)
	}
	return flaws[i], nil
}

// PublishFlawed is Publish for one release with something wrong. The release must be one
// that Devices would install: its sequence number is above that of what they have.
func (v *Vendor) PublishFlawed(f Flaw, now time.Time, r Release) (Files, error) {
	if err := v.renew(now); err != nil {
		return nil, err
	}
	p := v.publication(now)
	forged := &forgery{publication: p, release: r, now: now}
	forged.add = func(r Release) error { return p.add(r, v.keys[RoleTargets]) }
	if err := f.forge(forged); err != nil {
		return nil, fmt.Errorf("%s with %s: %w", r.Name, f.Name, err)
	}
	return p.sign()
}

// envelope seals the release with these keys and has the targets name the envelope as
// change leaves it.
func (f *forgery) envelope(signers []*Signer, change func(envelope []byte) []byte) error {
	data, err := Seal(f.release.Manifest(), signers...)
	if err != nil {
		return err
	}
	f.files[f.release.ImageFile()] = f.release.Image
	f.list(f.release, change(data))
	return nil
}

func unchanged(data []byte) []byte { return data }

// strangers are as many fresh keys as have to sign a package.
func (f *forgery) strangers() ([]*Signer, error) {
	var signers []*Signer
	for range f.vendor.config.Threshold {
		s, err := GenerateSigner(f.vendor.config.Algorithm)
		if err != nil {
			return nil, err
		}
		signers = append(signers, s)
	}
	return signers, nil
}
