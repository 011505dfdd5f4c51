// Package coap hands over the packages of a depot by CoAP, with and without DTLS, block
// by block (RFC 7959), with its faults.
package coap

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/certs"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// Config is how a Server is set up. With an Authority or a Key it speaks CoAP over DTLS.
type Config struct {
	Listen    string           // HOST:PORT
	Authority *certs.Authority // who signs its certificate; nil for none
	Names     []string         // of the source in its certificate, beside its address
	Identity  string           // that goes with Key
	Key       []byte           // a pre-shared key; nil for none
	Depot     *depot.Depot
}

// Server serves a depot until its context ends.
//
//	datagram --> peer (by address) --plain--> message --> answer
//	                               \-DTLS---> session --> message --> answer
type Server struct {
	config Config
	over   string
	ctx    context.Context
	addr   *net.UDPAddr
	fails  chan error
	wg     sync.WaitGroup

	mu    sync.Mutex
	sock  *net.UDPConn // nil while the port is closed
	peers map[netip.AddrPort]*peer
	certs map[string]*tls.Certificate // by what is wrong with them
}

// Bounds on what peers may take.
const (
	maxPeers    = 1024            // addresses that are remembered
	idleTime    = 5 * time.Minute // until a peer that says nothing is forgotten
	maxDatagram = 2048            // bytes; a question is far shorter
)

// Listen starts a Server. It serves until ctx ends.
func Listen(ctx context.Context, c Config) (*Server, error) {
	s := &Server{
		config: c, over: "coap", ctx: ctx, fails: make(chan error, 1),
		peers: map[netip.AddrPort]*peer{}, certs: map[string]*tls.Certificate{},
	}
	if c.Authority != nil || c.Key != nil {
		s.over = "coaps"
	}
	sock, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", c.Listen)
	if err != nil {
		return nil, err
	}
	s.addr = sock.LocalAddr().(*net.UDPAddr)
	s.open(sock.(*net.UDPConn))
	s.follow()
	c.Depot.Watch(s.follow)
	context.AfterFunc(ctx, s.follow)
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() *net.UDPAddr { return s.addr }

// URL is the address that Devices are given.
func (s *Server) URL() string { return s.over + "://" + s.addr.String() + "/" }

// Wait waits until the context has ended and nothing of the server is left.
func (s *Server) Wait() error {
	select {
	case <-s.ctx.Done():
	case err := <-s.fails:
		return err
	}
	s.follow()
	s.wg.Wait()
	return nil
}

// open reads datagrams from sock until it is closed.
func (s *Server) open(sock *net.UDPConn) {
	s.sock = sock
	s.wg.Go(func() { s.read(sock) })
}

// follow closes the port, or opens it again, as the depot's conditions want it. When the
// context has ended it is closed. Peers begin anew, since a session of before would
// outlive a fault of handshakes.
func (s *Server) follow() {
	shut := s.ctx.Err() != nil || s.config.Depot.Refuses(s.over)
	s.mu.Lock()
	defer s.mu.Unlock()
	if shut || s.config.Depot.Shakes(s.over) {
		for _, p := range s.peers {
			p.forget()
		}
		clear(s.peers)
	}
	switch {
	case shut && s.sock != nil:
		_ = s.sock.Close()
		s.sock = nil
	case !shut && s.sock == nil:
		sock, err := net.ListenUDP("udp", s.addr)
		if err != nil {
			s.fails <- fmt.Errorf("open the port again: %w", err)
			return
		}
		s.open(sock)
	}
}

// read takes datagrams from sock until it is closed.
func (s *Server) read(sock *net.UDPConn) {
	buf := make([]byte, maxDatagram)
	for {
		n, from, err := sock.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // an ICMP message about a peer that went away
			continue
		}
		data := append([]byte(nil), buf[:n]...)
		if p := s.peer(from, data); p != nil {
			p.take(data)
		}
	}
}

// peer is whoever sends from an address. It is nil if nobody is to be heard there: the
// port is closed, or what came belongs to no session.
func (s *Server) peer(from netip.AddrPort, data []byte) *peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[from]
	if p != nil && p.session != nil && p.session.anew(data) {
		p.forget()
		p = nil
	}
	if p == nil {
		if s.sock == nil || s.over == "coaps" && !begins(data) {
			return nil
		}
		if len(s.peers) >= maxPeers {
			s.makeRoom()
		}
		p = s.meet(from, s.sock)
		s.peers[from] = p
	}
	p.heard = time.Now()
	return p
}

// makeRoom forgets those who have said nothing for long, and if there are none whoever
// has been silent for longest.
func (s *Server) makeRoom() {
	stalest := netip.AddrPort{}
	for from, p := range s.peers {
		if time.Since(p.heard) > idleTime {
			s.forget(from, p)
		} else if !stalest.IsValid() || p.heard.Before(s.peers[stalest].heard) {
			stalest = from
		}
	}
	if len(s.peers) >= maxPeers {
		s.forget(stalest, s.peers[stalest])
	}
}

// forget ends all that there is of a peer. Whoever calls it has s.mu.
func (s *Server) forget(from netip.AddrPort, p *peer) {
	p.forget()
	if s.peers[from] == p {
		delete(s.peers, from)
	}
}

// ended forgets a peer whose session is over.
func (s *Server) ended(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(p.addr, p)
}

// meet makes a peer of an address that is new, with the faults that strike it.
func (s *Server) meet(from netip.AddrPort, sock *net.UDPConn) *peer {
	p := &peer{
		server: s, addr: from, recent: map[int32][]byte{}, waiting: map[int32]chan bool{}, transfers: map[string]*transfer{},
		mid: randomMID(),
	}
	p.ctx, p.stop = context.WithCancel(s.ctx)
	p.out = func(data []byte) error {
		_, err := sock.WriteToUDPAddrPort(data, from)
		return err
	}
	for _, strike := range s.config.Depot.Connect(s.over, depot.AtConnection) {
		p.deaf = p.deaf || strike.Does == depot.Ignore || strike.Does == depot.Refuse
	}
	if s.over == "coaps" && !p.deaf {
		p.session = newSession(p, s.config.Depot.Connect(s.over, depot.AtHandshake))
		s.wg.Go(p.session.run)
	}
	return p
}

// randomMID is a message id to begin with.
func randomMID() uint16 {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails
	return uint16(b[0])<<8 | uint16(b[1])
}

// certificate is the one that is wrong in a way, made when it is first needed.
func (s *Server) certificate(wrong string) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.certs[wrong] == nil {
		cert, err := s.config.Authority.Certificate(certs.Wrong(wrong), certs.Hosts(s.addr.IP, s.config.Names)...)
		if err != nil {
			return nil, err
		}
		s.certs[wrong] = cert
	}
	return s.certs[wrong], nil
}
