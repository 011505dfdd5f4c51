//go:build strangers && linux

package fleet_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/ocfsim/ocfsim/sim"
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
	for _, devices := range []int{300, 1} {
		fl := onLoopback(t, func(c *fleet.Config) { c.Devices, c.Listen = devices, addrPort("[2001:db8:0:1::fff0]:0") })
		for i := range fl.Len() {
			p := dialUDP(t, fl.Addr(i))
			if got := p.want("42 01 1234 aabb b3'oic' 01'd'", "62 45 1234 aabb"); !containsText(got, fl.ID(i).String()) {
				t.Fatalf("device %d at %v: %x", i, fl.Addr(i), got)
			}
		}
	}
}

// A few Devices take their port at their own addresses alone: others may have it at
// other addresses, and one multicast request reaches all of them.
func TestAFewTakeTheirAddressesAlone(t *testing.T) {
	if !inNamespace(t, "ip link set lo multicast on; ip route add 224.0.0.0/4 dev lo") {
		return
	}
	for _, at := range []string{"127.1.0.1:5683", "127.2.0.1:5683"} {
		fl := onLoopback(t, func(c *fleet.Config) { c.Devices, c.Listen = 2, addrPort(at) })
		for i := range fl.Len() {
			if got := dialUDP(t, fl.Addr(i)).want("42 01 1234 aabb b3'oic' 01'd'", "62 45 1234 aabb"); !containsText(got, fl.ID(i).String()) {
				t.Fatalf("%v: %x", fl.Addr(i), got)
			}
		}
	}
	other, err := net.ListenPacket("udp4", "127.3.0.1:5683")
	if err != nil {
		t.Fatalf("the port is taken at an address of nobody: %v", err)
	}
	defer func() { _ = other.Close() }()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	lo, err := net.InterfaceByName("lo")
	if err == nil {
		err = ipv4.NewPacketConn(c).SetMulticastInterface(lo)
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := answering(t, c, addrPort("224.0.1.187:5683"), 4); n != 4 {
		t.Errorf("%d of 4 Devices answer", n)
	}
}

// An address that this machine does not have is refused.
func TestAnAddressThatIsNotHere(t *testing.T) {
	m := model(t, sim.Config{})
	_, err := fleet.Open(fleet.Config{Devices: 1, Listen: addrPort("192.0.2.7:5683"), Model: func(int) *sim.Model { return m }})
	if err == nil || !strings.Contains(err.Error(), "192.0.2.7:5683") {
		t.Errorf("it listens: %v", err)
	}
}

// counted wants 300 addresses to answer a request to a group.
func counted(t *testing.T, c net.PacketConn, to netip.AddrPort) int {
	t.Helper()
	return answering(t, c, to, 300)
}

// answering waits until so many addresses have answered a request to a group. On a busy machine
// the Client's own socket may have no room for all answers, so it asks three times, as
// Clients do that ask a group.
func answering(t *testing.T, c net.PacketConn, to netip.AddrPort, most int) int {
	t.Helper()
	asked := 0
	ask := func() {
		asked++
		if _, err := c.WriteTo(bytesOf(t, fmt.Sprintf("51 01 123%d aa b3'oic' 03'res'", asked)), net.UDPAddrFromAddrPort(to)); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	from := map[string]bool{}
	buf := make([]byte, 2048)
	for len(from) < most {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, addr, err := c.ReadFrom(buf)
		if err != nil && asked < 3 && len(from) > 0 {
			ask()
			continue
		}
		if err != nil {
			t.Fatalf("after %d answers: %v", len(from), err)
		}
		if isPing(buf[:n]) {
			if _, err := c.WriteTo(bytesOf(t, fmt.Sprintf("70 00 %x", buf[2:4])), addr); err != nil {
				t.Fatal(err)
			}
			continue
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

// 10,000 Devices answer one request to the group, each once, from its own address and
// spread over the leisure. A machine that is too busy to let the Client read loses
// answers in the Client's socket; those are counted, and no others may be missing.
func TestTenThousandAreDiscovered(t *testing.T) {
	if !inNamespace(t, "ip link set lo multicast on; ip route add 224.0.0.0/4 dev lo") {
		return
	}
	const devices, leisure = 10_000, 5 * time.Second
	fl := onLoopback(t, func(c *fleet.Config) { c.Devices = devices })
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	lo, err := net.InterfaceByName("lo")
	if err == nil {
		err = errors.Join(ipv4.NewPacketConn(c).SetMulticastInterface(lo), c.SetReadBuffer(4<<20))
	}
	if err != nil {
		t.Fatal(err)
	}
	to := netip.AddrPortFrom(addrPort("224.0.1.187:0").Addr(), fl.Addr(0).Port())
	began := time.Now()
	if _, err := c.WriteToUDPAddrPort(bytesOf(t, "51 01 1234 aa b3'oic' 03'res'"), to); err != nil {
		t.Fatal(err)
	}
	from := map[netip.AddrPort]bool{}
	var tenths [10]int
	buf := make([]byte, 2048)
	for len(from) < devices {
		_ = c.SetReadDeadline(time.Now().Add(2 * leisure))
		n, addr, err := c.ReadFromUDPAddrPort(buf)
		if err != nil {
			break
		}
		if from[addr] || !begins(t, buf[:n], "51 45 .... aa") {
			t.Fatalf("%v answers %x", addr, buf[:n])
		}
		from[addr] = true
		tenths[min(9, time.Since(began)*10/leisure)]++
	}
	lost := lostBy(t, c)
	t.Logf("%d answers in %v, by tenths of the leisure %v; %d were lost", len(from), time.Since(began), tenths, lost)
	if len(from)+lost != devices || time.Since(began) < leisure*9/10 {
		t.Errorf("%+v", fl.Stats())
	}
}

// lostBy is how many datagrams the kernel has dropped because c's buffer was full.
func lostBy(t *testing.T, c *net.UDPConn) int {
	t.Helper()
	table, err := os.ReadFile("/proc/self/net/udp")
	if err != nil {
		t.Fatal(err)
	}
	port := fmt.Sprintf(":%04X", c.LocalAddr().(*net.UDPAddr).Port)
	for line := range strings.Lines(string(table)) {
		words := strings.Fields(line)
		if !strings.HasSuffix(words[1], port) {
			continue
		}
		lost, err := strconv.Atoi(words[len(words)-1])
		if err != nil {
			t.Fatal(err)
		}
		return lost
	}
	t.Fatalf("no socket with port %s in\n%s", port, table)
	return 0
}
