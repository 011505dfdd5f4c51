package fleet_test

import (
	"context"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// TestWhereReadersWait looks where those who read the sockets of many Devices wait while
// nothing comes: in Go's poller, where they keep no processor from other work. Then each
// Device is asked.
func TestWhereReadersWait(t *testing.T) {
	both := func(c *fleet.Config) {
		c.Ranges = []fleet.Range{
			{First: netip.MustParseAddr("127.1.0.1"), Devices: 200},
			{First: netip.MustParseAddr("::1"), Devices: 1},
		}
		c.Devices = 201
	}
	for name, c := range map[string]struct {
		change  func(*fleet.Config)
		readers int
	}{
		"alone":                         {func(*fleet.Config) {}, 1},
		"beside other work":             {func(c *fleet.Config) { c.Beside = true }, 1},
		"beside other work, moving":     {func(c *fleet.Config) { c.Beside, c.Moves = true, true }, 1},
		"beside other work, two ranges": {func(c *fleet.Config) { c.Beside = true; both(c) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			t.Run("serve", func(t *testing.T) {
				fl := onLoopback(t, c.change)
				await(t, c.readers)
				for i := range fl.Len() {
					dialUDP(t, fl.Addr(i)).want("42 01 1234 aabb b3'oic' 01'd'", "62 45 1234 aabb c2 2710 ff")
				}
				await(t, c.readers)
			})
		})
	}
}

// await waits until so many goroutines wait in Go's poller in ReadBatch of a socket.
func await(t *testing.T, readers int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	text := make([]byte, 1<<20)
	for ctx.Err() == nil {
		found := 0
		for g := range strings.SplitSeq(string(text[:runtime.Stack(text, true)]), "\n\n") {
			head, _, _ := strings.Cut(g, "\n")
			if strings.Contains(head, "[IO wait") && strings.Contains(g, "(*wildcard).ReadBatch") {
				found++
			}
		}
		if found == readers {
			return
		}
		runtime.Gosched()
	}
	t.Fatalf("there are never %d readers in the poller:\n%s", readers, text[:runtime.Stack(text, true)])
}
