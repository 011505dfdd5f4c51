package suit

import (
	"bytes"
	"slices"
	"time"
)

// signatureFlaws are packages that nobody who may has signed.
func signatureFlaws() []Flaw {
	return []Flaw{
		{"malformed", "The envelope can't be read.", CheckFormat, func(f *forgery) error {
			return f.envelope(f.signTargets, func(data []byte) []byte { return data[:len(data)/2] })
		}},
		{"bad-signature", "A byte of the package's signature is another.", CheckSignature, func(f *forgery) error {
			return f.envelope(f.signTargets, badlySigned)
		}},
		{"fast-forward", "The sequence number was raised after the package was signed.", CheckSignature, func(f *forgery) error {
			later := f.release
			later.Sequence += 1 << 40
			old, raised := newCodec().encode(f.release.Manifest()), newCodec().encode(later.Manifest())
			return f.envelope(f.signTargets, func(data []byte) []byte { return bytes.Replace(data, old, raised, 1) })
		}},
		{"arbitrary-software", "Somebody else has signed the package, with keys of their own.", CheckSignature, func(f *forgery) error {
			signers, err := f.strangers()
			if err != nil {
				return err
			}
			return f.envelope(signers, unchanged)
		}},
		{"unsigned-targets", "Somebody else has signed the targets.", CheckSignature, func(f *forgery) error {
			var err error
			if f.signTargets, err = f.strangers(); err != nil {
				return err
			}
			return f.add(f.release)
		}},
		{"forged-root", "Somebody else has signed a new root, which lets their own keys sign.", CheckSignature, forgeRoot},
	}
}

// badlySigned changes the last byte of the first signature of an envelope.
func badlySigned(data []byte) []byte {
	e, err := ParseEnvelope(data)
	if err != nil {
		return data
	}
	end := bytes.Index(data, e.Signatures[0]) + len(e.Signatures[0])
	changed := slices.Clone(data)
	changed[end-1] ^= 1
	return changed
}

// forgeRoot makes a vendor with other keys and the same model, and hands Devices over to it.
func forgeRoot(f *forgery) error {
	other, err := NewVendor(f.vendor.config, f.now)
	if err != nil {
		return err
	}
	other.version, other.count = f.vendor.version, f.vendor.count
	if err := other.newRoot(f.now, other.keys[RoleRoot]); err != nil {
		return err
	}
	next := RootFile(other.version)
	f.files[next] = other.roots[next]
	f.signTargets, f.signTimestamp = other.keys[RoleTargets], other.keys[RoleTimestamp]
	return f.envelope(other.keys[RoleTargets], unchanged)
}

// keyFlaws are packages signed by keys that do not count, or by too few.
func keyFlaws() []Flaw {
	return []Flaw{
		{"revoked-key", "One of the keys that have signed the package has been revoked.", CheckRevocation, func(f *forgery) error {
			if len(f.vendor.revoked) == 0 {
				if err := f.vendor.Revoke(f.now); err != nil {
					return err
				}
				next := RootFile(f.vendor.version)
				f.files[next] = f.vendor.roots[next]
				f.signTargets = f.vendor.keys[RoleTargets]
			}
			return f.envelope(append([]*Signer{f.vendor.revoked[0]}, f.signTargets[1:]...), unchanged)
		}},
		{"key-compromise", "One key has signed the package, and the root demands more.", CheckDelegation, func(f *forgery) error {
			return f.envelope(f.signTargets[:1], unchanged)
		}},
		{"wrong-role", "The key that signs timestamps has signed the package too.", CheckDelegation, func(f *forgery) error {
			signers := append(slices.Clone(f.signTimestamp), f.signTargets[1:]...)
			return f.envelope(signers, unchanged)
		}},
	}
}

// timeFlaws are packages and metadata of another time.
func timeFlaws() []Flaw {
	return []Flaw{
		{"freeze", "The timestamp is past its time.", CheckExpiry, func(f *forgery) error {
			f.timestamp.Expires = f.now.Add(-time.Second).Unix()
			return f.add(f.release)
		}},
		{"expired-targets", "The targets are past their time.", CheckExpiry, func(f *forgery) error {
			f.targets.Expires = f.now.Add(-time.Second).Unix()
			return f.add(f.release)
		}},
		{"expired-root", "The newest root is past its time.", CheckExpiry, func(f *forgery) error {
			if err := f.vendor.newRoot(f.now.Add(-31*f.vendor.config.Fresh), f.vendor.keys[RoleRoot]); err != nil {
				return err
			}
			next := RootFile(f.vendor.version)
			f.files[next] = f.vendor.roots[next]
			return f.add(f.release)
		}},
		{"rollback", "The package is older than what is installed.", CheckRollback, func(f *forgery) error {
			older := f.release
			older.Sequence, older.Version = 0, older.Version.before()
			older.Image = Software{Version: older.Version.String()}.Encode(len(f.release.Image))
			return f.add(older)
		}},
		{"metadata-rollback", "The timestamp is older than one that was seen before.", CheckRollback, func(f *forgery) error {
			f.timestamp.Version = 1
			return f.add(f.release)
		}},
	}
}

// contentFlaws are packages that are not what the metadata or the manifest says.
func contentFlaws() []Flaw {
	return []Flaw{
		{"tampered", "A byte of the image is another.", CheckDigest, func(f *forgery) error {
			if err := f.add(f.release); err != nil {
				return err
			}
			image := f.files[f.release.ImageFile()]
			image[len(image)-1] ^= 1
			return nil
		}},
		{"mix-and-match", "The image is that of another release.", CheckDigest, func(f *forgery) error {
			if err := f.add(f.release); err != nil {
				return err
			}
			image := f.files[f.release.ImageFile()]
			copy(image[len(image)/2:], filler("another", len(image)-len(image)/2))
			return nil
		}},
		{"mixed-metadata", "The targets are not those that the timestamp names.", CheckDigest, func(f *forgery) error {
			f.mixes = true
			return f.add(f.release)
		}},
		{"swapped-envelope", "The envelope is not the one that the targets name.", CheckDigest, func(f *forgery) error {
			if err := f.add(f.release); err != nil {
				return err
			}
			again, err := Seal(f.release.Manifest(), f.signTargets...)
			f.files[f.release.EnvelopeFile()] = again
			return err
		}},
		{"too-long", "The image is longer than its manifest says.", CheckSize, func(f *forgery) error {
			f.release.Size = int64(len(f.release.Image)) - 1
			return f.add(f.release)
		}},
		{"too-short", "The image is shorter than its manifest says.", CheckSize, func(f *forgery) error {
			f.release.Size = int64(len(f.release.Image)) + 1
			return f.add(f.release)
		}},
	}
}

// deviceFlaws are good packages for another Device, and those that do not run.
func deviceFlaws() []Flaw {
	return []Flaw{
		{"wrong-model", "The package is for another model of the vendor.", CheckModel, func(f *forgery) error {
			f.release.Model.ClassID[15] ^= 1
			return f.add(f.release)
		}},
		{"wrong-vendor", "The package is for a Device of another vendor.", CheckModel, func(f *forgery) error {
			f.release.Model.VendorID[15] ^= 1
			return f.add(f.release)
		}},
		{"wrong-component", "The package is for another part of the Device.", CheckComponent, func(f *forgery) error {
			f.release.Model.Component = NewComponentID("radio")
			return f.add(f.release)
		}},
		{"extraneous-dependency", "The package needs another one, which the Device does not have.", CheckDependency, func(f *forgery) error {
			f.release.Dependency = true
			return f.add(f.release)
		}},
		{"install-fails", "The image fails its self-test after the boot.", CheckBoot, func(f *forgery) error {
			f.release.Image = Software{Version: f.release.Version.String(), Fails: true}.Encode(len(f.release.Image))
			return f.add(f.release)
		}},
		{"other-version", "The image is of another version than its manifest says.", CheckBoot, func(f *forgery) error {
			f.release.Image = Software{Version: "0.0.1"}.Encode(len(f.release.Image))
			return f.add(f.release)
		}},
	}
}
