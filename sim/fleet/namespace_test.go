//go:build strangers && linux

package fleet_test

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// inNamespace runs the test again in a network namespace of its own, after it has
// run commands there. It reports whether the present run is that second run.
func inNamespace(t *testing.T, commands string) bool {
	t.Helper()
	if os.Getenv("OCFSIM_NAMESPACE") != "" {
		return true
	}
	script := "set -e; ip link set lo up; " + commands + `; OCFSIM_NAMESPACE=1 exec "$0" -test.v -test.run "^$1\$"`
	cmd := exec.Command("unshare", "-rn", "sh", "-c", script, os.Args[0], t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

// A routed IPv6 prefix serves Devices just as 127.0.0.0/8 does.
func TestRoutedPrefix(t *testing.T) {
	if !inNamespace(t, "ip -6 route add local 2001:db8:0:1::/64 dev lo") {
		return
	}
	fl := onLoopback(t, func(c *fleet.Config) { c.Listen = addrPort("[2001:db8:0:1::fff0]:0") })
	for i := range fl.Len() {
		p := dialUDP(t, fl.Addr(i))
		if got := p.want("42 01 1234 aabb b3'oic' 01'd'", "62 45 1234 aabb"); !containsText(got, fl.ID(i).String()) {
			t.Fatalf("device %d at %v: %x", i, fl.Addr(i), got)
		}
	}
}

// counted returns how many addresses answer a request to a group.
func counted(t *testing.T, c net.PacketConn, to netip.AddrPort) int {
	t.Helper()
	if _, err := c.WriteTo(bytesOf(t, "51 01 1234 aa b3'oic' 03'res'"), net.UDPAddrFromAddrPort(to)); err != nil {
		t.Fatal(err)
	}
	from := map[string]bool{}
	buf := make([]byte, 2048)
	for len(from) < 300 {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, addr, err := c.ReadFrom(buf)
		if err != nil {
			t.Fatalf("after %d answers: %v", len(from), err)
		}
		if !begins(t, buf[:n], "51 45 .... aa") {
			t.Fatalf("%v answers %x", addr, buf[:n])
		}
		from[addr.String()] = true
	}
	return len(from)
}

func TestMulticastOnLoopback(t *testing.T) {
	if !inNamespace(t, "ip link set lo multicast on; ip route add 224.0.0.0/4 dev lo") {
		return
	}
	fl := onLoopback(t, nil)
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if err := ipv4.NewPacketConn(c).SetMulticastInterface(lo); err != nil {
		t.Fatal(err)
	}
	counted(t, c, netip.AddrPortFrom(addrPort("224.0.1.187:0").Addr(), fl.Addr(0).Port()))
}

// The fleet joins the IPv6 groups on the interface that has the prefix.
func TestMulticastOnLink(t *testing.T) {
	const link = "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; ip link add name here type veth peer name there; " +
		"ip link set here up; ip link set there up; ip addr add 2001:db8:0:1::1/64 dev here nodad; " +
		"ip -6 route add local 2001:db8:0:1::/64 dev lo"
	if !inNamespace(t, link) {
		return
	}
	fl := onLoopback(t, func(c *fleet.Config) { c.Listen = addrPort("[2001:db8:0:1::1]:0") })
	for _, group := range []string{"ff02::158", "ff03::158", "ff05::158"} {
		c, err := net.ListenPacket("udp6", "[2001:db8:0:1::1]:0")
		if err != nil {
			t.Fatal(err)
		}
		here, err := net.InterfaceByName("here")
		if err != nil {
			t.Fatal(err)
		}
		pc := ipv6.NewPacketConn(c)
		if err := pc.SetMulticastInterface(here); err != nil {
			t.Fatal(err)
		}
		if err := pc.SetMulticastLoopback(true); err != nil {
			t.Fatal(err)
		}
		counted(t, c, netip.AddrPortFrom(netip.MustParseAddr(group), fl.Addr(0).Port()))
		_ = c.Close()
	}
}
