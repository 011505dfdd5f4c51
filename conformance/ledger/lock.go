package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

// Lock is something that one process at a time has. The operating system takes it
// back when the process ends, however it ends, so a lock is never left behind.
type Lock struct {
	flock  *flock.Flock
	holder string // file
}

// Holder is who has a lock.
type Holder struct {
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
	Command string    `json:"command"`
}

// String names the holder.
func (h Holder) String() string {
	if h.PID == 0 {
		return "process unknown"
	}
	return fmt.Sprintf("process %d since %s (%s)", h.PID, h.Since.Format("2006-01-02 15:04:05"), h.Command)
}

// HeldError is the error of Acquire for what another process has.
type HeldError struct {
	Name string
	By   Holder
}

// Error says who has it.
func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is in use by %v", strings.TrimSuffix(e.Name, string(os.PathSeparator)+".ocfsim"), e.By)
}

// Acquire locks name by the files name.lock and name.holder beside it, which
// may exist from before. It does not wait: the error is a *HeldError while
// another process, or another call in this one, has it.
func Acquire(name string) (*Lock, error) {
	l := &Lock{flock: flock.New(name+".lock", flock.SetPermissions(0o600)), holder: name + ".holder"}
	ok, err := l.flock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	if !ok {
		return nil, &HeldError{name, holder(l.holder)}
	}
	me := Holder{PID: os.Getpid(), Since: time.Now().Truncate(time.Second), Command: strings.Join(os.Args, " ")}
	if text, err := json.Marshal(me); err == nil {
		_ = os.WriteFile(l.holder, text, 0o600) // on a full disk the lock holds, and nobody learns who has it
	}
	return l, nil
}

// holder reads who has a lock; what can't be read is nobody known.
func holder(file string) (h Holder) {
	text, err := bounded.ReadFile(file, bounded.Text)
	if err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}

// Release gives l back. It may be called on nil.
func (l *Lock) Release() error {
	if l == nil {
		return nil
	}
	err := os.Remove(l.holder)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.flock.Unlock())
}
