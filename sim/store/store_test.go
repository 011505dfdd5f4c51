package store_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/store"
)

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// device is what a Device with this ID saves while a check runs.
func device(id byte) fleet.Kept {
	saved := sim.Saved{ID: ocf.UUID{id}, TM: ocf.SVV, DOS: ocf.RFNOP, Running: ocf.SVV}
	return fleet.Kept{ID: saved.ID, Saved: saved}
}

func wantLoaded(t *testing.T, s *store.Store, want fleet.Kept) {
	t.Helper()
	if got, ok, err := s.Load(want.ID); err != nil || !ok || !reflect.DeepEqual(got, want.Saved) {
		t.Errorf("%v: %+v, %v, %v, want %+v", want.ID, got, ok, err, want.Saved)
	}
}

func TestWhatIsSavedIsLoaded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	s := open(t, dir)
	if _, ok, err := s.Load(ocf.UUID{1}); ok || err != nil {
		t.Errorf("an empty store has %v, %v", ok, err)
	}
	if err := s.Save([]fleet.Kept{device(1), device(2)}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(dir); err == nil || !strings.Contains(err.Error(), store.FileName) {
		t.Errorf("a second process opens it: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, store.FileName))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read it: %v, %v", info.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	wantLoaded(t, s, device(1))
	wantLoaded(t, s, device(2))
	if s.Torn() {
		t.Error("a store that was closed is called torn")
	}
}

// TestADamagedRecord flips a bit of a byte of a record, one after another. It is told, is moved aside,
// and costs no other Device anything.
func TestADamagedRecord(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Save([]fleet.Kept{device(1), device(2)}); err != nil {
		t.Fatal(err)
	}
	id := device(1).ID
	for at, size := 0, 1; at < size; at += 5 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		size = spoil(t, filepath.Join(dir, store.FileName), id, at)
		s = open(t, dir)
		if _, ok, err := s.Load(id); ok || !errors.Is(err, fleet.ErrDamaged) || !strings.Contains(err.Error(), id.String()) {
			t.Fatalf("byte %d of %d: %v, %v", at, size, ok, err)
		}
		if _, ok, err := s.Load(id); ok || err != nil {
			t.Fatalf("byte %d: the second time %v, %v", at, ok, err)
		}
		wantLoaded(t, s, device(2))
		if err := s.Save([]fleet.Kept{device(1)}); err != nil {
			t.Fatal(err)
		}
	}
}

// spoil flips a bit of the record of id and returns how long it is.
func spoil(t *testing.T, path string, id ocf.UUID, at int) (size int) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("devices"))
		record := append([]byte{}, b.Get(id[:])...)
		size = len(record)
		record[at] ^= 0x04
		return b.Put(id[:], record)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return size
}

// TestFilesOfEarlierVersions reads what was kept in one file a Device, and prefers what
// has been saved since.
func TestFilesOfEarlierVersions(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	old := device(3)
	text, err := json.Marshal(old.Saved)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, old.ID.String()+".json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	wantLoaded(t, s, old)
	since := old
	since.Saved.CM = ocf.SVV
	if err := s.Save([]fleet.Kept{since}); err != nil {
		t.Fatal(err)
	}
	wantLoaded(t, s, since)

	other := device(4)
	path = filepath.Join(dir, other.ID.String()+".json")
	if err := os.WriteFile(path, text, 0o600); err != nil { // of device 3
		t.Fatal(err)
	}
	if _, ok, err := s.Load(other.ID); ok || !errors.Is(err, fleet.ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("the file of another Device: %v, %v", ok, err)
	}
	if _, err := os.Stat(path + ".damaged"); err != nil {
		t.Errorf("the damaged file is not kept: %v", err)
	}
}

// TestATornFile cuts the file at every page, and tries one that is no store at all.
// Opening it never panics: it works, or the error names the file and what to do.
func TestATornFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 40 {
		if err := s.Save([]fleet.Kept{device(byte(i))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for size := 0; size < len(whole); size += os.Getpagesize() {
		refusedOrWhole(t, whole[:size])
	}
	refusedOrWhole(t, []byte(strings.Repeat("no store ", 10000)))
}

func refusedOrWhole(t *testing.T, data []byte) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, store.FileName)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir)
	if err != nil {
		if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "move it away") {
			t.Errorf("%d bytes: %v", len(data), err)
		}
		return
	}
	defer s.Close()
	for i := range 40 {
		if len(data) > 0 { // an empty file is a new store
			wantLoaded(t, s, device(byte(i)))
		}
	}
}
