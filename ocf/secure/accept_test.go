package secure_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

// The first challenge is lost, so the Client numbers its ClientHellos 0, 1 and,
// with a cookie, 2. The records of the Device go on from there, or the Client
// would take its ServerHello for a repetition and wait for another.
func TestRecordNumbersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, c := psk(t)
		clientEnd, serverEnd := newPipe(clientAddr, deviceAddr)
		done := make(chan *served)
		var admitted []byte
		go func() {
			b := make([]byte, 2048)
			n, _, _ := serverEnd.ReadFrom(b) // the hello whose challenge is lost
			if !secure.Begins(b[:n]) {
				t.Error("the Client begins with something else")
			}
			conn, err := serve(ctx, serverEnd, s)
			if err != nil {
				t.Error(err)
			}
			done <- conn
		}()
		client, err := c.Dial(ctx, clientEnd, net.UDPAddrFromAddrPort(deviceAddr))
		if err != nil {
			t.Fatal(err)
		}
		server := <-done
		talk(t, client, server)
		for _, d := range clientEnd.datagrams() {
			if secure.Begins(d) {
				admitted = d
			}
		}
		if !server.Began(admitted) || server.Began(hello(0, 1, 7, nil)) || server.Began(nil) {
			t.Error("the session does not know the hello that began it")
		}
		answer := serverEnd.datagrams()[1] // behind the challenge
		if answer[13] != 2 || answer[10] != 2 || admitted[10] != 2 {
			t.Errorf("hello is record %d; message %d answers it as record %d", admitted[10], answer[13], answer[10])
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v, want one retransmission's second", took)
		}
		_ = client.Close()
		_ = server.Close()
	})
}

// A Client that repeats its second ClientHello, because the answer was lost,
// gets the answer again from the session that the first one began.
func TestRepeatedHelloGoesToItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, c := psk(t)
		clientEnd, serverEnd := newPipe(clientAddr, deviceAddr)
		c.Retransmit, s.Retransmit = 250*time.Millisecond, time.Minute
		serverEnd.lose = 2 // the second datagram: the one after the challenge
		done := make(chan *served)
		go func() {
			conn, err := serve(ctx, serverEnd, s)
			if err != nil {
				t.Error(err)
			}
			done <- conn
		}()
		client, err := c.Dial(ctx, clientEnd, net.UDPAddrFromAddrPort(deviceAddr))
		if err != nil {
			t.Fatal(err)
		}
		server := <-done
		talk(t, client, server)
		if took := time.Since(began); took != 250*time.Millisecond {
			t.Errorf("took %v, want the Client's one retransmission", took)
		}
		_ = client.Close()
		_ = server.Close()
	})
}

// A path that closes under the handshake ends it, and so does its deadline.
func TestAcceptEnds(t *testing.T) {
	s, _ := psk(t)
	d := doorman(t)
	first := hello(0, 0, 7, nil)
	admitted := hello(1, 1, 7, cookieOf(t, d, first, clientAddr, deviceAddr, start))
	peer := net.UDPAddrFromAddrPort(clientAddr)
	synctest.Test(t, func(t *testing.T) {
		end, _ := newPipe(deviceAddr, clientAddr)
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		began := time.Now()
		if _, _, err := s.Accept(ctx, end, peer, admitted); err == nil || time.Since(began) != 7*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if !end.closed {
			t.Error("the packet connection is left open")
		}
		end, _ = newPipe(deviceAddr, clientAddr)
		time.AfterFunc(3*time.Second, func() { _ = end.Close() })
		began = time.Now()
		if _, _, err := s.Accept(t.Context(), end, peer, admitted); err == nil || time.Since(began) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
	for _, bad := range [][]byte{nil, first[:20], {22}} {
		end, _ := newPipe(deviceAddr, clientAddr)
		if _, _, err := s.Accept(t.Context(), end, peer, bad); err == nil || !end.closed {
			t.Errorf("% x: %v", bad, err)
		}
	}
	// Not admitted: it has no cookie that a Doorman made.
	end, _ := newPipe(deviceAddr, clientAddr)
	if _, _, err := s.Accept(t.Context(), end, peer, first); err == nil || !end.closed {
		t.Errorf("a hello without a cookie: %v", err)
	}
}
