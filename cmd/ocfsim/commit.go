package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// commit is the revision of the source that this program was built from, with -dirty at its
// end where the source was changed since; "" where nobody knows. The Go tool records it in a
// program that it builds, but not in one that `go run` builds: there the source is still as it was,
// and git is asked.
func commit(ctx context.Context) string {
	if known := recordedCommit(); known != "" || !goRuns() {
		return known
	}
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return ""
	}
	return checkedOut(ctx, filepath.Dir(file))
}

// checkedOut is the revision that is checked out in dir, as commit says it; "" where git does
// not know.
func checkedOut(ctx context.Context, dir string) string {
	revision, err := git(ctx, dir, "rev-parse", "HEAD")
	if err != nil {
		return ""
	}
	switch changed, err := git(ctx, dir, "status", "--porcelain", "--untracked-files=no"); {
	case err != nil:
		return ""
	case changed != "":
		return revision + "-dirty"
	}
	return revision
}

// recordedCommit is what the Go tool recorded.
func recordedCommit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	said := map[string]string{}
	for _, s := range info.Settings {
		said[s.Key] = s.Value
	}
	if revision := said["vcs.revision"]; revision != "" && said["vcs.modified"] == "true" {
		return revision + "-dirty"
	}
	return said["vcs.revision"]
}

// goRuns reports whether `go run` built this program: then it is in a folder exe below one
// that is called go-build and a number.
func goRuns() bool {
	name, err := os.Executable()
	if err != nil {
		return false
	}
	return filepath.Base(filepath.Dir(name)) == "exe" && strings.Contains(filepath.ToSlash(name), "/go-build")
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}
