package main

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
)

// numbers are the figures in a cell of a table, in their order: "53, 54, 55 MB" has three.
func numbers(t *testing.T, cell string) (all []float64) {
	t.Helper()
	for _, digits := range regexp.MustCompile(`[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?`).FindAllString(cell, -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(digits, ",", ""), 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// said is the figure that the first group of a pattern finds in a text.
func said(t *testing.T, text, pattern string) float64 {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("the guide does not say %s any more", pattern)
	}
	return numbers(t, m[1])[0]
}

// TestTheSoakTable holds what the guide says of the hour of faults to the script that runs it, to
// the fleet that it runs, and to itself: rows of ten minutes that make up the script's time, a sum
// that they come to, memory that stops rising, nothing that is left behind.
func TestTheSoakTable(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guide/fleets.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(guide), "## An hour of faults\n")
	if !found {
		t.Fatal("the guide has no hour of faults")
	}
	text, _, _ = strings.Cut(text, "\n## ")
	script, err := os.ReadFile("../../docs/examples/soak/soak.sh")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := fleetfile.Load(filepath.Join("..", "..", "docs", "examples", "soak", "fleet.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if n := said(t, text, `a fleet of ([0-9,]+) Devices`); int(n) != plan.Len() {
		t.Errorf("the guide says %v Devices, and the fleet file has %d", n, plan.Len())
	}
	until, requests := soakRows(t, text, said(t, text, `took ([0-9]+) to [0-9]+ MB in its second half`))
	if want := said(t, string(script), `MINUTES:-([0-9]+)`); until != want {
		t.Errorf("the table ends at minute %v, and the script runs for %v", until, want)
	}
	// The rates are those of the minutes that were looked at, and the sum is that of the fleet.
	if sum := said(t, text, `there were ([0-9,]+) requests`); math.Abs(requests-sum) > sum/20 {
		t.Errorf("the rows come to %.0f requests, and the guide says %.0f", requests, sum)
	}
}

// soakRows reads the rows, and returns the minute of the last and how many requests they come to.
// former is what the version before took at least in its second half, in MB.
func soakRows(t *testing.T, text string, former float64) (until, requests float64) {
	t.Helper()
	var second, goroutines, descriptors float64
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 8 || !strings.Contains(cells[0], " to ") {
			continue
		}
		minutes, resident, held := numbers(t, cells[0]), numbers(t, cells[3]), numbers(t, cells[7])
		if len(minutes) != 2 || minutes[0] != until || minutes[1] != until+10 {
			t.Errorf("%s: expected ten minutes from %v on", line, until)
		}
		if len(resident) != 3 || resident[0] > resident[1] || resident[1] > resident[2] || numbers(t, cells[4])[0] > resident[1] {
			t.Errorf("%s: expected the least, the mean and the most of the memory, and a heap within it", line)
		}
		if len(held) != 2 {
			t.Errorf("%s: expected observers and sessions", line)
		}
		ran, open := numbers(t, cells[5]), numbers(t, cells[6])
		if until == 0 {
			goroutines, descriptors = ran[0], open[0]
		}
		if ran[0] != goroutines || open[0] != descriptors {
			t.Errorf("%s: at the least it has %v goroutines and %v descriptors, as in the beginning", line, goroutines, descriptors)
		}
		if until == 10 {
			second = resident[2]
		}
		if until >= 20 && resident[2] > second*1.1 || until >= 30 && resident[2] >= former {
			t.Errorf("%s: more memory than %v MB in the second ten minutes, or than the version before", line, second)
		}
		requests += numbers(t, cells[1])[0] * 600
		until = minutes[1]
	}
	return until, requests
}
