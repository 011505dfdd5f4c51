package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// server is a test process that is asked for one mutant after the other.
type server struct {
	bench   *bench
	cmd     *exec.Cmd
	stop    context.CancelFunc
	in      io.Writer
	answers chan string // closed where the process ended
}

func (s *server) start() error {
	ctx, cancel := context.WithCancel(context.Background())
	s.cmd = s.bench.command(ctx, []string{"MUTANTS_SERVE=1"})
	s.stop = cancel
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	answers := make(chan string)
	s.in, s.answers = in, answers
	go func() {
		defer close(answers)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			select {
			case answers <- lines.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}

// end ends the process that s started.
func (s *server) end() {
	if s.cmd != nil {
		s.stop()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// judge has the tests run that reach m, one after the other.
func (s *server) judge(m *mutant, tests []*test) error {
	if s.cmd == nil {
		if err := s.start(); err != nil {
			return err
		}
	}
	line, limits := strconv.Itoa(m.ID), map[string]time.Duration{}
	for _, t := range tests {
		line += " " + t.reaching(m.Site)
		limits[t.name] = s.bench.limit(t)
	}
	if _, err := fmt.Fprintln(s.in, line); err != nil {
		return err
	}
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	for {
		select {
		case answer, ok := <-s.answers:
			name, running := strings.CutPrefix(answer, "+ ")
			switch {
			case running:
				m.By = name
				timer.Reset(limits[name])
				continue
			case !ok: // it panicked
				m.Status = killed
				s.end()
			case answer == "-":
				m.Status, m.By = survived, ""
			default:
				m.Status, m.By = killed, answer
			}
			return nil
		case <-timer.C:
			m.Status = timedOut
			s.end()
			return nil
		}
	}
}

// alone judges m in a process of its own, for what is evaluated only once.
func (b *bench) alone(m *mutant, tests []*test) {
	for _, t := range tests {
		_, _, err := b.run(b.limit(t), []string{"MUTANTS_ACTIVE=" + strconv.Itoa(m.ID)}, "-test.run", "^"+t.name+"$")
		if err != nil {
			m.Status, m.By = killed, t.name
			return
		}
	}
	m.Status = survived
}

// reaching are the tests that reach m, those first that kill most in the least time.
func (b *bench) reaching(m *mutant) []*test {
	var all []*test
	for _, t := range b.tests {
		if t.hits[m.Site] || m.once() {
			all = append(all, t)
		}
	}
	slices.SortStableFunc(all, func(a, b *test) int {
		return cmp.Compare(float64(b.kills+1)/b.took.Seconds(), float64(a.kills+1)/a.took.Seconds())
	})
	return all
}

// once reports whether m is in the initial value of a variable.
func (m *mutant) once() bool { return strings.HasPrefix(m.Func, "var ") }

// judgeAll judges all with so many processes at a time, and asks done after each whether to go on.
func (b *bench) judgeAll(all []*mutant, workers int, done func(n int) (goOn bool)) error {
	var group sync.WaitGroup
	var mu sync.Mutex
	var failed error
	next, n, goOn := 0, 0, true
	take := func() (*mutant, []*test) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(all) || failed != nil || !goOn {
			return nil, nil
		}
		next++
		return all[next-1], b.reaching(all[next-1])
	}
	for range workers {
		group.Go(func() {
			s := &server{bench: b}
			defer s.end()
			for m, tests := take(); m != nil; m, tests = take() {
				var err error
				switch {
				case len(tests) == 0:
					m.Status = uncovered
				case m.once():
					b.alone(m, tests)
				default:
					err = s.judge(m, tests)
				}
				mu.Lock()
				failed = cmp.Or(failed, err)
				b.count(m)
				n++
				goOn = done(n) && goOn
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return failed
}

func (b *bench) count(m *mutant) {
	for _, t := range b.tests {
		if t.name == m.By {
			t.kills++
		}
	}
}
