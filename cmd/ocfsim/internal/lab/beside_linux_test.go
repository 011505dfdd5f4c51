package lab_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
)

// TestTheLabKeepsNoProcessor looks where those who read the Devices' sockets wait: in Go's
// poller. In the kernel each would keep one of the processors that the harness, in the same
// process, needs (docs/adr/0173).
func TestTheLabKeepsNoProcessor(t *testing.T) {
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Open(lab.Config{Specimens: specimens, Copies: 1, Listen: lab.Loopback})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all string
	for text := make([]byte, 1<<20); ctx.Err() == nil; runtime.Gosched() {
		all = string(text[:runtime.Stack(text, true)])
		waiting := 0
		for g := range strings.SplitSeq(all, "\n\n") {
			head, _, _ := strings.Cut(g, "\n")
			if strings.Contains(head, "[IO wait") && strings.Contains(g, "(*wildcard).ReadBatch") {
				waiting++
			}
		}
		if waiting == 2 { // the plain socket and the secured one
			return
		}
	}
	t.Fatalf("two readers were to wait in Go's poller:\n%s", all)
}
