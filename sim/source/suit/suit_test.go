package suit_test

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// signer makes a fresh key.
func signer(t testing.TB, alg suit.Algorithm) *suit.Signer {
	t.Helper()
	s, err := suit.GenerateSigner(alg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lamp is the model that tests make releases for.
func lamp() suit.Model { return suit.NewModel("example.com", "lamp") }

// release makes version 1.0.N of the lamp's software, with the sequence number N.
func release(t testing.TB, n uint64) suit.Release {
	t.Helper()
	v := suit.Version{1, 0, int64(n)}
	r, err := suit.NewRelease(lamp(), "lamp-"+v.String(), v.String(), n, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func seal(t testing.TB, r suit.Release, by ...*suit.Signer) *suit.Envelope {
	t.Helper()
	data, err := suit.Seal(r.Manifest(), by...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := suit.ParseEnvelope(data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAPackageIsReadAsItWasWritten(t *testing.T) {
	for _, alg := range []suit.Algorithm{suit.ES256, suit.ESP256, suit.EdDSA} {
		t.Run(alg.String(), func(t *testing.T) {
			by, r := signer(t, alg), release(t, 7)
			e := seal(t, r, by)
			if err := e.VerifySignature(by.Key()); err != nil {
				t.Fatal(err)
			}
			s, err := suit.ParseSign1(e.Signatures[0])
			if err != nil || s.Algorithm != alg || s.Key != by.Key().ID() {
				t.Errorf("signed with %v by %v (%v), expected %v by %v", s.Algorithm, s.Key, err, alg, by.Key().ID())
			}
			m, err := suit.ParseManifest(e.Manifest)
			if err != nil {
				t.Fatal(err)
			}
			if m.Sequence != 7 || m.Version.String() != "1.0.7" || m.Dependencies != 0 || len(m.Unknown) != 0 {
				t.Errorf("got %+v", m)
			}
			images, err := m.Images()
			if err != nil || len(images) != 1 {
				t.Fatalf("images %v, error %v", images, err)
			}
			im := images[0]
			model := lamp()
			if im.Component.String() != "firmware" || im.URI != "lamp-1.0.7.bin" || im.Size != 1000 ||
				string(im.VendorID) != string(model.VendorID[:]) || string(im.ClassID) != string(model.ClassID[:]) {
				t.Errorf("got %+v", im)
			}
			if err := im.Digest.Verify(r.Image); err != nil {
				t.Error(err)
			}
			software, err := suit.ParseSoftware(r.Image)
			if err != nil || software.Version != "1.0.7" || software.Fails {
				t.Errorf("the image is %+v, error %v", software, err)
			}
		})
	}
}

func TestASignatureOfAnotherIsRefused(t *testing.T) {
	by := signer(t, suit.ESP256)
	e := seal(t, release(t, 1), by)
	for name, key := range map[string]suit.Key{
		"another key":       signer(t, suit.ESP256).Key(),
		"another algorithm": signer(t, suit.EdDSA).Key(),
		"no key":            {},
	} {
		if err := e.VerifySignature(key); err == nil {
			t.Errorf("%s verifies it", name)
		}
	}
	if err := seal(t, release(t, 1)).VerifySignature(by.Key()); err == nil || !strings.Contains(err.Error(), "not signed") {
		t.Errorf("an envelope without a signature: %v", err)
	}
}

// Whichever byte of a package is another, it is refused.
func TestAFlippedByteIsRefused(t *testing.T) {
	by := signer(t, suit.ESP256)
	good, err := suit.Seal(release(t, 1).Manifest(), by)
	if err != nil {
		t.Fatal(err)
	}
	id := []byte(by.Key().ID())
	// The key's id stands in the unprotected header, with its label and its length before
	// it. It is a hint only: nothing is signed there.
	named := strings.Index(string(good), string(id))
	for i := range good {
		data := append([]byte(nil), good...)
		data[i] ^= 0x10
		e, err := suit.ParseEnvelope(data)
		if err != nil || i >= named-2 && i < named+len(id) {
			continue
		}
		if e.VerifySignature(by.Key()) == nil {
			t.Errorf("byte %d is another, and the signature verifies", i)
		}
	}
}

func TestSignersAreKept(t *testing.T) {
	for _, alg := range []suit.Algorithm{suit.ES256, suit.ESP256, suit.EdDSA} {
		s := signer(t, alg)
		data, err := s.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		kept, err := suit.ParseSigner(data)
		if err != nil || kept.Key().ID() != s.Key().ID() {
			t.Fatalf("%v: %v", alg, err)
		}
		e := seal(t, release(t, 1), kept)
		if err := e.VerifySignature(s.Key()); err != nil {
			t.Errorf("%v: %v", alg, err)
		}
		if sign, err := suit.ParseSign1(e.Signatures[0]); err != nil || sign.Algorithm != alg {
			t.Errorf("a kept key of %v signs with %v, error %v", alg, sign.Algorithm, err)
		}
		public, err := suit.ParseKey(s.Key().PEM())
		if err != nil || public.ID() != s.Key().ID() {
			t.Errorf("%v: %v", alg, err)
		}
	}
	for _, bad := range []string{"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "nonsense"} {
		if _, err := suit.ParseSigner([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a key", bad)
		}
		if _, err := suit.ParseKey([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a public key", bad)
		}
	}
}

func TestDigests(t *testing.T) {
	d := suit.DigestOf([]byte("software"))
	if err := d.Verify([]byte("software")); err != nil {
		t.Error(err)
	}
	if err := d.Verify([]byte("softwarf")); !errors.Is(err, suit.ErrDigest) {
		t.Errorf("got %v", err)
	}
	d.Algorithm = -44 // SHA-512
	if err := d.Verify([]byte("software")); err == nil {
		t.Error("a digest of an unknown algorithm verifies")
	}
}

func TestVersions(t *testing.T) {
	for _, good := range []string{"1", "1.0", "1.2.3", "1.2.3.4"} {
		if v, err := suit.ParseVersion(good); err != nil || v.String() != good {
			t.Errorf("%s: got %v, %v", good, v, err)
		}
	}
	for _, bad := range []string{"", "1.", "a", "1.-2", "1.2.3.4.5", "99999999999"} {
		if v, err := suit.ParseVersion(bad); err == nil {
			t.Errorf("%s: got %v", bad, v)
		}
	}
}

// What is read never ends the program, and what can be read and verified is what was
// signed.
func FuzzParseEnvelope(f *testing.F) {
	// Each process that fuzzes has the same key.
	by, err := suit.NewSigner(suit.EdDSA, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		f.Fatal(err)
	}
	r := release(f, 1)
	sealed, err := suit.Seal(r.Manifest(), by)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte{0xd8, 107, 0xa2, 2, 0x41, 0x80, 3, 0x41, 0xa0})
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := suit.ParseEnvelope(data)
		if err != nil {
			return
		}
		verified := e.VerifySignature(by.Key()) == nil
		if verified && string(e.Manifest) != string(r.Manifest()) {
			t.Errorf("a manifest that was never signed verifies: %x", e.Manifest)
		}
		m, err := suit.ParseManifest(e.Manifest)
		if err != nil {
			return
		}
		if err := m.Rejoin(e.Severed); err != nil {
			return
		}
		_, _ = m.Images() // only that it returns
	})
}
