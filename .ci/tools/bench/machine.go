//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// machine is what the figures were measured on.
type machine struct {
	cpu    string
	cpus   int
	memory float64 // bytes
	kernel string
	goes   string  // version of Go
	load   float64 // average of the minute before
}

// thisMachine describes the machine as it is now.
func thisMachine(cpus int) (machine, error) {
	m := machine{cpus: cpus, goes: runtime.Version(), cpu: "unknown"}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return m, os.NewSyscallError("uname", err)
	}
	m.kernel = "Linux " + unix.ByteSliceToString(u.Release[:])
	m.cpu = field("/proc/cpuinfo", "model name")
	kB, _ := strconv.ParseFloat(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 64)
	m.memory = kB * 1024
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return m, err
	}
	_, err = fmt.Sscan(string(text), &m.load)
	return m, err
}

// field is the value behind the first "key:" of a file below /proc.
func field(file, key string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if k, v, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

// tick is what /proc/stat counts in.
const tick = 10 * time.Millisecond

// usage is how the processors of the machine have spent their time since it was started.
type usage struct {
	at      time.Time
	busy    time.Duration // in programs and their system calls
	stolen  time.Duration // other machines had the processor
	own     time.Duration // this program and those that it has ended, of busy
	dropped uint64        // datagrams for which some receive buffer had no room
}

// usageNow reads how the time was spent so far.
func usageNow() usage {
	u := usage{at: time.Now(), dropped: dropsNow()}
	text, err := os.ReadFile("/proc/stat")
	if err == nil {
		line, _, _ := strings.Cut(string(text), "\n")
		var user, nice, system, idle, wait, hard, soft, stolen int64
		_, _ = fmt.Sscanf(line, "cpu %d %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &wait, &hard, &soft, &stolen)
		u.busy, u.stolen = time.Duration(user+nice+system)*tick, time.Duration(stolen)*tick
	}
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var r unix.Rusage
		if unix.Getrusage(who, &r) == nil {
			u.own += time.Duration(r.Utime.Nano() + r.Stime.Nano())
		}
	}
	return u
}

// dropsNow counts the datagrams that receive buffers had no room for, in the network
// namespace of the thread that calls.
func dropsNow() uint64 {
	text, err := os.ReadFile("/proc/thread-self/net/snmp")
	if err != nil {
		return 0
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != "Udp:" {
			continue
		}
		if names == nil {
			names = f
			continue
		}
		for i, name := range names {
			if name == "RcvbufErrors" && i < len(f) {
				n, _ := strconv.ParseUint(f[i], 10, 64)
				return n
			}
		}
	}
	return 0
}

// lostAt counts the datagrams that the receive buffers of sockets at some ports had no room
// for, in the network namespace of the thread that calls.
func lostAt(ports ...uint16) uint64 {
	f, err := os.Open("/proc/thread-self/net/udp")
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	var lost uint64
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 13 {
			continue
		}
		_, text, _ := strings.Cut(fields[1], ":")
		port, err := strconv.ParseUint(text, 16, 16)
		if err == nil && slices.Contains(ports, uint16(port)) {
			n, _ := strconv.ParseUint(fields[len(fields)-1], 10, 64)
			lost += n
		}
	}
	return lost
}

// crowd is how much of the machine others had meanwhile.
type crowd struct {
	others  float64 // share of all processors that other programs took
	stolen  float64 // share that other machines took
	dropped uint64
}

// since is how the time from one look to the next was spent. Every program that was
// measured has to have ended.
func (u usage) since(before usage, cpus int) crowd {
	all := u.at.Sub(before.at).Seconds() * float64(cpus)
	others := (u.busy - before.busy) - (u.own - before.own)
	return crowd{
		others: max(0, others.Seconds()/all), stolen: (u.stolen - before.stolen).Seconds() / all,
		dropped: u.dropped - before.dropped,
	}
}

// enough is how much of the machine others may have before a figure is marked, as a share.
const enough = 0.05

// loaded reports whether others had so much that the figures are in doubt.
func (c crowd) loaded() bool { return c.others > enough || c.stolen > enough }

func (c crowd) String() string {
	return fmt.Sprintf("other programs had %.0f %% of the processors, other machines %.0f %%", 100*c.others, 100*c.stolen)
}
