package script

import (
	"cmp"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

// ReadAll plays every script in the files that match pattern. The files are
// those of data-driven tests: blocks of a command, the script, a line of dashes
// and what is expected, with an empty line between two blocks.
func ReadAll(pattern string) ([]conformance.Timeline, error) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no scripts match %s: %w", pattern, cmp.Or(err, fs.ErrNotExist))
	}
	var all []conformance.Timeline
	for _, file := range files {
		text, err := bounded.ReadFile(file, bounded.Text)
		if err != nil {
			return nil, err
		}
		for block := range strings.SplitSeq("\n"+string(text), "\n\n") {
			input, ok := inputOf(block)
			if !ok {
				continue
			}
			tl, err := Play(input)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			all = append(all, tl)
		}
	}
	return all, nil
}

// inputOf is the script of a block: what stands between the command and the
// dashes. ok is false where there is none.
func inputOf(block string) (input string, ok bool) {
	input, _, ok = strings.Cut(block, "\n----")
	var lines []string
	for line := range strings.Lines(input) {
		if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	if !ok || len(lines) < 2 {
		return "", false
	}
	return strings.Join(lines[1:], ""), true
}
