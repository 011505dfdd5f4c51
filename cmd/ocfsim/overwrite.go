package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// named is a file, and the flag that names it.
type named struct{ flag, file string }

// namedBy are the files that one flag names.
func namedBy(flag string, files []string) (all []named) {
	for _, f := range files {
		all = append(all, named{flag, f})
	}
	return all
}

// spares says which of the files that a command writes is one that it reads, or one that it
// writes already: the one would replace the other.
func spares(written, read []named) error {
	for i, w := range written {
		for _, other := range slices.Concat(read, written[:i]) {
			if sameFile(w.file, other.file) {
				return fmt.Errorf("%s %s: it would replace the file of %s", w.flag, w.file, other.flag)
			}
		}
	}
	return nil
}

// sameFile reports whether two names are of one file, which may not be there yet. Devices such
// as /dev/null take what everyone writes.
func sameFile(a, b string) bool {
	if a == "" || b == "" || a == "-" || b == "-" {
		return false
	}
	one, errOne := os.Stat(a)
	two, errTwo := os.Stat(b)
	if errOne == nil && errTwo == nil {
		return os.SameFile(one, two) && one.Mode().IsRegular()
	}
	whole, errA := filepath.Abs(a)
	other, errB := filepath.Abs(b)
	return errA == nil && errB == nil && whole == other
}

// replacesNothing says which file of the run would replace another one.
func (f *runFlags) replacesNothing() error {
	written := []named{
		{"--record", f.fleet.record},
		{"--trust", f.security.trustWritten()},
		{"--events", f.seen.events},
		{"--capture", f.capture},
		{"--keylog", f.keyLog},
	}
	read := []named{
		{"--fleet", f.fleet.file},
		{"--replay", f.fleet.replay},
		{"--replay-faults", f.fleet.again},
		{"--behaviour", f.behaviour},
		{"--variant", f.variant},
		{"--credentials", f.security.credentials},
		{"--token-file", f.tokenFile},
		{"--source-root", f.source.root},
		{"--source-ca", f.source.ca},
		{"--source-psk", f.source.psk},
		{"--source-token", f.source.token},
	}
	if f.fleet.plan != nil {
		for _, g := range f.fleet.plan.Sources() {
			read = append(read, namedBy("--fleet", []string{g.Source.Root, g.Source.CA, g.Source.Token})...)
		}
	}
	read = append(read, namedBy("--deviation", f.deviations)...)
	if f.twin.run != "" {
		written = append(written, named{"--twin-target", f.twin.target})
		recorded, err := recordedIn("--twin", f.twin.run)
		if err != nil {
			return err
		}
		read = append(read, recorded...)
	}
	return spares(written, read)
}

// trustWritten is the file that the root of the Devices' manufacturer goes to, "" for none.
func (f *securityFlags) trustWritten() string {
	if f.unsecured {
		return ""
	}
	return f.trust
}

// replacesNothing says which file of the source would replace another one.
func (f depotFlags) replacesNothing() error {
	var written []named
	if f.listen+f.coaps != "" {
		written = append(written, named{"--trust", f.trust})
	}
	if f.coaps != "" {
		written = append(written, named{"--psk", f.psk})
	}
	if f.signed.signed {
		written = append(written, named{"--root", f.signed.root}, named{"--keys", f.signed.keys})
	}
	read := []named{{"--token-file", f.tokenFile}, {"--ddi-tokens", f.ddi.tokens}}
	for _, text := range f.releases {
		_, file, versioned := strings.Cut(text, "=")
		if !versioned {
			file = text
		}
		read = append(read, named{"--release", file})
	}
	return spares(written, read)
}

// recordedIn are the files of a run, which may be a folder or one timeline, but for the pages
// that are made of them.
func recordedIn(flag, run string) (all []named, err error) {
	err = filepath.WalkDir(run, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) != ".html" {
			all = append(all, named{flag, path})
		}
		return err
	})
	return all, err
}
