package source

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

// A name is taken for a uuid if String writes it so, and for no other.
func TestUUIDOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		var want ocf.UUID
		for i := range want {
			want[i] = byte(rng.Uint32())
		}
		text := want.String()
		if id, ok := uuidOf(text); !ok || id != want {
			t.Fatalf("%s is taken for %v, %v", text, id, ok)
		}
		at := rng.IntN(len(text))
		bent := text[:at] + string("gG/:`@ -"[rng.IntN(8)]) + text[at+1:]
		if id, ok := uuidOf(bent); ok && bent != text {
			t.Fatalf("%q is taken for %v", bent, id)
		}
	}
	for c := range 256 {
		text := string([]byte{byte(c)}) + "0000000-0000-0000-0000-000000000000"
		if _, ok := uuidOf(text); ok != strings.Contains("0123456789abcdef", text[:1]) {
			t.Errorf("%q is taken for a digit: %v", text[:1], ok)
		}
	}
	for _, text := range []string{"", "x", strings.Repeat("0", 36), strings.ToUpper("a0000000-0000-0000-0000-000000000000"), "00000000-0000-0000-0000-0000000000000"} {
		if id, ok := uuidOf(text); ok {
			t.Errorf("%q is taken for %v", text, id)
		}
	}
}

// TestSheetsOfManyNames checks that each Device has a sheet of its own, whether its name is a
// uuid or not, and that nobody else is found.
func TestSheetsOfManyNames(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	ss := newSheets()
	names := make([]string, 20_000)
	for i := range names {
		var id ocf.UUID
		for k := range id {
			id[k] = byte(rng.Uint32())
		}
		if names[i] = id.String(); i == 0 {
			names[i] = ocf.UUID{}.String()
		} else if rng.IntN(3) == 0 {
			names[i] = "lamp " + names[i]
		}
		if s := ss.find(names[i]); s != nil {
			t.Fatalf("%s has a sheet before it has asked anything", names[i])
		}
		ss.of(names[i]).checks = int32(i + 1)
	}
	for i, name := range names {
		if s := ss.find(name); s == nil || int(s.checks) != i+1 {
			t.Fatalf("the sheet of %s is %+v, and not the %d-th", name, s, i+1)
		}
	}
}

// Sheets fill the 4 KiB that a page takes.
func TestAPageOfSheetsIsFull(t *testing.T) {
	const page = 4096
	size := int(reflect.TypeFor[sheet]().Size())
	if all := sheetsAPage * size; all > page || all+size <= page {
		t.Errorf("%d sheets of %d bytes take %d of %d bytes", sheetsAPage, size, all, page)
	}
}
