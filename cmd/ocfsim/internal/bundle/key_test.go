package bundle

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"
)

// TestKeys reads what openssl writes, and says what is wrong with anything else. The key
// and its public half were made by openssl 3.0.
func TestKeys(t *testing.T) {
	const (
		private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n"
		public  = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n"
		id      = "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9"
	)
	name := filepath.Join(t.TempDir(), "lab.key")
	put := func(text string) string { writeFile(t, name, []byte(text)); return name }
	k, err := ReadPrivateKey(put(private))
	if err != nil || k.Public().ID() != id {
		t.Errorf("private key: %v, id %s, want %s", err, k.Public().ID(), id)
	}
	p, err := ReadPublicKey(put(public))
	if err != nil || p.ID() != id {
		t.Errorf("public key: %v, id %s, want %s", err, p.ID(), id)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	der, err := x509.MarshalPKCS8PrivateKey(curve)
	otherPrivate := block("PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(curve.Public())
	otherPublic := block("PUBLIC KEY", der, err)
	for _, c := range []struct{ text, private, public string }{
		{"secret", "expected a key in PEM", "expected a key in PEM"},
		{private, "", "openssl pkey -in " + name + " -pubout"},
		{public, "this is a public one", ""},
		{block("ENCRYPTED PRIVATE KEY", []byte("x"), nil), "the key is encrypted", "this is a private one"},
		{block("EC PRIVATE KEY", []byte("x"), nil), "got a EC PRIVATE KEY", "got a EC PRIVATE KEY"},
		{otherPrivate, "expected an ed25519 key, got a *ecdsa.PrivateKey", "this is a private one"},
		{otherPublic, "this is a public one", "expected an ed25519 key, got a *ecdsa.PublicKey"},
		{block("PRIVATE KEY", []byte("x"), nil), "not a private key in PKCS#8", "this is a private one"},
		{block("PUBLIC KEY", []byte("x"), nil), "this is a public one", name + ": "},
	} {
		put(c.text)
		if _, err := ReadPrivateKey(name); (c.private == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.private) {
			t.Errorf("as a private key: %v, want %q", err, c.private)
		}
		if _, err := ReadPublicKey(name); (c.public == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.public) {
			t.Errorf("as a public key: %v, want %q", err, c.public)
		}
	}
	if _, err := ReadPrivateKey(name + "?"); err == nil {
		t.Error("a key that is not there was read")
	}
}
