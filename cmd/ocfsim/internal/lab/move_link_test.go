//go:build strangers && linux

package lab_test

import (
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// link makes a link of two ends in a namespace, with a prefix of IPv6 whose addresses are
// all of this machine.
const link = "set -e; ip link set lo up; echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; ip link add name here type veth peer name there; " +
	"ip link set here up; ip link set there up; ip addr add 2001:db8:0:1::1/64 dev here nodad; ip -6 route add local 2001:db8:0:1::/64 dev lo; "

// TestADeviceThatMovesIsFoundOnALink restarts a Device that comes back at another address of
// IPv6 each time. Nobody tells where: the target names it by its di, and asks on the link.
func TestADeviceThatMovesIsFoundOnALink(t *testing.T) {
	if os.Getenv("OCFSIM_NAMESPACE") == "" {
		cmd := exec.Command("unshare", "-rn", "sh", "-c", link+`OCFSIM_NAMESPACE=1 exec "$0" -test.v -test.run "^$1\$"`, os.Args[0], t.Name())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	specimens[0].Speed = 10
	l, err := lab.Open(lab.Config{Specimens: specimens, Unsecured: true, Moves: true, Listen: netip.MustParseAddrPort("[2001:db8:0:1::1]:5683")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg := l.Targets()[0]
	cfg.Profile.Endpoint, cfg.Seek, cfg.Find, cfg.Interface = "", nil, l.Fleet().DI(0), "here"
	dev, err := target.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := dev.Client(t.Context(), conformance.Privileged, conformance.NewRecorder(conformance.Header{}, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		was := l.Fleet().Addr(0)
		if _, err := dev.Condition(t.Context(), conformance.Reboot); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); ; {
			reply, err := c.Exchange(t.Context(), conformance.Call{Method: "GET", Path: ocf.PathD})
			if err != nil {
				t.Fatal(err)
			}
			if !reply.Lost {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("the Device is not found again; it was at %v and is at %v", was, l.Fleet().Addr(0))
			}
		}
		look, err := dev.Look(t.Context())
		if is := "coap://" + l.Fleet().Addr(0).String(); err != nil || l.Fleet().Addr(0) == was || look.Endpoint != is {
			t.Errorf("it was at %v and is at %s; it was found at %s, %v", was, is, look.Endpoint, err)
		}
	}
}
