package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/conformance/ledger"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/reports"
)

// claimFolder makes the folder if it is not there and locks it for this process, so
// that two runs don't write into one. The error says who has it. The caller calls free
// in the end; if the process is killed, the folder is free too. A folder that was made for
// the run goes away with free if nothing was written to it, as where the input was refused.
func claimFolder(dir string) (free func(), err error) {
	made := missing(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	lock, err := ledger.Acquire(filepath.Join(dir, claim))
	if err != nil {
		return nil, err
	}
	return func() {
		_ = lock.Release()
		takeAway(dir, made)
	}, nil
}

// claim is what the files of a folder's lock begin with.
const claim = ".ocfsim"

// missing returns dir and the folders above it, as far as they are not there, dir first.
func missing(dir string) (all []string) {
	for path := filepath.Clean(dir); ; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return all
		}
		all = append(all, path)
	}
}

// takeAway removes the folders in made if there is nothing in them but what is left of the
// claim on dir, which is the first of them.
func takeAway(dir string, made []string) {
	if len(made) == 0 {
		return
	}
	lock := claim + ".lock"
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 1 || len(entries) == 1 && entries[0].Name() != lock {
		return
	}
	_ = os.Remove(filepath.Join(dir, lock))
	for _, path := range made {
		if os.Remove(path) != nil {
			return // somebody has put something there
		}
	}
}

// withdraw takes back what an earlier run concluded in the folder, so that a test which
// does not even begin leaves nobody else's verdict there. A folder that another process
// has is left alone. dir may be "" or absent.
func withdraw(dir string) (found bool, err error) {
	_, noResults := os.Stat(filepath.Join(dir, reports.ResultsFile))
	_, noIndex := os.Stat(filepath.Join(dir, reports.IndexFile))
	if dir == "" || noResults != nil && noIndex != nil {
		return false, nil
	}
	free, err := claimFolder(dir)
	if held := (*ledger.HeldError)(nil); errors.As(err, &held) {
		return false, nil // who wants to write there is refused later
	} else if err != nil {
		return false, err
	}
	defer free()
	return suite.Withdraw(dir)
}

// sayWithdrawn tells the user what became of the earlier run in dir.
func sayWithdrawn(stderr io.Writer, dir string) {
	fmt.Fprintf(stderr, "The results of the earlier run in %s have been renamed and end in .old now, for nothing was tested.\n", dir)
}

// withdrawUnread does what withdraw does where cmd could not read its flags: it looks for
// --out in the arguments of `ocfsim test`.
func withdrawUnread(cmd *cobra.Command, args []string, stderr io.Writer) error {
	if cmd.Name() != "test" {
		return nil
	}
	for i, arg := range args {
		dir, given := strings.CutPrefix(arg, "--out=")
		if arg == "--out" && i+1 < len(args) {
			dir, given = args[i+1], true
		}
		if !given {
			continue
		}
		found, err := withdraw(dir)
		if err != nil {
			return err
		}
		if found {
			sayWithdrawn(stderr, dir)
		}
	}
	return nil
}
