//go:build linux || darwin

package store_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/store"
)

// writes is how many are tried.
const writes = 120

// limit forbids the process to write files beyond so many bytes, as a disk does that is
// full there, until the function that it returns is called.
func limit(t *testing.T, size uint64) (lift func()) {
	t.Helper()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAWriteThatFails lets writes fail under the store, at each page of the file in
// turn. Save says so, and what it had taken before is there: at once, after the file
// was opened again, and after the next Save.
// It does so in a process of its own, for nothing else may be written meanwhile.
func TestAWriteThatFails(t *testing.T) {
	const inside = "OCFSIM_TEST_FULL"
	if os.Getenv(inside) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAWriteThatFails$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("writes failed")) {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, store.FileName)
	s := open(t, dir)
	saved := map[ocf.UUID]sim.Saved{}
	failed := 0
	for n := range writes {
		list := []fleet.Kept{device(byte(n)), device(byte(n / 2))}
		list[1].Saved.Version = uint16(n)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		pages := int(info.Size()) / os.Getpagesize()
		lift := limit(t, uint64(2+n%pages)*uint64(os.Getpagesize()))
		err = s.Save(list)
		lift()
		if err != nil {
			failed++
		}
		want := maps.Clone(saved)
		for _, k := range list {
			want[k.ID] = k.Saved
		}
		if err == nil {
			saved = want
		}
		holds(t, s, saved)
		if n%10 == 9 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir)
			holds(t, s, saved)
		}
		if err := s.Save(list); err != nil {
			t.Fatalf("write %d: with room again: %v", n, err)
		}
		saved = want
	}
	if failed < writes/10 || failed == writes {
		t.Errorf("%d of %d", failed, writes)
	}
	t.Logf("%d of %d writes failed", failed, writes)
}

// holds checks that the store has all that was saved, and nothing of what was not.
func holds(t *testing.T, s *store.Store, saved map[ocf.UUID]sim.Saved) {
	t.Helper()
	for _, id := range slices.SortedFunc(maps.Keys(saved), func(a, b ocf.UUID) int { return slices.Compare(a[:], b[:]) }) {
		wantLoaded(t, s, fleet.Kept{ID: id, Saved: saved[id]})
	}
	for n := range writes {
		id := device(byte(n)).ID
		if _, is := saved[id]; is {
			continue
		}
		if _, ok, err := s.Load(id); ok || err != nil {
			t.Errorf("device %v, which was never saved: %v, %v", id, ok, err)
		}
	}
}
