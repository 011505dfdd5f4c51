//go:build strangers && linux

package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance/suite"
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

// TestTsharkCountsAsTheReportDoes checks that the packet of each observation, by its
// number, is the CoAP message that was observed.
func TestTsharkCountsAsTheReportDoes(t *testing.T) {
	file := captured(t)
	shown := tshark(t, file, append(ports(t, file), "-Y", "coap", "-T", "fields", "-e", "frame.number", "-e", "coap.mid")...)
	results, err := suite.Rejudge(filepath.Dir(file), suite.Judging{})
	if err != nil {
		t.Fatal(err)
	}
	tl, err := results[0].Timelines()("timelines/validation.a-check-that-finds-an-update-says-so-and-ends.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	frames := 0
	for _, o := range tl.Observations {
		if o.Frame == nil {
			continue
		}
		frames++
		if want := fmt.Sprintf("\n%d\t%d\n", o.Packet, o.Frame.MID); !strings.Contains("\n"+shown, want) {
			t.Errorf("observation %d is packet %d with message ID %d, and tshark says otherwise", o.N, o.Packet, o.Frame.MID)
		}
	}
	if frames < 10 {
		t.Errorf("%d frames in all: that can't be the scenario", frames)
	}
}

// TestTsharkFindsAFinding checks the comment of the packet that a breach was seen in.
func TestTsharkFindsAFinding(t *testing.T) {
	dir := t.TempDir()
	var out, stderr bytes.Buffer
	args := []string{
		"test", "--capture", "--deviation", "cm-v-not-cleared", "--out", dir,
		"--scenario", "validation.a-check-begins-by-clearing-the-result-of-the-one-before",
	}
	if code := run(t.Context(), args, nil, &out, &stderr); code != 1 {
		t.Fatalf("exit code %d\n%s%s", code, &out, &stderr)
	}
	file := filepath.Join(dir, "capture.pcapng")
	number := strings.TrimSpace(tshark(t, file, "-Y", `frame.comment contains "finding: SVV-4 fail"`, "-T", "fields", "-e", "frame.number"))
	if number == "" || !strings.Contains(out.String(), "(packet "+number+")") {
		t.Errorf("tshark finds the finding at packet %q, and the report says\n%s", number, &out)
	}
	comments := tshark(t, file, "-Y", "frame.number == "+number, "-T", "fields", "-e", "frame.comment")
	for _, want := range []string{"scenario validation.a-check-begins-by-clearing-the-result-of-the-one-before: ", "step: ", "observation "} {
		if !strings.Contains(comments, want) {
			t.Errorf("%q lacks %q", comments, want)
		}
	}
}

// TestTsharkReadsWhatDevicesWrite checks the capture of `ocfsim run`, of which none but a
// finished file is complete.
func TestTsharkReadsWhatDevicesWrite(t *testing.T) {
	dir := t.TempDir()
	file, keys := filepath.Join(dir, "devices.pcapng"), filepath.Join(dir, "owner.yaml")
	var r ready
	devices := begin(t, &r, "run", "--json", "--listen", "127.2.0.9:0", "--capture", file, "--credentials", keys, "--trust", filepath.Join(dir, "root.pem"))
	var got, stderr bytes.Buffer
	code := run(t.Context(), []string{"post", r.Secure, "--credential", keys, "-p", "tm=V"}, nil, &got, &stderr)
	if _, end := devices.end(); code != 0 || end != 0 {
		t.Fatalf("exit codes %d of post and %d of run\n%s%s", code, end, &got, &stderr)
	}
	shown := tshark(t, file, append(plugin(t), "-Y", "dtls && coap.code == 2", "-T", "fields", "-e", "coap.opt.uri_path_recon")...)
	if shown != "/oic/sec/pstat\n" {
		t.Errorf("tshark shows these POSTs over DTLS: %q", shown)
	}
}

// plugin writes the plugin and returns tshark's arguments for it.
func plugin(t *testing.T) []string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ocf.lua")
	var out, stderr bytes.Buffer
	if code := run(t.Context(), []string{"dissector", name}, nil, &out, &stderr); code != 0 {
		t.Fatalf("exit code %d\n%s", code, &stderr)
	}
	return []string{"-X", "lua_script:" + name}
}

// TestTsharkShowsWords checks that tm is shown as V with the plugin and with no key file.
func TestTsharkShowsWords(t *testing.T) {
	file := captured(t)
	args := append(plugin(t), "-Y", `dtls && coap.code == 2 && ocf.tm == "V"`, "-T", "fields", "-e", "coap.opt.uri_path_recon", "-e", "ocf.tm")
	if got := tshark(t, file, args...); got != "/oic/sec/pstat\tV\n" {
		t.Errorf("the POST of tm is shown as %q", got)
	}
	args = append(plugin(t), "-Y", `coap.code == 69 && ocf.dos`)
	shown := tshark(t, file, args...)
	for _, want := range []string{" tm=V cm=- dos=RFNOP", " tm=V cm=V dos=RFNOP", " tm=- cm=V dos=RFNOP", " tm=- cm=0x2 dos=RFOTM"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the list of packets lacks %q:\n%s", want, shown)
		}
	}
}

// TestTsharkReadsAnyPstat gives the plugin payloads in every form of CBOR, at a port of
// no protocol.
func TestTsharkReadsAnyPstat(t *testing.T) {
	payloads := []struct{ hex, want string }{
		{"a262746d18c062636d1a00004040", " tm=V+U cm=V+0x4000"},
		{"bf62746d1840ff", " tm=V"},
		{"bf7f6174616dff1b0000000000000080ff", " tm=U"},
		{"a3617882f94400a1617801627264c11a00000001" + "62746d00", " tm=-"},
		{"a163646f73a261730461 70f5", " dos=SRESET"},
		{"a163646f73a1617309", " dos=9"},
		{"a162746d20", ""},
		{"a162746d6156", ""},
		{"a16274", ""},
		{"9f", ""},
	}
	file := filepath.Join(t.TempDir(), "x.pcapng")
	w, err := capture.Create(file, "test")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range payloads {
		data, err := hex.DecodeString(strings.ReplaceAll(p.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		coap := append([]byte{0x50, 0x02, 0, byte(i), 0xc2, 0x27, 0x10, 0xff}, data...) // NON POST, Content-Format 10000
		w.Packet(capture.Packet{From: netip.MustParseAddrPort("127.0.0.1:40000"), To: netip.MustParseAddrPort("127.0.0.1:40001"), Data: coap})
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(tshark(t, file, append(plugin(t), "-T", "fields", "-e", "_ws.col.Info")...)), "\n")
	if len(lines) != len(payloads) {
		t.Fatalf("%d lines of %d packets:\n%s", len(lines), len(payloads), strings.Join(lines, "\n"))
	}
	for i, line := range lines {
		words := ""
		for _, w := range strings.Fields(strings.ReplaceAll(line, ",", " ")) {
			if name, _, ok := strings.Cut(w, "="); ok && (name == "tm" || name == "cm" || name == "dos") {
				words += " " + w
			}
		}
		if words != payloads[i].want {
			t.Errorf("%s is shown as %q, want %q: %s", payloads[i].hex, words, payloads[i].want, line)
		}
	}
}
