package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, root, name, text string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestInputsBecomeLines checks that inputs are added to the lines that are there, each
// input once.
func TestInputsBecomeLines(t *testing.T) {
	root := t.TempDir()
	put(t, root, "p/testdata/seeds/FuzzX", "string(\"b\")\n")
	put(t, root, "p/testdata/fuzz/FuzzX/1", "go test fuzz v1\nstring(\"a\\n\")\n")
	put(t, root, "p/testdata/fuzz/FuzzX/2", "go test fuzz v1\nstring(\"b\")")
	put(t, root, "q/testdata/fuzz/FuzzY/1", "go test fuzz v1\n[]byte(\"\\x00\")\n")
	if n, err := pack(root); n != 3 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	for name, want := range map[string]string{
		"p/testdata/seeds/FuzzX": "string(\"a\\n\")\nstring(\"b\")\n", "q/testdata/seeds/FuzzY": "[]byte(\"\\x00\")\n",
	} {
		if got, err := os.ReadFile(filepath.Join(root, name)); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, dir := range []string{"p", "q"} {
		if _, err := os.Stat(filepath.Join(root, dir, "testdata/fuzz")); !os.IsNotExist(err) {
			t.Errorf("%s/testdata/fuzz is left: %v", dir, err)
		}
	}
}

// TestWhatIsNoInputIsLeft checks that a file which is not a single input stays where it is.
func TestWhatIsNoInputIsLeft(t *testing.T) {
	for _, text := range []string{"go test fuzz v1\n", "go test fuzz v1\nint(1)\nint(2)\n", "other\nint(1)\n"} {
		root := t.TempDir()
		put(t, root, "p/testdata/fuzz/FuzzX/1", text)
		if _, err := pack(root); err == nil || !strings.Contains(err.Error(), "expected the line") {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := os.Stat(filepath.Join(root, "p/testdata/fuzz/FuzzX/1")); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
