package suit

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// Trust is what a Device is made with, so that it can check packages.
type Trust struct {
	Root     []byte // the file of a version of the root
	Model    Model
	Sequence uint64  // of the software that is installed
	Skips    []Check // that a Device with a bug leaves out
}

// Verifier makes a Device's checks. It remembers what it has seen, so that nothing older
// is accepted afterwards. It belongs to one goroutine at a time.
//
// The order is: AddRoot while there is a file NextRoot, then AddTimestamp, AddTargets,
// Offer, Open, CheckImageSize, CheckImage, Confirm. An error is a *Refusal.
type Verifier struct {
	model    Model
	sequence uint64
	skips    map[Check]bool

	root      root
	keys      map[KeyID]Key
	timestamp timestamp
	targets   targets
}

// NewVerifier trusts a root. Nobody signs the first one but itself.
func NewVerifier(t Trust) (*Verifier, error) {
	v := &Verifier{model: t.Model, sequence: t.Sequence, skips: map[Check]bool{}}
	for _, check := range t.Skips {
		if !slices.Contains(Checks(), check) {
			return nil, fmt.Errorf("%q is no check that can be left out", check)
		}
		v.skips[check] = true
	}
	r, _, err := v.readRoot("root", t.Root)
	if err != nil {
		return nil, err
	}
	return v, v.adopt("root", r)
}

// Sequence is that of the software that is installed.
func (v *Verifier) Sequence() uint64 { return v.sequence }

// NextRoot is the file of the root that follows the present one. It need not exist.
func (v *Verifier) NextRoot() string { return RootFile(v.root.Version + 1) }

// AddRoot takes a root over that follows the present one. Both have to have signed it.
func (v *Verifier) AddRoot(data []byte) error {
	file := v.NextRoot()
	r, f, err := v.readRoot(file, data)
	if err != nil {
		return err
	}
	if err := v.checkSigned(file, RoleRoot, f.Payload, f.Signatures); err != nil {
		return err
	}
	if r.Version != v.root.Version+1 {
		if err := v.refuse(CheckRollback, file, "version %d of the root, expected %d", r.Version, v.root.Version+1); err != nil {
			return err
		}
	}
	next := *v
	if err := next.adopt(file, r); err != nil {
		return err
	}
	if err := next.checkSigned(file, RoleRoot, f.Payload, f.Signatures); err != nil {
		return err
	}
	*v = next
	return nil
}

func (v *Verifier) readRoot(file string, data []byte) (root, signedForm, error) {
	var r root
	f, err := newCodec().open(file, data, RoleRoot, &r)
	return r, f, err
}

// adopt takes the keys of a root over.
func (v *Verifier) adopt(file string, r root) error {
	keys := make(map[KeyID]Key, len(r.Keys))
	for _, der := range r.Keys {
		public, err := x509.ParsePKIXPublicKey(der)
		if err == nil {
			var k Key
			if k, err = NewKey(public); err == nil {
				keys[k.ID()] = k
			}
		}
		if err != nil {
			return &Refusal{Check: CheckFormat, Package: file, Why: err.Error()}
		}
	}
	for _, role := range []Role{RoleRoot, RoleTimestamp, RoleTargets} {
		if r.Roles[role].Threshold < 1 {
			return &Refusal{Check: CheckFormat, Package: file, Why: fmt.Sprintf("it lets nobody sign for the role %q", role)}
		}
	}
	v.root, v.keys = r, keys
	return nil
}

// AddTimestamp takes the newest timestamp over. now is the Device's time. The root has to
// be the newest one, so AddRoot comes before.
func (v *Verifier) AddTimestamp(data []byte, now time.Time) error {
	var ts timestamp
	f, err := newCodec().open(TimestampFile, data, RoleTimestamp, &ts)
	if err != nil {
		return err
	}
	if err := v.checkExpiry(RootFile(v.root.Version), v.root.head, now); err != nil {
		return err
	}
	if err := v.checkSigned(TimestampFile, RoleTimestamp, f.Payload, f.Signatures); err != nil {
		return err
	}
	if err := v.checkExpiry(TimestampFile, ts.head, now); err != nil {
		return err
	}
	if err := v.checkMetadataRollback(TimestampFile, ts.Version, v.timestamp.Version); err != nil {
		return err
	}
	if err := v.checkMetadataRollback(TimestampFile, ts.Targets, v.targets.Version); err != nil {
		return err
	}
	v.timestamp = ts
	return nil
}

// AddTargets takes the targets over that the timestamp names.
func (v *Verifier) AddTargets(data []byte, now time.Time) error {
	if err := v.checkFile(TargetsFile, data, v.timestamp.Size, v.timestamp.Digest); err != nil {
		return err
	}
	var ts targets
	f, err := newCodec().open(TargetsFile, data, RoleTargets, &ts)
	if err != nil {
		return err
	}
	if err := v.checkSigned(TargetsFile, RoleTargets, f.Payload, f.Signatures); err != nil {
		return err
	}
	if err := v.checkExpiry(TargetsFile, ts.head, now); err != nil {
		return err
	}
	if err := v.checkMetadataRollback(TargetsFile, ts.Version, v.timestamp.Targets); err != nil {
		return err
	}
	v.targets = ts
	return nil
}

// Offer is the newest package that the targets have for this class of Device. ok is false
// if there is none, or if it is the one that is installed.
func (v *Verifier) Offer() (file string, p Package, ok bool) {
	for name, candidate := range v.targets.Packages {
		mine := slices.Equal(candidate.ClassID, v.model.ClassID[:])
		newest := !ok || candidate.Sequence > p.Sequence || candidate.Sequence == p.Sequence && name > file
		if mine && newest {
			file, p, ok = name, candidate, true
		}
	}
	return file, p, ok && p.Sequence != v.sequence
}
