package twin_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/exam"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/twin"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// of names the Devices of which twins are made, separated by commas, or is "all".
var of = flag.String("of", "success,cm-v-not-cleared", "make twins of these `DEVICES` (names, separated by commas, or all)")

func TestATwinShowsTheSameBugs(t *testing.T) {
	candidates, err := exam.Candidates(names()...)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	same := 0
	var all sync.WaitGroup
	next := make(chan exam.Candidate)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for c := range next {
				dir := t.TempDir()
				if *keep != "" {
					dir = *keep + "-record"
				}
				was, err := record(c, dir)
				if err != nil {
					t.Errorf("%s: %v", c.Name, err)
					continue
				}
				is, unknown, err := replay(c, dir)
				mu.Lock()
				if slices.Equal(was, is) {
					same++
					t.Logf("%s: %v, unknown: %d %v", c.Name, was, len(unknown), err)
				} else {
					t.Errorf("%s: recorded %v, the twin shows %v, %d unknown %v", c.Name, was, is, len(unknown), err)
				}
				for _, u := range unknown[:min(4, len(unknown))] {
					t.Logf("   %+v", u)
				}
				mu.Unlock()
			}
		})
	}
	for _, c := range candidates {
		next <- c
	}
	close(next)
	all.Wait()
	t.Logf("%d of %d", same, len(candidates))
}

func names() []string {
	if *of == "all" {
		return nil
	}
	return strings.Split(*of, ",")
}

// record runs the suite against c and returns what turned red.
func record(c exam.Candidate, dir string) ([]string, error) {
	return run(lab.Config{Specimens: []lab.Specimen{c.Specimen}, Unsecured: !c.Secured, Seed: 1}, dir, nil)
}

// replay runs the suite against a twin of what was recorded in dir.
func replay(c exam.Candidate, dir string) (red []string, unknown []twin.Unknown, err error) {
	book, err := twin.Load(dir)
	if err != nil {
		return nil, nil, err
	}
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		return nil, nil, err
	}
	specimens[0].Own = c.Specimen.Own
	shadow := twin.New(book, func(u twin.Unknown) { unknown = append(unknown, u) })
	red, err = run(lab.Config{Specimens: specimens, Unsecured: !c.Secured, Seed: 1, Replay: shadow}, *keep, func(cfg *target.Config) {
		cfg.Profile.Name, cfg.Profile.Timing, cfg.Profile.Update = book.Target.Name, book.Target.Timing, book.Target.Update
	})
	return red, unknown, err
}

var keep = flag.String("keep", "", "")

func run(cfg lab.Config, dir string, declare func(*target.Config)) (red []string, err error) {
	err = bubble.Run(func() error {
		l, err := lab.OpenVirtual(cfg, memnet.New(1, memnet.Impairment{}))
		if err != nil {
			return err
		}
		targets := l.Targets()
		if declare != nil {
			declare(&targets[0])
		}
		results, err := suite.Run(context.Background(), suite.Config{Targets: targets, Dir: dir})
		if err != nil {
			return errors.Join(err, l.Close())
		}
		for _, q := range results[0].Report.Requirements {
			if q.Verdict == conformance.Fail || q.Verdict == conformance.Warn {
				red = append(red, q.ID)
			}
		}
		if results[0].Report.Verdict == conformance.Error {
			red = append(red, fmt.Sprintf("error: %s", results[0].Report.Reason))
		}
		return errors.Join(results[0].Err, l.Close())
	})
	return red, err
}
