package fleet

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Secure says how a fleet serves DTLS, with one session for each Client and Device.
// Every zero value has a default.
type Secure struct {
	// Port is the port where each Device accepts sessions, at its own address. 0
	// means 5684 if Config.Listen has port 5683, a free port if Config.Listen has
	// port 0, and otherwise the port after the one in Config.Listen. With
	// PortPerDevice the secured ports follow the unsecured ones.
	Port uint16
	Conn Conn // nil: a UDP socket
	// Certificate is the manufacturer certificate of the Devices with its private
	// key; nil for none. Roots are not used so far: in an owner transfer a Device
	// believes any certificate of its Client (see secure.Server).
	Certificate *tls.Certificate
	Roots       *x509.CertPool
	// Key is the private key for Security.CSR, and so for the identity certificates
	// that Clients install; nil: the key of Certificate.
	Key crypto.Signer
	// ShowPIN is called with the PIN that Device i shows, from any goroutine.
	ShowPIN func(i int, pin string)
	// KeyLog takes the secrets of the sessions in NSS key log format; nil for nobody.
	KeyLog io.Writer

	HandshakeTimeout time.Duration // 0: 10 s
	Idle             time.Duration // a session without a packet for this long is closed, an owner transfer after 2 min; 0: 10 min
	MaxSessions      int           // of all Devices, 0: 100,000, which take about 200 MB; further sessions are refused
	MaxHandshakes    int           // under way at a time, 0: 1,000; at most a quarter of them with one Device
}

// validate returns an error that names the field that is wrong.
func (s *Secure) validate(c *Config) error {
	port := s.port(c)
	switch {
	case s.HandshakeTimeout < 0:
		return fmt.Errorf("secure: handshake timeout: %v is below 0", s.HandshakeTimeout)
	case s.Idle < 0:
		return fmt.Errorf("secure: idle: %v is below 0", s.Idle)
	case s.MaxSessions < 0 || s.MaxHandshakes < 0:
		return fmt.Errorf("secure: %d sessions and %d handshakes: below 0", s.MaxSessions, s.MaxHandshakes)
	case port > 65535, c.PortPerDevice && port != 0 && port+c.Devices-1 > 65535:
		return fmt.Errorf("secure: port: there are no %d from %d on", c.Devices, port)
	case !c.PortPerDevice && port != 0 && port == int(c.Listen.Port()):
		return fmt.Errorf("secure: port: %d is the one without security", port)
	}
	return nil
}

// port returns the secured port of Device 0, 0 for a free one.
func (s *Secure) port(c *Config) int {
	switch plain := int(c.Listen.Port()); {
	case s.Port != 0:
		return int(s.Port)
	case plain == 0:
		return 0
	case c.PortPerDevice:
		return plain + c.Devices
	default:
		return plain + 1
	}
}

// keys is how c serves DTLS, with the secrets given to the capture too.
func (c *Config) keys() Secure {
	s := *c.Secure
	switch {
	case c.Capture == nil:
	case s.KeyLog == nil:
		s.KeyLog = c.Capture
	default:
		s.KeyLog = io.MultiWriter(c.Capture, s.KeyLog)
	}
	return s
}

// withDefaults fills in the fields that are 0.
func (s Secure) withDefaults() Secure {
	if s.Key == nil && s.Certificate != nil {
		s.Key, _ = s.Certificate.PrivateKey.(crypto.Signer)
	}
	if s.HandshakeTimeout == 0 {
		s.HandshakeTimeout = 10 * time.Second
	}
	if s.Idle == 0 {
		s.Idle = 10 * time.Minute
	}
	if s.MaxSessions == 0 {
		s.MaxSessions = 100_000
	}
	if s.MaxHandshakes == 0 {
		s.MaxHandshakes = 1000
	}
	return s
}

// connectSecure makes the secured Conn and says which Device has which address
// there.
func connectSecure(c *Config) (Conn, *addressBook, error) {
	side := *c
	side.Listen = netip.AddrPortFrom(c.Listen.Addr(), uint16(c.Secure.port(c)))
	side.Conn = c.Secure.Conn
	return connect(&side, nil)
}

// SecureAddr returns the address where Device i accepts DTLS sessions. It is the
// zero value if the fleet serves plain CoAP only.
func (f *Fleet) SecureAddr(i int) netip.AddrPort {
	if f.shard.demux == nil {
		return netip.AddrPort{}
	}
	return f.shard.demux.book.addr(i)
}

// DI returns the present uuid of Device i. A Client that becomes its owner gives it
// a new one, and so does RESET.
func (f *Fleet) DI(i int) ocf.UUID {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.peek(i).device.ID()
}

// PIN returns the PIN that Device i has shown last, or "" if there is none.
func (f *Fleet) PIN(i int) string {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.pins[int32(i)]
}

// Sessions returns how many DTLS sessions exist now.
func (f *Fleet) Sessions() int {
	if f.shard.demux == nil {
		return 0
	}
	f.shard.demux.mu.Lock()
	defer f.shard.demux.mu.Unlock()
	return f.shard.demux.sessions
}

// endpoints returns the addresses of Device i as URIs.
func (sh *shard) endpoints(i int) []string {
	out := []string{"coap://" + unzoned(sh.book.addr(i))}
	if sh.demux != nil && sh.peek(i).device.Secured() {
		out = append(out, "coaps://"+unzoned(sh.demux.book.addr(i)))
	}
	return out
}

// unzoned is an address as others may read it: a zone means nothing on another
// machine (RFC 4007 section 6).
func unzoned(a netip.AddrPort) string {
	return netip.AddrPortFrom(a.Addr().WithZone(""), a.Port()).String()
}
