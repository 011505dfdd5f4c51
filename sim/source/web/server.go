// Package web hands over the packages of a depot by HTTPS and HTTP, with its faults.
package web

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/certs"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// Config is how a Server is set up.
type Config struct {
	Listen    string           // HOST:PORT
	Authority *certs.Authority // who signs its certificate; nil for HTTP without TLS
	Names     []string         // of the source, beside the address it listens at
	Plain     string           // HOST:PORT of the same source without TLS; "" for none
	Depot     *depot.Depot
	DDI       DDI
}

// Server serves a depot until its context ends.
type Server struct {
	config Config
	over   string
	door   *door
	http   *http.Server
	ended  chan error

	mu    sync.Mutex
	certs map[string]*tls.Certificate // by what is wrong with them
	idle  map[net.Conn]bool           // connections between two requests
	era   int                         // rises with each change of the conditions
}

// Bounds on what a peer may take.
const (
	headTime = 10 * time.Second // until a request's head has arrived
	idleTime = 5 * time.Minute  // between two requests of one connection
	maxHead  = 16 << 10         // bytes of a head
	maxText  = 64               // bytes of a device or a version
)

// Listen starts a Server. It serves until ctx ends.
func Listen(ctx context.Context, c Config) (*Server, error) {
	s := &Server{config: c, over: "http", certs: map[string]*tls.Certificate{}, idle: map[net.Conn]bool{}, ended: make(chan error, 1)}
	if c.Authority != nil {
		s.over = "https"
	}
	var err error
	if s.door, err = openDoor(ctx, c.Listen, s.over, c.Depot); err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: headTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHead,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, below(conn))
		},
		ConnState:    s.state,
		ErrorLog:     log.New(io.Discard, "", 0),                               // what goes wrong with a peer is in the depot's log
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2: faults are a connection's
	}
	c.Depot.Watch(s.begin)
	var l net.Listener = s.door
	if c.Authority != nil {
		l = tls.NewListener(s.door, &tls.Config{GetConfigForClient: s.configFor})
	}
	go func() { s.ended <- s.http.Serve(l) }()
	context.AfterFunc(ctx, func() { _ = s.http.Close() })
	return s, nil
}

// begin ends idle connections when the conditions change, where faults of connections
// are to strike: a connection of before would outlive them.
func (s *Server) begin() {
	if !s.config.Depot.Shakes(s.over) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.era++
	for conn := range s.idle {
		_ = conn.Close()
	}
}

// state follows a connection, and ends one that becomes idle after the conditions changed.
func (s *Server) state(conn net.Conn, to http.ConnState) {
	c := below(conn)
	if c == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch to {
	case http.StateNew:
		c.era = s.era
	case http.StateIdle:
		if s.idle[conn] = true; c.era != s.era {
			_ = conn.Close()
		}
	default:
		delete(s.idle, conn)
	}
}

// Wait waits until nothing of the server is left.
func (s *Server) Wait() error {
	err := <-s.ended
	s.door.wg.Wait()
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Addr is where the server listens.
func (s *Server) Addr() *net.TCPAddr { return s.door.addr }

// URL is the address that Devices are given.
func (s *Server) URL() string { return s.over + "://" + s.door.addr.String() + "/" }

// connKey finds the connection of a request in its context.
type connKey struct{}

// configFor is the TLS configuration for one connection. No session is resumed: the
// Device would not look at the certificate again.
func (s *Server) configFor(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	c := below(hello.Conn)
	if c.alerts {
		return nil, errors.New("the handshake is to fail")
	}
	cert, err := s.certificate(c.certificate)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, SessionTicketsDisabled: true}, nil
}

// certificate is the one that is wrong in a way, made when it is first needed.
func (s *Server) certificate(wrong string) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.certs[wrong] == nil {
		cert, err := s.config.Authority.Certificate(certs.Wrong(wrong), s.hosts()...)
		if err != nil {
			return nil, err
		}
		s.certs[wrong] = cert
	}
	return s.certs[wrong], nil
}

// routes are the questions that are answered. check and package are those of
// source.Remote.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /check", s.check)
	mux.HandleFunc("GET /versions", s.versions)
	mux.HandleFunc("GET /package", s.fetch)
	mux.HandleFunc("GET /packages/{name}", s.fetch)
	s.routeDDI(mux)
	return mux
}

// asked reads what every request has. ok is false if it was refused.
func (s *Server) asked(w http.ResponseWriter, r *http.Request) (q depot.Request, ok bool) {
	q = depot.Request{
		Over: s.over, Peer: r.RemoteAddr, Device: r.FormValue("device"), Version: r.FormValue("version"),
		Asks: r.Method + " " + r.URL.RequestURI(), Name: r.PathValue("name"), Arrived: r.URL.Query().Get(moved),
	}
	if len(q.Device) > maxText || len(q.Version) > maxText || len(q.Name) > maxText {
		http.Error(w, fmt.Sprintf("a device, a version and a name have at most %d bytes", maxText), http.StatusBadRequest)
		return q, false
	}
	if s.loops(r) {
		s.redirect(w, r, "loop")
		return q, false
	}
	return q, true
}

// check answers source.Remote's question.
func (s *Server) check(w http.ResponseWriter, r *http.Request) {
	q, o, ok := s.offered(w, r)
	if !ok {
		return
	}
	body := struct {
		Available bool         `json:"available"`
		Version   string       `json:"version"`
		Flaw      source.Fault `json:"flaw,omitempty"`
	}{o.Release != nil, q.Version, o.Flaw}
	if o.Release != nil {
		body.Version = o.Release.Version
	}
	write(w, body)
}

// offer is one version in the answer to GET /versions.
type offer struct {
	Version string       `json:"version"`
	Name    string       `json:"name"`
	URL     string       `json:"url"`
	Size    int          `json:"size"`
	Digest  string       `json:"digest"` // RFC 9530
	Flaw    source.Fault `json:"flaw,omitempty"`
}

// versions answers with what is on offer to whoever has ?version=V.
func (s *Server) versions(w http.ResponseWriter, r *http.Request) {
	_, o, ok := s.offered(w, r)
	if !ok {
		return
	}
	list := []offer{}
	if p := o.Release; p != nil {
		at := o.Address
		if at == "" {
			at = s.over + "://" + r.Host + "/packages/" + url.PathEscape(p.Name)
		}
		list = append(list, offer{p.Version, p.Name, at, len(p.Content), p.Digest(), o.Flaw})
	}
	write(w, struct {
		Versions []offer `json:"versions"`
	}{list})
}

// offered asks the depot what is on offer. ok is false if the answer has been given.
func (s *Server) offered(w http.ResponseWriter, r *http.Request) (q depot.Request, o depot.Offered, ok bool) {
	if q, ok = s.asked(w, r); !ok {
		return q, o, false
	}
	o, ok = s.config.Depot.Versions(r.Context(), q)
	if !ok {
		s.hangUp(r)
		return q, o, false
	}
	return q, o, s.plain(w, r, o.Reply)
}

// plain gives the answer that a reply asks for instead of the plain one. It reports
// whether the plain one is still to be given.
func (s *Server) plain(w http.ResponseWriter, r *http.Request, reply depot.Reply) bool {
	switch {
	case reply.Mute:
		rest(r.Context(), s.config.Depot.Silence())
		s.hangUp(r)
	case arrived(r, reply.Redirect):
		return true
	case reply.Redirect != "":
		s.redirect(w, r, reply.Redirect)
	case reply.Status != 0:
		http.Error(w, http.StatusText(reply.Status), reply.Status)
	default:
		return true
	}
	return false
}

// moved marks an address to which a redirection led.
const moved = "moved"

// loops reports whether a request follows a redirection that leads to itself.
func (s *Server) loops(r *http.Request) bool { return r.URL.Query().Get(moved) == "loop" }

// arrived reports whether a request follows the redirection to, and is to be answered.
func arrived(r *http.Request, to string) bool { return to != "" && r.URL.Query().Get(moved) == to }

// redirect sends the Device to another address.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, to string) {
	u := *r.URL
	u.Scheme, u.Host = s.over, r.Host
	query := u.Query()
	query.Set(moved, to)
	u.RawQuery = query.Encode()
	switch {
	case to == "elsewhere":
		u.Host = s.elsewhere(r.Host)
	case to == "plain" && s.config.Plain != "":
		u.Scheme, u.Host = "http", s.config.Plain
	case to == "plain":
		u.Scheme = "http"
	}
	status := http.StatusFound
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		status = http.StatusTemporaryRedirect // what is said is to be said again there
	}
	http.Redirect(w, r, u.String(), status)
}

// elsewhere is another name of this source, so that whoever follows a redirection to
// another host gets the package there; without one it is a name that nobody has.
func (s *Server) elsewhere(host string) string {
	own, port, err := net.SplitHostPort(host)
	if err != nil {
		own, port = strings.Trim(host, "[]"), "443"
	}
	for _, name := range s.hosts() {
		if !strings.EqualFold(name, own) {
			return net.JoinHostPort(name, port)
		}
	}
	return "elsewhere.invalid"
}

// hosts are the names and addresses of the source.
func (s *Server) hosts() []string { return certs.Hosts(s.door.addr.IP, s.config.Names) }

// hangUp ends the connection of a request with RST.
func (s *Server) hangUp(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*counted); ok && c != nil {
		hangUp(c.TCPConn)
	}
}

// write answers with JSON.
func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a Device may go away
}
