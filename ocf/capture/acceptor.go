package capture

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"
)

// heldMost is how many datagrams an Acceptor holds back in all.
const heldMost = 1024

const (
	recordHeader     = 13 // of DTLS, RFC 6347 section 4.1
	changeCipherSpec = 20
)

// Acceptor is the Sink of who accepts sessions. There the secrets of a session are known
// only after the Client's ChangeCipherSpec has come, and Wireshark wants them before it.
// So that datagram, and what the Client sends after it, are held back until they are
// answered; by then the secrets are written. It is safe for concurrent use.
type Acceptor struct {
	w *Writer

	mu    sync.Mutex
	held  map[[2]netip.AddrPort][]Packet // by the Client and whom it called
	count int
}

// Accepting makes an Acceptor that writes to w and owns it from now on.
func Accepting(w *Writer) *Acceptor {
	return &Acceptor{w: w, held: map[[2]netip.AddrPort][]Packet{}}
}

// Packet writes p, or holds it back. Then its number is 0.
func (a *Acceptor) Packet(p Packet) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.Sent {
		a.flush([2]netip.AddrPort{p.To, p.From})
		return a.w.Packet(p)
	}
	session := [2]netip.AddrPort{p.From, p.To}
	if len(a.held[session]) == 0 && !changesCipher(p.Data) {
		return a.w.Packet(p)
	}
	if p.At.IsZero() {
		p.At = time.Now()
	}
	p.Data = bytes.Clone(p.Data)
	a.held[session] = append(a.held[session], p)
	if a.count++; a.count > heldMost {
		a.flushAll()
	}
	return 0
}

// Write adds secrets in NSS key log format.
func (a *Acceptor) Write(keyLog []byte) (int, error) { return a.w.Write(keyLog) }

// Close writes what is still held back, and ends the capture.
func (a *Acceptor) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.flushAll()
	return a.w.Close()
}

// flush writes what is held back of one session. The lock is held.
func (a *Acceptor) flush(session [2]netip.AddrPort) {
	for _, p := range a.held[session] {
		a.w.Packet(p)
		a.count--
	}
	delete(a.held, session)
}

func (a *Acceptor) flushAll() {
	for session := range a.held {
		a.flush(session)
	}
}

// changesCipher reports whether a datagram has a ChangeCipherSpec.
func changesCipher(datagram []byte) bool {
	for rest := datagram; len(rest) >= recordHeader && rest[1] == 0xfe; {
		if rest[0] == changeCipherSpec {
			return true
		}
		rest = rest[min(recordHeader+int(binary.BigEndian.Uint16(rest[11:])), len(rest)):]
	}
	return false
}
