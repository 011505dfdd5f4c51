package secure

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/pion/logging"
)

var errOtherKey = errors.New("the peer has another key: what it sent can't be decrypted")

// alertBadRecordMAC is the answer to a record that can't be decrypted (RFC 5246
// section 7.2.2).
const alertBadRecordMAC = 20

// ear hears, in what the DTLS library would print, that a record could not be
// decrypted. The library drops such a record, as RFC 6347 section 4.1.2.7 wants
// of an established session. During a handshake, however, such a record is the
// Finished of a peer with another key, and the Devices that a Client meets
// answer it with an alert rather than leave the Client waiting.
type ear struct {
	silent
	deaf    atomic.Bool // the handshake is over
	refused func()
}

func (e *ear) NewLogger(string) logging.LeveledLogger { return e }

// Debugf is called by the goroutine that reads the session's records.
func (e *ear) Debugf(format string, _ ...any) {
	if strings.Contains(format, "decrypt failed") && !e.deaf.Swap(true) {
		e.refused()
	}
}

// listen lets e end the handshake of door when the peer has another key.
func (e *ear) listen(ctx context.Context, door *threshold) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	e.refused = func() {
		_, _ = door.PacketConn.WriteTo(door.alert(alertBadRecordMAC), door.peer)
		cancel(errOtherKey)
	}
	return ctx, cancel
}
