package fleet

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/netip"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Secure is how a fleet serves DTLS, one session for each Client and Device.
// Every zero value has a default.
type Secure struct {
	// Port is where each Device takes sessions, at its own address; 0 is 5684
	// where Config.Listen has port 5683, the next port where it has another,
	// and a free one where it has 0. With PortPerDevice the secured ports follow
	// those without security.
	Port uint16
	Conn Conn // nil: a UDP socket
	// Certificate is the manufacturer certificate of the Devices with its
	// private key, nil for none. Roots are not used so far: in an owner transfer
	// a Device believes any certificate of its Client (see secure.Server).
	Certificate *tls.Certificate
	Roots       *x509.CertPool
	// Key is the private key of Security.CSR, so of the identity certificates
	// that Clients install; nil: the one of Certificate.
	Key crypto.Signer
	// ShowPIN is called with the PIN that Device i shows; from any goroutine.
	ShowPIN func(i int, pin string)

	HandshakeTimeout time.Duration // 0: 10 s
	Idle             time.Duration // a session without a packet for so long is closed; 0: 10 min
	MaxSessions      int           // of all Devices, 0: 25,000, which take about 1.2 GB; what comes then is refused
	MaxHandshakes    int           // under way at a time, 0: 1,000; with one Device at most a quarter of them
}

// validate names the field that is wrong. first is the port of Device 0
// without security, 0 where it is not chosen yet.
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

// port is the secured port of Device 0; 0 for a free one.
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

// withDefaults fills in what is 0.
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
		s.MaxSessions = 25_000
	}
	if s.MaxHandshakes == 0 {
		s.MaxHandshakes = 1000
	}
	return s
}

// connectSecure makes the secured Conn and says who has which address there.
func connectSecure(c *Config) (Conn, *book, error) {
	side := *c
	side.Listen = netip.AddrPortFrom(c.Listen.Addr(), uint16(c.Secure.port(c)))
	side.Conn = c.Secure.Conn
	return connect(&side, nil)
}

// SecureAddr is where Device i takes DTLS sessions; the zero value where the
// fleet serves plain CoAP alone.
func (f *Fleet) SecureAddr(i int) netip.AddrPort {
	if f.shard.demux == nil {
		return netip.AddrPort{}
	}
	return f.shard.demux.book.addr(i)
}

// DI is the uuid that Device i has now: a Client gives it one with its owner,
// and RESET another.
func (f *Fleet) DI(i int) ocf.UUID {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.slots[i].device.ID()
}

// PIN is the PIN that Device i has shown last; "" for none.
func (f *Fleet) PIN(i int) string {
	f.shard.mu.Lock()
	defer f.shard.mu.Unlock()
	return f.shard.pins[int32(i)]
}

// Sessions is how many DTLS sessions there are now.
func (f *Fleet) Sessions() int {
	if f.shard.demux == nil {
		return 0
	}
	f.shard.demux.mu.Lock()
	defer f.shard.demux.mu.Unlock()
	return f.shard.demux.sessions
}

// endpoints are the addresses of Device i as URIs.
func (sh *shard) endpoints(i int) []string {
	out := []string{"coap://" + sh.book.addr(i).String()}
	if sh.demux != nil {
		out = append(out, "coaps://"+sh.demux.book.addr(i).String())
	}
	return out
}
