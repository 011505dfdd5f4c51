package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

// open opens the record. earlier is what it has of each Device already.
func (d *drive) open() (earlier map[string]campaign.Result, err error) {
	d.tally = campaign.NewTally(&d.plan)
	if d.flags.resume == "" {
		about := campaign.About{Version: version, Fleet: d.fleet, Campaign: d.flags.campaign, Began: time.Now().UTC()}
		if d.record, err = campaign.Create(d.dir, about, d.text); err != nil {
			return nil, usage(err)
		}
	} else {
		var about campaign.About
		if d.record, about, err = campaign.Resume(d.dir); err != nil {
			return nil, usage(err)
		}
		d.fleet = about.Fleet
	}
	if err := os.MkdirAll(filepath.Join(d.dir, campaign.OwnersDir), 0o700); err != nil {
		return nil, harness(err)
	}
	earlier = map[string]campaign.Result{}
	if err := d.record.Earlier(func(r campaign.Result) { earlier[r.Device] = r }); err != nil {
		return nil, harness(err)
	}
	return earlier, nil
}

// choose leaves out the Devices with which an earlier run has ended, and counts them.
func (d *drive) choose(all []campaign.Member, earlier map[string]campaign.Result) ([]campaign.Member, []campaign.Target) {
	var members []campaign.Member
	var targets []campaign.Target
	for _, m := range all {
		was, known := earlier[m.Endpoint]
		if known && !was.Verdict.Open() && !d.again[was.Verdict] {
			d.tally.Add(was)
			continue
		}
		t := campaign.Target{Endpoint: m.Endpoint, Known: was.Known()}
		if !m.Secured && d.plan.Security.Own == "" {
			t.Plain = m.At
		}
		members, targets = append(members, m), append(targets, t)
	}
	return members, targets
}

// keep keeps what became of a Device.
func (d *drive) keep(_ int, r campaign.Result) {
	d.tally.Add(r)
	if err := d.record.Append(r); err != nil && d.broken == nil {
		d.broken = err
	}
}

// progress says how far the campaign is.
func (d *drive) progress(p campaign.Progress) {
	fmt.Fprintf(d.stderr, "%8.1fs  wave %d of %d: %d of %d Devices have ended, %d are under way, %d in trouble\n",
		p.At.Seconds(), p.Wave, p.Waves, p.Concluded, p.Devices, p.Active, p.Failures)
}

// tell shows the summary.
func (d *drive) tell(s *campaign.Summary) error {
	if d.flags.json {
		return json.NewEncoder(d.stdout).Encode(s)
	}
	if err := s.Text(d.stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintf(d.stdout, "results in %s\n", d.dir)
	return err
}

// driven is the exit code of a campaign.
func driven(s *campaign.Summary) int {
	failures := 0
	for v, n := range s.Counts {
		if v.Failure() {
			failures += n
		}
	}
	switch {
	case s.Interrupted:
		return suite.ExitInterrupted
	case s.Devices > 0 && s.Counts[campaign.Lost] == s.Devices:
		return suite.ExitError
	case failures > 0 || s.Stopped != "" || s.Counts[campaign.NotBegun]+s.Counts[campaign.UnderWay] > 0:
		return suite.ExitFail
	case s.Counts[campaign.NotSelected] == s.Devices:
		return suite.ExitUsage
	}
	return suite.ExitPass
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
