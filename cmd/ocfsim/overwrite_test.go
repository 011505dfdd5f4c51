package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestNoFileIsReplacedThatIsRead(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("town.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("town.yaml", in("link.yaml")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		written, read string
		same          bool
	}{
		{in("town.yaml"), in("town.yaml"), true},
		{in("link.yaml"), in("town.yaml"), true},
		{dir + "/./new.yaml", in("new.yaml"), true},
		{in("new.yaml"), in("town.yaml"), false},
		{"-", "-", false},
		{"", "", false},
		{os.DevNull, os.DevNull, false},
	} {
		err := spares([]named{{"--record", c.written}}, []named{{"--fleet", c.read}})
		if (err != nil) != c.same {
			t.Errorf("%s and %s: %v", c.written, c.read, err)
		}
	}
	if err := spares([]named{{"--record", in("a")}, {"--events", in("a")}}, nil); err == nil {
		t.Error("two flags write to one file")
	}
}
