package suit

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// The numbers of draft-ietf-suit-manifest, section "CBOR pointers and IANA".
const (
	tagEnvelope = 107

	keyAuthentication = 2
	keyManifest       = 3
	keyCoSWID         = 14
	keyResolution     = 15
	keyFetch          = 16
	keyInstall        = 20
	keyText           = 23
)

// Envelope is a SUIT envelope: a manifest, the signatures over its digest, and what
// was severed from the manifest or travels with it.
type Envelope struct {
	Digest     Digest   // of the manifest, as the signatures have it
	Signatures [][]byte // COSE_Sign1 messages over the digest; ParseSign1 reads them
	MACs       int      // COSE_Mac0 messages, which nobody here verifies

	Manifest []byte            // CBOR of the manifest; ParseManifest reads it
	Severed  map[int64][]byte  // members that the manifest has by digest only, by their key
	Payloads map[string][]byte // payloads inside, by their URI, "#name"

	signed []byte // what the signatures are over: the CBOR of Digest
}

// wrapper is what is known of an envelope's members before they are read.
type wrapper struct {
	authentication []byte
	manifest       []byte
	severed        map[int64][]byte
	payloads       map[string][]byte
}

// ParseEnvelope reads an envelope with tag 107 or without a tag. It checks no
// signature and no digest.
func ParseEnvelope(data []byte) (*Envelope, error) {
	if len(data) > maxEnvelope {
		return nil, fmt.Errorf("an envelope of %d bytes, expected at most %d", len(data), maxEnvelope)
	}
	c := newCodec()
	w, err := c.unwrap(data)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	e := &Envelope{Manifest: w.manifest, Severed: w.severed, Payloads: w.payloads}
	var blocks [][]byte
	if err := c.dec.Unmarshal(w.authentication, &blocks); err != nil {
		return nil, fmt.Errorf("authentication wrapper: %w", err)
	}
	if len(blocks) == 0 {
		return nil, errors.New("authentication wrapper: it has no digest")
	}
	e.signed = blocks[0]
	if err := c.dec.Unmarshal(e.signed, &e.Digest); err != nil {
		return nil, fmt.Errorf("digest of the manifest: %w", err)
	}
	for _, block := range blocks[1:] {
		if len(block) > 0 && block[0] == 0xd1 { // tag 17, COSE_Mac0
			e.MACs++
		} else {
			e.Signatures = append(e.Signatures, block)
		}
	}
	return e, nil
}

// unwrap takes an envelope's members apart.
func (c codec) unwrap(data []byte) (wrapper, error) {
	w := wrapper{severed: map[int64][]byte{}, payloads: map[string][]byte{}}
	var tagged cbor.RawTag
	if len(data) > 0 && data[0]>>5 == 6 {
		if err := c.dec.Unmarshal(data, &tagged); err != nil {
			return w, err
		}
		if tagged.Number != tagEnvelope {
			return w, fmt.Errorf("tag %d, expected %d", tagged.Number, tagEnvelope)
		}
		data = tagged.Content
	}
	var members map[any][]byte
	if err := c.dec.Unmarshal(data, &members); err != nil {
		return w, err
	}
	for key, value := range members {
		switch k := key.(type) {
		case uint64:
			w.severed[int64(k)] = value
		case string:
			w.payloads[k] = value
		default:
			return w, fmt.Errorf("a member named %v, expected a number or a text", key)
		}
	}
	w.authentication, w.manifest = w.severed[keyAuthentication], w.severed[keyManifest]
	delete(w.severed, keyAuthentication)
	delete(w.severed, keyManifest)
	switch {
	case w.authentication == nil:
		return w, errors.New("it has no authentication wrapper")
	case w.manifest == nil:
		return w, errors.New("it has no manifest")
	}
	return w, nil
}

// VerifyDigest checks that the digest that was signed is that of the manifest, and that
// each severed member is the one whose digest stands in the manifest.
func (e *Envelope) VerifyDigest() error {
	c := newCodec()
	if err := e.Digest.Verify(c.encode(e.Manifest)); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if len(e.Severed) == 0 {
		return nil
	}
	m, err := ParseManifest(e.Manifest)
	if err != nil {
		return err
	}
	for key, member := range e.Severed {
		digest, ok := m.Severed[key]
		if !ok {
			return fmt.Errorf("%w: the manifest has no digest of member %d", ErrDigest, key)
		}
		if err := digest.Verify(c.encode(member)); err != nil {
			return fmt.Errorf("member %d: %w", key, err)
		}
	}
	return nil
}

// VerifySignature checks that one of the signatures is one of k over the digest, and
// that the digest is that of the manifest.
func (e *Envelope) VerifySignature(k Key) error {
	failed := errors.New("the envelope is not signed")
	for _, block := range e.Signatures {
		s, err := ParseSign1(block)
		if err == nil {
			err = s.Verify(k, e.signed, nil)
		}
		if err == nil {
			return e.VerifyDigest()
		}
		failed = err
	}
	return failed
}

// Seal wraps the CBOR of a manifest in an envelope that each signer signs.
func Seal(manifest []byte, signers ...*Signer) ([]byte, error) {
	c := newCodec()
	signed := c.encode(DigestOf(c.encode(manifest)))
	blocks := [][]byte{signed}
	for _, s := range signers {
		block, err := s.Sign(signed)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, block)
	}
	return c.encode(cbor.Tag{Number: tagEnvelope, Content: map[int64][]byte{
		keyAuthentication: c.encode(blocks),
		keyManifest:       manifest,
	}}), nil
}
