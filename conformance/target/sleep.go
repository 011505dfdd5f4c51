package target

import (
	"cmp"
	"context"
	"net"
	"sync"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"

	"github.com/ocfsim/ocfsim/conformance"
)

// A Device that sleeps hears something only for a while after it sent something, and
// when it wakes by itself. Whatever a Client sends to it is held back until it is known
// to be awake, so that no silence of its sleep is ever counted:
//
//	awake --nothing came for Sleep.Awake--> asleep
//	asleep --knocks are answered, or anything else comes--> awake
//	asleep --no knock was answered for Sleep.Every and Sleep.Awake--> given up: what is held is sent
//
// A knock is a CoAP ping, an empty confirmable message (RFC 7252 section 4.3). It comes
// from a port of its own and is not in the Timeline.

// knocks is how many times as often as a Device may fall asleep it is knocked at.
const knocks = 4

// vigil watches whether the Device is awake. nil is of one that never sleeps. It is
// safe for concurrent use.
type vigil struct {
	sleep conformance.Sleep
	dial  func(ctx context.Context) (net.Conn, error) // to where a knock is heard

	mu       sync.Mutex
	heard    time.Time     // when something last came; zero for never
	stirred  chan struct{} // closed when something comes
	knocking chan struct{} // closed when the one who knocks has stopped; nil while nobody does
}

// vigil is the watch over the Device, nil if it never sleeps.
func newVigil(sleep conformance.Sleep, dial func(ctx context.Context) (net.Conn, error)) *vigil {
	if sleep.Every == 0 {
		return nil
	}
	return &vigil{sleep: sleep, dial: dial, stirred: make(chan struct{})}
}

// longest is how long the Device may take to hear something.
func (v *vigil) longest() time.Duration {
	if v == nil {
		return 0
	}
	return v.sleep.Every + v.sleep.Awake
}

// stirs takes note that something came from the Device.
func (v *vigil) stirs() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.heard = time.Now()
	close(v.stirred)
	v.stirred = make(chan struct{})
}

// awake reports whether a datagram that is sent now finds the Device awake. A quarter of
// the time that it is awake for is kept for the way.
func (v *vigil) awake() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.since() < v.sleep.Awake-v.sleep.Awake/knocks
}

// since is how long ago something came. The lock is held.
func (v *vigil) since() time.Duration {
	if v.heard.IsZero() {
		return v.sleep.Every
	}
	return time.Since(v.heard)
}

// wake waits until the Device is awake. A Device that does not wake within the time that
// it declares is given up, which is no error: what is sent then shows that it is silent.
func (v *vigil) wake(ctx context.Context) error {
	if v == nil {
		return nil
	}
	for !v.awake() {
		v.mu.Lock()
		done := v.knocking
		if done == nil {
			done = make(chan struct{})
			v.knocking = done
			v.mu.Unlock()
			err := v.knock(ctx)
			v.mu.Lock()
			v.knocking = nil
			v.mu.Unlock()
			close(done)
			return err
		}
		v.mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// knock pings the Device until something comes, for as long as it may sleep.
func (v *vigil) knock(ctx context.Context) error {
	conn, err := v.dial(ctx)
	if err != nil {
		return err
	}
	heard := make(chan struct{})
	go func() { // it ends with conn
		defer close(heard)
		buf := make([]byte, 2048)
		for {
			if _, err := conn.Read(buf); err != nil {
				return
			}
			v.stirs()
		}
	}()
	defer func() {
		_ = conn.Close()
		<-heard
	}()
	end := time.NewTimer(v.longest())
	defer end.Stop()
	often := time.NewTicker(v.sleep.Awake / knocks)
	defer often.Stop()
	v.mu.Lock()
	stirred := v.stirred
	v.mu.Unlock()
	for mid := uint16(1); ; mid++ {
		_, _ = conn.Write(empty(message.Confirmable, mid)) // a loss is like any other: the next knock follows
		select {
		case <-stirred:
			return nil
		case <-often.C:
		case <-end.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// doorstep is a connection to where a sleeping Device is knocked at: its coap endpoint
// where it is now, or its coaps endpoint if it has no other.
func (t *Target) doorstep(ctx context.Context) (net.Conn, error) {
	at, _ := t.where.now(cmp.Or(t.address, t.coaps))
	return t.cfg.dial(ctx, at)
}

// listening is a connection whose datagrams show that the Device is awake.
type listening struct {
	net.Conn
	vigil *vigil
}

// Read takes what comes.
func (l listening) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if err == nil {
		l.vigil.stirs()
	}
	return n, err
}

// over is conn, with the vigil told of what comes over it.
func (v *vigil) over(conn net.Conn, err error) (net.Conn, error) {
	if v == nil || err != nil {
		return conn, err
	}
	return listening{conn, v}, nil
}
