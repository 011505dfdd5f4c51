//go:build linux && !race

package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDocs runs the commands of the README and the guides. They stand in blocks
// tagged console, on lines that begin with "$ ". The other lines of a block are
// output and have to appear. "# exit N" after a command is its exit code; without
// it the code has to be 0. A comment before a block says more about it:
//
//	<!-- file: NAME -->       the block is a file in the reader's folder
//	<!-- not run: REASON -->  the commands are parsed but not run
//
// The test's Devices get ports that the system chooses, so it replaces the
// documented addresses in each command. Where a fleet file has ten thousand Devices it
// runs fewer, and faster. Only Linux has all of 127.0.0.0/8 on
// loopback, as the documents assume.
func TestDocs(t *testing.T) {
	files, err := filepath.Glob("../../docs/guide/*.md")
	if err != nil || len(files) < 5 {
		t.Fatalf("found only %d guides, error %v", len(files), err)
	}
	for _, name := range append(files, "../../README.md") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			blocks, err := parseDoc(string(text))
			if err != nil {
				t.Fatal(err)
			}
			top, err := filepath.Abs("../..")
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			r := &reader{t: t, top: top, real: map[string]string{}, files: map[string]string{}}
			defer r.closeSource()
			defer r.close()
			for _, b := range blocks {
				r.follow(b)
			}
		})
	}
}

// A reader does what a document tells its readers to do.
type reader struct {
	t     *testing.T
	top   string            // folder of the repository
	real  map[string]string // from an address or path in the document to the one in the test
	files map[string]string // content by name, as in the document
	end   func()
	cease func() // ends the trusted source
}

// close ends the Devices that are running.
func (r *reader) close() {
	if r.end != nil {
		r.end()
		r.end = nil
	}
}

// closeSource ends the trusted source that is running.
func (r *reader) closeSource() {
	if r.cease != nil {
		r.cease()
		r.cease = nil
	}
}

func (r *reader) follow(b block) {
	r.t.Helper()
	if b.file != "" {
		r.files[b.file] = b.text
		return
	}
	for _, step := range b.steps {
		args, ok := r.program(step)
		switch {
		case !ok && step.args[0] == "curl" && !b.notRun:
			r.get(step)
		case !ok:
		case b.notRun:
			r.parses(step, args)
		case args[0] == "run" && !slices.ContainsFunc(args, func(a string) bool { return a == "--dry-run" || a == "--for" }):
			r.begin(step, args)
		case args[0] == "source":
			r.beginSource(step, args)
		case step.beside:
			r.t.Errorf("line %d: only `ocfsim run` and `ocfsim source` may stand before &", step.line)
		default:
			r.run(step, args)
		}
	}
}

// program returns the arguments of a command that runs ocfsim. Any other program
// has to be one of those that the documents may name.
func (r *reader) program(step docRun) ([]string, bool) {
	r.t.Helper()
	line := strings.Join(step.args, " ")
	for _, name := range []string{"ocfsim ", "go run ./cmd/ocfsim "} {
		if strings.HasPrefix(line+" ", name) {
			return step.args[len(strings.Fields(name)):], true
		}
	}
	switch {
	case step.args[0] == "bash" && len(step.args) == 2:
		if _, err := os.Stat(filepath.Join(r.top, step.args[1])); err != nil {
			r.t.Errorf("line %d: %v", step.line, err)
		}
	case slices.Contains([]string{"git", "cd", "go", "coap-client-notls", "tshark", "curl", "chmod", "openssl"}, step.args[0]):
	default:
		r.t.Errorf("line %d: the documents may not run the program %q", step.line, step.args[0])
	}
	return nil, false
}

// parses checks that ocfsim accepts the command line, without running it.
func (r *reader) parses(step docRun, args []string) {
	r.t.Helper()
	cmd, rest, err := newRoot().Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		r.t.Errorf("line %d: %v", step.line, err)
	}
}

// begin starts `ocfsim run` in the background, in place of an earlier one, and
// learns the addresses of its Devices.
func (r *reader) begin(step docRun, args []string) {
	r.t.Helper()
	r.close()
	r.writeFiles()
	control := anyPort(args, "--control", "127.0.0.1:0")
	source := anyPort(args, "--serve-source", "127.0.0.1:0")
	seen := anyPort(args, "--listen-http", "127.0.0.1:0")
	for i := range args[:len(args)-1] {
		if args[i] == "--source" {
			args[i+1] = r.rewrite(args[i+1])
		}
	}
	if slices.Contains(args, "--fleet") {
		anyPort(args, "--speed", "100")
	}
	if listen := anyPort(args, "--listen", "127.1.0.1:0"); listen == "" {
		args = append(args, "--listen", "127.1.0.1:0")
	}
	var got ready
	devices := begin(r.t, &got, append(args, "--json")...)
	r.end = func() { devices.end() }
	r.real[":5683"], r.real[":5684"] = portOf(got.First), portOf(got.Secure)
	for documented, url := range map[string]string{control: got.Control, source: got.Source, seen: got.HTTP} {
		if documented != "" {
			r.real[documented] = strings.Trim(strings.TrimPrefix(url, "http:"), "/")
		}
	}
}

// anyPort replaces the value of flag in args and returns the old one.
func anyPort(args []string, flag, value string) (old string) {
	for i, a := range args {
		if a == flag && i+1 < len(args) {
			old, args[i+1] = args[i+1], value
		}
	}
	return old
}

// portOf is the port of a URI with its colon, or "" if it has none.
func portOf(uri string) string {
	if uri == "" {
		return ""
	}
	return uri[strings.LastIndexByte(uri, ':'):]
}

var device = regexp.MustCompile(`(coaps://)?(127\.1\.[0-9]+\.[0-9]+)(:568[34])?\b`)

// rewrite replaces the documented addresses in s by those of the test's Devices.
func (r *reader) rewrite(s string) string {
	if r.real[":5683"] != "" {
		s = device.ReplaceAllStringFunc(s, func(at string) string {
			m := device.FindStringSubmatch(at)
			port := ":5683"
			if m[1] != "" {
				port = ":5684"
			}
			return m[1] + m[2] + r.real[port]
		})
	}
	if port := r.real[":5683"]; port != "" {
		s = strings.ReplaceAll(s, "\nport: 5683\n", "\nport: "+port[1:]+"\n")
	}
	for documented, actual := range r.real {
		if !strings.HasPrefix(documented, ":568") {
			s = strings.ReplaceAll(s, documented, actual)
		}
	}
	return s
}

func (r *reader) run(step docRun, args []string) {
	r.t.Helper()
	r.writeFiles()
	for i := range args {
		args[i] = r.rewrite(r.fetch(args[i]))
	}
	checked := true
	switch {
	case args[0] == "observe":
		anyPort(args, "-s", "0.2")
	case args[0] == "test" && !slices.ContainsFunc(args, func(a string) bool { return a == "--scenario" || a == "--tags" || a == "--features" }):
		checked = false // the whole suite has a test of its own
		args = append(args, "--tags", "@S1")
		if !slices.Contains(args, "--target") && !slices.Contains(args, "--embed") {
			args = append(args, "--embed", "success")
		}
	}
	var out bytes.Buffer
	code := run(r.t.Context(), args, strings.NewReader(""), &out, &out)
	if code != step.exit {
		r.t.Errorf("line %d: %s: exit code %d, want %d\n%s", step.line, strings.Join(args, " "), code, step.exit, &out)
	} else if checked {
		r.compare(step, out.String())
	}
}

// get does what curl does with an address of this run's own, and compares what it shows. Other
// addresses are those of examples.
func (r *reader) get(step docRun) {
	r.t.Helper()
	url := step.args[len(step.args)-1]
	actual := r.rewrite(url)
	if len(step.args) != 2 || actual == url {
		return
	}
	res, err := http.Get(actual)
	if err != nil {
		r.t.Errorf("line %d: %v", step.line, err)
		return
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		r.t.Errorf("line %d: %s: %s, %v", step.line, url, res.Status, err)
	}
	r.compare(step, string(text))
}

// writeFiles puts the files that the document has shown so far into the
// reader's folder.
func (r *reader) writeFiles() {
	r.t.Helper()
	for name, text := range r.files {
		r.write(name, text)
	}
}

// write puts a file into the reader's folder.
func (r *reader) write(name, text string) {
	r.t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		text = strings.ReplaceAll(text, "\ndevices: 10000\n", "\ndevices: 300\n")
		err = os.WriteFile(name, []byte(r.rewrite(text)), 0o755)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// fetch copies the file of the repository that arg names into the reader's
// folder. A folder is not copied: fetch returns its path in the repository.
func (r *reader) fetch(arg string) string {
	r.t.Helper()
	path := filepath.Join(r.top, arg)
	info, err := os.Stat(path)
	switch {
	case err != nil || !strings.Contains(arg, "/") || !filepath.IsLocal(arg) || r.files[arg] != "":
		return arg
	case info.IsDir():
		return path
	}
	text, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(arg, string(text))
	return arg
}

var (
	uuids  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	digits = regexp.MustCompile(`[0-9]+`)
	spaces = regexp.MustCompile(`\s+`)
)

// shape is a line of output without the parts that differ from run to run.
func shape(line string) string {
	line = uuids.ReplaceAllString(line, "UUID")
	line = digits.ReplaceAllString(line, "9")
	return strings.TrimSpace(spaces.ReplaceAllString(line, " "))
}

// compare checks that every documented line of output is among the real ones.
func (r *reader) compare(step docRun, out string) {
	r.t.Helper()
	var real []string
	for line := range strings.Lines(out) {
		real = append(real, shape(line))
	}
	for _, line := range step.output {
		want := shape(r.rewrite(line))
		if want != "" && want != "..." && !slices.Contains(real, want) {
			r.t.Errorf("line %d: no line of the output looks like %q:\n%s", step.line, line, out)
		}
	}
}
