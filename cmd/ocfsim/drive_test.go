package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

// TestDriveInterrupted interrupts a campaign at Devices that nobody has: what was under way,
// and what was not begun, is written, and the run can be resumed.
func TestDriveInterrupted(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "c.yaml"), filepath.Join(dir, "out")
	if err := os.WriteFile(file, []byte("name: x\ndo: check\nlimits: {at-once: 1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"drive", "coap://127.77.0.1:9+3", "--campaign", file, "--out", out},
		{"drive", "--resume", out},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		var stdout, stderr bytes.Buffer
		code := run(ctx, args, strings.NewReader(""), &stdout, &stderr)
		if code != suite.ExitInterrupted || !strings.Contains(stdout.String(), "1 under-way, 2 not-begun") || !strings.Contains(stdout.String(), "ocfsim drive --resume "+quote(out)+"\n") {
			t.Errorf("%v: exit code %d\n%s%s", args, code, &stdout, &stderr)
		}
	}
	for _, name := range []string{"results.ndjson", "report.md", "summary.json"} {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !strings.Contains(string(text), "interrupted") {
			t.Errorf("%s does not say that the campaign was interrupted: %v\n%s", name, err, text)
		}
	}
}

// TestDriven: the exit code of a campaign is that of the worst.
func TestDriven(t *testing.T) {
	type counts = map[campaign.Verdict]int
	sample := func(v conformance.Verdict) *campaign.Sample {
		return &campaign.Sample{Devices: 1, Counts: map[conformance.Verdict]int{v: 1}}
	}
	for _, test := range []struct {
		name string
		s    campaign.Summary
		want int
	}{
		{"well", campaign.Summary{Devices: 3, Counts: counts{campaign.Updated: 1, campaign.NoUpdate: 1, campaign.NotSelected: 1}}, suite.ExitPass},
		{"failed", campaign.Summary{Devices: 2, Counts: counts{campaign.Updated: 1, campaign.Failed: 1}}, suite.ExitFail},
		{"refused", campaign.Summary{Devices: 2, Counts: counts{campaign.Updated: 1, campaign.Refused: 1}}, suite.ExitFail},
		{"unproven", campaign.Summary{Devices: 2, Counts: counts{campaign.Updated: 1, campaign.Unproven: 1}}, suite.ExitFail},
		{"straggler", campaign.Summary{Devices: 2, Counts: counts{campaign.Updated: 1, campaign.Straggler: 1}}, suite.ExitFail},
		{"one lost", campaign.Summary{Devices: 2, Counts: counts{campaign.Updated: 1, campaign.Lost: 1}}, suite.ExitFail},
		{"nobody there", campaign.Summary{Devices: 2, Counts: counts{campaign.Lost: 2}}, suite.ExitError},
		{"nobody of those that were begun", campaign.Summary{Devices: 9, Counts: counts{campaign.Lost: 1, campaign.NotBegun: 8}, Stopped: "too many"}, suite.ExitError},
		{"stopped", campaign.Summary{Devices: 2, Counts: counts{campaign.Updated: 2}, Stopped: "too many"}, suite.ExitFail},
		{"not begun", campaign.Summary{Devices: 2, Counts: counts{campaign.Updated: 1, campaign.NotBegun: 1}}, suite.ExitFail},
		{"interrupted", campaign.Summary{Devices: 2, Counts: counts{campaign.Failed: 1, campaign.UnderWay: 1}, Interrupted: true}, suite.ExitInterrupted},
		{"nobody meant", campaign.Summary{Devices: 2, Counts: counts{campaign.NotSelected: 2}}, suite.ExitUsage},
		{"a fail in the sample", campaign.Summary{Devices: 1, Counts: counts{campaign.Updated: 1}, Sample: sample(conformance.Fail)}, suite.ExitFail},
		{"a doubt in the sample", campaign.Summary{Devices: 1, Counts: counts{campaign.Updated: 1}, Sample: sample(conformance.Inconclusive)}, suite.ExitInconclusive},
		{"an error in the sample", campaign.Summary{Devices: 2, Counts: counts{campaign.Failed: 1, campaign.Updated: 1}, Sample: sample(conformance.Error)}, suite.ExitError},
	} {
		if got := driven(&test.s); got != test.want {
			t.Errorf("%s: exit code %d, want %d", test.name, got, test.want)
		}
	}
}
