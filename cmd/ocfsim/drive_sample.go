package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// sampleFlags are the flags of `ocfsim drive` by which some Devices are judged.
type sampleFlags struct {
	devices int
	as      string
	tags    string
}

func (f *sampleFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&f.devices, "judge-sample", 0, "run the suite on `N` Devices of the fleet, which are drawn by the campaign's seed and left out of the campaign, while the others are under load")
	flags.StringVar(&f.as, "judge-as", "", "judge them as the target `FILE` declares one of them: what it supports, its timing, its conditions")
	flags.StringVar(&f.tags, "judge-tags", "", "run only the scenarios that match this tag `EXPR`")
}

// check returns an error that names what is wrong.
func (f *sampleFlags) check(resumes bool) error {
	switch {
	case f.devices < 0:
		return fmt.Errorf("--judge-sample %d: expected at least 1", f.devices)
	case f.devices == 0 && (f.as != "" || f.tags != ""):
		return errors.New("--judge-as and --judge-tags are for --judge-sample N")
	case f.devices > 0 && resumes:
		return errors.New("--judge-sample is for a campaign that begins, not for --resume")
	}
	return nil
}

// sample is the suite on some Devices of a fleet.
type sample struct {
	members   []campaign.Member
	targets   []target.Config
	selection suite.Selection
	dir       string
	done      chan struct{}
	results   []suite.Result
	took      time.Duration
	err       error
}

// judgeSome draws the Devices that are to be judged, and takes them out of the fleet. It is
// nil where none are.
func (d *drive) judgeSome(all []campaign.Member) (*sample, []campaign.Member, error) {
	f := d.flags.sample
	if f.devices == 0 {
		return nil, all, nil
	}
	if f.devices >= len(all) {
		return nil, nil, fmt.Errorf("--judge-sample %d: the fleet has %d Devices, and one at least has to be left for the campaign", f.devices, len(all))
	}
	s := &sample{dir: filepath.Join(d.dir, campaign.SampleDir), done: make(chan struct{})}
	s.members, all = campaign.Draw(all, f.devices, d.plan.Seed)
	for _, m := range s.members {
		cfg, err := d.judgedAs(m)
		if err != nil {
			return nil, nil, err
		}
		s.targets = append(s.targets, cfg)
	}
	if err := keepDebts(s.targets, d.stderr); err != nil {
		return nil, nil, err
	}
	edition, err := suite.EditionOf("", s.targets)
	if err != nil {
		return nil, nil, err
	}
	s.selection, err = suite.Selection{Edition: edition, Tags: f.tags}.Load()
	return s, all, err
}

// judgedAs is m as the suite sees it.
func (d *drive) judgedAs(m campaign.Member) (target.Config, error) {
	var cfg target.Config
	var err error
	switch {
	case m.File != nil:
		return *m.File, nil
	case d.flags.sample.as != "":
		cfg, err = target.Load(d.flags.sample.as)
		cfg.Profile.Endpoint, cfg.Find = m.Endpoint, target.Config{}.Find
	default:
		cfg, err = target.FromURI(m.Endpoint)
		cfg.Security = target.Security{Owner: d.owner, Own: target.Method(d.plan.Security.Own), PIN: d.plan.Security.PIN}
		cfg.Profile.Secured = m.Secured || cfg.Security.Own != ""
		if !cfg.Profile.Secured {
			cfg.Security = target.Security{}
		}
	}
	cfg.Profile.Name = m.Endpoint
	return cfg, err
}

// run runs the suite.
func (s *sample) run(ctx context.Context) {
	defer close(s.done)
	began := time.Now()
	s.results, s.err = suite.Run(ctx, suite.Config{
		Targets: s.targets, Selection: s.selection, Edition: s.selection.Edition, Dir: s.dir,
		Version: version, Commit: commit(ctx), KeepGoing: true,
	})
	s.took = time.Since(began)
}

// summary waits for the suite, and adds up what it found.
func (s *sample) summary() (*campaign.Sample, error) {
	if s == nil {
		return nil, nil
	}
	<-s.done
	if s.err != nil {
		return nil, s.err
	}
	judged := make([]campaign.Judged, len(s.results))
	for i, r := range s.results {
		judged[i] = campaign.Judged{Member: s.members[i], Verdict: r.Report.Verdict, Requirements: map[string]conformance.Verdict{}}
		for _, q := range r.Report.Requirements {
			judged[i].Requirements[q.ID] = q.Verdict
		}
	}
	all := campaign.SampleOf(judged)
	all.TookS, all.Folder = s.took.Seconds(), campaign.SampleDir
	return all, nil
}
