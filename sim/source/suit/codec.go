package suit

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// codec reads and writes CBOR within the bounds of what a package may have.
type codec struct {
	enc cbor.EncMode
	dec cbor.DecMode
}

// newCodec writes deterministic CBOR (RFC 8949, section 4.2.1) and refuses keys that
// come twice, which two readers could read differently.
func newCodec() codec {
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err) // the options are constants
	}
	dec, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:  16,
		MaxArrayElements: 1024,
		MaxMapPairs:      256,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return codec{enc, dec}
}

// encode is v in CBOR. What is encoded here are values of this package's own types,
// which can all be encoded.
func (c codec) encode(v any) []byte {
	data, err := c.enc.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// SHA256 is the number of SHA-256 in IANA's COSE registry. It is the only digest here.
const SHA256 = -16

// Digest is a SUIT_Digest: a hash and how it was made.
type Digest struct {
	_         struct{} `cbor:",toarray"`
	Algorithm int64
	Bytes     []byte
}

// DigestOf is the SHA-256 of data.
func DigestOf(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest{Algorithm: SHA256, Bytes: sum[:]}
}

// ErrDigest says that bytes are not those that a digest was made of.
var ErrDigest = errors.New("the digest is another")

// Verify checks that data is what the digest was made of; otherwise it is ErrDigest.
func (d Digest) Verify(data []byte) error {
	if d.Algorithm != SHA256 {
		return fmt.Errorf("digest algorithm %d: expected %d, SHA-256", d.Algorithm, SHA256)
	}
	return d.Matches(sha256.Sum256(data))
}

// Matches checks a SHA-256 against the digest; another one is ErrDigest.
func (d Digest) Matches(sum [sha256.Size]byte) error {
	if d.Algorithm != SHA256 || subtle.ConstantTimeCompare(d.Bytes, sum[:]) != 1 {
		return fmt.Errorf("%w: got %x, expected %x", ErrDigest, sum, d.Bytes)
	}
	return nil
}
