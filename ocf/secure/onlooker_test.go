package secure_test

import (
	"bytes"
	"crypto/tls"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/pion/dtls/v3"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

// An onlooker with the secrets reads both directions, of every suite.
func TestOnlooker(t *testing.T) {
	maker := must[*secure.CA](t)(secure.NewCA("maker"))
	lamp := must[*tls.Certificate](t)(maker.Manufacturer("lamp"))
	s, c, _ := certified(t)
	for name, who := range map[string]struct {
		server secure.Server
		client secure.Client
	}{
		"anonymous": {secure.Server{OTM: ptr(secure.JustWorks)}, secure.Client{OTM: ptr(secure.JustWorks)}},
		"PSK": {
			secure.Server{OTM: ptr(secure.RandomPIN), PIN: "12345678"},
			secure.Client{OTM: ptr(secure.RandomPIN), PIN: "12345678"},
		},
		"manufacturer": {
			secure.Server{OTM: ptr(secure.ManufacturerCertificate), Certificate: lamp},
			secure.Client{OTM: ptr(secure.ManufacturerCertificate), Roots: maker.Roots()},
		},
		"identity": {s, c},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			who.client.KeyLog = &log
			m := meet(t, who.server, who.client)
			ready(t, m)
			overhears(t, m, log.Bytes())
		})
	}
	t.Run("CCM with a long tag", func(t *testing.T) {
		var log bytes.Buffer
		s := secure.Server{OTM: ptr(secure.ManufacturerCertificate), Certificate: lamp, KeyLog: &log}
		m := plain(t, s, dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM), dtls.WithInsecureSkipVerify(true))
		if m.serverErr != nil {
			t.Fatal(m.serverErr)
		}
		if _, err := m.server.Write([]byte("a word")); err != nil {
			t.Fatal(err)
		}
		if got := heard(m, log.Bytes()); !slices.Equal(got, []string{"a word"}) {
			t.Errorf("heard %q", got)
		}
	})
}

// overhears checks that an onlooker of m, which is ready, hears what both say.
func overhears(t *testing.T, m met, log []byte) {
	t.Helper()
	long := strings.Repeat("long ", 100)
	for _, w := range []string{"", "a", long} {
		if _, err := m.client.Write([]byte("client " + w)); err != nil {
			t.Fatal(err)
		}
		if _, err := m.server.Write([]byte("server " + w)); err != nil {
			t.Fatal(err)
		}
	}
	got := heard(m, log)
	for _, want := range []string{"client ", "client a", "client " + long, "server ", "server a", "server " + long} {
		if !slices.Contains(got, want) {
			t.Errorf("did not hear %q, but %q", want, got)
		}
	}
	if got := heard(m, nil); len(got) > 0 {
		t.Errorf("heard %q without the secrets", got)
	}
}

// heard is what an onlooker with the secrets hears: the Client first, then the Device,
// with the hellos of both before that.
func heard(m met, log []byte) []string {
	var o secure.Onlooker
	o.Learn(log)
	var words []string
	listen := func(from, to netip.AddrPort, datagrams [][]byte) {
		for _, d := range datagrams {
			for _, w := range o.Hear(from, to, d) {
				words = append(words, string(w))
			}
		}
	}
	client, server := m.clientEnd.datagrams(), m.serverEnd.datagrams()
	listen(clientAddr, deviceAddr, client[:2])
	listen(deviceAddr, clientAddr, server)
	listen(clientAddr, deviceAddr, client[2:])
	return words
}

// FuzzOnlooker checks that no datagram makes an Onlooker panic.
func FuzzOnlooker(f *testing.F) {
	f.Add([]byte("CLIENT_RANDOM 00 00\n"), []byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1})
	f.Fuzz(func(t *testing.T, log, datagram []byte) {
		var o secure.Onlooker
		o.Learn(log)
		for _, w := range append(o.Hear(clientAddr, deviceAddr, datagram), o.Hear(deviceAddr, clientAddr, datagram)...) {
			if len(w) > len(datagram) {
				t.Error("more words than were said")
			}
		}
	})
}
