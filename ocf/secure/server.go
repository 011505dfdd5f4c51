package secure

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
)

// Server is what a Device accepts now. It is a value for one handshake: build
// it anew for each, from the Device's state. It may be copied.
//
// In ownership transfer only the suite of the chosen method is accepted. In
// normal operation TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256 is, if Key is set, and
// the ECDHE_ECDSA suites with AES-128-CCM, if Certificate and Roots are; one of
// them must be.
type Server struct {
	// Device is the CURRENT deviceuuid. It is the hint of every handshake with
	// a pre-shared key: a Client looks up its key by it, so onboarding tools
	// refuse a stale one.
	Device ocf.UUID
	// OTM is the method of an ownership transfer, nil in normal operation.
	OTM *OTM
	// PIN is what the Device shows; RandomPIN alone needs it.
	PIN PIN
	// Key looks up the pre-shared key of an identity: 16 raw bytes of a uuid,
	// as OCF's Clients send it. It is called from the handshake's goroutine.
	// A Client whose identity it doesn't know is refused exactly as one with
	// a wrong key is, so nobody can find out which identities a Device knows
	// (RFC 4279 section 2).
	Key func(identity []byte) (Key, bool)
	// Certificate is the Device's chain and key: the manufacturer's in
	// ownership transfer, its identity certificate in normal operation.
	Certificate *tls.Certificate
	// Roots are those who may vouch for a Client in normal operation. A Client
	// must then send a certificate. In an ownership transfer the Device asks
	// for one and believes any, since a Device without an owner trusts nobody
	// yet.
	Roots *x509.CertPool
	// Retransmit is the time before the first retransmission of a flight; it
	// doubles from then on. 0 means 1 s (RFC 6347 section 4.2.4.1).
	Retransmit time.Duration
	// KeyLog, if set, gets the session's secrets in NSS key log format.
	KeyLog io.Writer
}

// outcome is what the callbacks of one handshake leave for its end.
type outcome struct {
	keys    KeyBlock  // of a suite of ours
	id      ocf.UUID  // vouched for by the peer's certificate
	expired time.Time // when the peer's certificate expired; zero if it has not
	unknown bool      // a Client gave an identity that has no key
	ear     ear
	secrets secrets
}

// validate names the first field that misses something.
func (s *Server) validate() error {
	if s.OTM == nil {
		if s.Key == nil && s.Certificate == nil {
			return errors.New("secure.Server: Key or Certificate is needed outside ownership transfer")
		}
		if s.Certificate != nil && s.Roots == nil {
			return errors.New("secure.Server: Roots are needed beside Certificate")
		}
		return nil
	}
	switch *s.OTM {
	case JustWorks:
		return nil
	case RandomPIN:
		if s.PIN == "" {
			return errors.New("secure.Server: PIN is needed for the Random PIN method")
		}
		return nil
	case ManufacturerCertificate:
		if s.Certificate == nil {
			return errors.New("secure.Server: Certificate is needed for the manufacturer certificate method")
		}
		return nil
	}
	return fmt.Errorf("secure.Server: OTM is %v, which is not a method", *s.OTM)
}

// options are one handshake's.
func (s *Server) options(out *outcome) ([]dtls.ServerOption, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	out.secrets.log = s.KeyLog
	options := []dtls.ServerOption{
		dtls.WithLoggerFactory(&out.ear), dtls.WithKeyLogWriter(&out.secrets), curves(),
	}
	if s.Retransmit > 0 {
		options = append(options, dtls.WithFlightInterval(s.Retransmit))
	}
	if s.OTM == nil {
		return append(options, s.normal(out)...), nil
	}
	switch *s.OTM {
	case JustWorks:
		return append(options, anonymousSuite(out), pskSuite()), nil
	case RandomPIN:
		return append(options, pskSuite(), dtls.WithPSKIdentityHint(PINHint(s.Device)), dtls.WithPSK(s.stretch(out))), nil
	default:
		return append(options, certificateSuites(), dtls.WithCertificates(*s.Certificate),
			dtls.WithClientAuth(dtls.RequestClientCert)), nil
	}
}

// normal are the options of normal operation.
func (s *Server) normal(out *outcome) []dtls.ServerOption {
	var suites []dtls.CipherSuiteID
	var options []dtls.ServerOption
	if s.Key != nil {
		suites = append(suites, dtls.TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256)
		options = append(options, dtls.WithPSKIdentityHint(s.Device[:]), dtls.WithPSK(s.lookUp(out)))
	}
	if s.Certificate != nil {
		suites = append(suites, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM)
		options = append(options, dtls.WithCertificates(*s.Certificate),
			dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithVerifyPeerCertificate(identity(s.Roots, false, out)))
	}
	return append(options, dtls.WithCipherSuites(suites...))
}

var errUnknownIdentity = errors.New("no key for the identity that the peer gave")

// stranger notes that the peer gave an identity without a key, and returns a key
// that nobody has. With it the handshake goes on until the peer's Finished turns
// out to be wrong: to the peer it is as if its key were the wrong one.
func (out *outcome) stranger() ([]byte, error) {
	out.unknown = true
	key := make([]byte, pskLen)
	_, _ = rand.Read(key) // never fails
	return key, nil
}

func (s *Server) lookUp(out *outcome) dtls.PSKCallback {
	return func(identity []byte) ([]byte, error) {
		key, ok := s.Key(identity)
		if !ok || len(key) == 0 {
			return out.stranger()
		}
		return key, nil
	}
}

func (s *Server) stretch(out *outcome) dtls.PSKCallback {
	return func(identity []byte) ([]byte, error) {
		if string(identity) != PINIdentity {
			return out.stranger()
		}
		return stretched(s.PIN, s.Device)
	}
}

// stretched is the key of a Random PIN session, never an empty one.
func stretched(pin PIN, device ocf.UUID) ([]byte, error) {
	key := StretchPIN(pin, device)
	if len(key) == 0 {
		return nil, errors.New("PBKDF2 refuses to stretch the PIN")
	}
	return key, nil
}

// curves puts P-256 first, which OCF requires: it is also what a peer gets that
// names no groups.
func curves() dtls.Option {
	return dtls.WithEllipticCurves(elliptic.P256, elliptic.X25519, elliptic.P384)
}

func pskSuite() dtls.Option {
	return dtls.WithCipherSuites(dtls.TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256)
}

func certificateSuites() dtls.Option {
	return dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM)
}

// anonymousSuite offers and accepts the Just Works suite. Together with
// pskSuite and no key it is the only one: the library replaces an empty list of
// its own suites by its default, but leaves out a suite that wants a key which
// it does not have.
func anonymousSuite(out *outcome) dtls.Option {
	return dtls.WithCustomCipherSuites(func() []dtls.CipherSuite {
		return []dtls.CipherSuite{AnonymousSuite(func(kb KeyBlock) { out.keys = kb })}
	})
}
