//go:build strangers

package fleet_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// ocfSuite is OpenSSL's name for OCF's suite with pre-shared keys.
const ocfSuite = "ECDHE-PSK-AES128-CBC-SHA256:@SECLEVEL=0"

// sClient lets openssl's client send a request over DTLS. It returns the answer and
// what openssl printed. openssl is ended once the answer is there, unless it ends by
// itself.
func sClient(t *testing.T, addr, identity string, key []byte, suite string, request []byte) (answer []byte, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "openssl", "s_client", "-dtls1_2", "-quiet", "-nocommands", "-connect", addr,
		"-psk", hex.EncodeToString(key), "-psk_identity", identity, "-cipher", suite)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(request); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, err := out.Read(buf)
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	if n > 0 {
		_ = cmd.Process.Kill()
	}
	_ = cmd.Wait()
	return buf[:n], errs.String()
}

// openssl reaches a Device with the right key, and only with the right key.
func TestOpenSSL(t *testing.T) {
	fl := onSecureLoopback(t, nil)
	addr := fl.SecureAddr(256).String()
	request := bytesOf(t, "40 01 1234"+pstat)
	answer, said := sClient(t, addr, owner.String(), ownerKey[:], ocfSuite, request)
	if !bytes.HasPrefix(answer, bytesOf(t, "60 45 1234")) {
		t.Errorf("%x\n%s", answer, said)
	}
	for name, c := range map[string]struct {
		identity, suite, alert string
		key                    []byte
	}{
		"wrong key":                  {owner.String(), ocfSuite, "bad record mac", otherKey},
		"wrong identity":             {fl.ID(1).String(), ocfSuite, "bad record mac", ownerKey[:]},
		"identity of no uuid":        {"owner", ocfSuite, "bad record mac", ownerKey[:]},
		"a suite that OCF has not":   {owner.String(), "PSK-AES128-CCM8:@SECLEVEL=0", "insufficient security", ownerKey[:]},
		"anonymous, of RFC 5469":     {owner.String(), "ADH-AES128-SHA256:AECDH-AES128-SHA:@SECLEVEL=0", "insufficient security", ownerKey[:]},
		"certificates, it has none":  {owner.String(), "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0", "insufficient security", ownerKey[:]},
		"the suite without ECDHE":    {owner.String(), "PSK-AES128-CBC-SHA256:@SECLEVEL=0", "insufficient security", ownerKey[:]},
		"the key of somebody else's": {other.String(), ocfSuite, "bad record mac", ownerKey[:]},
	} {
		t.Run(name, func(t *testing.T) {
			answer, said := sClient(t, addr, c.identity, c.key, c.suite, request)
			if len(answer) > 0 || !strings.Contains(said, "alert "+c.alert) {
				t.Errorf("%x\n%s", answer, said)
			}
		})
	}
	if s := fl.Stats().Secure; s.Handshakes != 1 || s.Failures != 8 {
		t.Errorf("%+v", s)
	}
}

// A Device without an owner transfer under way refuses every attempt by openssl.
func TestOpenSSLFindsTheDoorClosed(t *testing.T) {
	m := model(t, sim.Config{Security: &sim.Security{}})
	fl := onSecureLoopback(t, func(c *fleet.Config) { c.Model = func(int) *sim.Model { return m } })
	answer, said := sClient(t, fl.SecureAddr(0).String(), owner.String(), ownerKey[:], ocfSuite, bytesOf(t, "40 01 1234"+pstat))
	if len(answer) > 0 || !strings.Contains(said, "alert handshake failure") {
		t.Errorf("%x\n%s", answer, said)
	}
}

// libcoap's clients read and write over DTLS, whichever DTLS library they use.
func TestLibcoapWithDTLS(t *testing.T) {
	fl := onSecureLoopback(t, nil)
	for _, client := range []string{"coap-client-openssl", "coap-client-gnutls"} {
		t.Run(client, func(t *testing.T) {
			uri := fmt.Sprintf("coaps://%v%s", fl.SecureAddr(299), ocf.PathPstat)
			run := func(key []byte, args ...string) ([]byte, error) {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				args = append([]string{"-B", "20", "-u", owner.String(), "-k", string(key)}, args...)
				cmd := exec.CommandContext(ctx, client, append(args, uri)...)
				cmd.Stdin = strings.NewReader("\xa1btm\x00")
				return cmd.Output()
			}
			out, err := run(ownerKey[:], "-m", "get", "-A", "10000")
			if err != nil {
				t.Fatal(err)
			}
			if tm, cm := pstatOf(t, out); tm != 0 || cm != 0 {
				t.Errorf("tm=%d cm=%d", tm, cm)
			}
			if out, err := run(ownerKey[:], "-m", "post", "-t", "10000", "-f", "-"); err != nil || len(out) > 0 {
				t.Errorf("%q, %v", out, err)
			}
			if out, _ := run(otherKey, "-m", "get", "-A", "10000"); !strings.Contains(strings.ToLower(string(out)), "bad record mac") {
				t.Errorf("with another key: %q", out)
			}
		})
	}
}
