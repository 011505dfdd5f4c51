package secure_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/pion/dtls/v3"

	"github.com/google/go-cmp/cmp"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

const (
	deviceID = "8b0c1a5e-2f1d-4c60-9c7a-3d4f1e2a7b90"
	ownerID  = "5c1f0d1b-77aa-4b8e-8f2d-94a0c0ffee01"
	otherID  = "0f0e0d0c-0b0a-4908-8706-050403020100"
)

func ptr[T any](v T) *T { return &v }

// sameKeys checks that both ends came to the same key block of n bytes, and to
// the same owner's key.
func sameKeys(t *testing.T, m met, otm secure.OTM, n int) {
	t.Helper()
	a, err := m.client.KeyBlock()
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.server.KeyBlock()
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != n || !bytes.Equal(a, b) {
		t.Fatalf("key blocks of %d and %d bytes, want %d equal ones", len(a), len(b), n)
	}
	owner, device := mustUUID(t, ownerID), mustUUID(t, deviceID)
	x, y := secure.OwnerPSK(a, otm, owner, device), secure.OwnerPSK(b, otm, owner, device)
	if len(x) != 16 || !bytes.Equal(x, y) {
		t.Fatal("owner's keys differ")
	}
}

func ready(t *testing.T, m met) {
	t.Helper()
	if m.clientErr != nil || m.serverErr != nil {
		t.Fatalf("client: %v; server: %v", m.clientErr, m.serverErr)
	}
	talk(t, m.client, m.server)
}

func TestJustWorks(t *testing.T) {
	m := meet(t, secure.Server{OTM: ptr(secure.JustWorks), Device: mustUUID(t, deviceID)}, secure.Client{OTM: ptr(secure.JustWorks)})
	ready(t, m)
	sameKeys(t, m, secure.JustWorks, 96)
	want := secure.Peer{Suite: secure.ECDHAnonAES128CBCSHA256}
	if diff := cmp.Diff([]secure.Peer{want, want}, []secure.Peer{m.client.Peer(), m.server.Peer()}); diff != "" {
		t.Error(diff)
	}
}

func TestRandomPIN(t *testing.T) {
	device := mustUUID(t, deviceID)
	m := meet(t, secure.Server{OTM: ptr(secure.RandomPIN), PIN: "63794068", Device: device},
		secure.Client{OTM: ptr(secure.RandomPIN), PIN: "63794068"})
	ready(t, m)
	sameKeys(t, m, secure.RandomPIN, 96)
	if diff := cmp.Diff(secure.Peer{Suite: secure.ECDHEPSKAES128CBCSHA256, Hint: secure.PINHint(device)}, m.client.Peer()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(secure.Peer{Suite: secure.ECDHEPSKAES128CBCSHA256, Identity: []byte(secure.PINIdentity)}, m.server.Peer()); diff != "" {
		t.Error(diff)
	}
}

// psk is a Device that shares a key with the owner.
func psk(t *testing.T) (secure.Server, secure.Client) {
	owner, device := mustUUID(t, ownerID), mustUUID(t, deviceID)
	key := secure.Key("0123456789abcdef")
	s := secure.Server{Device: device, Key: func(identity []byte) (secure.Key, bool) {
		return key, bytes.Equal(identity, owner[:])
	}}
	return s, secure.Client{Identity: owner[:], Key: key, Device: device}
}

func TestSharedKey(t *testing.T) {
	owner, device := mustUUID(t, ownerID), mustUUID(t, deviceID)
	s, c := psk(t)
	m := meet(t, s, c)
	ready(t, m)
	sameKeys(t, m, secure.RandomPIN, 96)
	if diff := cmp.Diff(secure.Peer{Suite: secure.ECDHEPSKAES128CBCSHA256, ID: device, Hint: device[:]}, m.client.Peer()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(secure.Peer{Suite: secure.ECDHEPSKAES128CBCSHA256, ID: owner, Identity: owner[:]}, m.server.Peer()); diff != "" {
		t.Error(diff)
	}
}

// plain lets a client of the DTLS library itself, with options, call s.
func plain(t *testing.T, s secure.Server, options ...dtls.ClientOption) met {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var m met
	m.clientEnd, m.serverEnd = newPipe(clientAddr, deviceAddr)
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.server, m.serverErr = serve(ctx, m.serverEnd, s)
	}()
	conn, err := dtls.ClientWithOptions(m.clientEnd, net.UDPAddrFromAddrPort(deviceAddr), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	m.clientErr = conn.HandshakeContext(ctx)
	<-done
	t.Cleanup(m.close)
	return m
}

// Handshakes that can't succeed. None of them waits for the deadline.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		alter  func(*testing.T, *secure.Server, *secure.Client)
		client string // in the client's error
		server string // in the server's
	}{
		{"wrong key", func(_ *testing.T, _ *secure.Server, c *secure.Client) {
			c.Key = secure.Key("fedcba9876543210")
		}, "BadRecordMac", "another key"},
		{"unknown identity", func(t *testing.T, _ *secure.Server, c *secure.Client) {
			other := mustUUID(t, otherID)
			c.Identity = other[:]
		}, "BadRecordMac", "no key for the identity"},
		{"stale hint", func(t *testing.T, s *secure.Server, _ *secure.Client) {
			s.Device = mustUUID(t, otherID)
		}, "hint", "alert"},
		{"just works after the transfer", func(_ *testing.T, _ *secure.Server, c *secure.Client) {
			c.OTM = ptr(secure.JustWorks)
		}, "InsufficientSecurity", "cipher suite"},
		{"a key before the transfer", func(_ *testing.T, s *secure.Server, _ *secure.Client) {
			s.OTM = ptr(secure.JustWorks)
		}, "InsufficientSecurity", "cipher suite"},
		{"wrong PIN", func(_ *testing.T, s *secure.Server, c *secure.Client) {
			s.OTM, s.PIN = ptr(secure.RandomPIN), "11111111"
			c.OTM, c.PIN = ptr(secure.RandomPIN), "11111112"
		}, "BadRecordMac", "another key"},
		{"PIN of another Device", func(t *testing.T, s *secure.Server, c *secure.Client) {
			s.OTM, s.PIN = ptr(secure.RandomPIN), "11111111"
			c.OTM, c.PIN, c.Device = ptr(secure.RandomPIN), "11111111", mustUUID(t, otherID)
		}, "hint is of", "alert"},
		{"PIN session to a Device in normal operation", func(t *testing.T, _ *secure.Server, c *secure.Client) {
			c.OTM, c.PIN, c.Device = ptr(secure.RandomPIN), "11111111", mustUUID(t, deviceID)
		}, "BadRecordMac", "no key for the identity"},
		{"a key while a PIN is asked for", func(_ *testing.T, s *secure.Server, c *secure.Client) {
			s.OTM, s.PIN = ptr(secure.RandomPIN), "11111111"
			c.Device = ocf.UUID{}
		}, "BadRecordMac", "no key for the identity"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, client := psk(t)
				c.alter(t, &s, &client)
				m := meet(t, s, client)
				if m.clientErr == nil || m.serverErr == nil {
					t.Fatalf("client: %v; server: %v", m.clientErr, m.serverErr)
				}
				if !strings.Contains(m.clientErr.Error(), c.client) {
					t.Errorf("client: %v, want %q", m.clientErr, c.client)
				}
				if !strings.Contains(m.serverErr.Error(), c.server) {
					t.Errorf("server: %v, want %q", m.serverErr, c.server)
				}
			})
		})
	}
}

// For a configuration with something missing, the error names the field.
func TestValidation(t *testing.T) {
	for _, c := range []struct {
		field string
		s     *secure.Server
		c     *secure.Client
	}{
		{"Key or Certificate", &secure.Server{}, nil},
		{"Roots", &secure.Server{Certificate: &tls.Certificate{}}, nil},
		{"PIN", &secure.Server{OTM: ptr(secure.RandomPIN)}, nil},
		{"Certificate", &secure.Server{OTM: ptr(secure.ManufacturerCertificate)}, nil},
		{"OTM(7)", &secure.Server{OTM: ptr(secure.OTM(7))}, nil},
		{"Key, or", nil, &secure.Client{}},
		{"Identity", nil, &secure.Client{Key: secure.Key("key")}},
		{"PIN", nil, &secure.Client{OTM: ptr(secure.RandomPIN)}},
		{"Roots", nil, &secure.Client{OTM: ptr(secure.ManufacturerCertificate)}},
		{"OTM(7)", nil, &secure.Client{OTM: ptr(secure.OTM(7))}},
	} {
		a, b := newPipe(clientAddr, deviceAddr)
		var err error
		if c.s != nil {
			_, _, err = c.s.Accept(t.Context(), a, b.LocalAddr(), nil)
		} else {
			_, err = c.c.Dial(t.Context(), a, b.LocalAddr())
		}
		if err == nil || !strings.Contains(err.Error(), c.field) {
			t.Errorf("%v, want %q", err, c.field)
		}
		if !a.closed {
			t.Errorf("%q: the packet connection is left open", c.field)
		}
	}
}

// A Client can't tell from what it is sent whether the Device knows its identity: as
// many datagrams, each as long and of the same kind, with the same alert at the same
// time as for a Client with a wrong key.
func TestIdentitiesAreNotToldApart(t *testing.T) {
	pin := func(s *secure.Server) { s.OTM, s.PIN = ptr(secure.RandomPIN), "11111111" }
	for name, alter := range map[string]func(*secure.Server, *secure.Client){
		"wrong key": func(_ *secure.Server, c *secure.Client) { c.Key = secure.Key("fedcba9876543210") },
		"unknown identity": func(_ *secure.Server, c *secure.Client) {
			other := mustUUID(t, otherID)
			c.Identity = other[:]
		},
		"identity that is no uuid": func(_ *secure.Server, c *secure.Client) { c.Identity = []byte("somebody") },
		"identity with an empty key": func(s *secure.Server, _ *secure.Client) {
			s.Key = func([]byte) (secure.Key, bool) { return nil, true }
		},
		"no identity at all": func(s *secure.Server, _ *secure.Client) {
			s.Key = func([]byte) (secure.Key, bool) { return nil, false }
		},
		"identity of a key while a PIN is asked for": func(s *secure.Server, c *secure.Client) {
			pin(s)
			c.Device = ocf.UUID{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				s, c := psk(t)
				alter(&s, &c)
				m := meet(t, s, c)
				if m.serverErr == nil || m.clientErr == nil {
					t.Fatalf("client: %v; server: %v", m.clientErr, m.serverErr)
				}
				if took := time.Since(began); took != 0 {
					t.Errorf("the refusal took %v", took)
				}
				sent := m.serverEnd.datagrams()
				if last := sent[len(sent)-1]; len(sent) != 3 || !bytes.Equal(last[13:], []byte{2, 20}) || last[0] != 21 {
					t.Errorf("%d datagrams, the last is % x (%v)", len(sent), last, m.serverErr)
				}
			})
		})
	}
}

// In normal operation no Client gets in without an identity.
func TestCertificateIsRequired(t *testing.T) {
	s, _, _ := certified(t)
	m := plain(t, s, dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8), dtls.WithInsecureSkipVerify(true))
	if m.serverErr == nil {
		t.Errorf("a Client without a certificate came in as %+v", m.server.Peer())
	}
}

// Both ends log the same secret, in the format that Wireshark reads.
func TestKeyLog(t *testing.T) {
	var atServer, atClient bytes.Buffer
	m := meet(t, secure.Server{OTM: ptr(secure.JustWorks), KeyLog: &atServer}, secure.Client{OTM: ptr(secure.JustWorks), KeyLog: &atClient})
	ready(t, m)
	line := atClient.String()
	if len(line) != len("CLIENT_RANDOM ")+64+1+96+1 || !strings.HasPrefix(line, "CLIENT_RANDOM ") || line != atServer.String() {
		t.Errorf("client %q, server %q", line, atServer.String())
	}
}
