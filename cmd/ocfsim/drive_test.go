package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance/suite"
)

// TestDriveInterrupted interrupts a campaign at Devices that nobody has: what was under way,
// and what was not begun, is written, and the run can be resumed.
func TestDriveInterrupted(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "c.yaml"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte("name: x\ndo: check\nlimits: {at-once: 1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"drive", "coap://127.77.0.1:9+3", "--campaign", file, "--out", out},
		{"drive", "--resume", out},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		var stdout, stderr bytes.Buffer
		code := run(ctx, args, strings.NewReader(""), &stdout, &stderr)
		if code != suite.ExitInterrupted || !strings.Contains(stdout.String(), "1 under-way, 2 not-begun") {
			t.Errorf("%v: exit code %d\n%s%s", args, code, &stdout, &stderr)
		}
	}
	for _, name := range []string{"results.ndjson", "report.md", "summary.json"} {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !strings.Contains(string(text), "interrupted") {
			t.Errorf("%s does not say that the campaign was interrupted: %v\n%s", name, err, text)
		}
	}
}
