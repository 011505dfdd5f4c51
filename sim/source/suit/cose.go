package suit

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// Sign1 is one signature: a COSE_Sign1 message of RFC 9052, section 4.2.
type Sign1 struct {
	Algorithm Algorithm
	Key       KeyID // of the signer; "" where the message does not say it

	payload   []byte // nil where it is detached
	protected []byte // header as it is signed; empty for an empty map
	signature []byte
}

// The sizes of what is read. They are far above those of any package here.
const (
	maxSign1    = 4 << 10  // bytes of one signature with its headers
	maxEnvelope = 64 << 10 // bytes of an envelope
	maxMetadata = 16 << 10 // bytes of one role's metadata
)

// ParseSign1 reads a COSE_Sign1 message with tag 18 or without any tag.
func ParseSign1(data []byte) (Sign1, error) {
	if len(data) > maxSign1 {
		return Sign1{}, fmt.Errorf("a signature of %d bytes, expected at most %d", len(data), maxSign1)
	}
	var m cose.Sign1Message
	var err error
	if len(data) > 0 && data[0]>>5 == 6 {
		err = m.UnmarshalCBOR(data)
	} else {
		err = (*cose.UntaggedSign1Message)(&m).UnmarshalCBOR(data)
	}
	if err != nil {
		return Sign1{}, fmt.Errorf("not a COSE_Sign1 message: %w", err)
	}
	s := Sign1{payload: m.Payload, signature: m.Signature}
	if err := cbor.Unmarshal(m.Headers.RawProtected, &s.protected); err != nil {
		return Sign1{}, fmt.Errorf("protected header: %w", err)
	}
	if len(m.Headers.Protected) == 0 {
		s.protected = []byte{} // RFC 9052, section 4.4: an empty map is signed as no bytes
	}
	if s.Algorithm, err = algorithmOf(&m.Headers); err != nil {
		return Sign1{}, err
	}
	for _, header := range []map[any]any{m.Headers.Protected, m.Headers.Unprotected} {
		if id, ok := header[cose.HeaderLabelKeyID].([]byte); ok {
			s.Key = KeyID(id)
		}
	}
	return s, nil
}

// algorithmOf reads the algorithm from the protected header, or from the other one if
// the protected one lacks it. That is safe, since a Key verifies its own algorithms only.
func algorithmOf(h *cose.Headers) (Algorithm, error) {
	alg, err := h.Protected.Algorithm()
	if errors.Is(err, cose.ErrAlgorithmNotFound) {
		if n, ok := h.Unprotected[cose.HeaderLabelAlgorithm].(int64); ok {
			return Algorithm(n), nil
		}
	}
	if err != nil {
		return 0, fmt.Errorf("algorithm of the signature: %w", err)
	}
	return Algorithm(alg), nil
}

// ErrSignature says that a signature is not one of this key over these bytes.
var ErrSignature = errors.New("the signature does not verify")

// Verify checks the signature. payload is what was signed where the message does not
// have it inside (detached); where it has, payload must be nil or the same. external is
// the external_aad of RFC 9052, nil for none. A signature that does not verify is
// ErrSignature.
func (s Sign1) Verify(k Key, payload, external []byte) error {
	switch {
	case s.payload == nil && payload == nil:
		return errors.New("the signature is over a detached payload, which is missing")
	case payload == nil:
		payload = s.payload
	case s.payload != nil && !bytes.Equal(s.payload, payload):
		return fmt.Errorf("%w: it is over other bytes", ErrSignature)
	}
	v, err := k.verifier(s.Algorithm)
	if err != nil {
		return err
	}
	message, err := toBeSigned(s.protected, external, payload)
	if err != nil {
		return err
	}
	if err := v.Verify(message, s.signature); err != nil {
		return fmt.Errorf("%w with key %s", ErrSignature, k.ID())
	}
	return nil
}

// toBeSigned is the Sig_structure of RFC 9052, section 4.4.
func toBeSigned(protected, external, payload []byte) ([]byte, error) {
	if external == nil {
		external = []byte{}
	}
	return cbor.Marshal([]any{"Signature1", protected, external, payload})
}

// Sign makes a COSE_Sign1 message with tag 18 over payload, which is detached: the
// message does not have it inside.
func (s *Signer) Sign(payload []byte) ([]byte, error) {
	m := cose.NewSign1Message()
	m.Headers.Protected[cose.HeaderLabelAlgorithm] = cose.Algorithm(s.algorithm)
	m.Headers.Unprotected[cose.HeaderLabelKeyID] = []byte(s.Key().ID())
	m.Payload = payload
	signer, err := s.signer()
	if err != nil {
		return nil, err
	}
	if err := m.Sign(rand.Reader, nil, signer); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	m.Payload = nil
	return m.MarshalCBOR()
}
