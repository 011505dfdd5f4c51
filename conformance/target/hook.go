package target

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
)

// Hook says what brings a Device into its conditions, for the record.
type Hook struct {
	Kind  string // "exec", "lines", "http", "prompt", "embedded"; "" where there is none
	Name  string // of exec and lines: the program without its folder; of http: the address, without its query
	Files []HookFile
}

// HookFile is a file that a hook consists of.
type HookFile struct {
	Name   string // without its folder
	SHA256 string // of what is in it, in hex
}

// HookOf is the Hook behind c. Of a program it sums the program and each argument that is a
// file, so that `sh prepare.sh` is known by the script. A file that can't be read has no
// sum, for the hook then fails by itself.
func HookOf(c Conditions) Hook {
	switch h := c.(type) {
	case nil, none:
		return Hook{}
	case *Exec:
		return h.hook()
	case *Lines:
		hook := (&Exec{Argv: h.Argv, Dir: h.Dir}).hook()
		hook.Kind = "lines"
		return hook
	case *HTTP:
		return Hook{Kind: "http", Name: h.place()}
	case *Prompt:
		return Hook{Kind: "prompt"}
	}
	return Hook{Kind: "embedded"}
}

// place is where h asks, without what may be secret: the user and the query.
func (h *HTTP) place() string {
	u, err := url.Parse(h.URL)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func (e *Exec) hook() Hook {
	if len(e.Argv) == 0 {
		return Hook{Kind: "exec"}
	}
	h := Hook{Kind: "exec", Name: filepath.Base(e.Argv[0])}
	program := e.Argv[0]
	if filepath.Base(program) == program {
		if found, err := exec.LookPath(program); err == nil {
			program = found
		}
	}
	for _, name := range append([]string{program}, e.Argv[1:]...) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(e.Dir, name)
		}
		if sum, err := sumOf(name); err == nil {
			h.Files = append(h.Files, HookFile{filepath.Base(name), sum})
		}
	}
	return h
}

// sumOf is the SHA-256 of a regular file.
func sumOf(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", os.ErrInvalid
	}
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
