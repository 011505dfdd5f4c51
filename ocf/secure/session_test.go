package secure_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

// couple is who meets whom.
type couple struct {
	server secure.Server
	client secure.Client
}

// couples have one of each method and suite.
func couples(t *testing.T) map[string]couple {
	t.Helper()
	maker := must[*secure.CA](t)(secure.NewCA("maker"))
	lamp := must[*tls.Certificate](t)(maker.Manufacturer("lamp"))
	owner := must[*secure.CA](t)(secure.NewCA("owner"))
	device := must[*tls.Certificate](t)(owner.Identity(mustUUID(t, deviceID)))
	mine := must[*tls.Certificate](t)(owner.Identity(mustUUID(t, ownerID)))
	s, c := psk(t)
	return map[string]couple{
		"key":        {s, c},
		"just works": {secure.Server{OTM: ptr(secure.JustWorks)}, secure.Client{OTM: ptr(secure.JustWorks)}},
		"PIN": {
			secure.Server{OTM: ptr(secure.RandomPIN), PIN: "12345678"},
			secure.Client{OTM: ptr(secure.RandomPIN), PIN: "12345678"},
		},
		"manufacturer": {
			secure.Server{OTM: ptr(secure.ManufacturerCertificate), Certificate: lamp},
			secure.Client{OTM: ptr(secure.ManufacturerCertificate), Roots: maker.Roots()},
		},
		"identity": {
			secure.Server{Device: mustUUID(t, deviceID), Certificate: device, Roots: owner.Roots()},
			secure.Client{Certificate: mine, Roots: owner.Roots()},
		},
	}
}

// The DTLS library, at the Client's end, understands what a Session writes, and the
// other way round.
func TestSessionAgainstLibrary(t *testing.T) {
	for name, c := range couples(t) {
		t.Run(name, func(t *testing.T) {
			m := meet(t, c.server, c.client)
			ready(t, m)
			rng := rand.New(rand.NewPCG(7, 7))
			got := make([]byte, 4096)
			for range 200 {
				message := make([]byte, 1+rng.IntN(1300))
				for i := range message {
					message[i] = byte(rng.Uint32())
				}
				for _, way := range [][2]end{{m.client, m.server}, {m.server, m.client}} {
					if _, err := way[0].Write(message); err != nil {
						t.Fatal(err)
					}
					n, err := way[1].Read(got)
					if err != nil || !bytes.Equal(got[:n], message) {
						t.Fatalf("%d bytes became %d, %v", len(message), n, err)
					}
				}
			}
		})
	}
}

// Either end may close, and the other one is told.
func TestEitherEndCloses(t *testing.T) {
	for name, c := range couples(t) {
		t.Run(name, func(t *testing.T) {
			m := meet(t, c.server, c.client)
			ready(t, m)
			before := len(m.serverEnd.datagrams())
			_ = m.client.Close()
			if n, err := m.server.Read(make([]byte, 64)); err != io.EOF {
				t.Errorf("the Device reads %d bytes, %v", n, err)
			}
			if n := len(m.serverEnd.datagrams()) - before; n != 1 {
				t.Errorf("the Device sends %d datagrams, want its close_notify", n)
			}
			m = meet(t, c.server, c.client)
			ready(t, m)
			_ = m.server.Close()
			if n, err := m.client.Read(make([]byte, 64)); err != io.EOF {
				t.Errorf("the Client reads %d bytes, %v", n, err)
			}
		})
	}
}

// The Device's last flight is lost. It has its session then, and the Client, which
// sends its own last flight again, gets it from there.
func TestLastFlightIsLost(t *testing.T) {
	for name, c := range couples(t) {
		t.Run(name, func(t *testing.T) {
			m := meet(t, c.server, c.client)
			ready(t, m)
			last := len(m.serverEnd.datagrams()) - 1 // one of them answers a word
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				clientEnd, serverEnd := newPipe(clientAddr, deviceAddr)
				serverEnd.lose = last
				read := make(chan string)
				go func() {
					server, err := serve(ctx, serverEnd, c.server)
					if err != nil {
						t.Error(err)
						close(read)
						return
					}
					word := make([]byte, 16)
					n, err := server.Read(word)
					read <- fmt.Sprint(string(word[:n]), err)
					_ = server.Close()
				}()
				client, err := c.client.Dial(ctx, clientEnd, net.UDPAddrFromAddrPort(deviceAddr))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := client.Write([]byte("word")); err != nil {
					t.Fatal(err)
				}
				if got := <-read; got != "word<nil>" {
					t.Errorf("the Device reads %s", got)
				}
				_ = client.Close()
			})
		})
	}
}

// eager is a Device's packet connection that is still sending its last flight when the
// Client's first message is there already.
type eager struct {
	*pipe
	wait func()
}

func (e *eager) WriteTo(p []byte, to net.Addr) (int, error) {
	n, err := e.pipe.WriteTo(p, to)
	if bytes.Contains(p, []byte{22, 0xfe, 0xfd, 0, 1}) {
		e.wait()
	}
	return n, err
}

// What the Client sends before the Device has its session is kept for it.
func TestMessagesBeforeTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := psk(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		clientEnd, serverEnd := newPipe(clientAddr, deviceAddr)
		written := make(chan struct{})
		done := make(chan string)
		go func() {
			hello, err := admit(serverEnd)
			if err != nil {
				t.Error(err)
			}
			pc := &eager{serverEnd, func() { <-written; synctest.Wait() }}
			server, err := accept(ctx, s, pc, net.UDPAddrFromAddrPort(clientAddr), hello)
			if err != nil {
				t.Error(err)
				close(done)
				return
			}
			var words []string
			for range 3 {
				word := make([]byte, 16)
				n, _ := server.Read(word)
				words = append(words, string(word[:n]))
			}
			done <- strings.Join(words, " ")
			_ = server.Close()
		}()
		client, err := c.Dial(ctx, clientEnd, net.UDPAddrFromAddrPort(deviceAddr))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"one", "two", "three"} {
			if _, err := client.Write([]byte(word)); err != nil {
				t.Fatal(err)
			}
		}
		close(written)
		if got := <-done; got != "one two three" {
			t.Errorf("the Device reads %q", got)
		}
		_ = client.Close()
	})
}
