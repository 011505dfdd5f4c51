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

// server is a test process that tries one mutant after the other.
type server struct {
	bench   *bench
	cmd     *exec.Cmd
	stop    context.CancelFunc
	in      io.Writer
	answers chan string // closed when the process has ended
	asked   int         // how many mutants it has tried since it began
}

func (s *server) start() error {
	ctx, cancel := context.WithCancel(context.Background())
	s.cmd, s.asked = s.bench.command(ctx, []string{"MUTANTS_SERVE=1"}), 0
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

// judge runs the tests that reach m, one after the other, and notes whether one of them
// kills it.
func (s *server) judge(m *mutant, tests []*test) error {
	for {
		if s.cmd == nil {
			if err := s.start(); err != nil {
				return err
			}
		}
		s.asked++
		spoilt, err := s.ask(m, tests)
		if err != nil || !spoilt {
			return err
		}
		first := s.asked == 1
		s.end()
		if first { // it was the first mutant of the process: only m can have done it, or m is never awake
			return nil
		}
	}
}

// ask tries m once. The process is spoilt if the test that failed also fails without m:
// then the process keeps something that it computed while a mutant was awake. It is spoilt,
// too, if m was never awake: then it keeps what m would have changed. A process that
// panicked counts as spoilt, since it may have been.
func (s *server) ask(m *mutant, tests []*test) (spoilt bool, err error) {
	line, byName := strconv.Itoa(m.ID), map[string]*test{}
	for _, t := range tests {
		line += " " + t.reaching(m.Site)
		byName[t.name] = t
	}
	if _, err := fmt.Fprintln(s.in, line); err != nil {
		return false, err
	}
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	for {
		select {
		case answer, ok := <-s.answers:
			word, name, _ := strings.Cut(answer, " ")
			switch {
			case !ok: // it panicked
				m.Status, spoilt = killed, true
			case word == "run":
				m.By = byName[name].title()
				timer.Reset(2 * byName[name].limit())
				continue
			case word == "passed", word == "asleep":
				m.Status, m.By, spoilt = survived, "", word == "asleep"
			default:
				m.Status, spoilt = killed, word == "spoilt"
			}
			return spoilt, nil
		case <-timer.C:
			m.Status = timedOut
			s.end()
			return false, nil
		}
	}
}

// alone tries m in processes of its own, since code that runs only once may have run
// before m was awake.
func alone(m *mutant, tests []*test) {
	for _, t := range tests {
		_, _, err := t.bench.run(t.limit(), []string{"MUTANTS_ACTIVE=" + strconv.Itoa(m.ID)}, "-test.run", "^"+t.name+"$")
		if err != nil {
			m.Status, m.By = killed, t.title()
			return
		}
	}
	m.Status = survived
}

// hunt has the tests of all packages and tries mutants with them.
type hunt struct{ tests []*test }

// reaching are the tests that reach m. Those that kill most mutants in the least time come
// first. early says that m is reached before any test begins.
func (h *hunt) reaching(m *mutant) (all []*test, early bool) {
	for _, t := range h.tests {
		if t.hits[m.Site] {
			all = append(all, t)
			early = early || t.bench.begins[m.Site]
		}
	}
	slices.SortStableFunc(all, func(a, b *test) int {
		return cmp.Compare(float64(b.kills+1)/b.took.Seconds(), float64(a.kills+1)/a.took.Seconds())
	})
	return all, early
}

// judge tries m with tests. It uses the processes in servers, and begins those that are
// missing.
func judge(m *mutant, tests []*test, servers map[*bench]*server) error {
	for len(tests) > 0 && !m.dead() {
		b := tests[0].bench
		if servers[b] == nil {
			servers[b] = &server{bench: b}
		}
		var own, others []*test
		for _, t := range tests {
			if t.bench == b {
				own = append(own, t)
			} else {
				others = append(others, t)
			}
		}
		if err := servers[b].judge(m, own); err != nil {
			return err
		}
		tests = others
	}
	return nil
}

// judgeAll tries all mutants in their order, as many at a time as there are workers. After
// each one it asks done whether to go on.
func (h *hunt) judgeAll(all []*mutant, workers int, done func(*mutant) (goOn bool)) error {
	var group sync.WaitGroup
	var mu sync.Mutex
	var failed error
	next, goOn := 0, true
	take := func() (m *mutant, tests []*test, early bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(all) || failed != nil || !goOn {
			return nil, nil, false
		}
		m = all[next]
		next++
		tests, early = h.reaching(m)
		return m, tests, early
	}
	for range workers {
		group.Go(func() {
			servers := map[*bench]*server{}
			defer func() {
				for _, s := range servers {
					s.end()
				}
			}()
			for m, tests, early := take(); m != nil; m, tests, early = take() {
				var err error
				switch {
				case len(tests) == 0:
					m.Status = uncovered
				case early:
					alone(m, tests)
				default:
					err = judge(m, tests, servers)
				}
				mu.Lock()
				failed = cmp.Or(failed, err)
				h.count(m)
				goOn = done(m) && goOn
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return failed
}

func (h *hunt) count(m *mutant) {
	for _, t := range h.tests {
		if t.title() == m.By {
			t.kills++
		}
	}
}
