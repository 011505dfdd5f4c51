// Release makes what is published of a version: for each system an archive with the
// program, its licences, shell completions and man pages, and a list of what it was
// built from; for Linux a Debian package and a container image; a Homebrew formula;
// and the sums of all of them. The same commit and the same Go make the same bytes.
//
//	go run -C .ci/tools ./release --version v0.1.0 --out DIR [--only linux/amd64]
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A system is one that the program is published for: "linux/amd64".
type system struct{ OS, Arch string }

func (s system) String() string { return s.OS + "/" + s.Arch }

// systems are all of them.
func systems() []system {
	return []system{
		{"linux", "amd64"},
		{"linux", "arm64"},
		{"darwin", "amd64"},
		{"darwin", "arm64"},
		{"windows", "amd64"},
		{"windows", "arm64"},
	}
}

// A release is what is made, and of what.
type release struct {
	top     string   // the folder of the repository
	out     string   // where everything is put; it must be empty or absent
	version string   // "v0.1.0"
	systems []system // those to build for
	trim    []string // flags that keep the builder's paths out of the program

	at     time.Time // of the commit: the time of every file in the archives
	commit string    // "" outside a repository
	texts  []file    // completions and man pages
}

// number is the version without its v: "0.1.0".
func (r *release) number() string { return strings.TrimPrefix(r.version, "v") }

// name begins the name of each file of a system: "ocfsim_0.1.0_linux_amd64".
func (r *release) name(s system) string {
	return fmt.Sprintf("ocfsim_%s_%s_%s", r.number(), s.OS, s.Arch)
}

func main() {
	r := &release{top: "../..", trim: []string{"-trimpath"}}
	flag.StringVar(&r.version, "version", "", "the version, such as v0.1.0")
	flag.StringVar(&r.out, "out", "", "the folder for what is made")
	only := flag.String("only", "", "build only for this system, such as linux/amd64")
	dirty := flag.Bool("dirty", false, "build though something is not committed: to try it, not to publish it")
	flag.Parse()
	err := r.prepare(*only)
	if err == nil && !*dirty {
		err = r.committed()
	}
	if err == nil {
		err = r.make()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// semver is how a version is written; the parts are the numbers and what stands before a release.
var semver = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$`)

// prepare checks what was asked for, and asks the repository for its commit.
func (r *release) prepare(only string) error {
	if !semver.MatchString(r.version) {
		return fmt.Errorf("--version %q: a version looks like v0.1.0 or v0.1.0-rc.1", r.version)
	}
	if r.out == "" {
		return errors.New("--out is missing: the folder for what is made")
	}
	if there, err := os.ReadDir(r.out); err == nil && len(there) > 0 {
		return fmt.Errorf("--out %s: the folder is not empty", r.out)
	}
	r.systems = systems()
	if only != "" {
		r.systems = slices.DeleteFunc(r.systems, func(s system) bool { return s.String() != only })
	}
	if len(r.systems) == 0 {
		return fmt.Errorf("--only %q: expected one of %v", only, systems())
	}
	var err error
	if r.out, err = filepath.Abs(r.out); err != nil {
		return err
	}
	if r.top, err = filepath.Abs(r.top); err != nil {
		return err
	}
	return r.dated()
}

// make makes everything, and the sums last.
func (r *release) make() error {
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	if err := r.writeTexts(); err != nil {
		return err
	}
	var programs []program
	for _, s := range r.systems {
		p, err := r.build(s)
		if err == nil {
			err = r.publish(p)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		programs = append(programs, p)
	}
	if err := r.writeImage(programs); err != nil {
		return fmt.Errorf("image: %w", err)
	}
	if err := r.writeFormula(); err != nil {
		return fmt.Errorf("formula: %w", err)
	}
	if err := r.writeCompose(); err != nil {
		return fmt.Errorf("compose file: %w", err)
	}
	return r.writeSums()
}
