package target

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// ErrRefused is the error for a session that the Device does not grant.
var ErrRefused = errors.New("session refused")

// refusal says why a session was not opened. It is ErrRefused if the Device
// spoke, and ErrUnreachable if it said nothing.
type refusal struct {
	text       string
	heard      bool
	fellSilent bool // it spoke at first
}

func (r *refusal) Error() string { return r.text }

// Is tells a Device that refuses from one that is silent.
func (r *refusal) Is(target error) bool {
	return target == ErrRefused && r.heard || target == ErrUnreachable && !r.heard
}

// handshake is how long the Device may say nothing while a session opens, and
// flight is how long the DTLS library waits before it repeats a flight for the
// first time.
func (t timing) handshake() time.Duration { return max(3*t.ack, time.Second) }

// handshakes is how many times that long a whole handshake may take: if each
// flight takes seconds, the network is slow and the Device is not silent.
const handshakes = 4

func (t timing) flight() time.Duration { return min(max(t.ack/4, 20*time.Millisecond), time.Second) }

// opener opens a Client's session, each time from a port of its own.
type opener func(ctx context.Context) (*channel, error)

// caller opens sessions with one Device.
type caller struct {
	dial    func(ctx context.Context, address string) (net.Conn, error)
	address string // host:port of its coaps endpoint
	timing  timing
	keyLog  io.Writer // of the sessions' secrets; nil for none

	acceptExpired bool                  // takes a certificate of the Device's whose time is over
	expired       func(since time.Time) // is told of each such certificate; nil for nobody
}

// as is an opener for the Client that has c.
func (k caller) as(c secure.Client) opener {
	return func(ctx context.Context) (*channel, error) { return k.open(ctx, c) }
}

// The most handshakes that are tried with a Device that is silent or falls silent, and with one
// that sleeps.
const (
	tries       = 2
	triesAsleep = 5
)

// open runs a handshake, and a second one if the Device fell silent in the first, since a
// network that loses many datagrams looks like that, too. On a busy machine one that sleeps may
// be asleep again before the first flight comes, and before each further one: it gets a second
// try also where it said nothing, and more where it fell silent. An error other than a *refusal
// means that the harness failed or that ctx ended.
func (k caller) open(ctx context.Context, c secure.Client) (*channel, error) {
	conn, first := k.once(ctx, c)
	no := (*refusal)(nil)
	if !errors.As(first, &no) || !no.fellSilent && (no.heard || k.timing.vigil == nil) {
		return conn, first
	}
	most := tries
	if k.timing.vigil != nil {
		most = triesAsleep
	}
	for try := 2; ; try++ {
		conn, err := k.once(ctx, c)
		if errors.Is(err, ErrUnreachable) {
			return nil, first
		}
		if no := (*refusal)(nil); try == most || !errors.As(err, &no) || !no.fellSilent {
			return conn, err
		}
	}
}

// once runs one handshake.
func (k caller) once(ctx context.Context, c secure.Client) (*channel, error) {
	if err := k.timing.vigil.wake(ctx); err != nil {
		return nil, fmt.Errorf("open a session with %s: %w", k.address, err)
	}
	conn, err := k.dial(ctx, k.address)
	if err != nil {
		return nil, fmt.Errorf("open a session with %s: %w", k.address, err)
	}
	c.Retransmit, c.KeyLog, c.AcceptExpired = k.timing.flight(), k.keyLog, k.acceptExpired
	limit := k.timing.handshake()
	bounded, cancel := context.WithTimeout(ctx, handshakes*limit)
	defer cancel()
	silence := time.AfterFunc(limit, cancel)
	defer silence.Stop()
	w := &wire{Conn: conn, speaks: func() { silence.Reset(limit) }}
	session, err := c.Dial(bounded, w, conn.RemoteAddr())
	if err == nil {
		w.stand()
		if since := session.Peer().Expired; !since.IsZero() && k.expired != nil {
			k.expired(since)
		}
		return &channel{session, w}, nil
	}
	_ = conn.Close()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	heard, alert := w.said()
	switch {
	case alert != "":
		return nil, &refusal{text: "the Device refused it: alert " + alert + untimely(c.Certificate, time.Now()), heard: true}
	case !heard:
		return nil, &refusal{text: fmt.Sprintf("no answer to the handshake within %v", limit)}
	case bounded.Err() != nil:
		return nil, &refusal{text: fmt.Sprintf("the Device fell silent in the handshake, for %v", limit), heard: true, fellSilent: true}
	}
	return nil, &refusal{text: err.Error() + k.advice(err), heard: true}
}

// advice is how a certificate is taken that was not, because its time is over; "" for
// any other error.
func (k caller) advice(err error) string {
	var invalid x509.CertificateInvalidError
	over := errors.As(err, &invalid) && invalid.Reason == x509.Expired && time.Now().After(invalid.Cert.NotAfter)
	if k.acceptExpired || !over {
		return ""
	}
	return "; `accept_expired: true` takes one whose time is over"
}

// untimely says that now is not in the time of our own certificate, which a Device refuses then as
// it should; "" if it is, or if there is none.
func untimely(own *tls.Certificate, now time.Time) string {
	if own == nil {
		return ""
	}
	for _, der := range own.Certificate {
		cert, err := x509.ParseCertificate(der)
		switch {
		case err != nil:
			return ""
		case now.Before(cert.NotBefore):
			return fmt.Sprintf("; our own certificate %q is not valid before %s", cert.Subject.CommonName, cert.NotBefore.UTC().Format(time.RFC3339))
		case now.After(cert.NotAfter):
			return fmt.Sprintf("; our own certificate %q was valid until %s", cert.Subject.CommonName, cert.NotAfter.UTC().Format(time.RFC3339))
		}
	}
	return ""
}

// credential is how the owner of c opens sessions.
func (c Credential) client() secure.Client {
	if len(c.Key) > 0 {
		return secure.Client{Identity: c.ID[:], Key: c.Key}
	}
	return secure.Client{Certificate: c.Certificate, Roots: c.Roots}
}

// sessionText says for a Timeline what was opened.
func sessionText(conn *channel, id ocf.UUID) string {
	return fmt.Sprintf("DTLS %s as %v", strings.TrimPrefix(conn.Peer().Suite.String(), "TLS_"), id)
}
