package main

import (
	"os"
	"strings"
)

// accepted are the survivors that somebody looked at: reason by key. In the
// file, lines that begin with # are the reason for the keys below them.
func accepted(name string) (map[string]string, error) {
	reasons := map[string]string{}
	if name == "" {
		return reasons, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	reason, reading := "", false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch more, isReason := strings.CutPrefix(line, "#"); {
		case line == "":
			reading = false
		case isReason && reading:
			reason += " " + strings.TrimSpace(more)
		case isReason:
			reason, reading = strings.TrimSpace(more), true
		default:
			reasons[line], reading = reason, false
		}
	}
	return reasons, nil
}
