package capture

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"sync"
	"time"
)

// Packet is one datagram. At of zero means now.
type Packet struct {
	At       time.Time
	From, To netip.AddrPort
	Data     []byte // of UDP
	Sent     bool   // by who captures; else received
	Comments []string
}

// Writer writes a capture. It is safe for concurrent use. After the first error nothing
// more is written, so that a file never has a hole; Close returns that error.
type Writer struct {
	mu     sync.Mutex
	w      io.WriteCloser
	number int
	err    error
}

// New begins a capture of the named program. The Writer owns w from now on.
func New(w io.WriteCloser, program string) *Writer {
	out := &Writer{w: w}
	out.block(blockSection, sectionBody(program))
	out.block(blockInterface, interfaceBody())
	return out
}

// Create is New for a file, which replaces an older one of that name. Only its owner
// can read it, since it holds secrets.
func Create(name, program string) (*Writer, error) {
	f, err := createPrivate(name)
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	return New(f, program), nil
}

// createPrivate makes an empty file that only its owner can read, also where there was
// one that others could.
func createPrivate(name string) (*os.File, error) {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// Packet writes p and returns its number, which is the one that Wireshark shows: the
// first packet has 1. It is 0 where nothing was written.
func (w *Writer) Packet(p Packet) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.At.IsZero() {
		p.At = time.Now()
	}
	body, ok := packetBody(p)
	if !ok || !w.block(blockPacket, body) {
		return 0
	}
	w.number++
	return w.number
}

// Write adds secrets in NSS key log format, so that a Writer can be the KeyLog of a
// session. Wireshark knows them from here on in the file.
func (w *Writer) Write(keyLog []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.block(blockSecrets, secretsBody(keyLog)) {
		return 0, w.err
	}
	return len(keyLog), nil
}

// Close ends the capture.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.w.Close(); w.err == nil && err != nil {
		w.err = fmt.Errorf("capture: %w", err)
	}
	return w.err
}

// block writes one block and reports whether that went well. The lock is held.
func (w *Writer) block(kind uint32, body []byte) bool {
	if w.err != nil {
		return false
	}
	if _, err := w.w.Write(encode(kind, body)); err != nil {
		w.err = fmt.Errorf("capture: %w", err)
	}
	return w.err == nil
}
