package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// reasons are why survivors are accepted, by key or by what matches it.
type reasons struct {
	exact    map[string]string
	patterns []pattern
}

// pattern is a reason for all keys that match.
type pattern struct {
	*regexp.Regexp
	reason string
}

// of is the reason for the key, and the line of the list that gives it.
func (r reasons) of(key string) (reason, line string) {
	if reason, ok := r.exact[key]; ok {
		return reason, key
	}
	for _, p := range r.patterns {
		if p.MatchString(key) {
			return p.reason, "/" + p.String() + "/"
		}
	}
	return "", ""
}

// lines are all lines of the list.
func (r reasons) lines() []string {
	var all []string
	for key := range r.exact {
		all = append(all, key)
	}
	for _, p := range r.patterns {
		all = append(all, "/"+p.String()+"/")
	}
	return all
}

// accepted reads the list of survivors that somebody looked at: a key a line,
// or /REGEXP/ for all keys of a kind. Lines that begin with # are the reason
// for those below them.
func accepted(name string) (reasons, error) {
	r := reasons{exact: map[string]string{}}
	if name == "" {
		return r, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return r, err
	}
	reason, reading, n := "", false, 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		more, isReason := strings.CutPrefix(line, "#")
		switch {
		case isReason && reading:
			reason += " " + strings.TrimSpace(more)
		case isReason:
			reason, reading = strings.TrimSpace(more), true
		case line == "":
			reading = false
		default:
			reading = false
			if err := r.add(line, reason); err != nil {
				return r, fmt.Errorf("%s:%d: %w", name, n, err)
			}
		}
	}
	return r, nil
}

func (r *reasons) add(line, reason string) error {
	if !strings.HasPrefix(line, "/") || !strings.HasSuffix(line, "/") {
		r.exact[line] = reason
		return nil
	}
	re, err := regexp.Compile(strings.Trim(line, "/"))
	r.patterns = append(r.patterns, pattern{re, reason})
	return err
}
