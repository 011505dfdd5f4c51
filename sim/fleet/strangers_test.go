//go:build strangers

package fleet_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/ocfsim/ocfsim/ocf"
)

// coapClient is libcoap's client without TLS, from Debian's libcoap3-bin.
const coapClient = "coap-client-notls"

// coap runs libcoap's client and returns what it prints.
func coap(t *testing.T, input []byte, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, coapClient, args...)
	cmd.Stdin = bytes.NewReader(input)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s %s: %v\n%s%s", coapClient, strings.Join(args, " "), err, out, complaints.Bytes())
	}
	return out
}

// pstatOf decodes a representation without any of our code.
func pstatOf(t *testing.T, data []byte) (tm, cm uint64) {
	t.Helper()
	var p struct {
		TM *uint64 `cbor:"tm"`
		CM *uint64 `cbor:"cm"`
	}
	if err := cbor.Unmarshal(bytes.TrimSuffix(data, []byte("\n")), &p); err != nil || p.TM == nil || p.CM == nil {
		t.Fatalf("%x: %v", data, err)
	}
	return *p.TM, *p.CM
}

// libcoap's client talks to Devices at several addresses of one socket, and each
// answers from its own.
func TestLibcoap(t *testing.T) {
	fl := onLoopback(t, nil)
	for _, i := range []int{0, 6, 254, 255, 299} {
		base := fmt.Sprintf("coap://%v", fl.Addr(i))
		var d struct {
			DI string `cbor:"di"`
		}
		out := coap(t, nil, "-m", "get", "-A", "10000", base+"/oic/d")
		if err := cbor.Unmarshal(bytes.TrimSuffix(out, []byte("\n")), &d); err != nil || d.DI != fl.ID(i).String() {
			t.Errorf("%s is %q, %v; want %v", base, d.DI, err, fl.ID(i))
		}
		if tm, cm := pstatOf(t, coap(t, nil, "-m", "get", "-A", "60", base+ocf.PathPstat)); tm != 0 || cm != 0 {
			t.Errorf("%s: tm=%d cm=%d", base, tm, cm)
		}
		core := string(coap(t, nil, "-m", "get", base+ocf.PathCore))
		if !strings.Contains(core, "</oic/sec/pstat>;rt=\"oic.r.pstat\"") {
			t.Errorf("%s: %s", base, core)
		}
		whole := coap(t, nil, "-m", "get", base+ocf.PathRes)
		if blocks := coap(t, nil, "-m", "get", "-b", "16", base+ocf.PathRes); !bytes.Equal(blocks, whole) {
			t.Errorf("%s in blocks:\n got %x\nwant %x", base, blocks, whole)
		}
	}
}

// libcoap's client observes a check that it has started with a POST.
func TestLibcoapObserves(t *testing.T) {
	fl := onLoopback(t, nil)
	for _, i := range []int{1, 256} {
		uri := fmt.Sprintf("coap://%v%s", fl.Addr(i), ocf.PathPstat)
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		cmd := exec.CommandContext(ctx, coapClient, "-m", "get", "-s", "20", "-A", "10000", "-w", uri)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		var seen []string
		for len(seen) < 4 {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				t.Fatalf("after %v: %v", seen, err)
			}
			tm, cm := pstatOf(t, line)
			seen = append(seen, fmt.Sprintf("%d,%d", tm, cm))
			if len(seen) == 1 {
				coap(t, []byte("\xa1btm\x18\x40"), "-m", "post", "-t", "10000", "-f", "-", uri)
			}
		}
		cancel()
		_ = cmd.Wait()
		if got := strings.Join(seen, " "); got != "0,0 64,0 64,64 0,64" {
			t.Errorf("device %d: %s", i, got)
		}
	}
}

// Devices accept a POST of libcoap's client without a content format, and one in
// blocks.
func TestLibcoapPosts(t *testing.T) {
	fl := onLoopback(t, nil)
	uri := fmt.Sprintf("coap://%v%s", fl.Addr(7), ocf.PathPstat)
	coap(t, []byte("\xa1btm\x00"), "-m", "post", "-f", "-", uri)
	coap(t, []byte("\xa2btm\x18\x40cdos\xa1as\x03"), "-m", "post", "-t", "60", "-b", "16", "-f", "-", uri)
	if s := fl.Stats(); s.Requests < 2 || s.Malformed != 0 {
		t.Errorf("%+v", s)
	}
}
