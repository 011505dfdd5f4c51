package target

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"

	"github.com/ocfsim/ocfsim/ocf/secure"
)

const (
	recordHeader = 13 // bytes, RFC 6347 section 4.1
	recordAlert  = 21
)

// channel is a session with the Device, and the wire under it.
type channel struct {
	*secure.Conn
	wire *wire
}

// wire is the datagram connection under a DTLS session. It knows of a
// handshake what the DTLS library does not tell: whether the Device said
// anything at all, and which alert it ended with. A port that is unreachable is a
// loss like any other: the library would end the session for it, though the Device
// may be there again at once.
type wire struct {
	net.Conn
	speaks func() // called with each datagram of the Device's before the session stands

	mu     sync.Mutex
	heard  bool
	alert  string // the fatal alert that came in the clear
	stands bool
	shut   func() // called where the network says that nobody listens; nil until the session stands
}

// ReadFrom reads one datagram of the Device's.
func (w *wire) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, err := w.Read(p)
		if err != nil {
			if errors.Is(err, syscall.ECONNREFUSED) {
				w.refused()
				continue
			}
			return n, nil, err
		}
		w.note(p[:n])
		return n, w.RemoteAddr(), nil
	}
}

// WriteTo sends one datagram to the Device, whatever the address. A refusal is
// about the previous datagram, and means that this one has not left.
func (w *wire) WriteTo(p []byte, _ net.Addr) (int, error) {
	for range 2 {
		if _, err := w.Write(p); !errors.Is(err, syscall.ECONNREFUSED) {
			return len(p), err
		}
		w.refused()
	}
	return len(p), nil
}

// refused passes on that nobody listens at the Device's port.
func (w *wire) refused() {
	w.mu.Lock()
	shut := w.shut
	w.mu.Unlock()
	if shut != nil {
		shut()
	}
}

// note remembers that the Device spoke, and its alert.
func (w *wire) note(datagram []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = true
	if !w.stands {
		w.speaks()
	}
	for rest := datagram; len(rest) >= recordHeader; {
		n := int(binary.BigEndian.Uint16(rest[11:]))
		if recordHeader+n > len(rest) {
			return
		}
		clear := rest[3] == 0 && rest[4] == 0 // epoch 0
		if rest[0] == recordAlert && clear && n == 2 && rest[recordHeader] == 2 {
			w.alert = alertName(rest[recordHeader+1])
		}
		rest = rest[recordHeader+n:]
	}
}

// stand says that the handshake is over.
func (w *wire) stand() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stands = true
}

// tell has f called from now on where the network says that nobody listens.
func (w *wire) tell(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shut = f
}

// said is what the Device said in the handshake.
func (w *wire) said() (heard bool, alert string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard, w.alert
}

// alertName is an alert as RFC 5246 section 7.2 and RFC 4279 section 2 call it.
func alertName(n byte) string {
	names := map[byte]string{
		10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
		40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
		45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca",
		49: "access_denied", 50: "decode_error", 51: "decrypt_error", 70: "protocol_version",
		71: "insufficient_security", 80: "internal_error", 90: "user_canceled", 100: "no_renegotiation",
		110: "unsupported_extension", 115: "unknown_psk_identity",
	}
	if name, ok := names[n]; ok {
		return name
	}
	return fmt.Sprintf("%d", n)
}
