package store_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/store"
)

// A disk keeps or loses sectors as a whole. The pages of the file are larger.
const sector = 512

// metaPages is how many pages there are at the front, one of which a commit writes
// last and which say where all the others are.
const metaPages = 2

// image is the file as it is at some moment, and what has been saved by then.
type image struct {
	data  []byte
	saved map[ocf.UUID]sim.Saved
}

// images saves Devices, some alone and some together, and returns the file before the
// first and after each commit. The file grows and its pages split meanwhile.
func images(t *testing.T, commits int) []image {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir)
	random := rand.New(rand.NewPCG(1, 2))
	saved := map[ocf.UUID]sim.Saved{}
	take := func() image {
		data, err := os.ReadFile(filepath.Join(dir, store.FileName))
		if err != nil {
			t.Fatal(err)
		}
		return image{data, maps.Clone(saved)}
	}
	all := []image{take()}
	for n := range commits {
		var list []fleet.Kept
		for range 1 + random.IntN(12) {
			k := device(byte(random.IntN(60)))
			k.Saved.Version = uint16(n)
			list = append(list, k)
			saved[k.ID] = k.Saved
		}
		if err := s.Save(list); err != nil {
			t.Fatal(err)
		}
		all = append(all, take())
	}
	return all
}

// pages are the numbers of the pages in which two files differ, those at the front left
// out.
func pages(a, b []byte) []int {
	size := os.Getpagesize()
	var list []int
	for p := metaPages; p*size < len(b); p++ {
		if !slices.Equal(part(a, p*size, size), part(b, p*size, size)) {
			list = append(list, p)
		}
	}
	return list
}

// part is what a file has at a place: zeros where it has not grown as far.
func part(data []byte, at, size int) []byte {
	out := make([]byte, size)
	if at < len(data) {
		copy(out, data[at:])
	}
	return out
}

// TestATornCommit lets the power go in the middle of a commit, at many commits and in
// many ways. What is found afterwards is all that was saved before, or all that the
// commit saves as well.
func TestATornCommit(t *testing.T) {
	size := os.Getpagesize()
	random := rand.New(rand.NewPCG(3, 4))
	all := images(t, 12)
	torn, took := 0, 0
	for i, before := range all[:len(all)-1] {
		after := all[i+1]
		if len(after.data) < len(before.data) {
			t.Fatalf("commit %d: the file shrinks", i)
		}
		grown := part(before.data, 0, len(after.data))
		dirty := pages(before.data, after.data)
		name := func(text string, args ...any) string {
			return fmt.Sprintf("commit %d, ", i+1) + fmt.Sprintf(text, args...)
		}

		// Before the page at the front is written, any of the others may be there or not.
		torn++
		finds(t, name("the file has grown"), grown, before)
		for n := range dirty {
			for _, cut := range []int{0, sector, size - sector} {
				some := slices.Clone(grown)
				for _, p := range dirty[:n] {
					copy(some[p*size:], after.data[p*size:(p+1)*size])
				}
				copy(some[dirty[n]*size:], after.data[dirty[n]*size:dirty[n]*size+cut])
				torn++
				finds(t, name("%d of %d pages and %d bytes are written", n, len(dirty), cut), some, before)
			}
		}
		written := slices.Clone(grown)
		copy(written[metaPages*size:], after.data[metaPages*size:])
		for range 4 { // the disk has changed the order
			some := slices.Clone(written)
			for at := metaPages * size; at < len(some); at += sector {
				if random.IntN(2) == 0 {
					copy(some[at:at+sector], part(before.data, at, sector))
				}
			}
			torn++
			finds(t, name("some sectors are written"), some, before)
		}

		// The page at the front says which it is itself, wherever it was torn.
		for at := 0; at < 96; at += 6 {
			some := slices.Clone(written)
			for p := range metaPages {
				copy(some[p*size:p*size+at], after.data[p*size:])
			}
			torn++
			if finds(t, name("all but the last page is written, and %d bytes of that", at), some, before, after) == 1 {
				took++
			}
		}
		finds(t, name("all is written"), after.data, after)
	}
	if took == 0 || took == torn {
		t.Errorf("%d of %d torn commits took effect", took, torn)
	}
	t.Logf("%d torn commits, %d of which took effect", torn, took)
}

// finds opens a store whose file is data, and returns which of the images it is. That
// store takes what is saved next.
func finds(t *testing.T, what string, data []byte, want ...image) int {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, store.FileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer func() { _ = s.Close() }()
	if s.Torn() && len(want) == 1 {
		t.Errorf("%s: it is called torn, though the pages at the front are whole", what)
	}
	got := map[ocf.UUID]sim.Saved{}
	for n := range 60 {
		id := device(byte(n)).ID
		saved, ok, err := s.Load(id)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if ok {
			got[id] = saved
		}
	}
	next := device(61)
	if err := s.Save([]fleet.Kept{next}); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	wantLoaded(t, s, next)
	for i, w := range want {
		if reflect.DeepEqual(got, w.saved) {
			return i
		}
	}
	t.Errorf("%s: the store has %d Devices, and not as they were saved", what, len(got))
	return -1
}

// TestADamagedPage replaces each page of the file by another one, as a disk does that
// has gone bad. Nothing is lost in silence: a Device has what was saved last, or the
// damage is said.
func TestADamagedPage(t *testing.T) {
	size := os.Getpagesize()
	all := images(t, 12)
	whole := all[len(all)-1]
	garbage := make([]byte, size)
	for i := range garbage {
		garbage[i] = byte(i*7 + 3)
	}
	said := 0
	for p := 0; (p+1)*size <= len(whole.data); p++ {
		for name, page := range map[string][]byte{"zeros": make([]byte, size), "garbage": garbage, "the page at the front": whole.data[:size]} {
			some := slices.Clone(whole.data)
			copy(some[p*size:], page)
			if tells(t, fmt.Sprintf("page %d is %s", p, name), some, whole) {
				said++
			}
		}
	}
	if said == 0 {
		t.Error("no damage is said")
	}
}

// tells reports whether a store with this file says that it is damaged. If it does not,
// it has everything.
func tells(t *testing.T, what string, data []byte, want image) bool {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, store.FileName), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir)
	if err != nil {
		return true
	}
	defer func() { _ = s.Close() }()
	said := s.Torn()
	for id, saved := range want.saved {
		got, ok, err := s.Load(id)
		switch {
		case errors.Is(err, fleet.ErrDamaged):
			said = true
		case !s.Torn() && (err != nil || !ok || !reflect.DeepEqual(got, saved)):
			t.Errorf("%s: device %v: %v, %v, %v", what, id, got.Version, ok, err)
		}
	}
	return said
}
