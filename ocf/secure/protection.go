package secure

import (
	"crypto/sha256"
	"fmt"

	"github.com/pion/dtls/v3/pkg/crypto/ciphersuite"
	"github.com/pion/dtls/v3/pkg/protocol"
	"github.com/pion/dtls/v3/pkg/protocol/recordlayer"
)

// protection encrypts and decrypts records. Encrypt changes nothing that Decrypt
// needs, but neither of them may run twice at a time.
type protection interface {
	// Encrypt makes a protected record of a plain one, whose bytes are plain.
	Encrypt(r *recordlayer.RecordLayer, plain []byte) ([]byte, error)
	// Decrypt returns the plain record, and overwrites the protected one.
	Decrypt(empty recordlayer.Header, protected []byte) ([]byte, error)
}

// protect is the server's end of a suite's protection, with the keys that a key block
// holds in the order of RFC 5246 section 6.3.
func protect(suite Suite, keys KeyBlock) (protection, error) {
	if n := suite.keyBlockLen(); n == 0 || len(keys) != n {
		return nil, fmt.Errorf("%v with a key block of %d bytes", suite, len(keys))
	}
	switch suite {
	case ECDHEECDSAAES128CCM8:
		return protectCCM(ciphersuite.CCMTagLength8, keys)
	case ECDHEECDSAAES128CCM:
		return protectCCM(ciphersuite.CCMTagLength, keys)
	}
	return protectCBC(keys)
}

func protectCCM(tag ciphersuite.CCMTagLen, keys KeyBlock) (protection, error) {
	client, server, ivs := keys[:keyLen], keys[keyLen:2*keyLen], keys[2*keyLen:]
	return ciphersuite.NewCCM(tag, server, ivs[ccmIVLen:], client, ivs[:ccmIVLen])
}

func protectCBC(keys KeyBlock) (protection, error) {
	clientMAC, serverMAC, rest := keys[:macLen], keys[macLen:2*macLen], keys[2*macLen:]
	client, server := rest[:keyLen], rest[keyLen:]
	iv := make([]byte, keyLen) // every record brings its own, RFC 5246 section 6.2.3.2
	return ciphersuite.NewCBC(server, iv, serverMAC, client, iv, clientMAC, sha256.New)
}

// seal is a protected record of epoch 1 in DTLS 1.2.
func seal(p protection, contentType byte, number uint64, content []byte) ([]byte, error) {
	plain := make([]byte, recordHeader, recordHeader+len(content))
	plain[0], plain[1], plain[2], plain[4] = contentType, 0xfe, 0xfd, 1
	r := &recordlayer.RecordLayer{Header: recordlayer.Header{
		ContentType: protocol.ContentType(contentType), Version: protocol.Version1_2, Epoch: 1, SequenceNumber: number,
	}}
	for i := range 6 {
		plain[10-i] = byte(number >> (8 * i))
	}
	return p.Encrypt(r, append(plain, content...))
}
