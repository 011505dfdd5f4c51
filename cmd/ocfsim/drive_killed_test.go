//go:build unix && !race

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
)

// TestDriveKilledAtAnyMoment ends a campaign at random moments, by kill -9 and by ^C, and goes on
// with it. In the end each Device is told of as updated, from the version that it had in the
// beginning, and none was updated twice: neither those without sessions nor those with.
func TestDriveKilledAtAnyMoment(t *testing.T) {
	for i, test := range []struct {
		name, security string
		run            []string
	}{
		{"plain", "", []string{"--unsecured", "--devices", "40"}},
		{"secured", "security: {credential: o.yaml}\n", []string{"--credentials", "o.yaml", "--devices", "20"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := &bench{t: t, dir: t.TempDir()}
			told := b.device(append([]string{"--listen", fmt.Sprintf("127.77.%d.1:0", 30+i), "--speed", "12", "--events", "events.ndjson", "--events-only", "process-began"}, test.run...))
			first, n := told.First, test.run[len(test.run)-1]
			if test.security != "" {
				first = told.Secure
			}
			plan := "name: x\ndo: update\nwaves: [{devices: 20%, pause: 100ms}, {devices: rest}]\nlimits: {at-once: 12}\n" + test.security
			if err := os.WriteFile(filepath.Join(b.dir, "c.yaml"), []byte(plan), 0o600); err != nil {
				t.Fatal(err)
			}
			out := b.driveKilled(uint64(i), "drive", "--campaign", "c.yaml", "--out", "out", first+"+"+n)
			if !strings.Contains(out, n+" updated") {
				t.Errorf("the last run:\n%s", out)
			}
			b.updatedOnce(n)
		})
	}
}

// driveKilled runs a campaign that is ended, and gone on with, again and again. It returns what
// the last run says, which is left in peace.
func (b *bench) driveKilled(seed uint64, args ...string) string {
	b.t.Helper()
	random := rand.New(rand.NewPCG(seed, 2))
	for n := range 6 {
		cmd := b.command(args...)
		if err := cmd.Start(); err != nil {
			b.t.Fatal(err)
		}
		for tries := 0; n == 0 && !hasText(filepath.Join(b.dir, "out", campaign.AskedFile)); tries++ {
			if tries == 10_000 {
				b.t.Fatal("the first run has asked for nothing within 10 s")
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(random.Int64N(int64(400 * time.Millisecond)))) // the moment is what is tried
		_ = cmd.Process.Signal([]syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGKILL}[n%3])
		_ = cmd.Wait() // however it ended
		args = []string{"drive", "--resume", "out"}
	}
	out, err := b.command(args...).CombinedOutput()
	if err != nil {
		b.t.Errorf("the last run: %v", err)
	}
	return string(out)
}

// updatedOnce checks that so many Devices were updated, once each, by what the record tells and
// by what the Devices themselves have done.
func (b *bench) updatedOnce(devices string) {
	b.t.Helper()
	results, updates := map[string]campaign.Result{}, map[string]int{}
	jsonLines(b.t, filepath.Join(b.dir, "out", campaign.ResultsFile), func(r campaign.Result) { results[r.Device] = r })
	jsonLines(b.t, filepath.Join(b.dir, "events.ndjson"), func(e struct{ Address, Process string }) {
		if e.Process == "update" {
			updates[e.Address]++
		}
	})
	for device, r := range results {
		if r.Verdict != campaign.Updated || r.From != "1.0.0" || r.To != "1.0.1" {
			b.t.Errorf("%s: %+v", device, r)
		}
	}
	for device, n := range updates {
		if n != 1 {
			b.t.Errorf("%s began %d updates", device, n)
		}
	}
	if told, began := strconv.Itoa(len(results)), strconv.Itoa(len(updates)); told != devices || began != devices {
		b.t.Errorf("%s Devices are told of, and %s began an update; there are %s", told, began, devices)
	}
	if hasText(filepath.Join(b.dir, "out", campaign.AskedFile)) {
		b.t.Errorf("%s is left behind", campaign.AskedFile)
	}
}

// hasText reports whether a file has something in it.
func hasText(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// jsonLines calls see with each line of JSON in a file.
func jsonLines[T any](t *testing.T, path string, see func(T)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all := bufio.NewScanner(file)
	for all.Scan() {
		var one T
		if err := json.Unmarshal(all.Bytes(), &one); err != nil {
			t.Fatalf("%s: %v: %s", path, err, all.Bytes())
		}
		see(one)
	}
}
