package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

// open reads whom the campaign is for, and opens the record. earlier is what it has of each
// Device already. A mistake of the caller leaves no record behind.
func (d *drive) open(ctx context.Context) (members []campaign.Member, earlier map[string]campaign.Result, err error) {
	d.tally = campaign.NewTally(&d.plan)
	earlier = map[string]campaign.Result{}
	about := campaign.About{Version: version, Fleet: d.fleet, Campaign: d.file, Began: time.Now().UTC()}
	if d.flags.resume != "" {
		if d.record, about, err = campaign.Resume(d.dir); err != nil {
			return nil, nil, usage(err)
		}
		d.fleet, d.file = about.Fleet, about.Campaign
		d.edition = cmp.Or(d.edition, about.Edition)
		if err := d.record.Earlier(func(r campaign.Result) { earlier[r.Device] = r }); err != nil {
			return nil, nil, harness(err)
		}
	}
	d.edition = cmp.Or(d.edition, d.plan.Edition)
	about.Edition = d.edition
	if d.security, err = d.secure(); err != nil {
		return nil, nil, usage(err)
	}
	if members, err = campaign.Fleet(ctx, d.fleet, d.flags.wait); err != nil {
		return nil, nil, usage(err)
	}
	if members, err = d.judgeSome(members, &about, earlier); err != nil {
		return nil, nil, usage(err)
	}
	if d.record == nil {
		d.record, err = campaign.Create(d.dir, about, d.text)
	} else {
		err = d.record.Describe(about)
	}
	switch {
	case errors.As(err, new(*campaign.TakenError)):
		return nil, nil, usage(err)
	case err != nil:
		return nil, nil, harness(err)
	}
	if err := os.MkdirAll(filepath.Join(d.dir, campaign.OwnersDir), 0o700); err != nil {
		return nil, nil, harness(err)
	}
	return members, earlier, nil
}

// close closes the record, if there is one.
func (d *drive) close() error {
	if d.record == nil {
		return nil
	}
	return d.record.Close()
}

// secure is the security of Devices that no target file speaks for. The files that the campaign
// names are looked for beside its own.
func (d *drive) secure() (target.Security, error) {
	plan := d.plan.Security
	beside := func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(filepath.Dir(d.file), name)
	}
	switch {
	case plan.Like != "":
		cfg, err := target.Load(beside(plan.Like))
		return cfg.Security, err
	case plan.Credential != "":
		c, err := target.LoadCredential(beside(plan.Credential))
		return target.Security{Owner: &c}, err
	}
	return target.Security{Own: target.Method(plan.Own), PIN: plan.PIN}, nil
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
		t := campaign.Target{Endpoint: m.Endpoint, Group: m.Group}
		if was.Verdict.Unfinished() {
			t.Known = was.Known()
		}
		if !m.Secured && d.security.Own == "" {
			t.Plain = m.At
		}
		members, targets = append(members, m), append(targets, t)
	}
	return members, targets
}

// keep keeps what became of a Device.
func (d *drive) keep(_ int, r campaign.Result) {
	r.Reason = edition.Of(d.edition).Letters(r.Reason)
	d.broken.set(d.record.Append(r))
	d.tally.Add(d.record.Numbered(r))
}

// asking takes note that a Device is about to be asked for an update.
func (d *drive) asking(_ int, r campaign.Result) { d.broken.set(d.record.Asking(r)) }

// askingOne is asking of a Device with a session, which is asked at once.
func (d *drive) askingOne(r campaign.Result) {
	d.broken.set(d.record.Asking(r))
	d.flush()
}

// flush keeps what was told from being lost with this program.
func (d *drive) flush() { d.broken.set(d.record.Flush()) }

// firstError is the first of several errors. It is safe for concurrent use.
type firstError struct {
	mu  sync.Mutex
	err error
}

func (e *firstError) set(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.err = err
	}
}

func (e *firstError) get() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// progress says how far the campaign is.
func (d *drive) progress(p campaign.Progress) {
	silent := ""
	switch {
	case p.Unheard && p.Active > 0:
		silent = fmt.Sprintf("; no Device has answered yet, and each is asked again for up to %v", d.plan.GivenUp())
	case p.Silent > 0:
		silent = fmt.Sprintf("; %d not answering", p.Silent)
	}
	fmt.Fprintf(d.stderr, "%8.1fs  wave %d of %d: %d of %s ended, %d under way, %d in trouble%s\n",
		p.At.Seconds(), p.Wave, p.Waves, p.Concluded, ocf.Count(p.Devices, "Device"), p.Active, p.Failures, silent)
}

// tell shows the summary.
func (d *drive) tell(s *campaign.Summary) error {
	if d.flags.json {
		return json.NewEncoder(d.stdout).Encode(s)
	}
	if err := s.Text(d.stdout); err != nil {
		return err
	}
	next := ""
	if s.Interrupted {
		next = "interrupted; to go on: ocfsim drive --resume " + quote(d.dir) + "\n"
	}
	_, err := fmt.Fprintf(d.stdout, "results in %s\n%s", d.dir, next)
	return err
}

// nobodyThere reports whether all Devices that were begun did not answer, or not any more.
func nobodyThere(s *campaign.Summary) bool {
	lost := s.Counts[campaign.Lost]
	return lost > 0 && lost+s.Counts[campaign.NotBegun] == s.Devices
}

// driven is the exit code of a campaign.
func driven(s *campaign.Summary) int {
	switch {
	case s.Interrupted:
		return suite.ExitInterrupted
	case nobodyThere(s), sampled(s, conformance.Error):
		return suite.ExitError
	case sampled(s, conformance.Fail), s.Failures() > 0 || s.Stopped != "" || s.Counts[campaign.NotBegun]+s.Counts[campaign.UnderWay] > 0:
		return suite.ExitFail
	case s.Counts[campaign.NotSelected] == s.Devices:
		return suite.ExitUsage
	case sampled(s, conformance.Inconclusive):
		return suite.ExitInconclusive
	}
	return suite.ExitPass
}

// sampled reports whether a Device of the sample has this verdict.
func sampled(s *campaign.Summary, v conformance.Verdict) bool {
	return s.Sample != nil && s.Sample.Counts[v] > 0
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
