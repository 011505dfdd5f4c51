package secure

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/pion/dtls/v3"
)

// Client is who calls a Device, and how. It may be copied and used for many
// handshakes.
//
// OTM says that ownership is being transferred. Outside of that a Client with a
// Key offers TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256 alone, and one without a Key
// offers the ECDHE_ECDSA suites with AES-128-CCM and needs Certificate and Roots.
type Client struct {
	// OTM is the method of an ownership transfer, nil in normal operation.
	OTM *OTM
	// PIN is what the Device showed; RandomPIN alone needs it.
	PIN PIN
	// Identity goes with Key: the Client's own uuid as 16 raw bytes.
	Identity []byte
	// Key is the key that the Client shares with the Device.
	Key Key
	// Certificate is the Client's chain and key. The manufacturer certificate
	// method works without it, unless the Device asks for one.
	Certificate *tls.Certificate
	// Roots are those who may vouch for a Device's certificate.
	Roots *x509.CertPool
	// AcceptExpired takes a Device's certificate whose time is over, if it was good
	// when it was issued. Peer.Expired then says since when.
	AcceptExpired bool
	// Device is the Device whose answer is wanted: one that names another uuid,
	// in its hint or in its identity certificate, is refused, as onboarding
	// tools do. Nil accepts any.
	Device ocf.UUID
	// Retransmit is as in Server.
	Retransmit time.Duration
	// KeyLog, if set, gets the session's secrets in NSS key log format.
	KeyLog io.Writer
}

// Dial runs a handshake with the Device at addr over pc, which reads that
// Device's datagrams only, and is closed with the session or when Dial fails.
// ctx bounds the handshake; without a deadline a silent Device, or one that has
// another key, keeps it waiting for ever.
func (c Client) Dial(ctx context.Context, pc net.PacketConn, addr net.Addr) (*Conn, error) {
	var out outcome
	options, err := c.options(&out)
	if err != nil {
		_ = pc.Close()
		return nil, err
	}
	raw, err := dtls.ClientWithOptions(pc, addr, options...)
	if err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("secure.Client: %w", err)
	}
	conn, err := shake(ctx, raw, &out)
	if err != nil {
		return nil, fmt.Errorf("handshake with %v: %w", addr, err)
	}
	switch {
	case c.OTM != nil:
	case len(c.Key) > 0:
		conn.peer.ID = uuidOf(conn.peer.Hint)
	default:
		conn.peer.ID = out.id
	}
	return conn, nil
}

// validate names the first field that misses something.
func (c *Client) validate() error {
	if c.OTM == nil {
		switch {
		case len(c.Key) > 0 && len(c.Identity) == 0:
			return errors.New("secure.Client: Identity is needed beside Key")
		case len(c.Key) == 0 && (c.Certificate == nil || c.Roots == nil):
			return errors.New("secure.Client: Key, or Certificate and Roots, are needed outside ownership transfer")
		}
		return nil
	}
	switch *c.OTM {
	case JustWorks:
		return nil
	case RandomPIN:
		if c.PIN == "" {
			return errors.New("secure.Client: PIN is needed for the Random PIN method")
		}
		return nil
	case ManufacturerCertificate:
		if c.Roots == nil {
			return errors.New("secure.Client: Roots are needed for the manufacturer certificate method")
		}
		return nil
	}
	return fmt.Errorf("secure.Client: OTM is %v, which is not a method", *c.OTM)
}

// options are one handshake's.
func (c *Client) options(out *outcome) ([]dtls.ClientOption, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	options := []dtls.ClientOption{dtls.WithLoggerFactory(silent{}), curves()}
	if c.Retransmit > 0 {
		options = append(options, dtls.WithFlightInterval(c.Retransmit))
	}
	if c.KeyLog != nil {
		options = append(options, dtls.WithKeyLogWriter(c.KeyLog))
	}
	switch {
	case c.OTM == nil && len(c.Key) > 0:
		return append(options, pskSuite(), dtls.WithPSKIdentityHint(c.Identity), dtls.WithPSK(c.key)), nil
	case c.OTM == nil:
		return append(options, c.certificates(c.identity(out))...), nil
	case *c.OTM == JustWorks:
		return append(options, anonymousSuite(out), pskSuite()), nil
	case *c.OTM == RandomPIN:
		return append(options, pskSuite(), dtls.WithPSKIdentityHint([]byte(PINIdentity)), dtls.WithPSK(c.stretch)), nil
	}
	return append(options, c.certificates(manufacturer(c.Roots, c.AcceptExpired, out))...), nil
}

// certificates are the options with certificates. The library's own check is
// put aside, since it asks for host names.
func (c *Client) certificates(check verifier) []dtls.ClientOption {
	options := []dtls.ClientOption{
		certificateSuites(), dtls.WithInsecureSkipVerify(true), dtls.WithVerifyPeerCertificate(check),
	}
	if c.Certificate != nil {
		options = append(options, dtls.WithCertificates(*c.Certificate))
	}
	return options
}

// identity is the check of a Device's identity certificate.
func (c *Client) identity(out *outcome) verifier {
	check := identity(c.Roots, c.AcceptExpired, out)
	return func(chain [][]byte, verified [][]*x509.Certificate) error {
		if err := check(chain, verified); err != nil {
			return err
		}
		if !c.Device.IsNil() && out.id != c.Device {
			return fmt.Errorf("the Device's certificate is %v's, not %v's", out.id, c.Device)
		}
		return nil
	}
}

// key is the pre-shared key, for a Device that gave hint.
func (c *Client) key(hint []byte) ([]byte, error) {
	if !c.Device.IsNil() && !bytes.Equal(hint, c.Device[:]) {
		return nil, fmt.Errorf("the Device's hint is %x, not the uuid %v", hint, c.Device)
	}
	return c.Key, nil
}

// stretch is the key of the Random PIN method, for a Device that gave hint.
func (c *Client) stretch(hint []byte) ([]byte, error) {
	device, ok := pinHintDevice(hint)
	switch {
	case !ok && c.Device.IsNil():
		return nil, fmt.Errorf("the Device's hint is %x, which names no Device", hint)
	case ok && !c.Device.IsNil() && device != c.Device:
		return nil, fmt.Errorf("the Device's hint is of %v, not of %v", device, c.Device)
	case !ok:
		device = c.Device
	}
	return stretched(c.PIN, device)
}
