package certs_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/sim/source/certs"
)

// verify checks a certificate with its chain as a Device does.
func verify(ca *certs.Authority, c *tls.Certificate, host string) error {
	between := x509.NewCertPool()
	for _, der := range c.Certificate[1:] {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		between.AddCert(cert)
	}
	_, err := c.Leaf.Verify(x509.VerifyOptions{Roots: ca.Roots(), Intermediates: between, DNSName: host})
	return err
}

func TestWhatIsWrongWithACertificate(t *testing.T) {
	ca, err := certs.New()
	if err != nil {
		t.Fatal(err)
	}
	for wrong, says := range map[certs.Wrong]string{
		"":                   "",
		certs.OtherCA:        "unknown authority",
		certs.Expired:        "has expired or is not yet valid",
		certs.NotYetValid:    "has expired or is not yet valid",
		certs.OtherName:      "not lamp.example",
		certs.NoIntermediate: "unknown authority",
		certs.SelfSigned:     "unknown authority",
	} {
		c, err := ca.Certificate(wrong, "lamp.example", "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		switch err := verify(ca, c, "lamp.example"); {
		case says == "" && err != nil:
			t.Error(err)
		case says != "" && (err == nil || !strings.Contains(err.Error(), says)):
			t.Errorf("%s: %v, want %q", wrong, err, says)
		}
	}
}

func TestAnAuthorityIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	first, err := certs.Keep(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := certs.Keep(dir)
	if err != nil || !bytes.Equal(first.PEM(), again.PEM()) {
		t.Fatalf("another root after a restart, error %v", err)
	}
	c, err := again.Certificate("", "127.0.0.1")
	if err != nil || verify(first, c, "127.0.0.1") != nil {
		t.Errorf("a certificate of the second run: %v", verify(first, c, "127.0.0.1"))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others can read the keys", info.Mode(), err)
	}
	if err := os.WriteFile(files[0], first.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := certs.Keep(dir); err == nil || !strings.Contains(err.Error(), files[0]) {
		t.Errorf("a file without keys: %v", err)
	}
}

func TestHosts(t *testing.T) {
	names := []string{"lamp.example"}
	if got := certs.Hosts(net.ParseIP("192.0.2.1"), names); !slices.Equal(got, []string{"192.0.2.1", "lamp.example"}) {
		t.Error(got)
	}
	if got := certs.Hosts(net.ParseIP("127.0.0.1"), nil); !slices.Equal(got, []string{"127.0.0.1", "localhost"}) {
		t.Error(got)
	}
	if got := certs.Hosts(net.IPv4zero, names); !slices.Contains(got, "127.0.0.1") || slices.Contains(got, "0.0.0.0") {
		t.Error(got)
	}
}
