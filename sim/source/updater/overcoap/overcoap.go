// Package overcoap gets the files of a trusted source over CoAP, with and without DTLS,
// block by block (RFC 7959), for the update clients of package updater.
package overcoap

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// Config says how a source is reached. The zero value is for plain CoAP.
type Config struct {
	Roots    *x509.CertPool // authorities of the source's certificate, for coaps
	Identity string         // with Key: a pre-shared key instead of certificates, for coaps
	Key      []byte
	Careless bool          // a Device with a bug: any certificate will do
	AckAfter time.Duration // how long an acknowledgement may take; 0 is 2 s (RFC 7252, section 4.8)
}

// Transport gets files below an address. Its methods may be called from any goroutine.
type Transport struct {
	config Config
	base   *url.URL
	addr   string
}

// handshake is how long a handshake of DTLS may take.
const handshake = 30 * time.Second

// New gets the files below base, "coaps://192.0.2.1:5684/packages".
func New(base string, c Config) (*Transport, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	port := map[string]string{"coap": "5683", "coaps": "5684"}[u.Scheme]
	if port == "" || u.Hostname() == "" {
		return nil, fmt.Errorf("source %q: expected a coap or coaps address", base)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	if c.AckAfter <= 0 {
		c.AckAfter = 2 * time.Second
	}
	return &Transport{config: c, base: u, addr: net.JoinHostPort(u.Hostname(), port)}, nil
}

// Close does nothing: each file has a connection of its own.
func (t *Transport) Close() {}

// Get implements updater.Transport. Each piece has a connection of its own, which ends with
// it.
func (t *Transport) Get(ctx context.Context, file string, from int64, tag string) (*updater.Piece, error) {
	conn, err := t.dial(ctx)
	if err != nil {
		return nil, err
	}
	x := newExchange(ctx, conn, t.config.AckAfter)
	p, err := t.begin(x, file, from, tag)
	if err != nil {
		_ = x.Close()
		return nil, err
	}
	return p, nil
}

// begin gets the first block. If the file is not the one that the bytes before came from,
// it begins with byte 0.
func (t *Transport) begin(x *exchange, file string, from int64, tag string) (*updater.Piece, error) {
	b := &blocks{exchange: x, path: t.base.JoinPath(url.PathEscape(file)).Path, szx: maxSZX}
	if tag == "" {
		from = 0
	}
	for {
		first, err := b.seek(from)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if from == 0 || first.tag == tag {
			b.take(first, from)
			return &updater.Piece{ReadCloser: b, From: from, Size: first.size, Tag: first.tag}, nil
		}
		from = 0
	}
}

// dial opens a connection to the source.
func (t *Transport) dial(ctx context.Context) (net.Conn, error) {
	inner, err := (&net.Dialer{}).DialContext(ctx, "udp", t.addr)
	if err != nil || t.base.Scheme == "coap" {
		return inner, err
	}
	conn := inner.(*net.UDPConn)
	session, err := dtls.ClientWithOptions(connected{conn}, conn.RemoteAddr(), t.options()...)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	ctx, stop := context.WithTimeout(ctx, handshake)
	defer stop()
	if err := session.HandshakeContext(ctx); err != nil {
		_ = session.Close()
		return nil, errors.Join(err, conn.Close())
	}
	return session, nil
}

// options are those of the handshake: with the key, or with certificates.
func (t *Transport) options() []dtls.ClientOption {
	c := t.config
	if c.Key != nil {
		return []dtls.ClientOption{
			dtls.WithPSK(func([]byte) ([]byte, error) { return c.Key, nil }),
			dtls.WithPSKIdentityHint([]byte(c.Identity)),
			dtls.WithCipherSuites(dtls.TLS_PSK_WITH_AES_128_CCM_8),
		}
	}
	options := []dtls.ClientOption{
		dtls.WithRootCAs(c.Roots), dtls.WithServerName(t.base.Hostname()),
		dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8),
	}
	if c.Careless {
		options = append(options, dtls.WithInsecureSkipVerify(true))
	}
	return options
}

// connected is a connected socket as the DTLS library wants it.
type connected struct{ *net.UDPConn }

// WriteTo sends to the only peer that there is.
func (c connected) WriteTo(data []byte, _ net.Addr) (int, error) { return c.Write(data) }

// refusalOf is the error of an answer without a block.
func refusalOf(m message.Message) error {
	if m.Code == codes.NotFound {
		return fs.ErrNotExist
	}
	return errors.New(strings.TrimSpace("the source answers " + m.Code.String() + " " + string(m.Payload)))
}
