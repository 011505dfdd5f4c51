//go:build foreign

// These tests read data that others made, in the folder shared/foreign beside the
// repository. It is no part of the project, so they stand behind a build tag; .ci/test
// sets it where the folder exists.
package suit_test

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// foreign is the path of a file of others, beside the clone or where OCFSIM_FOREIGN says.
func foreign(name string) string {
	return filepath.Join(cmp.Or(os.Getenv("OCFSIM_FOREIGN"), "../../../../shared/foreign"), name)
}

// published are the envelopes of libcsuit that its README and the draft sign with
// public_key.pem and ESP256.
func published() []string {
	names := []string{"exp0", "exp1", "exp2A", "exp2B", "exp3", "exp4", "exp5", "expD", "expI", "expU"}
	for i, name := range names {
		names[i] = foreign("suit/suit_manifest_" + name + ".suit")
	}
	return names
}

func TestForeignEnvelopesVerify(t *testing.T) {
	key := foreignKey(t)
	for _, name := range published() {
		data := read(t, name)
		e, err := suit.ParseEnvelope(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := e.VerifySignature(key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whichever byte of the manifest, of its digest or of the signature is another, the
// envelope is refused.
func TestForeignEnvelopesWithAFlippedByteAreRefused(t *testing.T) {
	key := foreignKey(t)
	for _, name := range published() {
		good := read(t, name)
		for i := range good {
			data := append([]byte(nil), good...)
			data[i] ^= 1
			e, err := suit.ParseEnvelope(data)
			if err != nil {
				continue
			}
			if e.VerifySignature(key) == nil && !outside(e, good) {
				t.Errorf("%s: byte %d is another, and the signature verifies", name, i)
			}
		}
	}
}

// outside reports whether what was flipped is a name or a payload beside the manifest,
// which the signature does not cover: it covers their digests at most.
func outside(e *suit.Envelope, good []byte) bool {
	g, err := suit.ParseEnvelope(good)
	if err != nil || string(e.Manifest) != string(g.Manifest) {
		return false
	}
	for uri, payload := range g.Payloads {
		if string(e.Payloads[uri]) != string(payload) {
			return true
		}
	}
	return false
}

// All envelopes can be read, whoever signed them and however.
func TestForeignEnvelopesAreRead(t *testing.T) {
	names, err := filepath.Glob(foreign("suit/*.suit"))
	if err != nil || len(names) < 22 {
		t.Fatalf("%d envelopes in %s, error %v", len(names), foreign(""), err)
	}
	for _, name := range names {
		e, err := suit.ParseEnvelope(read(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := e.VerifyDigest(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		m, err := suit.ParseManifest(e.Manifest)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := m.Rejoin(e.Severed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(m.Components) == 0 || len(m.Unknown) != 0 || len(e.Signatures)+e.MACs != 1 {
			t.Errorf("%s: components %v, unknown %v, %d signatures", name, m.Components, m.Unknown, len(e.Signatures)+e.MACs)
		}
	}
}

// The first examples of the draft say what is in them.
func TestForeignManifestsSayWhatTheDraftSays(t *testing.T) {
	for name, want := range map[string]struct {
		sequence uint64
		sizes    []uint64
		uris     []string
	}{
		"exp0":  {0, []uint64{34768}, []string{""}},
		"exp1":  {1, []uint64{34768}, []string{"http://example.com/file.bin"}},
		"exp2B": {2, []uint64{34768}, []string{"http://example.com/very/long/path/to/file/file.bin"}},
		"exp5":  {5, []uint64{34768, 76834}, []string{"http://example.com/file1.bin", "http://example.com/file2.bin"}},
	} {
		e, err := suit.ParseEnvelope(read(t, foreign("suit/suit_manifest_"+name+".suit")))
		if err != nil {
			t.Fatal(err)
		}
		m, err := suit.ParseManifest(e.Manifest)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Rejoin(e.Severed); err != nil {
			t.Fatal(err)
		}
		images, err := m.Images()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if m.Sequence != want.sequence || len(images) != len(want.sizes) {
			t.Fatalf("%s: sequence %d and %d images, expected %+v", name, m.Sequence, len(images), want)
		}
		model := suit.NewModel("arm.com", "")
		for i, im := range images {
			if im.Size != want.sizes[i] || im.URI != want.uris[i] || im.Digest.Algorithm != suit.SHA256 {
				t.Errorf("%s: got %+v, expected %+v", name, im, want)
			}
			if i == 0 && string(im.VendorID) != string(model.VendorID[:]) {
				t.Errorf("%s: vendor %x, expected that of arm.com, %x", name, im.VendorID, model.VendorID)
			}
		}
	}
}

func TestForeignSignatures(t *testing.T) {
	names, err := filepath.Glob(foreign("cose/*.json"))
	if err != nil || len(names) < 9 {
		t.Fatalf("%d vectors in %s, error %v", len(names), foreign(""), err)
	}
	for _, name := range names {
		var v struct {
			Title string
			Fail  bool
			Input struct {
				Sign0 struct {
					External string
					Key      struct{ X, Y string }
				}
			}
			Output struct{ CBOR string }
		}
		if err := json.Unmarshal(read(t, name), &v); err != nil {
			t.Fatal(err)
		}
		key, err := suit.NewKey(point(t, v.Input.Sign0.Key.X, v.Input.Sign0.Key.Y))
		if err != nil {
			t.Fatal(err)
		}
		s, err := suit.ParseSign1(unhex(t, v.Output.CBOR))
		if err == nil {
			err = s.Verify(key, nil, unhex(t, v.Input.Sign0.External))
		}
		if (err != nil) != v.Fail {
			t.Errorf("%s: got error %v, expected fail %v", v.Title, err, v.Fail)
		}
	}
}

func foreignKey(t *testing.T) suit.Key {
	t.Helper()
	key, err := suit.ParseKey(read(t, foreign("suit/public_key.pem")))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// point is the public key with these coordinates, in the uncompressed form of SEC 1.
func point(t *testing.T, x, y string) *ecdsa.PublicKey {
	t.Helper()
	data := []byte{4}
	for _, c := range []string{x, y} {
		raw, err := base64.RawURLEncoding.DecodeString(c)
		if err != nil {
			t.Fatal(err)
		}
		data = append(append(data, make([]byte, 32-len(raw))...), raw...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), data)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
