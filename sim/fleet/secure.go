package fleet

import (
	"crypto/tls"
	"crypto/x509"
	"time"
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
	// private key, nil for none; Roots are whom Clients' manufacturer
	// certificates are verified by.
	Certificate *tls.Certificate
	Roots       *x509.CertPool
	// ShowPIN is called with the PIN that Device i shows; from any goroutine.
	ShowPIN func(i int, pin string)

	HandshakeTimeout time.Duration // 0: 10 s
	Idle             time.Duration // a session without a packet for so long is closed; 0: 10 min
	MaxSessions      int           // of all Devices, 0: 100,000; what comes then is refused
	MaxHandshakes    int           // under way at a time, 0: 1,000
}
