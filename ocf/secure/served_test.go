package secure_test

import (
	"context"
	"io"
	"net"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

// end is either end of a session.
type end interface {
	io.ReadWriteCloser
	Peer() secure.Peer
	KeyBlock() (secure.KeyBlock, error)
}

// served is a Device's session with its packet connection, read and written like a
// Client's. It has one reader.
type served struct {
	*secure.Session
	pc    net.PacketConn
	to    net.Addr
	peer  secure.Peer
	words [][]byte // messages that nobody has read yet
	over  bool
}

// accept is a Device's part of a handshake.
func accept(ctx context.Context, s secure.Server, pc net.PacketConn, peer net.Addr, hello []byte) (*served, error) {
	session, who, err := s.Accept(ctx, pc, peer, hello)
	if err != nil {
		return nil, err
	}
	d := &served{Session: session, pc: pc, to: peer, peer: who}
	for _, datagram := range session.Held() {
		d.take(datagram)
	}
	return d, nil
}

func (d *served) take(datagram []byte) {
	for r := range d.Open(datagram) {
		if r.Reply != nil {
			_, _ = d.pc.WriteTo(r.Reply, d.to)
		}
		if r.Message != nil {
			d.words = append(d.words, r.Message)
		}
		d.over = d.over || r.Over
	}
}

func (d *served) Read(b []byte) (int, error) {
	for len(d.words) == 0 {
		if d.over {
			return 0, io.EOF
		}
		datagram := make([]byte, 4096)
		n, _, err := d.pc.ReadFrom(datagram)
		if err != nil {
			return 0, err
		}
		d.take(datagram[:n])
	}
	n := copy(b, d.words[0])
	d.words = d.words[1:]
	return n, nil
}

func (d *served) Write(message []byte) (int, error) {
	datagram, err := d.Seal(message)
	if err != nil {
		return 0, err
	}
	_, err = d.pc.WriteTo(datagram, d.to)
	return len(message), err
}

func (d *served) Close() error {
	if notify := d.Session.Close(); notify != nil {
		_, _ = d.pc.WriteTo(notify, d.to)
	}
	return d.pc.Close()
}

func (d *served) Peer() secure.Peer                  { return d.peer }
func (d *served) KeyBlock() (secure.KeyBlock, error) { return d.Session.KeyBlock(), nil }
