//go:build strangers

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestTheCommitThatIsCheckedOut makes a repository, and changes a file in it.
func TestTheCommitThatIsCheckedOut(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	if got := checkedOut(t.Context(), dir); got != "" {
		t.Errorf("without a repository: %q", got)
	}
	file := filepath.Join(dir, "main.go")
	put := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("package main\n")
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "."},
		{"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "begin"},
	} {
		if out, err := git(t.Context(), dir, args...); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	clean := checkedOut(t.Context(), dir)
	if !regexp.MustCompile(`^[0-9a-f]{40,}$`).MatchString(clean) {
		t.Errorf("a revision: %q", clean)
	}
	put("package other\n")
	if got := checkedOut(t.Context(), dir); got != clean+"-dirty" {
		t.Errorf("changed: %q, want %s-dirty", got, clean)
	}
}
