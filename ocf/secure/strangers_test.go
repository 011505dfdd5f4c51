//go:build strangers

package secure_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

// listen is a Device on a real socket that takes one session.
func listen(t *testing.T, s secure.Server) (addr string, accepted <-chan met) {
	t.Helper()
	pc, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	d := must[*secure.Doorman](t)(secure.NewDoorman(nil))
	local := pc.LocalAddr().(*net.UDPAddr).AddrPort()
	out := make(chan met, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		b := make([]byte, 2048)
		for {
			n, peer, err := pc.ReadFromUDPAddrPort(b)
			if err != nil {
				out <- met{serverErr: err}
				return
			}
			peer = netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
			verdict, reply, hello := d.Meet(b[:n], peer, local, time.Now())
			switch verdict {
			case secure.Challenge:
				_, _ = pc.WriteToUDPAddrPort(reply, peer)
			case secure.Admit:
				conn, err := accept(ctx, s, pc, net.UDPAddrFromAddrPort(peer), bytes.Clone(hello))
				out <- met{server: conn, serverErr: err}
				return
			}
		}
	}()
	return local.String(), out
}

// openssl runs s_client, has it send a word, and waits until it got ours.
func openssl(t *testing.T, addr string, accepted <-chan met, args ...string) *served {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "openssl", append([]string{"s_client", "-dtls1_2", "-connect", addr}, args...)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
	m := <-accepted
	if m.serverErr != nil {
		t.Fatalf("%v\n%s", m.serverErr, complaints.String())
	}
	t.Cleanup(func() { _ = m.server.Close() })
	if _, err := io.WriteString(in, "word\n"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64)
	n, err := m.server.Read(b)
	if err != nil || string(b[:n]) != "word\n" {
		t.Fatalf("%q, %v", b[:n], err)
	}
	if _, err := m.server.Write([]byte("answer to openssl")); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	for !strings.Contains(said.String(), "answer to openssl") {
		n, err := out.Read(b)
		said.Write(b[:n])
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, said.String(), complaints.String())
		}
	}
	return m.server
}

// openssl can't be given an identity of raw bytes on its command line, so this
// Device knows one in letters.
func TestOpenSSLWithSharedKey(t *testing.T) {
	key := secure.Key("0123456789abcdef")
	addr, accepted := listen(t, secure.Server{Device: mustUUID(t, deviceID), Key: func(identity []byte) (secure.Key, bool) {
		return key, string(identity) == "openssl"
	}})
	conn := openssl(t, addr, accepted, "-psk", hex.EncodeToString(key), "-psk_identity", "openssl",
		"-cipher", "ECDHE-PSK-AES128-CBC-SHA256:@SECLEVEL=0")
	if got := conn.Peer(); got.Suite != secure.ECDHEPSKAES128CBCSHA256 || string(got.Identity) != "openssl" || !got.ID.IsNil() {
		t.Errorf("peer is %+v", got)
	}
	if kb, err := conn.KeyBlock(); err != nil || len(kb) != 96 {
		t.Errorf("key block of %d bytes, %v", len(kb), err)
	}
}

// The PIN method's identity is in letters already.
func TestOpenSSLWithPIN(t *testing.T) {
	device := mustUUID(t, deviceID)
	addr, accepted := listen(t, secure.Server{OTM: ptr(secure.RandomPIN), PIN: "63794068", Device: device})
	openssl(t, addr, accepted, "-psk", hex.EncodeToString(slowPBKDF2([]byte("63794068"), device[:])),
		"-psk_identity", "oic.sec.doxm.rdp", "-cipher", "ECDHE-PSK-AES128-CBC-SHA256:@SECLEVEL=0")
}

func TestOpenSSLWithCertificate(t *testing.T) {
	for cipher, want := range map[string]secure.Suite{
		"ECDHE-ECDSA-AES128-CCM8": secure.ECDHEECDSAAES128CCM8, "ECDHE-ECDSA-AES128-CCM": secure.ECDHEECDSAAES128CCM,
	} {
		s, c, ca := certified(t)
		addr, accepted := listen(t, s)
		dir := t.TempDir()
		files := map[string][]byte{
			"ca.pem": ca.PEM(), "cert.pem": secure.EncodeChain(c.Certificate.Certificate),
			"key.pem": pem.EncodeToMemory(&pem.Block{
				Type: "PRIVATE KEY", Bytes: must[[]byte](t)(x509.MarshalPKCS8PrivateKey(c.Certificate.PrivateKey)),
			}),
		}
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		conn := openssl(t, addr, accepted, "-cipher", cipher+":@SECLEVEL=0", "-CAfile", filepath.Join(dir, "ca.pem"), "-verify_return_error",
			"-cert", filepath.Join(dir, "cert.pem"), "-key", filepath.Join(dir, "key.pem"))
		if got := conn.Peer(); got.Suite != want || got.ID != mustUUID(t, ownerID) {
			t.Errorf("peer is %+v", got)
		}
		if kb, err := conn.KeyBlock(); err != nil || len(kb) != 40 {
			t.Errorf("key block of %d bytes, %v", len(kb), err)
		}
	}
}

// openssl's view of our certificates: its own verification, for any purpose.
func TestOpenSSLVerifiesChain(t *testing.T) {
	ca := must[*secure.CA](t)(secure.NewCA("root"))
	dir := t.TempDir()
	root := filepath.Join(dir, "root.pem")
	if err := os.WriteFile(root, ca.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	cert := must[*tls.Certificate](t)
	for name, leaf := range map[string]*tls.Certificate{
		"identity": cert(ca.Identity(mustUUID(t, deviceID))), "manufacturer": cert(ca.Manufacturer("lamp")),
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, secure.EncodeChain(leaf.Certificate), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, purpose := range []string{"sslserver", "sslclient"} {
			cmd := exec.CommandContext(t.Context(), "openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", root, file)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s for %s: %v\n%s", name, purpose, err, out)
			}
		}
	}
}
