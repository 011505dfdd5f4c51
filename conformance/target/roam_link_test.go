//go:build strangers && linux

package target

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// door is a Device as IoTivity-Lite is one: it listens for multicast at a socket of its own, and
// answers what comes there from the port where it is talked to.
type door struct {
	net.PacketConn
	own net.PacketConn
}

// WriteTo sends from the Device's own port.
func (d door) WriteTo(data []byte, to net.Addr) (int, error) { return d.own.WriteTo(data, to) }

// socketAt listens at an address of a namespace.
func socketAt(t *testing.T, at string) net.PacketConn {
	t.Helper()
	conn, err := net.ListenPacket("udp6", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestADeviceThatChangesItsPortOnLoopback6: over ::1, where nothing can be multicast, a Device that
// comes back at another port is found by the port where it listens for multicast.
func TestADeviceThatChangesItsPortOnLoopback6(t *testing.T) {
	if os.Getenv("OCFSIM_NAMESPACE") == "" {
		cmd := exec.Command("unshare", "-rn", "sh", "-c", `ip link set lo up; OCFSIM_NAMESPACE=1 exec "$0" -test.v -test.run "^$1\$"`, os.Args[0], t.Name())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	RegisterTestingT(t)
	here := &peer{PacketConn: socketAt(t, "[::1]:0")}
	here.serve(lamp())
	cfg, err := FromURI("coap://" + here.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	cfg.ACKTimeout, cfg.MaxRetransmit = time.Second, 3
	dev, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := dev.Tap(t.Context(), conformance.Privileged, newTape())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	_ = here.Close()
	there := &peer{PacketConn: socketAt(t, "[::1]:0")}
	there.serve(lamp())
	(&peer{PacketConn: door{socketAt(t, "[::1]:5683"), there.PacketConn}}).serve(lamp())
	reply, err := c.Exchange(t.Context(), conformance.Call{Method: "GET", Path: ocf.PathD})
	if err != nil || reply.Lost {
		t.Fatalf("%+v, %v", reply, err)
	}
	if look, err := dev.Look(t.Context()); err != nil || look.Endpoint != "coap://"+there.LocalAddr().String() {
		t.Errorf("%+v, %v", look.Endpoint, err)
	}
}
