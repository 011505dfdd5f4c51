// Generate makes everything in the tree that is made from something else: the list of
// requirements, schemas, golden files, pages, the matrix, and what walks find. The tests
// say what is out of date; generate brings it up to date.
//
//	go run -C .ci/tools ./generate               everything, each after what it is made from
//	go run -C .ci/tools ./generate -only pages   one item
//	go run -C .ci/tools ./generate -list         the items, what each makes, and the command behind it
//
// In the end it shows which files changed. The message of the commit has to explain why.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

func main() {
	only := flag.String("only", "", "make only this `item`, or several separated by commas")
	list := flag.Bool("list", false, "list the items and make nothing")
	module := flag.String("module", "../..", "`directory` of the module")
	flag.Parse()
	if err := run(os.Stdout, *module, *only, *list); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, module, only string, list bool) error {
	chosen, err := choose(items(), only)
	if err != nil {
		return err
	}
	if list {
		for _, it := range chosen {
			fmt.Fprintf(out, "%-10s %s\n%-10s   go %s\n", it.name, it.makes, "", strings.Join(it.command, " "))
		}
		return nil
	}
	for _, it := range chosen {
		began := time.Now()
		cmd := exec.Command("go", it.command...)
		cmd.Dir = module
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: go %s: %w\n%s", it.name, strings.Join(it.command, " "), err, text)
		}
		fmt.Fprintf(out, "%-10s %5.1f s  %s\n", it.name, time.Since(began).Seconds(), it.makes)
	}
	return changes(out, module)
}

// choose returns the items that only names, in the order of all.
func choose(all []item, only string) ([]item, error) {
	if only == "" {
		return all, nil
	}
	wanted := strings.Split(only, ",")
	var chosen []item
	for _, it := range all {
		if i := slices.Index(wanted, it.name); i >= 0 {
			chosen = append(chosen, it)
			wanted = slices.Delete(wanted, i, i+1)
		}
	}
	if len(wanted) > 0 {
		return nil, fmt.Errorf("there is no item %q; -list shows all items", wanted[0])
	}
	return chosen, nil
}

// changes shows the files that differ from the last commit. Outside a checkout it shows
// nothing.
func changes(out io.Writer, module string) error {
	cmd := exec.Command("git", "status", "--short")
	cmd.Dir = module
	text, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) || errors.Is(err, exec.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if len(text) == 0 {
		fmt.Fprintln(out, "nothing changed")
		return nil
	}
	fmt.Fprintf(out, "changed since the last commit:\n%s", text)
	return nil
}
