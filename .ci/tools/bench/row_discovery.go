//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// leisure is the time over which the Devices of a large fleet spread their answers.
const leisure = 5 * time.Second

// rowDiscovery measures a multicast request that very many Devices answer.
func rowDiscovery() row {
	return row{
		name: "discovery", title: "Discovery",
		says: "One multicast GET of /oic/res to 224.0.1.187, in a network namespace made for it. The answers are spread over the Leisure of 5 s; the fullest tenth of it would have one time " +
			"its share if they were spread evenly.",
		units: []unit{
			{name: "answers", head: "Devices that answered"},
			{name: "ns-all", head: "ms until the last", shown: "ms", per: 1e6},
			{name: "of-even", head: "fullest tenth beside an even one"},
			{name: "cpu-ns/answer", head: "CPU µs an answer", shown: "µs", per: 1000},
			{name: "dropped/op", head: "dropped by the kernel"},
		},
		goals: []goal{
			{what: "Devices found by one multicast request", subject: ofProduct, unit: "answers", least: 10_000},
			{what: "until the last has answered", subject: ofProduct, unit: "ns-all", most: 5.5e9},
		},
		run: (*bench).measureDiscovery,
	}
}

func (b *bench) measureDiscovery(r *results) error {
	if os.Geteuid() != 0 {
		r.skip(ofProduct, errors.New("only root can make a network namespace"))
		return nil
	}
	if _, err := exec.LookPath("ip"); err != nil {
		r.skip(ofProduct, errMissing{"ip of iproute2"})
		return nil
	}
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // for ever: the thread ends with the goroutine, and the namespace with it
		failed <- b.inNamespace(r)
	}()
	return <-failed
}

// inNamespace moves the thread that calls to a network of its own, and measures there.
func (b *bench) inNamespace(r *results) error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		r.skip(ofProduct, fmt.Errorf("a network namespace can't be made: %w", err))
		return nil
	}
	for _, command := range []string{"link set lo up", "link set lo multicast on", "route add 224.0.0.0/4 dev lo"} {
		if text, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w\n%s", command, err, text)
		}
	}
	for round := range b.rounds {
		if err := b.discover(r, round); err != nil {
			return err
		}
	}
	return nil
}

// discover asks all Devices of a fleet at once.
func (b *bench) discover(r *results, round int) error {
	s, err := b.fleet(b.serverCPUs, b.found)
	if err != nil {
		return err
	}
	defer s.stop()
	w, err := openWire(0, leisure/4)
	if err != nil {
		return err
	}
	defer func() { _ = w.close() }()
	if err := unix.SetsockoptInet4Addr(w.fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, [4]byte{127, 0, 0, 1}); err != nil {
		return os.NewSyscallError("IP_MULTICAST_IF", err)
	}
	group := endpoint{[4]byte{224, 0, 1, 187}, s.first.port}
	w.out.add(firstClient.addr, group, datagram(nil, nonHead, get, 1, 1, resPath))
	cpu, dropped, began := s.cpu(), lostAt(s.first.port, w.port), time.Now()
	if err := w.flush(); err != nil {
		return err
	}
	var last time.Duration
	var tenths [10]int
	from := map[endpoint]bool{}
	for len(from) < b.found && time.Since(began) < 2*leisure {
		n, err := w.receive(unix.MSG_WAITFORONE)
		if err != nil {
			return err
		}
		for i := range n {
			if e := w.in.peer(i); !from[e] && w.data(i)[1] == content {
				from[e], last = true, time.Since(began)
				tenths[min(9, int(10*last/min(leisure, time.Duration(b.found)*time.Millisecond)))]++
			}
		}
	}
	if len(from) == 0 {
		return errors.New("no Device answers the multicast request")
	}
	fullest := 0
	for _, n := range tenths {
		fullest = max(fullest, n)
	}
	if len(from) < b.found {
		r.distrust(ofProduct, fmt.Sprintf("only %d of %d Devices answered", len(from), b.found))
	}
	r.add(ofProduct, round, len(from), map[string]float64{
		"answers": float64(len(from)), "ns-all": float64(last.Nanoseconds()), "of-even": float64(fullest) / (float64(len(from)) / 10),
		"cpu-ns/answer": float64((s.cpu() - cpu).Nanoseconds()) / float64(len(from)), "dropped/op": float64(lostAt(s.first.port, w.port) - dropped),
	})
	return nil
}
