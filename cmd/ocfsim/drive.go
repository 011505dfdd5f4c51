package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// driveFlags are the flags of `ocfsim drive`.
type driveFlags struct {
	campaign string
	out      string
	resume   string
	again    []string
	wait     time.Duration
	every    time.Duration
	json     bool
	sample   sampleFlags
	editionFlag
}

func newDrive() *cobra.Command {
	var flags driveFlags
	cmd := &cobra.Command{
		Use:   "drive FLEET...",
		Short: "Check or update many Devices, in waves",
		Long: `Play a controller at scale: check or update the Devices of a fleet as a campaign
file says, in waves and within limits, and say of each Device what became of it.

FLEET is an endpoint, a range of them, whoever answers a multicast, a target file,
a fleet file, or a file with an endpoint a line:

  coap://127.1.0.1:5683    coap://127.1.0.1:5683+1000    multicast:eth0
  lamp.yaml                fleet.yaml                    devices.txt

'ocfsim init campaign' writes a campaign file with comments. A Device counts as
updated if it showed that it was: by tm, cm and dos of its pstat, and by its version.

The folder --out has a line for each Device in results.ndjson, summary.json, and the
reports report.md and report.html. A run that was interrupted goes on with --resume DIR: with the Devices that
were under way or not begun, and with those of --again.

A Device that does not answer is lost after up to 93 s, as CoAP has it, times 'tries' of
the campaign file: 3, or 1 where none of several answers. How many are silent is said
meanwhile.

The edition in whose letters tm and cm are told, and by which a sample is judged, is that
of --edition, else of the run that is gone on with, else of the campaign file.

With --judge-sample N the suite runs on N Devices of the fleet while the others are
under load. What it finds stands in the report by group, the worst first.

Exit codes: 0 each Device is updated, or has nothing newer; 1 some failed, refused,
were lost, proved nothing or did not end in time, the campaign was stopped, or a
requirement failed in the sample; 3 something in the sample is inconclusive; 2 usage;
4 none that was begun answered, or the suite could not be run on the sample; 130 interrupted (Devices may go on updating).`,
		Example: "  ocfsim drive coap://127.1.0.1:5683+1000 --campaign campaign.yaml --out night\n  ocfsim drive --resume night --again lost,straggler",
		RunE: func(cmd *cobra.Command, args []string) error {
			return flags.run(cmd, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.campaign, "campaign", "", "what to do with the fleet: a campaign `FILE`")
	f.StringVar(&flags.out, "out", "", "write what became of the Devices to `DIR` (default campaigns/<time>)")
	f.StringVar(&flags.resume, "resume", "", "go on with the run that was interrupted, in `DIR`")
	f.StringSliceVar(&flags.again, "again", nil, "with --resume, go on with Devices of these `VERDICTS` too, such as lost,straggler")
	f.DurationVar(&flags.wait, "wait", 3*time.Second, "how long to wait for answers to a multicast")
	f.DurationVar(&flags.every, "every", 10*time.Second, "say on stderr how far the campaign is, so often")
	f.BoolVar(&flags.json, "json", false, "write the summary as one JSON object")
	flags.sample.register(cmd)
	flags.editionFlag.register(cmd)
	cmd.MarkFlagsMutuallyExclusive("campaign", "resume")
	cmd.MarkFlagsMutuallyExclusive("out", "resume")
	return cmd
}

// check returns an error that names what is wrong.
func (f *driveFlags) check(args []string) error {
	known := func(v string) bool { return slices.Contains(campaign.Verdicts(), campaign.Verdict(v)) }
	switch {
	case f.resume == "" && f.campaign == "":
		return errors.New("expected --campaign FILE; `ocfsim init campaign` writes one to begin with")
	case f.resume == "" && len(args) == 0:
		return errors.New("expected a FLEET, such as coap://127.1.0.1:5683+1000")
	case f.resume != "" && len(args) > 0:
		return errors.New("--resume goes on with the fleet of the run: give no other FLEET")
	case f.resume == "" && len(f.again) > 0:
		return errors.New("--again is for --resume DIR")
	case f.wait <= 0 || f.every <= 0:
		return fmt.Errorf("--wait %v --every %v: expected more than 0", f.wait, f.every)
	}
	for _, v := range f.again {
		if !known(v) {
			return fmt.Errorf("--again %s: unknown verdict, expected one of %v", v, campaign.Verdicts())
		}
	}
	if err := f.editionFlag.check(); err != nil {
		return err
	}
	return f.sample.check()
}

// run is `ocfsim drive` after its flags were read.
func (f *driveFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(args); err != nil {
		return usage(err)
	}
	d := &drive{flags: f, edition: f.editionFlag.named(cmd), dir: f.out, fleet: absolute(args), again: map[campaign.Verdict]bool{}, stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()}
	for _, v := range f.again {
		d.again[campaign.Verdict(v)] = true
	}
	file := f.campaign
	switch {
	case f.resume != "":
		d.dir, file = f.resume, filepath.Join(f.resume, campaign.CampaignFile)
	case d.dir == "":
		d.dir = filepath.Join("campaigns", time.Now().Format(runName))
	}
	var err error
	if d.plan, d.text, err = campaign.Load(file); err != nil {
		return usage(err)
	}
	if d.file, err = filepath.Abs(file); err != nil {
		return harness(err)
	}
	if f.resume != "" && !isFolder(f.resume) {
		return usage(fmt.Errorf("--resume %s: expected the folder of a run", f.resume))
	}
	free, err := claimFolder(d.dir)
	if err != nil {
		return harness(err)
	}
	defer free()
	return d.run(cmd.Context())
}

// absolute are the names of a fleet, files by their whole path: a run may be resumed in
// another folder.
func absolute(names []string) (all []string) {
	for _, name := range names {
		if path, err := filepath.Abs(name); err == nil && !strings.Contains(name, ":") {
			name = path
		}
		all = append(all, name)
	}
	return all
}

// drive is a campaign that is run by the command.
type drive struct {
	flags          *driveFlags
	edition        string // that is named by the flag, the record or the campaign, in this order; "" if none is
	dir            string
	fleet          []string
	plan           campaign.Plan
	text           []byte          // the campaign file
	file           string          // where it was read, or, of a run that is resumed, first
	security       target.Security // of Devices that no target file speaks for
	again          map[campaign.Verdict]bool
	sample         *sample // Devices that the suite is run on; nil for none
	record         *campaign.Record
	tally          *campaign.Tally
	broken         firstError // of the record
	stdout, stderr io.Writer
}

// run opens the record and the fleet, and runs the campaign.
func (d *drive) run(ctx context.Context) (failed error) {
	members, earlier, err := d.open(ctx)
	defer func() {
		if err := d.close(); err != nil && failed == nil {
			failed = harness(err)
		}
	}()
	if err != nil {
		return err
	}
	members, targets := d.choose(members, earlier)
	if d.sample != nil {
		go d.sample.run(ctx)
	}
	sessions := &campaign.Sessions{Plan: &d.plan, Security: d.security, Owners: filepath.Join(d.dir, campaign.OwnersDir), Asking: d.askingOne}
	outcome, err := campaign.Run(ctx, campaign.Config{
		Plan: &d.plan, Targets: targets,
		Secured: func(ctx context.Context, i int) campaign.Result {
			return sessions.Drive(ctx, members[i], targets[i].Known)
		},
		Tell: d.keep, Asking: d.asking, Keep: d.flush,
		Silent: sessions.Silent, Every: d.flags.every, Progress: d.progress,
	})
	judged, errJudged := d.judged()
	if err := errors.Join(err, errJudged, d.broken.get()); err != nil {
		return harness(err)
	}
	summary, err := d.tally.Summary(outcome)
	if err != nil {
		return err
	}
	summary.Sample = judged
	if err := errors.Join(d.record.Conclude(summary), d.tell(summary)); err != nil {
		return harness(err)
	}
	return exitWith(driven(summary))
}
