package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
		{"--events", f.seen.events},
		{"--capture", f.capture},
		{"--keylog", f.keyLog},
	}
	return spares(written, []named{
		{"--fleet", f.fleet.file},
		{"--replay", f.fleet.replay},
		{"--replay-faults", f.fleet.again},
		{"--behaviour", f.behaviour},
		{"--variant", f.variant},
		{"--credentials", f.security.credentials},
		{"--trust", f.security.trust},
		{"--token-file", f.tokenFile},
		{"--source-root", f.source.root},
		{"--source-ca", f.source.ca},
		{"--source-psk", f.source.psk},
	})
}
