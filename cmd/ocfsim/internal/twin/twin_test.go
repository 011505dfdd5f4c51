package twin_test

import (
	"context"
	"errors"
	"flag"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// of names the Devices of which twins are made, whole whether every scenario is recorded.
// Without -whole it is the scenarios that are tagged with what the Device breaks.
var (
	of    = flag.String("of", telling, "make twins of these `DEVICES`: names, separated by commas, or all")
	whole = flag.Bool("whole", false, "record all scenarios, not only those about what a Device breaks")
)

// telling are Devices whose bugs lie in a course, a value, an encoding, a refusal, a
// silence, a session or a restart.
const telling = "cm-v-not-cleared,array-kills,option-demanded,blocks-cut,not-observable,numbers-back," +
	"answers-by-ack,source-not-asked,restart-loses-version,stranger-clears,modes-in-reset,id-lost"

func TestATwinShowsTheSameBugs(t *testing.T) {
	var names []string
	if *of != "all" {
		names = strings.Split(*of, ",")
	}
	candidates, err := exam.Candidates(names...)
	if err != nil {
		t.Fatal(err)
	}
	var same atomic.Int32
	var all sync.WaitGroup
	next := make(chan exam.Candidate)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for c := range next {
				tags := ""
				if !*whole {
					tags = "@" + strings.Join(c.Breaks, " or @")
				}
				if compare(t, c, tags) {
					same.Add(1)
				}
			}
		})
	}
	for _, c := range candidates {
		next <- c
	}
	close(next)
	all.Wait()
	t.Logf("%d of %d twins show what was recorded", same.Load(), len(candidates))
}

func TestATwinOfACompliantDevice(t *testing.T) {
	candidates, err := exam.Candidates("success")
	if err != nil {
		t.Fatal(err)
	}
	compare(t, candidates[0], "@SVV-4 or @S18")
}

// Which Client gets a session is what was recorded, though the Device beneath has another key, or
// none: in a run of several scenarios all that follows depends on it.
func TestATwinGrantsTheSessionsThatWereGranted(t *testing.T) {
	for name, tags := range map[string]string{"deleted-opens": "@SVV-3 or @SVV-2", "creds-lost": "@SSU-14 or @OBS-3"} {
		candidates, err := exam.Candidates(name)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, candidates[0], tags)
	}
}

// compare runs the suite against c and against its twin, and reports whether the same
// requirements turned red.
func compare(t *testing.T, c exam.Candidate, tags string) bool {
	dir := t.TempDir()
	device := lab.Config{Specimens: []lab.Specimen{c.Specimen}, Unsecured: !c.Secured, Seed: 1}
	was, err := red(device, suite.Config{Dir: dir, Selection: suite.Selection{Tags: tags}}, nil)
	if err != nil {
		t.Errorf("%s: %v", c.Name, err)
		return false
	}
	if len(was) == 0 && len(c.Breaks) > 0 {
		t.Errorf("%s: nothing turned red", c.Name)
	}
	book, err := twin.Load(dir)
	if err != nil {
		t.Error(err)
		return false
	}
	reference, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Error(err)
		return false
	}
	var unknown []twin.Unknown
	device.Specimens, device.Replay = lab.ByEdition(reference[:1], book.Born()), twin.New(book, func(u twin.Unknown) { unknown = append(unknown, u) })
	is, err := red(device, suite.Config{Selection: suite.Selection{Tags: tags}}, func(cfg *target.Config) {
		cfg.Profile.Name, cfg.Profile.Timing, cfg.Profile.Update = book.Target.Name, book.Target.Timing, book.Target.Update
	})
	if err != nil || !slices.Equal(was, is) {
		t.Errorf("%s: recorded %v, the twin shows %v; %d not in the record, such as %v; %v", c.Name, was, is, len(unknown), unknown[:min(1, len(unknown))], err)
		return false
	}
	return true
}

// red are the requirements that turn red when the suite is run as plan says against the
// only Device of cfg.
func red(cfg lab.Config, plan suite.Config, declare func(*target.Config)) (ids []string, err error) {
	err = bubble.Run(func() error {
		l, err := lab.OpenVirtual(cfg, memnet.New(1, memnet.Impairment{}))
		if err != nil {
			return err
		}
		plan.Targets = l.Targets()
		if declare != nil {
			declare(&plan.Targets[0])
		}
		results, err := suite.Run(context.Background(), plan)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		for _, q := range results[0].Report.Requirements {
			if q.Verdict == conformance.Fail || q.Verdict == conformance.Warn {
				ids = append(ids, q.ID)
			}
		}
		return l.Close()
	})
	return ids, err
}
