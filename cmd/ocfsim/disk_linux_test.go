//go:build strangers

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// inMountNamespace runs the test again in a namespace where it may mount. It reports
// whether the present run is that second run.
func inMountNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv("OCFSIM_NAMESPACE") != "" {
		return true
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "-rm", os.Args[0], "-test.v", "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "OCFSIM_NAMESPACE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

// TestNoPassFromAFullDisk tests a Device again and again, into a folder in which an
// earlier run has passed, on a disk that is full after ever more pages and then after ever
// more files, until there is room for all. Until then each run ends with 4, and nothing in
// the folder says that anything passed.
func TestNoPassFromAFullDisk(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	earlier := []byte(`{"verdict": "pass"}`)
	for _, limit := range []string{"size=%dk", "nr_inodes=%d,size=4m"} {
		step := 1
		if strings.HasPrefix(limit, "size") {
			step = 2 * os.Getpagesize() / 1024
		}
		full := 0
		for n := 4; ; n += step {
			disk := t.TempDir()
			if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprintf(limit, n)); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(disk, "out")
			if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "results.json"), earlier, 0o644)); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "ocfsim", "test", "--embed", "success", "--unsecured",
				"--scenario", "validation.a-check-leaves-the-device-in-rfnop-all-the-time", "--out", dir)
			out, _ := cmd.CombinedOutput() // the exit code says how
			code := cmd.ProcessState.ExitCode()
			green := passes(t, dir)
			if err := syscall.Unmount(disk, 0); err != nil {
				t.Fatal(err)
			}
			at := fmt.Sprintf(limit, n)
			if code == 0 {
				if len(green) != 3 {
					t.Errorf("%s: everything was written, and %v say pass", at, green)
				}
				break
			}
			if full++; code != 4 || len(green) > 0 || full > 200 {
				t.Fatalf("%s: exit code %d, and %v say pass:\n%s", at, code, green, out)
			}
		}
		t.Logf("%s: full %d times", limit, full)
		if full < 8 {
			t.Errorf("%s: the disk was full %d times: hardly anything was tried", limit, full)
		}
	}
}

// passes are the files in dir that say that a run has passed.
func passes(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		switch filepath.Base(path) {
		case "results.json":
			if head, _, _ := bytes.Cut(text, []byte(`"requirements"`)); !bytes.Contains(head, []byte(`"verdict": "pass"`)) {
				return err
			}
		case "junit.xml":
			if bytes.Contains(text, []byte("<error ")) {
				return err
			}
		case "report.html":
			if bytes.Contains(text, []byte(`exit 4`)) {
				return err
			}
		default:
			return err
		}
		found = append(found, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestADiskThatTakesNothing has commands write to a disk that is full, and to one that may only be
// read: that is no wrong usage, and what was there stays as it was.
func TestADiskThatTakesNothing(t *testing.T) {
	if !inMountNamespace(t) {
		return
	}
	plan := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(plan, []byte("name: x\ndo: check\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []uintptr{0, syscall.MS_RDONLY} {
		disk := t.TempDir()
		if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4k"); err != nil {
			t.Fatal(err)
		}
		old := filepath.Join(disk, "old.pem")
		if err := os.WriteFile(old, []byte("old"), 0o600); err != nil { // one page, which is all there is
			t.Fatal(err)
		}
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|readOnly, "size=4k"); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"source", "--http", "127.0.0.1:0", "--signed", "--root", "old.pem"},
			{"source", "--listen", "127.0.0.1:0", "--trust", "old.pem"},
			{"run", "--unowned", "--listen", "127.78.0.1:0", "--trust", "old.pem"},
			{"run", "--unsecured", "--listen", "127.78.0.1:0", "--control", "127.0.0.1:0", "--token-file", "token"},
			{"drive", "coap://127.78.0.1:9", "--campaign", plan, "--out", "out"},
			{"own", "coap://127.78.0.1:9", "--wait", "2s"},
			{"init", "campaign"},
			{"package", "--out", "packages"},
			{"dissector", "old.pem"},
		} {
			cmd := exec.CommandContext(t.Context(), "ocfsim", args...)
			cmd.Dir = disk
			out, _ := cmd.CombinedOutput() // the exit code says how
			if code := cmd.ProcessState.ExitCode(); code != 4 {
				t.Errorf("%v, read-only %d: exit code %d\n%s", args, readOnly, code, out)
			}
			if got, err := os.ReadFile(old); err != nil || string(got) != "old" {
				t.Fatalf("%v: the file that was there is %q now: %v", args, got, err)
			}
		}
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Fatal(err)
		}
	}
}
