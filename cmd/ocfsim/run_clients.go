package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/clients"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/reports"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// clientFlags are the flags of `ocfsim run` that judge Clients.
type clientFlags struct {
	out     string // "" where they are not judged
	strict  bool
	formats []string
}

// check finds what is wrong with the flags before anything is opened.
func (f *clientFlags) check() error {
	if f.out == "" && (f.strict || len(f.formats) > 0) {
		return errors.New("--strict and --format say how Clients are judged: they need --judge-clients DIR")
	}
	_, err := f.shown()
	return err
}

// shown are the formats in which stdout shows the reports.
func (f *clientFlags) shown() ([]reports.Format, error) {
	if len(f.formats) == 0 {
		return formatsNamed([]string{"pretty"})
	}
	return formatsNamed(f.formats)
}

// clientJudge judges the Clients of a run at its end. Nil judges nobody.
type clientJudge struct {
	flags     clientFlags
	formats   []reports.Format
	recording *clients.Recording
	free      func()
}

// judgeClients takes the folder of the flags and has cfg record what Clients do.
func judgeClients(flags runFlags, cfg *fleet.Config) (*clientJudge, error) {
	if flags.clients.out == "" {
		return nil, nil
	}
	formats, err := flags.clients.shown()
	if err != nil {
		return nil, usage(err)
	}
	free, err := claimFolder(flags.clients.out)
	if err != nil {
		return nil, harness(fmt.Errorf("--judge-clients: %w", err))
	}
	if _, err := suite.Withdraw(flags.clients.out); err != nil {
		free()
		return nil, harness(err)
	}
	j := &clientJudge{flags: flags.clients, formats: formats, free: free}
	j.recording = clients.New(clients.Config{
		Dir: flags.clients.out, Tool: "ocfsim " + version, Edition: suite.Edition, Secured: cfg.Secure != nil, Strict: flags.clients.strict,
	})
	cfg.Witness = j.recording
	return j, nil
}

// release gives the folder back.
func (j *clientJudge) release() {
	if j != nil {
		j.free()
	}
}

// conclude reports on the Clients and returns the exit code that follows, as an error.
func (j *clientJudge) conclude(ctx context.Context, tell *teller, stderr io.Writer) error {
	if j == nil {
		return nil
	}
	results, err := j.recording.Conclude(version, commit(context.WithoutCancel(ctx)))
	if err != nil {
		return harness(fmt.Errorf("--judge-clients: %w", err))
	}
	if n := j.recording.Passed(); n > 0 {
		return harness(fmt.Errorf("--judge-clients: not recorded, because there were too many: %s of Clients with Devices; run fewer Devices", ocf.Count(n, "conversation")))
	}
	if len(results) == 0 {
		fmt.Fprintln(stderr, "No Client sent anything to a Device: nothing was judged.")
		return exitWith(suite.ExitInconclusive)
	}
	if err := j.tell(tell, results); err != nil {
		return harness(err)
	}
	return exitWith(suite.ExitCode(results))
}

// tell shows what became of each Client: with --json a line for each, unless a format was
// asked for.
func (j *clientJudge) tell(tell *teller, results []suite.Result) error {
	if !tell.json || len(j.flags.formats) > 0 {
		return show(j.formats, tell.w, j.flags.out, results)
	}
	for _, r := range results {
		row := judgedClient{Event: "judged", Client: r.Report.Target.Name, Verdict: r.Report.Verdict, Folder: r.Dir}
		if err := json.NewEncoder(tell.w).Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// judgedClient is what --json writes of a Client that was judged.
type judgedClient struct {
	Event   string              `json:"event"` // "judged"
	Client  string              `json:"client"`
	Verdict conformance.Verdict `json:"verdict"`
	Folder  string              `json:"folder"`
}
