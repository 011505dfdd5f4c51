package target

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"

	"github.com/ocfsim/ocfsim/ocf"
)

// knock asks one address for its links and returns the addresses at which to
// talk to the Device there: the one that answered and, if that is not the one
// that was asked, those that its links name at the same host. It returns none
// if nobody answers before ctx ends.
//
// IoTivity-Lite listens at port 5683 for multicast only. It answers what is
// sent to that port from a port of its own, as a CON, which a connected socket
// never sees. So this socket takes whatever any port sends under the token of
// the request.
func knock(ctx context.Context, at netip.AddrPort, request []byte) ([]netip.AddrPort, error) {
	conn, at, err := unconnected(ctx, at)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	asked, err := decode(request)
	if err != nil {
		return nil, err
	}
	for patience := time.Second; ctx.Err() == nil; patience *= 2 {
		if _, err := conn.WriteToUDPAddrPort(request, at); err != nil && ctx.Err() == nil {
			return nil, err
		}
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			break // closed: ctx ended
		}
		if from, m, ok := hear(conn, at.Addr(), asked.Token); ok {
			return doors(at, from, m.Payload), nil
		}
	}
	return nil, nil
}

// unconnected is a socket at the address that leads to a Device, and the
// Device's address as the system knows it.
func unconnected(ctx context.Context, at netip.AddrPort) (*net.UDPConn, netip.AddrPort, error) {
	way, err := dialUDP(ctx, at.String())
	if err != nil {
		return nil, at, err
	}
	defer way.Close()
	local, remote := way.LocalAddr().(*net.UDPAddr), way.RemoteAddr().(*net.UDPAddr).AddrPort()
	network := "udp4"
	if remote.Addr().Unmap().Is6() {
		network = "udp6"
	}
	conn, err := net.ListenUDP(network, &net.UDPAddr{IP: local.IP, Zone: local.Zone})
	return conn, netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()), err
}

// hear waits for host to answer under token, from any port, until conn's
// deadline. An answer that is a CON is acknowledged. m has memory of its own.
func hear(conn *net.UDPConn, host netip.Addr, token []byte) (from netip.AddrPort, m message.Message, ok bool) {
	room := datagrams.Get().(*[datagramBytes]byte)
	defer datagrams.Put(room)
	buf := room[:]
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, net.ErrClosed):
			return from, m, false
		case err != nil:
			continue // an ICMP error is nobody's answer
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if from.Addr().WithZone("") != host.WithZone("") {
			continue
		}
		m, err := decode(buf[:n])
		if err != nil || isRequest(m.Code) || !bytes.Equal(m.Token, token) {
			continue
		}
		if m.Type == message.Confirmable {
			_, _ = conn.WriteToUDPAddrPort(empty(message.Acknowledgement, uint16(m.MessageID)), from)
		}
		return from, detach(m), true
	}
}

// doors are the addresses at which to talk to a Device that was asked at one
// address and answered from another. links is its answer, which may be only the
// first block.
func doors(asked, from netip.AddrPort, links []byte) []netip.AddrPort {
	out := []netip.AddrPort{from}
	if from.Port() == asked.Port() {
		return out
	}
	listed, _, err := ocf.DecodeRes(links)
	if err != nil {
		return out
	}
	for _, l := range listed {
		for _, ep := range l.Endpoints {
			address, secured, err := parseEndpoint(ep)
			if err != nil || secured {
				continue
			}
			if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().WithZone("") == from.Addr().WithZone("") {
				out = append(out, netip.AddrPortFrom(from.Addr(), at.Port()))
			}
		}
	}
	return out
}
