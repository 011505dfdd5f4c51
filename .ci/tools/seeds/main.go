// Seeds moves what `go test -fuzz` wrote below testdata/fuzz, a file for each
// input, to testdata/seeds, a line for each input in one file for each fuzz test.
//
//	go run -C .ci/tools ./seeds
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	n, err := pack("../..")
	if err != nil {
		fmt.Fprintln(os.Stderr, "seeds:", err)
		os.Exit(1)
	}
	fmt.Printf("%d inputs moved to testdata/seeds\n", n)
}

// pack moves the inputs of every fuzz test below root and returns how many.
func pack(root string) (moved int, err error) {
	var dirs []string
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasSuffix(filepath.ToSlash(filepath.Dir(path)), "/testdata/fuzz") {
			dirs = append(dirs, path)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, dir := range dirs {
		n, err := packOne(dir)
		if err != nil {
			return moved, err
		}
		moved += n
	}
	return moved, nil
}

// packOne moves the inputs in dir, which is testdata/fuzz/FuzzNAME of a package.
func packOne(dir string) (moved int, err error) {
	testdata, name := filepath.Dir(filepath.Dir(dir)), filepath.Base(dir)
	file := filepath.Join(testdata, "seeds", name)
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return 0, err
	}
	lines := slices.Collect(strings.Lines(string(old)))
	inputs, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, input := range inputs {
		line, err := read(filepath.Join(dir, input.Name()))
		if err != nil {
			return 0, err
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return 0, err
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o644); err != nil {
		return 0, err
	}
	if err := os.RemoveAll(dir); err != nil {
		return 0, err
	}
	_ = os.Remove(filepath.Dir(dir)) // testdata/fuzz, unless another test's inputs are there
	return len(inputs), nil
}

// read returns the only value in a file that Go's fuzzing wrote, with its line end.
func read(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	head, value, _ := strings.Cut(string(text), "\n")
	value = strings.TrimSuffix(value, "\n")
	if head != "go test fuzz v1" || value == "" || strings.Contains(value, "\n") {
		return "", fmt.Errorf("%s: expected the line %q and one value", file, "go test fuzz v1")
	}
	return value + "\n", nil
}
