package main

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A program is ocfsim as it was built for one system.
type program struct {
	system system
	binary []byte
	info   *debug.BuildInfo // what the Go tool recorded in it
}

// file is one file of an archive. Its name uses slashes.
type file struct {
	name string
	mode int64
	data []byte
}

// dated sets the time and the commit. SOURCE_DATE_EPOCH, in seconds, comes first
// (https://reproducible-builds.org/specs/source-date-epoch/); where there is no
// repository, the time is the earliest that a zip archive can hold.
func (r *release) dated() error {
	r.at = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	if out, err := r.git("log", "-1", "--format=%ct %H"); err == nil {
		seconds, commit, _ := strings.Cut(strings.TrimSpace(out), " ")
		n, err := strconv.ParseInt(seconds, 10, 64)
		if err != nil {
			return fmt.Errorf("time of the commit: %w", err)
		}
		r.at, r.commit = time.Unix(n, 0).UTC(), commit
	}
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		n, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
		}
		r.at = time.Unix(n, 0).UTC()
	}
	return nil
}

// committed refuses what is not committed: nobody could build it again.
func (r *release) committed() error {
	if r.commit == "" {
		return nil // an unpacked archive of the sources
	}
	out, err := r.git("status", "--porcelain")
	if err != nil {
		return err
	}
	if out != "" {
		return fmt.Errorf("not everything is committed, so nobody can build this again (--dirty builds it to try it):\n%s", out)
	}
	return nil
}

func (r *release) git(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = r.top
	return output(cmd)
}

// gotool runs the Go tool in the repository, for a system. What the builder has set in
// the environment must not change what is built.
func (r *release) gotool(s system, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = r.top
	cmd.Env = append(os.Environ(), "GOOS="+s.OS, "GOARCH="+s.Arch, "CGO_ENABLED=0",
		"GOFLAGS=", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	return output(cmd)
}

// output runs cmd and returns what it writes to stdout. What it writes to stderr is in the error.
func output(cmd *exec.Cmd) (string, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, &stderr)
	}
	return string(out), nil
}

// compile builds ocfsim for s into path.
func (r *release) compile(s system, path string, flags ...string) error {
	args := append([]string{"build"}, r.trim...)
	args = append(args, "-buildvcs=auto", "-ldflags=-s -w -buildid= -X main.released="+r.version)
	args = append(append(args, flags...), "-o", path, "./cmd/ocfsim")
	_, err := r.gotool(s, args...)
	return err
}

// build builds ocfsim for s. It refuses a program that needs anything of the system that
// it runs on: the image has nothing.
func (r *release) build(s system) (program, error) {
	dir, err := os.MkdirTemp("", "ocfsim-release-")
	if err != nil {
		return program{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ocfsim")
	if err := r.compile(s, path); err != nil {
		return program{}, err
	}
	p := program{system: s}
	if p.binary, err = os.ReadFile(path); err != nil {
		return program{}, err
	}
	if p.info, err = buildinfo.Read(bytes.NewReader(p.binary)); err != nil {
		return program{}, err
	}
	if s.OS == "linux" {
		err = static(p.binary)
	}
	return p, err
}

// static says why an ELF program is not static.
func static(binary []byte) error {
	f, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		return errors.New("the program is not static: it asks for a dynamic linker")
	}
	return nil
}

// shells are the shells that there are completions for, and the names of their files.
func shells() [][2]string {
	return [][2]string{{"bash", "ocfsim.bash"}, {"zsh", "_ocfsim"}, {"fish", "ocfsim.fish"}, {"powershell", "ocfsim.ps1"}}
}

// writeTexts has the program, built for this machine, write its completions and man
// pages. Only a program with the tag man can write man pages: the one that is published
// does without the Markdown library that this needs.
func (r *release) writeTexts() error {
	dir, err := os.MkdirTemp("", "ocfsim-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	here := system{runtime.GOOS, runtime.GOARCH}
	path := filepath.Join(dir, "ocfsim")
	if err := r.compile(here, path, "-tags=man"); err != nil {
		return err
	}
	for _, shell := range shells() {
		text, err := output(exec.Command(path, "completion", shell[0]))
		if err != nil {
			return err
		}
		r.texts = append(r.texts, file{"completions/" + shell[1], 0o644, []byte(text)})
	}
	pages := filepath.Join(dir, "man1")
	if _, err := output(exec.Command(path, "man", pages, r.at.Format(time.RFC3339))); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(pages, "*.1"))
	if err != nil || len(names) == 0 {
		return fmt.Errorf("no man pages in %s, error %v", pages, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		r.texts = append(r.texts, file{"man/man1/" + filepath.Base(name), 0o644, text})
	}
	return nil
}
