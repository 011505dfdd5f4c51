package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestAMistakeOnOneSystem checks that a mistake in code for one system is found for that
// system, and for no other.
func TestAMistakeOnOneSystem(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module example.com/m\n\ngo 1.26\n",
		"m.go":         "package m\n\nimport \"os\"\n\nvar Name = os.DevNull\n",
		"m_darwin.go":  "package m\n\nvar broken int = Name\n",
		"m_windows.go": "package m\n\nvar broken string = Name\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for system, want := range map[string]int{"darwin": 1, "windows": 0, "linux": 0} {
		if got, err := check(dir, system); err != nil || got != want {
			t.Errorf("%s: %d errors, %v, want %d", system, got, err, want)
		}
	}
	if _, err := check(filepath.Join(dir, "nowhere"), "linux"); err == nil {
		t.Error("no error")
	}
}
