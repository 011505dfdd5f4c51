package main

import (
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"github.com/mattn/go-isatty"

	"github.com/ocfsim/ocfsim/ocf"
)

// output is what commands write their text to. Nothing that a Device or a file says
// passes it as a control character, an escape sequence or a change of direction. Line
// ends and tabs pass: who writes a text of somebody else's into a line uses ocf.Visible.
//
// It remembers the first error of writing: a command whose words were lost has failed,
// even if it does not look at that error itself.
type output struct {
	mu   sync.Mutex
	w    io.Writer
	rest []byte // the beginning of a character that is not complete
	err  error
}

// Write writes all of p but an incomplete character at its end, which comes with the next.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := append(o.rest, p...)
	end := len(text)
	for i := 1; i <= min(utf8.UTFMax-1, len(text)); i++ {
		if b := text[len(text)-i]; utf8.RuneStart(b) {
			if b >= utf8.RuneSelf && !utf8.FullRune(text[len(text)-i:]) {
				end = len(text) - i
			}
			break
		}
	}
	o.rest = append([]byte(nil), text[end:]...)
	if _, err := o.pass([]byte(ocf.VisibleLines(string(text[:end])))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// pass writes p as it is. The caller has the lock.
func (o *output) pass(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// lost is the first error of writing, or nil.
func (o *output) lost() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// unfiltered writes to an output what passes as it is.
type unfiltered struct{ *output }

// Write writes p.
func (u unfiltered) Write(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.pass(p)
}

// direct is w without the filter, for what has to pass as it is.
func direct(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return unfiltered{o}
	}
	return w
}

// isTerminal reports whether w writes to a terminal.
func isTerminal(w io.Writer) bool {
	if o, ok := w.(*output); ok {
		w = o.w
	}
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// terminal reports whether w is a terminal that can rewrite a line.
func terminal(w io.Writer) bool { return isTerminal(w) && os.Getenv("TERM") != "dumb" }

// colored reports whether w is such a terminal, and its user wants colors
// (https://no-color.org).
func colored(w io.Writer) bool { return terminal(w) && os.Getenv("NO_COLOR") == "" }

// bytesTo is where bytes go that were asked for as they came: to a terminal only what
// can't control it.
func bytesTo(w io.Writer) io.Writer {
	if isTerminal(w) {
		return w
	}
	return direct(w)
}
