package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
)

// TestOutputControlsNoTerminal writes what a Device could say, whole and cut at every
// byte: what comes out has no character that controls a terminal.
func TestOutputControlsNoTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"plain\ttext\n":             "plain\ttext\n",
		"\x1b[2Jgone":               `\x1b[2Jgone`,
		"\x9b31m, \u009b31m":        `\x9b31m, \u009b31m`,
		"a\r\x08\x7f\x00b":          `a\r\b\u007f\x00b`,
		"\u202eevil\u2066":          `\u202eevil\u2066`,
		"\U000e0041":                `\udb40\udc41`,
		"größer 版本 😀\n":             "größer 版本 😀\n",
		"cut off \xe7\x89":          `cut off `, // the rest may still come
		"invalid \xff in the midst": `invalid \xff in the midst`,
	} {
		for cut := range len(text) + 1 {
			var b bytes.Buffer
			o := &output{w: &b}
			for _, part := range []string{text[:cut], text[cut:]} {
				if n, err := o.Write([]byte(part)); n != len(part) || err != nil {
					t.Fatal(n, err)
				}
			}
			if got := b.String(); got != want {
				t.Errorf("%q cut at %d: %q, want %q", text, cut, got, want)
			}
		}
	}
}

// TestNoTerminal: what is no terminal, and one that can't rewrite a line, get lines.
func TestNoTerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if terminal(&output{w: file}) || terminal(file) || colored(file) || terminal(&strings.Builder{}) {
		t.Error("a file counts as a terminal")
	}
	for _, w := range []io.Writer{direct(&output{w: file}), bytesTo(&output{w: file})} {
		if _, err := w.Write([]byte("\x1b")); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file.Name()); err != nil || string(got) != "\x1b\x1b" {
		t.Errorf("bytes that were asked for reach a file as %q, %v", got, err)
	}
}
