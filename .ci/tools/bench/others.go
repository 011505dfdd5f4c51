//go:build linux

package main

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The names of the programs that the product is measured against.
const (
	ofProduct = "ocfsim"
	ofEchoC   = "echo in C"
	ofEchoGo  = "echo in Go"
	ofGoCoAP  = "go-coap"
	ofLibcoap = "libcoap"
	ofSend    = "sendmmsg alone"
)

//go:embed echo/echo.c
var echoSource []byte

// errMissing says that a program is not installed.
type errMissing struct{ program string }

func (e errMissing) Error() string { return e.program + " is not installed" }

// compileEcho makes the echo in C.
func (b *bench) compileEcho() (string, error) {
	compiler, err := exec.LookPath("gcc")
	if err != nil {
		return "", errMissing{"gcc"}
	}
	file := filepath.Join(b.scratch, "echo.c")
	program := filepath.Join(b.scratch, "echo")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.WriteFile(file, echoSource, 0o600); err != nil {
		return "", err
	}
	if text, err := exec.Command(compiler, "-O2", "-Wall", "-o", program, file).CombinedOutput(); err != nil {
		return "", fmt.Errorf("gcc: %w\n%s", err, text)
	}
	return program, nil
}

// saysReady waits for the line "ready".
func saysReady(out io.Reader, _ *server) error {
	lines := bufio.NewScanner(out)
	if lines.Scan() && lines.Text() == "ready" {
		return nil
	}
	return errors.New("it has ended before it was ready")
}

// other starts one of the programs that the product is measured against. Its answers have
// that many bytes, of which payload are the payload.
func (b *bench) other(name string, answer, payload int) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p := strconv.Itoa(port)
	argv := []string{}
	ready := saysReady
	switch name {
	case ofEchoC:
		program, err := b.compileEcho()
		if err != nil {
			return nil, err
		}
		argv = []string{program, p, strconv.Itoa(answer)}
	case ofEchoGo:
		argv = []string{b.self, "serve", "echo", p, strconv.Itoa(answer)}
	case ofSend:
		argv = []string{b.self, "serve", "blast", p, strconv.Itoa(answer)}
	case ofGoCoAP:
		argv = []string{b.self, "serve", "go-coap", p, strconv.Itoa(payload)}
	case ofLibcoap:
		program, err := libcoapServer()
		if err != nil {
			return nil, err
		}
		argv = []string{program, "-A", "127.0.0.1", "-p", p, "-d", "4", "-v", "0"}
		ready = func(io.Reader, *server) error { return putPstat(port, payload) }
	}
	s, err := b.start(name, b.serverCPUs, argv, ready)
	if err != nil {
		return nil, err
	}
	s.first = endpoint{[4]byte{127, 0, 0, 1}, uint16(port)}
	return s, nil
}

// libcoapServer finds the example server of libcoap, as Debian names it.
func libcoapServer() (string, error) {
	for _, name := range []string{"coap-server-notls", "coap-server", "coap-server-openssl", "coap-server-gnutls"} {
		if file, err := exec.LookPath(name); err == nil {
			return file, nil
		}
	}
	return "", errMissing{"coap-server of libcoap"}
}

// putPstat makes the example server of libcoap have a pstat of that size, as soon as it
// answers.
func putPstat(port, size int) error {
	w, err := openWire(0, 200*time.Millisecond)
	if err != nil {
		return err
	}
	defer func() { _ = w.close() }()
	rest := append(append([]byte{}, pstatPath...), formatOCF...)
	rest = append(append(rest, 0xff), bytes.Repeat([]byte{0xf6}, size)...)
	for try := range 50 {
		w.out.add([4]byte{127, 0, 0, 1}, endpoint{[4]byte{127, 0, 0, 1}, uint16(port)}, datagram(nil, conHead, put, uint16(try), 1, rest))
		if err := w.flush(); err != nil {
			return err
		}
		n, err := w.receive(unix.MSG_WAITFORONE)
		if err != nil {
			return err
		}
		if n > 0 {
			if code := w.data(0)[1]; code != 0x41 && code != 0x44 { // 2.01, 2.04
				return fmt.Errorf("PUT of pstat: %d.%02d", code>>5, code&31)
			}
			return nil
		}
	}
	return errors.New("it does not answer")
}

// version is the first line with a version of what a program says, on whichever output.
func version(argv ...string) string {
	text, _ := exec.Command(argv[0], argv[1:]...).CombinedOutput() // some end with an error when they are asked
	for line := range strings.Lines(string(text)) {
		if versioned.MatchString(line) {
			return strings.TrimSpace(line)
		}
	}
	return "of an unknown version"
}

var versioned = regexp.MustCompile(`\d+\.\d+|version`)

// moduleVersion is the version of a module that this program was built with.
func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}
