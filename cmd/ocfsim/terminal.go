package main

import (
	"io"
	"os"
	"unicode/utf8"

	"github.com/mattn/go-isatty"

	"github.com/ocfsim/ocfsim/ocf"
)

// output is what commands write their text to. Nothing that a Device or a file says
// passes it as a control character, an escape sequence or a change of direction. Line
// ends and tabs pass: who writes a text of somebody else's into a line uses ocf.Visible.
type output struct {
	w    io.Writer
	rest []byte // the beginning of a character that is not complete
}

// Write writes all of p but an incomplete character at its end, which comes with the next.
func (o *output) Write(p []byte) (int, error) {
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
	if _, err := io.WriteString(o.w, ocf.VisibleLines(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// direct is the writer below w, for what has to pass as it is.
func direct(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return o.w
	}
	return w
}

// terminal reports whether w is a terminal that can rewrite a line.
func terminal(w io.Writer) bool {
	f, ok := direct(w).(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb"
}

// colored reports whether w is such a terminal, and its user wants colors
// (https://no-color.org).
func colored(w io.Writer) bool { return terminal(w) && os.Getenv("NO_COLOR") == "" }

// bytesTo is where bytes go that were asked for as they came: to a terminal only what
// can't control it.
func bytesTo(w io.Writer) io.Writer {
	if f, ok := direct(w).(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return w
	}
	return direct(w)
}
