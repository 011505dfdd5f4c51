package suit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/veraison/go-cose"
)

// Algorithm is the number of a signature algorithm in IANA's COSE registry.
type Algorithm int64

// The algorithms that sign packages. ES256 and ESP256 make the same signature: ESP256
// says in addition that the curve is P-256, and is what today's SUIT manifests use.
const (
	ES256  Algorithm = -7 // RFC 9053
	EdDSA  Algorithm = -8 // RFC 9053, with Ed25519
	ESP256 Algorithm = -9 // RFC 9864
)

// String is the algorithm's name in the registry.
func (a Algorithm) String() string {
	switch a {
	case ES256:
		return "ES256"
	case EdDSA:
		return "EdDSA"
	case ESP256:
		return "ESP256"
	}
	return fmt.Sprintf("COSE algorithm %d", int64(a))
}

// ParseAlgorithm reads an algorithm's name.
func ParseAlgorithm(name string) (Algorithm, error) {
	for _, a := range []Algorithm{ES256, EdDSA, ESP256} {
		if a.String() == name {
			return a, nil
		}
	}
	return 0, fmt.Errorf("unknown algorithm %q, expected ESP256, ES256 or EdDSA", name)
}

// KeyID names a key in signatures and in the root.
type KeyID string

// String is the KeyID in hex.
func (id KeyID) String() string { return hex.EncodeToString([]byte(id)) }

// Key is a public key that verifies signatures. The zero value verifies none.
type Key struct {
	public crypto.PublicKey
	der    []byte // SubjectPublicKeyInfo
}

// NewKey takes an ECDSA key on P-256 or an Ed25519 key.
func NewKey(public crypto.PublicKey) (Key, error) {
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return Key{}, fmt.Errorf("a key on %s, expected P-256", k.Curve.Params().Name)
		}
	case ed25519.PublicKey:
	default:
		return Key{}, fmt.Errorf("a key of type %T, expected ECDSA on P-256 or Ed25519", public)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Key{}, fmt.Errorf("public key: %w", err)
	}
	return Key{public: public, der: der}, nil
}

// ParseKey reads a public key in PEM or DER (SubjectPublicKeyInfo).
func ParseKey(data []byte) (Key, error) {
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	public, err := x509.ParsePKIXPublicKey(data)
	if err != nil {
		return Key{}, fmt.Errorf("public key: %w", err)
	}
	return NewKey(public)
}

// ID is the beginning of the key's SHA-256.
func (k Key) ID() KeyID {
	sum := sha256.Sum256(k.der)
	return KeyID(sum[:8])
}

// PEM is the key for a file.
func (k Key) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.der})
}

// verifier verifies signatures of one algorithm; a key knows only those made for it.
func (k Key) verifier(alg Algorithm) (cose.Verifier, error) {
	base := alg
	if alg == ESP256 {
		base = ES256
	}
	if base != ES256 && base != EdDSA || k.public == nil {
		return nil, fmt.Errorf("%s: expected ES256, ESP256 or EdDSA", alg)
	}
	v, err := cose.NewVerifier(cose.Algorithm(base), k.public)
	if err != nil {
		return nil, fmt.Errorf("key %s does not verify %s", k.ID(), alg)
	}
	return v, nil
}

// Signer is a private key and the algorithm that it signs with.
type Signer struct {
	private   crypto.Signer
	algorithm Algorithm
	key       Key
}

// GenerateSigner makes a fresh key.
func GenerateSigner(alg Algorithm) (*Signer, error) {
	if alg == EdDSA {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return NewSigner(alg, private)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return NewSigner(alg, private)
}

// NewSigner signs with a private key. The key must be one for the algorithm.
func NewSigner(alg Algorithm, private crypto.Signer) (*Signer, error) {
	key, err := NewKey(private.Public())
	if err != nil {
		return nil, err
	}
	if _, err := key.verifier(alg); err != nil {
		return nil, err
	}
	return &Signer{private: private, algorithm: alg, key: key}, nil
}

// Key is the public key that verifies the signer's signatures.
func (s *Signer) Key() Key { return s.key }

// signer is the signer for go-cose, under the name of its own algorithm.
func (s *Signer) signer() (cose.Signer, error) {
	base := s.algorithm
	if base == ESP256 {
		base = ES256
	}
	inner, err := cose.NewSigner(cose.Algorithm(base), s.private)
	if err != nil {
		return nil, err
	}
	return namedSigner{inner, cose.Algorithm(s.algorithm)}, nil
}

// namedSigner signs as another Signer does and calls the algorithm by another name:
// go-cose knows ES256, and not ESP256, whose signatures are the same.
type namedSigner struct {
	cose.Signer
	algorithm cose.Algorithm
}

// Algorithm is the algorithm that is named in the header.
func (s namedSigner) Algorithm() cose.Algorithm { return s.algorithm }

// algorithmHeader is the PEM header that keeps the algorithm beside a private key.
const algorithmHeader = "Algorithm"

// Marshal writes the private key in PEM, for ParseSigner.
func (s *Signer) Marshal() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(s.private)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	block := &pem.Block{Type: "PRIVATE KEY", Headers: map[string]string{algorithmHeader: s.algorithm.String()}, Bytes: der}
	return pem.EncodeToMemory(block), nil
}

// ParseSigner reads what Marshal wrote. A private key without an algorithm signs with
// ESP256 or EdDSA. No error quotes the key.
func ParseSigner(data []byte) (*Signer, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("expected a private key in PEM (PRIVATE KEY)")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the private key can't be read")
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T does not sign", parsed)
	}
	alg := ESP256
	if _, ok := private.(ed25519.PrivateKey); ok {
		alg = EdDSA
	}
	if name, ok := block.Headers[algorithmHeader]; ok {
		if alg, err = ParseAlgorithm(name); err != nil {
			return nil, err
		}
	}
	return NewSigner(alg, private)
}
