package target

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// Lines applies conditions by a program that stays: it is started with the first
// condition, and told each on a line of its own. It answers each with one line:
//
//	ok              done; after report a JSON object follows: ok {"checks": 1, ...}
//	unsupported     it can't bring this one about
//	failed          it tried in vain
//
// Words behind unsupported and failed say why. A line that begins with # says what happens
// meanwhile; it may come at any time and is no answer. The program ends when its input
// does.
type Lines struct {
	Argv []string
	Dir  string // where it runs; empty for the harness's own

	one     sync.Mutex // one condition at a time
	program *talking   // nil while none runs

	mu   sync.Mutex
	said []string
}

// talking is a program that runs.
type talking struct {
	cmd     *exec.Cmd
	kill    context.CancelFunc
	in      io.WriteCloser
	answers chan string // closed when it says no more
}

// maxRemarks is how many lines of what a program says beside its answers are kept for a
// condition.
const maxRemarks = 40

// Said is what the program said in lines with # since the last condition was asked for.
func (l *Lines) Said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return tail([]byte(strings.Join(l.said, "\n")), mostSaid)
}

// Apply tells the program and waits for its answer. A program that does not answer before
// ctx ends, or that ends itself, is an error of the run; the next condition starts it anew.
func (l *Lines) Apply(ctx context.Context, name string) (*conformance.SourceReport, error) {
	l.one.Lock()
	defer l.one.Unlock()
	if err := l.start(); err != nil {
		return nil, fmt.Errorf("condition %s: %w", name, err)
	}
	l.mu.Lock()
	l.said = nil
	l.mu.Unlock()
	_, err := io.WriteString(l.program.in, name+"\n")
	answer, open := "", err == nil
	if open {
		select {
		case answer, open = <-l.program.answers:
		case <-ctx.Done():
			l.stop()
			return nil, fmt.Errorf("condition %s: %s: %w", name, l.Argv[0], context.Cause(ctx))
		}
	}
	if !open {
		l.stop()
		return nil, fmt.Errorf("condition %s: %s ended without an answer%s", name, l.Argv[0], because([]byte(l.Said())))
	}
	return l.read(name, answer)
}

// read is what an answer says.
func (l *Lines) read(name, answer string) (*conformance.SourceReport, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(answer), " ")
	switch word {
	case "ok":
		report, err := readReport(name, []byte(rest))
		if err != nil {
			return nil, fmt.Errorf("condition %s: %s: %w", name, l.Argv[0], err)
		}
		return report, nil
	case "unsupported":
		return nil, fmt.Errorf("%w: %s says that it can't bring about %s%s", ErrUnsupported, l.Argv[0], name, because([]byte(rest)))
	case "failed":
		return nil, fmt.Errorf("condition %s: %s failed%s", name, l.Argv[0], because([]byte(rest)))
	}
	return nil, fmt.Errorf("condition %s: %s answered %q, expected ok, unsupported or failed", name, l.Argv[0], tail([]byte(answer), 100))
}

// start starts the program, if it does not run.
func (l *Lines) start() error {
	if l.program != nil {
		return nil
	}
	life, kill := context.WithCancel(context.Background()) // it outlives the condition that it is started for
	cmd := exec.CommandContext(life, l.Argv[0], l.Argv[1:]...)
	cmd.Dir = l.Dir
	cmd.WaitDelay = killGrace
	ownGroup(cmd)
	in, noInput := cmd.StdinPipe()
	out, noOutput := cmd.StdoutPipe()
	err := errors.Join(noInput, noOutput)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		kill()
		return fmt.Errorf("%s: %w", l.Argv[0], err)
	}
	p := &talking{cmd: cmd, kill: kill, in: in, answers: make(chan string, 1)}
	l.program = p
	go l.listen(p, out) // it ends with the program
	return nil
}

// listen takes what the program says, until it says no more.
func (l *Lines) listen(p *talking, out io.Reader) {
	defer close(p.answers)
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, maxAnswer)
	for lines.Scan() {
		text := lines.Text()
		if remark, ok := strings.CutPrefix(text, "#"); ok {
			l.remark(strings.TrimSpace(remark))
			continue
		}
		select {
		case p.answers <- text:
		default:
			l.remark("an answer to nothing: " + text)
		}
	}
}

// remark keeps what the program said beside its answers.
func (l *Lines) remark(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.said = append(l.said, text); len(l.said) > maxRemarks {
		l.said = l.said[1:]
	}
}

// stop ends the program at once. The lock of Apply is held.
func (l *Lines) stop() {
	p := l.program
	l.program = nil
	p.kill()
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// Close ends the input of the program and waits until it has ended. One that does not end
// by itself is killed. The next condition starts it anew.
func (l *Lines) Close() error {
	l.one.Lock()
	defer l.one.Unlock()
	p := l.program
	if p == nil {
		return nil
	}
	l.program = nil
	_ = p.in.Close()
	late := time.AfterFunc(killGrace, p.kill)
	for range p.answers { // until it has closed its output
	}
	late.Stop()
	err := p.cmd.Wait()
	p.kill()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		return fmt.Errorf("%s: %w", l.Argv[0], err)
	}
	return nil
}
