package secure

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"sync/atomic"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/ciphersuite"
	"github.com/pion/dtls/v3/pkg/crypto/clientcertificate"
	"github.com/pion/dtls/v3/pkg/protocol/recordlayer"
)

// AnonymousID is the number of the Just Works suite. It is OCF's private
// number; the suite's own number in RFC 5469's registry, 0xC018, is for
// HMAC-SHA1 and is not used.
const AnonymousID = 0xFF00

// Suite is the number of a cipher suite.
type Suite uint16

// The suites of OCF that this package speaks.
const (
	ECDHAnonAES128CBCSHA256 Suite = AnonymousID
	ECDHEPSKAES128CBCSHA256 Suite = Suite(dtls.TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256)
	ECDHEECDSAAES128CCM8    Suite = Suite(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8)
	ECDHEECDSAAES128CCM     Suite = Suite(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM)
)

const (
	macLen   = 32 // HMAC-SHA256
	keyLen   = 16 // AES-128
	ccmIVLen = 4  // the fixed part of a nonce, RFC 6655 section 3

	cbcKeyBlock = 2 * (macLen + keyLen) // CBC records carry their own IV
	ccmKeyBlock = 2 * (keyLen + ccmIVLen)
)

// String is the suite's name.
func (s Suite) String() string {
	switch s {
	case ECDHAnonAES128CBCSHA256:
		return "TLS_ECDH_ANON_WITH_AES_128_CBC_SHA256"
	case ECDHEPSKAES128CBCSHA256:
		return "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"
	case ECDHEECDSAAES128CCM8:
		return "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"
	case ECDHEECDSAAES128CCM:
		return "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"
	}
	return fmt.Sprintf("Suite(0x%04X)", uint16(s))
}

// keyBlockLen is the length of the suite's key block, 0 for a suite that is not OCF's.
func (s Suite) keyBlockLen() int {
	switch s {
	case ECDHAnonAES128CBCSHA256, ECDHEPSKAES128CBCSHA256:
		return cbcKeyBlock
	case ECDHEECDSAAES128CCM8, ECDHEECDSAAES128CCM:
		return ccmKeyBlock
	}
	return 0
}

// AnonymousSuite is TLS_ECDH_ANON_WITH_AES_128_CBC_SHA256 under OCF's number
// [AnonymousID], for dtls.WithCustomCipherSuites. keys, unless nil, is told the
// key block from within the handshake, before it ends.
func AnonymousSuite(keys func(KeyBlock)) dtls.CipherSuite {
	return &anonymous{keys: keys}
}

// anonymous is one session's state of the suite: nothing before Init.
type anonymous struct {
	keys func(KeyBlock)
	cbc  atomic.Pointer[ciphersuite.CBC]
}

var errNoKeys = errors.New("the cipher suite has no keys yet")

func (*anonymous) String() string         { return ECDHAnonAES128CBCSHA256.String() }
func (*anonymous) ID() dtls.CipherSuiteID { return AnonymousID }
func (*anonymous) ECC() bool              { return true }

func (*anonymous) CertificateType() clientcertificate.Type { return 0 }
func (*anonymous) HashFunc() func() hash.Hash              { return sha256.New }

func (*anonymous) AuthenticationType() dtls.CipherSuiteAuthenticationType {
	return dtls.CipherSuiteAuthenticationTypeAnonymous
}

func (*anonymous) KeyExchangeAlgorithm() dtls.CipherSuiteKeyExchangeAlgorithm {
	return dtls.CipherSuiteKeyExchangeAlgorithmEcdhe
}

// Init cuts the key block into the two ends' keys, RFC 5246 section 6.3.
func (a *anonymous) Init(master, clientRandom, serverRandom []byte, isClient bool) error {
	block := expandKeys(master, clientRandom, serverRandom, cbcKeyBlock)
	clientMAC, serverMAC := block[:macLen], block[macLen:2*macLen]
	clientKey, serverKey := block[2*macLen:2*macLen+keyLen], block[2*macLen+keyLen:]
	iv := make([]byte, keyLen) // every record brings its own, RFC 5246 section 6.2.3.2
	var cbc *ciphersuite.CBC
	var err error
	if isClient {
		cbc, err = ciphersuite.NewCBC(clientKey, iv, clientMAC, serverKey, iv, serverMAC, sha256.New)
	} else {
		cbc, err = ciphersuite.NewCBC(serverKey, iv, serverMAC, clientKey, iv, clientMAC, sha256.New)
	}
	if err != nil {
		return err
	}
	if a.keys != nil {
		a.keys(block)
	}
	a.cbc.Store(cbc)
	return nil
}

func (a *anonymous) IsInitialized() bool { return a.cbc.Load() != nil }

func (a *anonymous) Encrypt(pkt *recordlayer.RecordLayer, raw []byte) ([]byte, error) {
	cbc := a.cbc.Load()
	if cbc == nil {
		return nil, errNoKeys
	}
	return cbc.Encrypt(pkt, raw)
}

func (a *anonymous) Decrypt(h recordlayer.Header, in []byte) ([]byte, error) {
	cbc := a.cbc.Load()
	if cbc == nil {
		return nil, errNoKeys
	}
	return cbc.Decrypt(h, in)
}
