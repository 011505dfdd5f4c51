package bundle

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/suite"
)

// TestNoSecretsOfSessions says that a capture, which has them, is not packed.
func TestNoSecretsOfSessions(t *testing.T) {
	dir := run(t)
	if err := os.WriteFile(filepath.Join(dir, suite.CaptureFile), []byte("CLIENT_RANDOM"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := pack(dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(p.files, func(f file) bool { return filepath.Base(f.name) == suite.CaptureFile }); i >= 0 || len(p.files) == 0 {
		t.Errorf("of %d files that are packed, the capture is number %d", len(p.files), i)
	}
}
