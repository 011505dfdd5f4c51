//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// server is a program under measurement: a process on the processor that is kept for it.
type server struct {
	name    string
	cmd     *exec.Cmd
	stderr  *bytes.Buffer
	first   endpoint // of its first Device
	devices int      // at consecutive addresses
	control string   // URL that takes conditions, or ""
	ready   time.Duration
}

// at is where Device i is.
func (s *server) at(i int) endpoint { return s.first.plus(i % s.devices) }

// start starts a program on some processors. What it has to say on its standard
// output is read by told, which returns when the program is ready.
func (b *bench) start(name string, cpus []int, argv []string, told func(out io.Reader, s *server) error) (*server, error) {
	s := &server{name: name, cmd: exec.Command(argv[0], argv[1:]...), stderr: new(bytes.Buffer), devices: 1}
	s.cmd.Dir, s.cmd.Stderr = b.scratch, s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := b.on(cpus, s.cmd.Start); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := told(out, s); err != nil {
		s.stop()
		return nil, fmt.Errorf("%s: %w\n%s", name, err, s.stderr)
	}
	s.ready = time.Since(began)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return s, nil
}

// on runs f, and so what f starts, on some processors.
func (b *bench) on(cpus []int, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := pin(0, cpus); err != nil {
		return err
	}
	return errors.Join(f(), pin(0, b.loadCPU))
}

// stop ends the program.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(unix.SIGTERM)
	timer := time.AfterFunc(10*time.Second, func() { _ = s.cmd.Process.Kill() })
	_ = s.cmd.Wait()
	timer.Stop()
}

// cpu is how much processor time the program has taken, all its threads together.
func (s *server) cpu() time.Duration {
	var t unix.Timespec
	// The number of a process's clock: CPUCLOCK_SCHED of clock_getcpuclockid(3).
	if err := unix.ClockGettime(int32(^s.cmd.Process.Pid<<3|2), &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// memory is how many bytes of the program are resident.
func (s *server) memory() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			kB, _ := strconv.ParseFloat(f[1], 64)
			return kB * 1024
		}
	}
	return 0
}

// fleet starts the product with that many Devices on some processors. With extra it gets
// more flags.
func (b *bench) fleet(cpus []int, devices int, extra ...string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	argv := append([]string{
		b.product, "run", "--json", "--unsecured", "--devices", strconv.Itoa(devices),
		"--listen", fmt.Sprintf("127.1.0.1:%d", port),
	}, extra...)
	return b.start("ocfsim", cpus, argv, func(out io.Reader, s *server) error {
		var said struct{ First, Control string }
		if err := json.NewDecoder(out).Decode(&said); err != nil {
			return fmt.Errorf("what it says when it is ready: %w", err)
		}
		u, err := url.Parse(said.First)
		if err != nil {
			return err
		}
		at, err := netip.ParseAddrPort(u.Host)
		s.first, s.devices, s.control = endpointOf(at), devices, said.Control
		return err
	})
}

// condition brings all Devices of a fleet into a condition. It returns when that is done.
func (s *server) condition(name string) error {
	body, err := json.Marshal(map[string]string{"condition": name})
	if err != nil {
		return err
	}
	r, err := http.Post(s.control, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	text, err := io.ReadAll(r.Body)
	if err = errors.Join(err, r.Body.Close()); err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("condition %s: %s: %s", name, r.Status, text)
	}
	return nil
}

// freePort returns a UDP port that nobody has at any address.
func freePort() (int, error) {
	w, err := openWire(0, time.Second)
	if err != nil {
		return 0, err
	}
	return int(w.port), w.close()
}

// pin keeps a thread on some processors; 0 is the thread that calls.
func pin(thread int, cpus []int) error {
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(thread, &set))
}

// pinAll keeps all threads of this program on some processors. Threads that begin later
// inherit it.
func pinAll(cpus []int) error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := pin(id, cpus); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// processors are those that this program may run on.
func processors() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, os.NewSyscallError("sched_getaffinity", err)
	}
	var all []int
	for cpu := range 8 * len(set) * 8 {
		if set.IsSet(cpu) {
			all = append(all, cpu)
		}
	}
	return all, nil
}
