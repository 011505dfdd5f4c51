package suit

import (
	"bytes"
	"errors"
	"slices"
	"time"
)

// votes are the signatures of a file, sorted by what a Device thinks of them.
type votes struct {
	good                   map[KeyID]bool // keys whose signature counts
	bad, revoked, stranger []string       // why others do not
}

// checkSigned checks that as many keys as the root demands have signed for the role. If
// too few have, it names the check that fails on the first signature that does not count.
func (v *Verifier) checkSigned(file string, role Role, payload []byte, signatures [][]byte) error {
	count := votes{good: map[KeyID]bool{}}
	for _, data := range signatures {
		s, err := ParseSign1(data)
		if err != nil {
			count.bad = append(count.bad, err.Error())
			continue
		}
		v.vote(&count, role, s, payload)
	}
	need := v.root.Roles[role].Threshold
	switch {
	case len(count.good) >= need:
		return nil
	case len(count.bad) > 0:
		return v.refuse(CheckSignature, file, "%s", count.bad[0])
	case len(count.revoked) > 0:
		return v.refuse(CheckRevocation, file, "%s", count.revoked[0])
	case len(count.stranger) > 0:
		return v.refuse(CheckDelegation, file, "%s", count.stranger[0])
	case len(signatures) == 0:
		return v.refuse(CheckSignature, file, "it is not signed")
	}
	return v.refuse(CheckDelegation, file, "%d of the keys for %s have signed it, and the root demands %d", len(count.good), role, need)
}

// vote sorts one signature. A Device that leaves a check out counts what fails that check.
func (v *Verifier) vote(count *votes, role Role, s Sign1, payload []byte) {
	if err := v.checkSignature(s, payload); err != nil {
		count.bad = append(count.bad, err.Error())
		return
	}
	switch {
	case v.isRevoked(s.Key) && !v.skips[CheckRevocation]:
		count.revoked = append(count.revoked, "key "+s.Key.String()+" has been revoked")
	case !v.isRevoked(s.Key) && !v.isDelegated(role, s.Key) && !v.skips[CheckDelegation] && v.knows(s.Key):
		count.stranger = append(count.stranger, "key "+s.Key.String()+" may not sign for "+string(role))
	default:
		count.good[s.Key] = true
	}
}

// checkSignature checks that a key that the root names has signed payload.
func (v *Verifier) checkSignature(s Sign1, payload []byte) error {
	if v.skips[CheckSignature] {
		return nil
	}
	if !v.knows(s.Key) {
		return errors.New("key " + s.Key.String() + " is unknown")
	}
	return s.Verify(v.keys[s.Key], payload, nil)
}

func (v *Verifier) knows(id KeyID) bool {
	_, ok := v.keys[id]
	return ok
}

// isRevoked reports whether the root has revoked a key.
func (v *Verifier) isRevoked(id KeyID) bool { return contains(v.root.Revoked, id) }

// isDelegated reports whether a key may sign for the role.
func (v *Verifier) isDelegated(role Role, id KeyID) bool {
	return contains(v.root.Roles[role].Keys, id)
}

func contains(ids [][]byte, id KeyID) bool {
	return slices.ContainsFunc(ids, func(b []byte) bool { return string(b) == string(id) })
}

// checkExpiry checks that metadata is not past its time.
func (v *Verifier) checkExpiry(file string, h head, now time.Time) error {
	if h.expired(now) {
		return v.refuse(CheckExpiry, file, "it expired at %s, and it is %s", h.until(), now.UTC().Format(time.RFC3339))
	}
	return nil
}

// checkMetadataRollback checks that metadata is not older than what was seen before.
func (v *Verifier) checkMetadataRollback(file string, version, seen uint64) error {
	if version < seen {
		return v.refuse(CheckRollback, file, "version %d is offered after version %d was seen", version, seen)
	}
	return nil
}

// checkRollback checks that a package is newer than what is installed.
func (v *Verifier) checkRollback(file string, sequence uint64) error {
	if sequence <= v.sequence {
		return v.refuse(CheckRollback, file, "sequence number %d is offered, and %d is installed", sequence, v.sequence)
	}
	return nil
}

// checkFile checks the size and the digest of a file that signed metadata names.
func (v *Verifier) checkFile(file string, data []byte, size int64, digest Digest) error {
	if err := v.checkSize(file, int64(len(data)), size); err != nil {
		return err
	}
	return v.checkDigest(file, digest.Verify(data))
}

// checkSize checks that a file is as long as it should be.
func (v *Verifier) checkSize(file string, got, want int64) error {
	if got != want {
		return v.refuse(CheckSize, file, "it has %d bytes, expected %d", got, want)
	}
	return nil
}

// checkDigest refuses what a Digest has refused.
func (v *Verifier) checkDigest(file string, err error) error {
	if err != nil {
		return v.refuse(CheckDigest, file, "%v", err)
	}
	return nil
}

// checkModel checks that an image is for Devices of this vendor and class. An image that
// does not say whom it is for is for nobody.
func (v *Verifier) checkModel(file string, im *Image) error {
	if !bytes.Equal(im.VendorID, v.model.VendorID[:]) {
		return v.refuse(CheckModel, file, "it is for the vendor %x, and the Device is of %x", im.VendorID, v.model.VendorID)
	}
	if !bytes.Equal(im.ClassID, v.model.ClassID[:]) {
		return v.refuse(CheckModel, file, "it is for the class %x, and the Device is of %x", im.ClassID, v.model.ClassID)
	}
	return nil
}

// checkComponent checks that an image is for the part that the Device updates.
func (v *Verifier) checkComponent(file string, id ComponentID) error {
	if id.String() != v.model.Component.String() {
		return v.refuse(CheckComponent, file, "it is for the component %s, and the Device has %s", id, v.model.Component)
	}
	return nil
}

// checkDependency checks that a package needs no other.
func (v *Verifier) checkDependency(file string, m *Manifest) error {
	if m.Dependencies > 0 {
		return v.refuse(CheckDependency, file, "it needs %d other manifests, and the Device has none", m.Dependencies)
	}
	return nil
}

// checkBoot checks that what was installed runs, and that it is what was promised.
func (v *Verifier) checkBoot(file string, s Software, err error, want Version) error {
	switch {
	case err != nil:
		return v.refuse(CheckBoot, file, "it does not boot: %v", err)
	case s.Fails:
		return v.refuse(CheckBoot, file, "its self-test fails after the boot")
	case s.Version != want.String():
		return v.refuse(CheckBoot, file, "version %s has booted, and %s was promised", s.Version, want)
	}
	return nil
}
