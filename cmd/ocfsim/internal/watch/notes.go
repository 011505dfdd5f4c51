package watch

import (
	"slices"
	"strings"
	"sync"

	"github.com/ocfsim/ocfsim/ocf"
)

// mostNotes is how many lines Notes keep.
const mostNotes = 200

// Notes keep the last lines of what would be printed if the view had not the terminal for
// itself: PINs that Devices show, and the log. They may be written to by any goroutine.
type Notes struct {
	mu    sync.Mutex
	lines []string
	rest  string // the beginning of a line
}

// Write takes text. Characters that control a terminal become visible ones.
func (n *Notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := strings.Split(n.rest+string(p), "\n")
	n.rest = all[len(all)-1]
	for _, line := range all[:len(all)-1] {
		n.lines = append(n.lines, ocf.Visible(line))
	}
	if more := len(n.lines) - mostNotes; more > 0 {
		n.lines = slices.Delete(n.lines, 0, more)
	}
	return len(p), nil
}

// Last are the last lines, at most that many.
func (n *Notes) Last(most int) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.lines[max(0, len(n.lines)-max(most, 0)):])
}
