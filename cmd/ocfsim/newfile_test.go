package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/suite"
)

func TestNewFileSaysWhoIsToBlame(t *testing.T) {
	there := filepath.Join(t.TempDir(), "there.yaml")
	file, err := newFile(there)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{
		there: suite.ExitUsage, // it is there by now
		filepath.Join(t.TempDir(), "none", "x.yaml"):           suite.ExitUsage,
		filepath.Join(t.TempDir(), strings.Repeat("x", 10000)): suite.ExitError, // no disk has it
	} {
		_, err := newFile(name)
		var exit *exitError
		if !errors.As(err, &exit) || exit.code != want {
			t.Errorf("%.40s: %v", name, err)
		}
	}
}
