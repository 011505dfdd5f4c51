package campaign

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

func TestARecordWithoutAnEndIsNotRead(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, AboutFile)
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 8<<30); err != nil { // it takes no room on the disk
		t.Fatal(err)
	}
	if _, _, err := Resume(dir); !errors.Is(err, bounded.ErrTooLong) {
		t.Errorf("error %v", err)
	}
}
