//go:build strangers && linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ocfsim/ocfsim/ocf"
)

// libcoap is libcoap's client, under one of its names.
func libcoap(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"coap-client-notls", "coap-client"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("libcoap's coap-client is missing (Debian: libcoap3-bin)")
	return ""
}

// thousand runs a thousand Devices and returns the address of the first.
func thousand(t *testing.T) netip.AddrPort {
	t.Helper()
	var r ready
	begin(t, &r, "run", "--json", "--unsecured", "--devices", "1000", "--listen", "127.1.0.1:0", "--speed", "100").endsWell(t)
	return netip.MustParseAddrPort(strings.TrimPrefix(r.First, "coap://"))
}

// nth is the URI of pstat of the Device i places after the first.
func nth(first netip.AddrPort, i int) string {
	a := first.Addr().As4()
	n := int(a[2])<<8 + int(a[3]) + i
	a[2], a[3] = byte(n>>8), byte(n)
	return fmt.Sprintf("coap://%v/oic/sec/pstat", netip.AddrPortFrom(netip.AddrFrom4(a), first.Port()))
}

// call runs libcoap's client and returns what it wrote.
func call(t *testing.T, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// ours is what `ocfsim get --raw` reads.
func ours(t *testing.T, uri string) []byte {
	t.Helper()
	var out, stderr bytes.Buffer
	if code := run(t.Context(), []string{"get", "--raw", uri}, nil, &out, &stderr); code != 0 {
		t.Fatalf("ocfsim get %s: exit code %d\n%s", uri, code, &stderr)
	}
	return out.Bytes()
}

// TestThousandDevicesAnswerLibcoap checks that each of a thousand Devices answers
// from its own address (libcoap's client takes an answer only from the address that
// it asked), and that libcoap's client reads the same bytes as ours.
func TestThousandDevicesAnswerLibcoap(t *testing.T) {
	program, first := libcoap(t), thousand(t)
	for _, i := range []int{0, 6, 254, 255, 256, 511, 999} {
		uri := nth(first, i)
		file := filepath.Join(t.TempDir(), "pstat.cbor")
		call(t, program, "-m", "get", "-A", "10000", "-B", "5", "-o", file, uri)
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if want := ours(t, uri); !bytes.Equal(got, want) {
			t.Errorf("%s: libcoap read %x, we read %x", uri, got, want)
		}
	}
}

// TestLibcoapObservesACheck starts a check with libcoap's POST of {"tm":64}, and
// checks that libcoap's observer sees it.
func TestLibcoapObservesACheck(t *testing.T) {
	program, first := libcoap(t), thousand(t)
	uri := nth(first, 6)
	file := filepath.Join(t.TempDir(), "tm64.cbor")
	if err := os.WriteFile(file, []byte("\xa1btm\x18\x40"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	observer := exec.CommandContext(ctx, program, "-m", "get", "-A", "10000", "-s", "2", uri)
	out, err := observer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := observer.Start(); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(out)
	if _, err := reader.Peek(1); err != nil { // wait for the answer to the registration
		t.Fatal(err)
	}
	call(t, program, "-m", "post", "-t", "10000", "-f", file, "-B", "5", uri)
	seen, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := observer.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, seen)
	}
	want := []string{"tm=- cm=- dos=RFNOP", "tm=V cm=- dos=RFNOP", "tm=V cm=V dos=RFNOP", "tm=- cm=V dos=RFNOP"}
	if got := states(t, seen); !slices.Equal(got, want) {
		t.Errorf("libcoap saw %q, want %q", got, want)
	}
}

// states reads the representations of pstat that libcoap wrote one after the other.
func states(t *testing.T, out []byte) []string {
	t.Helper()
	var all []string
	dec := cbor.NewDecoder(bytes.NewReader(bytes.TrimSuffix(out, []byte("\n"))))
	for {
		var raw cbor.RawMessage
		if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%v in %x", err, out)
		}
		p, _, err := ocf.DecodePstat(raw)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p.String())
	}
}

// TestScriptsWithStrangers runs the scripts that need more than Go: sh and curl.
func TestScriptsWithStrangers(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts("testdata/strangers"))
}

// TestLibcoapThatUpdatesUncheckedIsReported has libcoap's client write U first: its report
// warns by USE-1, and nothing of it fails.
func TestLibcoapThatUpdatesUncheckedIsReported(t *testing.T) {
	program, dir := libcoap(t), t.TempDir()
	var r ready
	devices := begin(t, &r, "run", "--json", "--unsecured", "--listen", "127.1.0.1:0", "--speed", "100", "--judge-clients", dir)
	file := filepath.Join(dir, "tm128.cbor")
	if err := os.WriteFile(file, []byte("\xa1btm\x18\x80"), 0o600); err != nil {
		t.Fatal(err)
	}
	call(t, program, "-m", "post", "-t", "10000", "-f", file, "-B", "5", r.First+"/oic/sec/pstat")
	rest, code := devices.end()
	if code != 3 { // whether it would have looked remains open
		t.Errorf("exit code %d", code)
	}
	if !bytes.Contains(rest, []byte(`"event":"judged"`)) {
		t.Errorf("no Client was judged: %s", rest)
	}
	var judged, stderr bytes.Buffer
	run(t.Context(), []string{"judge", dir}, nil, &judged, &stderr)
	if text := judged.String(); !strings.Contains(text, "WARN           USE-1") || strings.Contains(text, "FAIL") {
		t.Errorf("%s%s", text, &stderr)
	}
}
