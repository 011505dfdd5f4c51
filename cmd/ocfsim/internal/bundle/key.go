package bundle

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

// PrivateKey is the ed25519 key that a bundle is signed with. Get one from
// ReadPrivateKey.
type PrivateKey struct {
	key ed25519.PrivateKey
	id  string
}

// PublicKey is the ed25519 key that a bundle is checked with. Get one from
// ReadPublicKey, or from a PrivateKey.
type PublicKey struct {
	key ed25519.PublicKey
	id  string
}

// The types of the PEM blocks of keys, in PKCS#8 and in PKIX.
const (
	privateBlock   = "PRIVATE KEY"
	encryptedBlock = "ENCRYPTED PRIVATE KEY"
	publicBlock    = "PUBLIC KEY"
)

// ReadPrivateKey reads what `openssl genpkey -algorithm ed25519` writes: PKCS#8 in PEM,
// not encrypted.
func ReadPrivateKey(name string) (PrivateKey, error) {
	block, err := readBlock(name)
	if err != nil {
		return PrivateKey{}, err
	}
	switch block.Type {
	case privateBlock:
	case encryptedBlock:
		return PrivateKey{}, fmt.Errorf("%s: the key is encrypted; decrypt it with: openssl pkey -in %s", name, name)
	case publicBlock:
		return PrivateKey{}, fmt.Errorf("%s: expected a private key, this is a public one", name)
	default:
		return PrivateKey{}, fmt.Errorf("%s: expected a %s, got a %s", name, privateBlock, block.Type)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("%s: not a private key in PKCS#8", name) // the error of x509 might quote the key
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return PrivateKey{}, fmt.Errorf("%s: expected an ed25519 key, got a %T", name, parsed)
	}
	public, err := publicKey(key.Public().(ed25519.PublicKey))
	return PrivateKey{key, public.id}, err
}

// ReadPublicKey reads what `openssl pkey -pubout` writes of an ed25519 key.
func ReadPublicKey(name string) (PublicKey, error) {
	block, err := readBlock(name)
	if err != nil {
		return PublicKey{}, err
	}
	switch block.Type {
	case publicBlock:
	case privateBlock, encryptedBlock:
		return PublicKey{}, fmt.Errorf("%s: expected a public key, this is a private one; its public key is: openssl pkey -in %s -pubout", name, name)
	default:
		return PublicKey{}, fmt.Errorf("%s: expected a %s, got a %s", name, publicBlock, block.Type)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return PublicKey{}, fmt.Errorf("%s: %w", name, err)
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return PublicKey{}, fmt.Errorf("%s: expected an ed25519 key, got a %T", name, parsed)
	}
	return publicKey(key)
}

func readBlock(name string) (*pem.Block, error) {
	data, err := bounded.ReadText(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("%s: expected a key in PEM", name)
	}
	return block, nil
}

// publicKey is key with its id, the SHA-256 of its PKIX form:
// `openssl pkey -pubin -outform DER | sha256sum`.
func publicKey(key ed25519.PublicKey) (PublicKey, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return PublicKey{}, err
	}
	sum := sha256.Sum256(der)
	return PublicKey{key, hex.EncodeToString(sum[:])}, nil
}

// ID tells the key from others: the SHA-256 of its public half in DER.
func (k PublicKey) ID() string { return k.id }

// Public is the public half of k.
func (k PrivateKey) Public() PublicKey {
	return PublicKey{k.key.Public().(ed25519.PublicKey), k.id}
}

// signer signs for package dsse.
type signer struct{ PrivateKey }

// Sign signs data, which is not hashed before.
func (s signer) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(s.key, data), nil
}

// KeyID names the key in the envelope.
func (s signer) KeyID() (string, error) { return s.id, nil }

// verifier verifies for package dsse.
type verifier struct{ PublicKey }

// Verify is an error where sig is not the signature of data by this key.
func (v verifier) Verify(_ context.Context, data, sig []byte) error {
	if !ed25519.Verify(v.key, data, sig) {
		return errors.New("the signature is wrong")
	}
	return nil
}

// KeyID names the key in the envelope.
func (v verifier) KeyID() (string, error) { return v.id, nil }

// Public is the key itself.
func (v verifier) Public() crypto.PublicKey { return v.key }
