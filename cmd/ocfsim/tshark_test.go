//go:build strangers && linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf/capture"
)

// tshark reads a capture of Devices at 127.2.x.x with these further arguments. It has no
// key file and no settings of the user's.
func tshark(t *testing.T, file string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatal("tshark is missing (Debian: tshark)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{"-r", file}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "WIRESHARK_CONFIG_DIR="+t.TempDir(), "SSLKEYLOGFILE=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	if bytes.Contains(stderr.Bytes(), []byte("rror")) { // of a script, after which it goes on
		t.Errorf("tshark %s: %s", strings.Join(args, " "), &stderr)
	}
	return string(out)
}

// ports says which ports of the Devices in a capture are CoAP's, with and without DTLS,
// where they are not the ones that tshark knows.
func ports(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var args []string
	known := map[uint16]bool{5683: true, 5684: true}
	if err := capture.Read(f, func(b capture.Block) error {
		p := b.Packet
		if b.Number == 0 || !strings.HasPrefix(p.To.Addr().String(), "127.2.") || known[p.To.Port()] || len(p.Data) == 0 {
			return nil
		}
		known[p.To.Port()] = true
		if p.Data[0] >= 20 && p.Data[0] <= 23 { // a record of DTLS
			args = append(args, "-d", fmt.Sprintf("udp.port==%d,dtls", p.To.Port()), "-d", fmt.Sprintf("dtls.port==%d,coap", p.To.Port()))
			return nil
		}
		args = append(args, "-d", fmt.Sprintf("udp.port==%d,coap", p.To.Port()))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return args
}

// captured runs a scenario against an embedded Device and returns the capture.
func captured(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	var out, stderr bytes.Buffer
	args = append([]string{
		"test", "--capture", "--embed", "success", "--out", dir,
		"--scenario", "validation.a-check-that-finds-an-update-says-so-and-ends",
	}, args...)
	if code := run(t.Context(), args, nil, &out, &stderr); code != 0 && code != 3 {
		t.Fatalf("exit code %d\n%s%s", code, &out, &stderr)
	}
	return filepath.Join(dir, "capture.pcapng")
}

// TestTsharkShowsWhatWasEncrypted checks that a capture needs no key file.
func TestTsharkShowsWhatWasEncrypted(t *testing.T) {
	file := captured(t)
	got := tshark(t, file, append(ports(t, file), "-Y", "dtls && coap.code == 2", "-T", "fields", "-e", "coap.opt.uri_path_recon", "-e", "coap.payload_length")...)
	if !strings.Contains(got, "/oic/sec/pstat\t6\n") { // {"tm": 64}
		t.Errorf("tshark shows no POST of tm to /oic/sec/pstat over DTLS, but\n%s", got)
	}
}

func TestTsharkShowsWhatWasNot(t *testing.T) {
	file := captured(t, "--unsecured")
	got := tshark(t, file, append(ports(t, file), "-Y", "!dtls && coap.code == 2", "-T", "fields", "-e", "coap.opt.uri_path_recon")...)
	if !strings.Contains(got, "/oic/sec/pstat\n") {
		t.Errorf("tshark shows no POST to /oic/sec/pstat, but\n%s", got)
	}
}

// TestTsharkFindsNoFault checks the headers that were made and the form of the file.
func TestTsharkFindsNoFault(t *testing.T) {
	file := captured(t)
	if got := tshark(t, file, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-Y", "ip.checksum.status == 0 || udp.checksum.status == 0 || _ws.malformed"); got != "" {
		t.Errorf("tshark finds faults:\n%s", got)
	}
	if got := tshark(t, file, "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-c", "3", "-Y", "ip.checksum.status == 1 && udp.checksum.status == 1"); strings.Count(got, "\n") != 3 {
		t.Errorf("of the first three packets these have right sums:\n%s", got)
	}
}
