package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// sealName is the name of the signed statement in a bundle.
const sealName = "attestation.dsse.json"

// largestSeal bounds what is read of a seal, in bytes: the sums of some 200,000 files.
const largestSeal = 64 << 20

// seal is the first member of a bundle: the statement, signed by key.
func seal(ctx context.Context, s Statement, key PrivateKey) ([]byte, error) {
	payload, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	signers, err := dsse.NewEnvelopeSigner(signer{key})
	if err != nil {
		return nil, err
	}
	envelope, err := signers.SignPayload(ctx, payloadType, payload)
	if err != nil {
		return nil, err
	}
	sealed, err := write(envelope)
	if err == nil && len(sealed) > largestSeal {
		return nil, fmt.Errorf("the run has too many files: their sums take %d bytes, and %d are read again", len(sealed), largestSeal)
	}
	return sealed, err
}

// write is the one way to write an envelope: as a line of JSON, in a tar without an end, in
// a gzip member that is stored and not compressed. Two writers, or two versions
// of one, may compress the same text to different bytes, and a changed byte of what is compressed
// may go unnoticed; what is stored has one form.
func write(envelope *dsse.Envelope) ([]byte, error) {
	line, err := json.Marshal(envelope)
	if err != nil {
		return nil, err
	}
	line = append(line, '\n')
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	header := &tar.Header{Typeflag: tar.TypeReg, Name: sealName, Size: int64(len(line)), Mode: 0o644, ModTime: epoch(), Format: tar.FormatUSTAR}
	if err := tw.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := tw.Write(line); err != nil {
		return nil, err
	}
	if err := tw.Flush(); err != nil { // and no Close: the tar goes on in the second member
		return nil, err
	}
	return stored(b.Bytes()), nil
}

// stored is data as a gzip member that does not compress (RFC 1952, and RFC 1951 3.2.4).
func stored(data []byte) []byte {
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff} // deflate, no flags, no time, unknown system
	for rest := data; ; {
		n := min(len(rest), 0xffff)
		last := byte(0)
		if n == len(rest) {
			last = 1
		}
		out = append(out, last)
		out = binary.LittleEndian.AppendUint16(out, uint16(n))
		out = binary.LittleEndian.AppendUint16(out, ^uint16(n))
		out = append(out, rest[:n]...)
		if rest = rest[n:]; last == 1 {
			break
		}
	}
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(data))
	return binary.LittleEndian.AppendUint32(out, uint32(len(data)))
}

// unseal reads the seal at the beginning of a bundle, checks that one of the keys signed it,
// and returns what it says, the key, and its length in bytes. Without keys the signature
// is not checked.
func unseal(ctx context.Context, head []byte, keys []PublicKey) (s Statement, by PublicKey, length int, err error) {
	envelope, length, err := readSeal(head)
	if err != nil {
		return s, by, 0, err
	}
	payload, by, err := checkSignature(ctx, envelope, keys)
	if err != nil {
		return s, by, 0, err
	}
	dec := json.NewDecoder(bytes.NewReader(payload))
	if err := dec.Decode(&s); err != nil {
		return s, by, 0, refuse("what was signed is no in-toto statement: %v", err)
	}
	return s, by, length, nil
}

// readSeal reads the envelope, which has to be written as write does.
func readSeal(head []byte) (*dsse.Envelope, int, error) {
	zr, err := gzip.NewReader(bytes.NewReader(head))
	if err != nil {
		return nil, 0, refuse("it is no .tar.gz: %v", err)
	}
	zr.Multistream(false)
	tr := tar.NewReader(io.LimitReader(zr, largestSeal))
	header, err := tr.Next()
	if err != nil {
		return nil, 0, refuse("it does not begin with %s: %v", sealName, err)
	}
	if header.Name != sealName {
		return nil, 0, refuse("it begins with %q, not with %s", header.Name, sealName)
	}
	line, err := io.ReadAll(tr)
	if err != nil {
		return nil, 0, refuse("%s: %v", sealName, err)
	}
	var envelope dsse.Envelope
	if err := json.Unmarshal(line, &envelope); err != nil {
		return nil, 0, refuse("%s: %v", sealName, err)
	}
	want, err := write(&envelope)
	if err != nil {
		return nil, 0, err
	}
	if !bytes.HasPrefix(head, want) {
		return nil, 0, refuse("%s was changed: it is not written as a signed bundle's is", sealName)
	}
	return &envelope, len(want), nil
}

// checkSignature returns what was signed and the key of it.
func checkSignature(ctx context.Context, envelope *dsse.Envelope, keys []PublicKey) ([]byte, PublicKey, error) {
	var none PublicKey
	payload, err := exactBytes("payload", envelope.Payload)
	if err != nil {
		return nil, none, err
	}
	if len(envelope.Signatures) != 1 {
		return nil, none, refuse("it has %d signatures, expected one", len(envelope.Signatures))
	}
	signature := envelope.Signatures[0]
	if _, err := exactBytes("signature", signature.Sig); err != nil {
		return nil, none, err
	}
	switch {
	case envelope.PayloadType != payloadType:
		return nil, none, refuse("it signs a %q, expected %q", envelope.PayloadType, payloadType)
	case len(keys) == 0:
		return payload, none, nil
	}
	for _, key := range keys {
		if key.id != signature.KeyID {
			continue
		}
		v, err := dsse.NewEnvelopeVerifier(verifier{key})
		if err != nil {
			return nil, none, err
		}
		if _, err := v.Verify(ctx, envelope); err != nil {
			return nil, none, refuse("the signature is not of key %s on what is signed", short(key.id))
		}
		return payload, key, nil
	}
	return nil, none, refuse("it says that key %s signed it, which is none of those given", short(signature.KeyID))
}

// exactBytes decodes text, of which there is only one way to write it.
func exactBytes(what, text string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(data) != text {
		return nil, refuse("the %s is not in base64 as it was written", what)
	}
	return data, nil
}

// ErrRefused is the error of a bundle that is not what was signed.
var ErrRefused = errors.New("refused")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, args...))
}

// short is the beginning of a key's id, for people.
func short(id string) string {
	const enough = 16
	if len(id) <= enough {
		return fmt.Sprintf("%q", id)
	}
	return fmt.Sprintf("%q...", id[:enough])
}
