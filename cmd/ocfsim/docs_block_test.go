//go:build linux

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// block is a fenced block of a document.
type block struct {
	line   int
	file   string // the name of the file whose content it shows
	notRun bool
	text   string   // content of the file
	steps  []docRun // commands of a console block
}

// docRun is one command and the output that stands below it.
type docRun struct {
	line   int
	args   []string
	exit   int
	beside bool // the line ends in "&"
	output []string
}

var (
	annotation = regexp.MustCompile(`^<!-- (file|not run): (.+) -->$`)
	exitNote   = regexp.MustCompile(` # exit ([0-9]+)$`)
)

// parseDoc finds the console blocks and files of a document.
func parseDoc(text string) ([]block, error) {
	var blocks []block
	var note [2]string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if m := annotation.FindStringSubmatch(line); m != nil {
			note = [2]string{m[1], m[2]}
			continue
		}
		if !strings.HasPrefix(line, "```") {
			if line != "" {
				note = [2]string{}
			}
			continue
		}
		tag := strings.TrimPrefix(line, "```")
		b := block{line: i + 1, notRun: note[0] == "not run"}
		if note[0] == "file" {
			b.file = note[1]
		}
		note = [2]string{}
		var body []string
		for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
			body = append(body, lines[i])
		}
		switch {
		case b.file != "":
			b.text = strings.Join(body, "\n") + "\n"
		case tag == "console":
			steps, err := parseConsole(b.line+1, body)
			if err != nil {
				return nil, err
			}
			b.steps = steps
		default:
			continue
		}
		blocks = append(blocks, b)
	}
	return blocks, nil
}

func parseConsole(first int, body []string) ([]docRun, error) {
	var steps []docRun
	for i, line := range body {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			if len(steps) > 0 {
				steps[len(steps)-1].output = append(steps[len(steps)-1].output, line)
			}
			continue
		}
		step := docRun{line: first + i}
		if m := exitNote.FindStringSubmatch(command); m != nil {
			fmt.Sscan(m[1], &step.exit)
			command = strings.TrimSuffix(command, m[0])
		}
		command, step.beside = strings.CutSuffix(command, " &")
		var err error
		if step.args, err = words(command); err != nil {
			return nil, fmt.Errorf("line %d: %w", step.line, err)
		}
		steps = append(steps, step)
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("line %d: a console block without a line that begins with $", first)
	}
	return steps, nil
}

// words splits a command as a shell does, as far as documents need it.
func words(s string) ([]string, error) {
	var out []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		var word strings.Builder
		for s != "" && s[0] != ' ' {
			if s[0] == '\'' || s[0] == '"' {
				end := strings.IndexByte(s[1:], s[0])
				if end < 0 {
					return nil, fmt.Errorf("a quote is not closed: %s", s)
				}
				word.WriteString(s[1 : 1+end])
				s = s[end+2:]
				continue
			}
			if strings.IndexByte("|<>;$`", s[0]) >= 0 {
				return nil, fmt.Errorf("%q: the test of the documents does not know this shell syntax", s)
			}
			word.WriteByte(s[0])
			s = s[1:]
		}
		out = append(out, word.String())
	}
	return out, nil
}

// TestParseDoc tests the parser of documents itself.
func TestParseDoc(t *testing.T) {
	blocks, err := parseDoc("text\n<!-- file: a.yaml -->\n```yaml\nx: 1\n```\n\n```sh\nnot looked at\n```\n" +
		"```console\n$ ocfsim run --x &\n$ ocfsim get 'a b'c \"d\" # exit 4\nout\n```\n<!-- not run: why -->\n\n```console\n$ ocfsim x\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 3 || blocks[0].text != "x: 1\n" || blocks[1].notRun || !blocks[2].notRun {
		t.Fatalf("%+v", blocks)
	}
	got := blocks[1].steps
	if len(got) != 2 || !got[0].beside || got[1].beside || got[1].exit != 4 || !slices.Equal(got[1].output, []string{"out"}) ||
		!slices.Equal(got[1].args, []string{"ocfsim", "get", "a bc", "d"}) || !slices.Equal(got[0].args, []string{"ocfsim", "run", "--x"}) {
		t.Fatalf("%+v", got)
	}
	for _, bad := range []string{"```console\nno command\n```", "```console\n$ ocfsim 'x\n```", "```console\n$ ocfsim x | y\n```"} {
		if _, err := parseDoc(bad); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}
