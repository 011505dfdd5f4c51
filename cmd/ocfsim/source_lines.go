package main

import (
	"bytes"
	"io"
	"sync"
)

// onLines is --control of a source that takes its conditions from stdin.
const onLines = "-"

// remarks writes to the output that answers conditions what is no answer: each line
// behind a #. It may be used by many goroutines, and is given whole lines.
type remarks struct {
	mu  sync.Mutex
	out io.Writer
}

// Write writes whole lines.
func (r *remarks) Write(p []byte) (int, error) {
	var b bytes.Buffer
	for line := range bytes.Lines(p) {
		b.WriteString("# ")
		b.Write(line)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.out.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// answers are what stands on a line without a #.
type answers struct{ among *remarks }

// Write writes one answer.
func (a answers) Write(p []byte) (int, error) {
	a.among.mu.Lock()
	defer a.among.mu.Unlock()
	return a.among.out.Write(p)
}
