//go:build strangers && linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/conformance"
)

// onTheBench are the scenarios that are run over the emulated bench: checks, restarts while
// something is pending, and a Client without the privilege. A run of all of them by hand
// gives the same verdicts too.
var onTheBench = []string{"--tags", "@S1 or @S21"}

// TestTheEmulatedBench tests three virtual Devices at once, which other processes run in a
// network namespace at the other end of a cable: over IPv4, over IPv6, and at a link-local
// address with its zone. All that the harness has beside the cable is a hook, a program. The
// verdicts are those of an embedded Device.
func TestTheEmulatedBench(t *testing.T) {
	if os.Getenv("OCFSIM_BENCH") == "" {
		t.Parallel()
		onABench(t)
		return
	}
	dir := t.TempDir()
	wire(t, dir)
	local := strings.TrimSpace(lamp(t, dir, "ip -6 -o addr show dev lamp scope link | sed 's/.*inet6 \\([^/]*\\).*/\\1/'"))
	args := []string{"--embed", "success"}
	want := ranOn(t, dir, "embedded", onTheBench, args...)
	if n := len(want[0].Scenarios); n < 10 {
		t.Fatalf("%d scenarios are selected", n)
	}
	args = nil
	for i, c := range []struct{ name, listen, endpoint string }{
		{"ipv4", "192.0.2.2", "192.0.2.2"},
		{"ipv6", "[2001:db8::2]", "[2001:db8::2]"},
		{"link-local", "[" + local + "%lamp]", "[" + local + "%25bench]"},
	} {
		port := strconv.Itoa(9000 + i)
		runLamp(t, dir, c.listen+":5683", port)
		file := filepath.Join(dir, c.name+".yaml")
		write(t, file, strings.NewReplacer("NAME", c.name, "ENDPOINT", c.endpoint, "PORT", port).Replace(benchTarget), 0o600)
		args = append(args, "--target", file)
	}
	for i, got := range ranOn(t, dir, "bench", onTheBench, args...) {
		if diff := cmp.Diff(want[0], got); diff != "" {
			t.Errorf("%d: embedded (-), on the bench (+): %s", i, diff)
		}
	}
}

// benchTarget is the target file of the lamp at the other end of the cable.
const benchTarget = `name: NAME
endpoint: coap://ENDPOINT
security: {own: justworks}
supports: {validation: true, update: true, autonomous: true}
timing: {validation: 2s, update: 3s, settle: 100ms, reboot: 3s}
update: {dos: unchanged, reboots: false, version: /oic/d#sv}
conditions: {exec: [./hook.sh, "PORT"]}
`

// benchHook has the control address of a lamp bring about a condition. Its first argument is
// the port.
const benchHook = `#!/bin/sh
curl -s -o "$1.json" -w '%{http_code}' --json "{\"condition\": \"$2\"}" "http://ocfsim:$(cat token)@192.0.2.2:$1/" >"$1.code" || exit 1
case "$(cat "$1.code")" in
200) cat "$1.json" ;;
501) echo "the lamp can't do $2" >&2; exit 3 ;;
*) cat "$1.json" >&2; exit 1 ;;
esac
`

// onABench runs the test again in two namespaces that a cable joins. The second is that of
// a process that sleeps; it ends with the first.
func onABench(t *testing.T) {
	t.Helper()
	const script = `set -e
ip link set lo up
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
unshare -n sh -c 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad; echo there; exec sleep 600' >there & there=$!
trap 'kill $there' EXIT
until [ -s there ]; do :; done
ip link add bench type veth peer name lamp netns $there
ip addr add 192.0.2.1/24 dev bench
ip addr add 2001:db8::1/64 dev bench nodad
ip link set bench up
OCFSIM_BENCH=$there "$0" -test.v -test.run "^$1\$"`
	cmd := exec.CommandContext(t.Context(), "unshare", "-rn", "sh", "-c", script, builtProgram(t), t.Name())
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// builtProgram is the file of this program, which is `ocfsim` under another name.
func builtProgram(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// wire puts `ocfsim` and the hook into dir and takes the lamp's end of the cable up.
func wire(t *testing.T, dir string) {
	t.Helper()
	if err := os.Symlink(builtProgram(t), filepath.Join(dir, "ocfsim")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "hook.sh"), benchHook, 0o700)
	lamp(t, dir, "ip link set lo up; ip addr add 192.0.2.2/24 dev lamp; ip addr add 2001:db8::2/64 dev lamp nodad; ip link set lamp up")
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// there is a command that runs in the lamp's namespace.
func there(t *testing.T, dir string, argv ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "nsenter", append([]string{"-t", os.Getenv("OCFSIM_BENCH"), "-n"}, argv...)...)
	cmd.Dir = dir
	return cmd
}

// lamp runs a shell script in the lamp's namespace.
func lamp(t *testing.T, dir, script string) string {
	t.Helper()
	out, err := there(t, dir, "sh", "-ec", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// runLamp runs a virtual Device in the lamp's namespace until the test ends. It waits 5 s for its
// source, longer than a busy machine takes for the programs of a scenario that holds it.
func runLamp(t *testing.T, dir, listen, port string) {
	t.Helper()
	started(t, there(t, dir, filepath.Join(dir, "ocfsim"), "run", "--json", "--unowned", "--speed", "20",
		"--listen", listen, "--seed", port, // else the Devices would have one identity
		"--control", "192.0.2.2:"+port, "--token-file", "token"))
}

// started starts an `ocfsim run --json` that is interrupted when the test ends, and returns what it says when
// it is ready.
func started(t *testing.T, cmd *exec.Cmd) (r ready) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("ocfsim run: %v\n%s", err, &stderr)
		}
	})
	if err := json.NewDecoder(out).Decode(&r); err != nil {
		t.Fatalf("ocfsim run: %v\n%s", err, &stderr)
	}
	return r
}

// ran are the verdicts of a run against one target.
type ran struct {
	Verdict                 conformance.Verdict
	Requirements, Scenarios map[string]conformance.Verdict
}

// ranOn runs the selection and reads its verdicts, a ran for each target.
func ranOn(t *testing.T, dir, name string, selection []string, target ...string) []ran {
	t.Helper()
	args := slices.Concat([]string{"test", "--out", name}, selection, target)
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "ocfsim"), args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, name, "*", "results.json"))
	if len(target) == 2 {
		files = []string{filepath.Join(dir, name, "results.json")}
	}
	if err != nil || len(files) != len(target)/2 {
		t.Fatalf("%s: %v, results in %v", name, err, files)
	}
	var all []ran
	for _, file := range files {
		all = append(all, readRan(t, file))
	}
	return all
}

// readRan reads the verdicts in a results.json.
func readRan(t *testing.T, file string) ran {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID      string
		Verdict conformance.Verdict
	}
	var results struct {
		Verdict                 conformance.Verdict
		Requirements, Scenarios []row
	}
	if err := json.Unmarshal(data, &results); err != nil {
		t.Fatal(err)
	}
	byID := func(rows []row) map[string]conformance.Verdict {
		m := map[string]conformance.Verdict{}
		for _, r := range rows {
			m[r.ID] = r.Verdict
		}
		return m
	}
	return ran{results.Verdict, byID(results.Requirements), byID(results.Scenarios)}
}
