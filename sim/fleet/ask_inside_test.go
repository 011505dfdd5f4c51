package fleet

import (
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

// The names of Devices stay what they are, however many others are made in the same memory.
func TestNamesStay(t *testing.T) {
	var n names
	var made []string
	id := func(i int) ocf.UUID { return ocf.UUID{0: byte(i), 7: byte(i >> 8), 15: 0xab} }
	for i := range 3*namesOnce + 1 {
		made = append(made, n.of(id(i)))
	}
	for i, name := range made {
		if want := id(i).String(); name != want {
			t.Fatalf("name %d is %q, not %q", i, name, want)
		}
	}
	if allocated := testing.AllocsPerRun(10*namesOnce, func() { n.of(id(1)) }); allocated >= 1 {
		t.Errorf("each name allocates")
	}
}
