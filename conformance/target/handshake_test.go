package target

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// deaf is a network that brings nothing to anybody.
type deaf struct{ net.Conn }

func (deaf) Write(p []byte) (int, error) { return len(p), nil }

// mumbling is a network that brings one datagram, which is no flight, and then nothing.
type mumbling struct {
	deaf
	said bool
}

func (m *mumbling) Read(p []byte) (int, error) {
	if !m.said {
		m.said = true
		return copy(p, "?"), nil
	}
	return m.deaf.Read(p)
}

// TestADeviceThatFallsSilentIsCalledAgain opens a session with a Device that falls silent in
// each handshake. One that sleeps may have been asleep before it was done each time.
func TestADeviceThatFallsSilentIsCalledAgain(t *testing.T) {
	for name, c := range map[string]struct {
		sleep conformance.Sleep
		want  int
	}{
		"it never sleeps": {conformance.Sleep{}, tries},
		"it sleeps":       {conformance.Sleep{Every: time.Hour, Awake: time.Hour}, triesAsleep},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				dial := func(context.Context, string) (net.Conn, error) {
					calls++
					near, _ := net.Pipe()
					return &mumbling{deaf: deaf{near}}, nil
				}
				v := newVigil(c.sleep, nil)
				if v != nil {
					v.stirs()
				}
				k := caller{dial: dial, address: "127.0.0.1:5684", timing: timing{ack: time.Second, vigil: v}}
				_, err := k.open(t.Context(), secure.Client{Identity: make([]byte, 16), Key: make(secure.Key, 16)})
				no := (*refusal)(nil)
				if !errors.As(err, &no) || !no.fellSilent || calls != c.want {
					t.Errorf("%d calls, %v", calls, err)
				}
			})
		})
	}
}

// TestASleepyDeviceIsCalledTwice opens a session with a Device that says nothing: one that
// sleeps may have been asleep again, so it is tried once more.
func TestASleepyDeviceIsCalledTwice(t *testing.T) {
	for name, c := range map[string]struct {
		sleep conformance.Sleep
		want  int
	}{
		"it never sleeps": {conformance.Sleep{}, 1},
		"it sleeps":       {conformance.Sleep{Every: time.Hour, Awake: time.Hour}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				dial := func(context.Context, string) (net.Conn, error) {
					calls++
					near, _ := net.Pipe()
					return deaf{near}, nil
				}
				v := newVigil(c.sleep, nil)
				if v != nil {
					v.stirs()
				}
				k := caller{dial: dial, address: "127.0.0.1:5684", timing: timing{ack: time.Second, vigil: v}}
				_, err := k.open(t.Context(), secure.Client{Identity: make([]byte, 16), Key: make(secure.Key, 16)})
				if !errors.Is(err, ErrUnreachable) || calls != c.want {
					t.Errorf("%d calls, %v", calls, err)
				}
			})
		})
	}
}
