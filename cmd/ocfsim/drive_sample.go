package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
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
func (f *sampleFlags) check() error {
	switch {
	case f.devices < 0:
		return fmt.Errorf("--judge-sample %d: expected at least 1", f.devices)
	case f.devices == 0 && (f.as != "" || f.tags != ""):
		return errors.New("--judge-as and --judge-tags are for --judge-sample N")
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

// judgeSome takes the Devices that are to be judged out of the fleet: those that a run before
// has drawn, or that are drawn now, among those that the campaign was never told of. The suite
// runs on them, unless it has ended before.
func (d *drive) judgeSome(all []campaign.Member, about *campaign.About, earlier map[string]campaign.Result) ([]campaign.Member, error) {
	f := d.flags.sample
	switch {
	case about.Judged != nil && f.devices > 0:
		return nil, fmt.Errorf("--judge-sample %d: the suite runs on %s of this campaign already", f.devices, ocf.Count(len(about.Judged.Devices), "Device"))
	case about.Judged == nil && f.devices == 0:
		return all, nil
	case about.Judged == nil:
		judging, err := draw(all, earlier, f, d.plan.Seed)
		if err != nil {
			return nil, err
		}
		about.Judged = judging
	}
	var judged, rest []campaign.Member
	for _, m := range all {
		if slices.Contains(about.Judged.Devices, m.Endpoint) {
			judged = append(judged, m)
		} else {
			rest = append(rest, m)
		}
	}
	if d.record != nil {
		if done, err := d.record.Sample(); done != nil || err != nil {
			return rest, err
		}
	}
	return rest, d.prepare(judged, *about.Judged)
}

// draw draws the Devices that are to be judged.
func draw(all []campaign.Member, earlier map[string]campaign.Result, f sampleFlags, seed uint64) (*campaign.Judging, error) {
	var free []campaign.Member
	for _, m := range all {
		if was, known := earlier[m.Endpoint]; !known || was.Verdict == campaign.NotBegun && was.Asked == "" {
			free = append(free, m)
		}
	}
	if f.devices > len(free) || f.devices == len(all) {
		return nil, fmt.Errorf("--judge-sample %d: the fleet has %s that the campaign has not begun with, and one at least has to be left for it", f.devices, ocf.Count(len(free), "Device"))
	}
	judging := &campaign.Judging{Tags: f.tags}
	if f.as != "" {
		judging.As = absolute([]string{f.as})[0]
	}
	drawn, _ := campaign.Draw(free, f.devices, seed)
	for _, m := range drawn {
		judging.Devices = append(judging.Devices, m.Endpoint)
	}
	return judging, nil
}

// prepare has the suite be run on these Devices.
func (d *drive) prepare(members []campaign.Member, judging campaign.Judging) error {
	s := &sample{members: members, dir: filepath.Join(d.dir, campaign.SampleDir), done: make(chan struct{})}
	for _, m := range members {
		cfg, err := d.judgedAs(m, judging.As)
		if err != nil {
			return err
		}
		s.targets = append(s.targets, cfg)
	}
	if err := keepDebts(s.targets, d.stderr); err != nil {
		return err
	}
	edition, err := suite.EditionOf(d.edition, s.targets)
	if err != nil {
		return err
	}
	s.selection, err = suite.Selection{Edition: edition, Tags: judging.Tags}.Load()
	d.sample = s
	return err
}

// judgedAs is m as the suite sees it: as its own target file has it, or the file as.
func (d *drive) judgedAs(m campaign.Member, as string) (target.Config, error) {
	var cfg target.Config
	var err error
	switch {
	case m.File != nil:
		return *m.File, nil
	case as != "":
		cfg, err = target.Load(as)
		cfg.Profile.Endpoint, cfg.Find = m.Endpoint, target.Config{}.Find
	default:
		cfg, err = target.FromURI(m.Endpoint)
		cfg.Security = d.security
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

// judged waits for the suite, and adds up what it found. It is nil where the suite runs on no
// Device, or did not come to its end.
func (d *drive) judged() (*campaign.Sample, error) {
	s := d.sample
	if s == nil {
		return d.record.Sample()
	}
	<-s.done
	if s.err != nil {
		return nil, s.err
	}
	judged := make([]campaign.Judged, len(s.results))
	for i, r := range s.results {
		if r.Interrupted {
			return nil, nil // the run that goes on runs the suite again
		}
		judged[i] = campaign.Judged{Member: s.members[i], Verdict: r.Report.Verdict, Requirements: map[string]conformance.Verdict{}}
		for _, q := range r.Report.Requirements {
			judged[i].Requirements[q.ID] = q.Verdict
		}
	}
	all := campaign.SampleOf(judged)
	all.TookS, all.Folder = s.took.Seconds(), campaign.SampleDir
	return all, d.record.KeepSample(all)
}
