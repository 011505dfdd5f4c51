//go:build strangers && linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/features"
)

// scripted is the target file of a secured Device in another process, which the harness owns
// for the run and whose conditions a shell script asks for with curl. At its speed the Device
// waits 5 s for its source. Declared is more than a busy machine takes for the programs of a
// scenario that holds it.
const scripted = `name: Virtual lamp
endpoint: ENDPOINT
security: {own: justworks}
supports: {validation: true, update: true, autonomous: true}
timing: {validation: 12s, update: 12s, settle: 50ms, reboot: 3s}
update: {dos: unchanged, reboots: false, version: /oic/d#sv}
conditions: {exec: [./prepare.sh]}
`

// script is the hook. The Device supports each condition, so curl's exit code says enough.
const script = `#!/bin/sh
exec curl -sf --json "{\"condition\": \"$1\"}" CONTROL
`

// turns is in how many days each scenario has had its turn behind the script: a scenario takes it
// eight processes and more.
const turns = 3

// TestADeviceBehindAShellScript compares the verdicts of today's share of the scenarios with those of an embedded Device.
func TestADeviceBehindAShellScript(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink(builtProgram(t), filepath.Join(dir, "ocfsim")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "ocfsim"), "run", "--json", "--unowned", "--speed", "20",
		"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
	cmd.Dir = dir
	r := started(t, cmd)
	write(t, filepath.Join(dir, "prepare.sh"), strings.ReplaceAll(script, "CONTROL", r.Control), 0o700)
	write(t, filepath.Join(dir, "exec.yaml"), strings.ReplaceAll(scripted, "ENDPOINT", r.First), 0o600)
	share := todaysShare(t)
	want := ranOn(t, dir, "embedded", share, "--embed", "success")
	got := ranOn(t, dir, "exec", share, "--target", "exec.yaml")
	if n := len(want[0].Scenarios); n < 80 {
		t.Errorf("%d scenarios had their turn", n)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("embedded (-), behind the script (+): %s", diff)
	}
}

// todaysShare are the arguments that select the scenarios whose turn it is.
func todaysShare(t *testing.T) (args []string) {
	t.Helper()
	catalogue, err := steps.Load(features.FS, judge.IDs())
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range catalogue.Scenarios {
		if (i+time.Now().YearDay())%turns == 0 {
			args = append(args, "--scenario", s.ID)
		}
	}
	return args
}
