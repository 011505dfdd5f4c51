//go:build strangers && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// foreign is a trusted source over every transport, for programs of others.
type foreign struct {
	t   *testing.T
	dir string
	log chan answered
	sourceReady
}

// sourceWith starts `ocfsim source` over every transport, with faults.
func sourceWith(t *testing.T, faults ...string) *foreign {
	t.Helper()
	var args []string
	for _, flag := range []string{"--listen", "--http", "--coaps", "--coap"} {
		args = append(args, flag, "127.0.0.1:0")
	}
	for _, fault := range faults {
		args = append(args, "--fault", fault)
	}
	return sourceThat(t, args...)
}

// most is how many answers the source gives at most.
const most = 4096

// sourceThat starts `ocfsim source` with flags.
func sourceThat(t *testing.T, flags ...string) *foreign {
	t.Helper()
	f := &foreign{t: t, dir: t.TempDir(), log: make(chan answered, most)}
	args := append([]string{"source", "--json", "--trust", f.file("ca.pem"), "--psk", f.file("psk.txt"), "--control", "127.0.0.1:0"}, flags...)
	if err := os.WriteFile(f.file("psk.txt"), []byte("lamp:73656372657453656372657453656372\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	log, says := io.Pipe()
	go f.follow(log)
	t.Cleanup(func() { _ = says.Close() })
	beginTo(t, says, &f.sourceReady, args...).endsWell(t)
	return f
}

// follow reads the log of the source up to its end.
func (f *foreign) follow(lines io.Reader) {
	for dec := json.NewDecoder(lines); ; {
		var e answered
		if err := dec.Decode(&e); err != nil {
			_, _ = io.Copy(io.Discard, lines) // or the source would wait for its reader
			return
		}
		f.log <- e
	}
}

func (f *foreign) file(name string) string { return filepath.Join(f.dir, name) }

// tries runs a program and returns its exit code and what it wrote.
func (f *foreign) tries(program string, args ...string) (code int, said string) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader("")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		f.t.Fatalf("%s: %v", program, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// fetched is what a program has written to a file.
func (f *foreign) fetched(name string) []byte {
	data, err := os.ReadFile(f.file(name))
	if err != nil {
		return nil
	}
	return data
}

// condition asks for a condition.
func (f *foreign) condition(name string) {
	f.t.Helper()
	res, err := http.Post(f.Control, "application/json", strings.NewReader(`{"condition": "`+name+`"}`))
	if err != nil || res.StatusCode != http.StatusOK {
		f.t.Fatal(res, err)
	}
	_ = res.Body.Close()
}

// software is the package that all programs ask for.
func software() []byte {
	p := depot.Make("1.0.1", source.DefaultSize)
	return p.Content
}

func TestCurlFetchesAPackage(t *testing.T) {
	f := sourceWith(t, "truncated@4096")
	fetch := func(name string, more ...string) int {
		code, _ := f.tries("curl", append(more, "-s", "--cacert", f.file("ca.pem"), "-o", f.file(name), f.HTTPS+"packages/1.0.1.bin")...)
		return code
	}
	if code := fetch("cut.bin"); code != 18 || !bytes.Equal(f.fetched("cut.bin"), software()[:4096]) {
		t.Errorf("cut off at 4096: curl ends with %d and %d bytes, want 18: a partial file", code, len(f.fetched("cut.bin")))
	}
	f.condition("update-available")
	if code := fetch("whole.bin"); code != 0 || !bytes.Equal(f.fetched("whole.bin"), software()) {
		t.Errorf("curl ends with %d and %d bytes", code, len(f.fetched("whole.bin")))
	}
	if code := fetch("part.bin", "-r", "4096-8191"); code != 0 || !bytes.Equal(f.fetched("part.bin"), software()[4096:8192]) {
		t.Errorf("a range: curl ends with %d and %d bytes", code, len(f.fetched("part.bin")))
	}
	if code := fetch("cut.bin", "-C", "-"); code != 0 || !bytes.Equal(f.fetched("cut.bin"), software()) {
		t.Errorf("resumed: curl ends with %d and %d bytes", code, len(f.fetched("cut.bin")))
	}
}

func TestOpenSSLSeesTheCertificate(t *testing.T) {
	for fault, want := range map[string]string{
		"flapping":            "Verify return code: 0 (ok)",
		"expired-certificate": "certificate has expired",
		"wrong-ca":            "unable to get local issuer certificate",
		"broken-chain":        "unable to get local issuer certificate",
		"self-signed":         "self-signed certificate",
		"wrong-name":          "IP address mismatch",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			f := sourceWith(t, fault)
			at := strings.Trim(strings.TrimPrefix(f.HTTPS, "https://"), "/")
			host, _, _ := net.SplitHostPort(at)
			_, said := f.tries("openssl", "s_client", "-connect", at, "-CAfile", f.file("ca.pem"), "-verify_ip", host)
			if !strings.Contains(said, want) {
				t.Errorf("openssl does not say %q:\n%s", want, said)
			}
		})
	}
}

func TestLibcoapFetchesAPackage(t *testing.T) {
	program := libcoap(t)
	f := sourceWith(t, "truncated@block:4")
	fetch := func(name string) {
		f.tries(program, "-m", "get", "-B", "5", "-b", "256", "-o", f.file(name), f.CoAP+"packages/1.0.1.bin")
	}
	if fetch("cut.bin"); !bytes.Equal(f.fetched("cut.bin"), software()[:1024]) {
		t.Errorf("cut off at the fourth block of 256 bytes: %d bytes", len(f.fetched("cut.bin")))
	}
	f.condition("update-available")
	if fetch("whole.bin"); !bytes.Equal(f.fetched("whole.bin"), software()) {
		t.Errorf("%d bytes", len(f.fetched("whole.bin")))
	}
}

func TestLibcoapFetchesOverDTLS(t *testing.T) {
	const program = "coap-client-openssl"
	for _, how := range []struct {
		name string
		args []string
	}{
		{"key", []string{"-u", "lamp", "-k", "secretSecretSecr"}},
		{"certificate", []string{"-C", "ca.pem"}},
	} {
		for fault, want := range map[string]int{"flapping,request=9": source.DefaultSize, "handshake-fails": 0} {
			t.Run(how.name+" "+fault, func(t *testing.T) {
				t.Parallel()
				f := sourceWith(t, fault)
				args := append([]string{"-m", "get", "-B", "5", "-o", f.file("got.bin")}, how.args...)
				if how.name == "certificate" {
					args[len(args)-1] = f.file("ca.pem")
				}
				_, said := f.tries(program, append(args, f.CoAPS+"packages/1.0.1.bin")...)
				if got := f.fetched("got.bin"); len(got) != want || want > 0 && !bytes.Equal(got, software()) {
					t.Errorf("%d bytes, want %d\n%s", len(got), want, said)
				}
			})
		}
	}
}
