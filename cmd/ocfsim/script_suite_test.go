package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/reports"
)

// hooks are programs that play a vendor's scripts:
//
//	ocfsim-hook CONDITION                      asks the control address in $CONTROL
//	ocfsim-hook-fails CONDITION                fails at any condition
//	ocfsim-hook-kills WHEN PID CONTROL CONDITION   kills the Device when it is asked for WHEN
//	ocfsim-hook-murders WHEN CONTROL CONDITION     kills the harness when it is asked for WHEN
func hooks() map[string]func() {
	return map[string]func(){
		"ocfsim-hook": func() { os.Exit(askControl(os.Getenv("CONTROL"), os.Args[1])) },
		"ocfsim-hook-easy": func() { // whatever there is on offer, it says that it was arranged
			if !slices.Contains([]string{"update-available", "no-update", "release"}, os.Args[1]) {
				os.Exit(3)
			}
		},
		"ocfsim-hook-idle": func() { // as the easy one, and the gate that it says to close stays open
			if !slices.Contains([]string{"update-available", "no-update", "hold", "release"}, os.Args[1]) {
				os.Exit(3)
			}
		},
		"ocfsim-hook-fails": func() { fmt.Fprintln(os.Stderr, "the flashing station is on fire"); os.Exit(1) },
		"ocfsim-hook-murders": func() {
			when, control, condition := os.Args[1], os.Args[2], os.Args[3]
			if condition != when {
				os.Exit(askControl(control, condition))
			}
			if harness, err := os.FindProcess(os.Getppid()); err != nil || harness.Kill() != nil {
				os.Exit(1)
			}
		},
		"ocfsim-hook-kills": func() {
			when, pid, control, condition := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
			if condition != when {
				os.Exit(askControl(control, condition))
			}
			n, err := strconv.Atoi(pid)
			if err != nil {
				os.Exit(1)
			}
			device, err := os.FindProcess(n)
			if err != nil || device.Kill() != nil {
				os.Exit(1)
			}
		},
	}
}

// askControl asks for a condition and returns the hook's exit code: 0 done, 3 not
// supported, 1 failed.
func askControl(control, condition string) int {
	body, err := json.Marshal(map[string]string{"condition": condition})
	if err != nil {
		return 1
	}
	resp, err := http.Post(control, "application/json", strings.NewReader(string(body)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer resp.Body.Close()
	_, err = io.Copy(os.Stdout, resp.Body)
	switch {
	case err != nil:
		return 1
	case resp.StatusCode == http.StatusNotImplemented:
		return 3
	case resp.StatusCode/100 == 2:
		return 0
	}
	return 1
}

// expand writes a file with its $VARIABLES replaced.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: expand FROM TO")
	}
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}

// verdicts writes the verdict of each requirement of a results.json to stdout.
func verdicts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: verdicts FILE")
	}
	report, err := reports.ReadJSON(args[0], strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	for _, r := range report.Requirements {
		_, err := fmt.Fprintln(ts.Stdout(), r.ID, r.Verdict)
		ts.Check(err)
	}
}

// noKeys fails if the key of a credential is in anything that a run has left behind.
func noKeys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: nokeys FILE DIR")
	}
	c, err := target.LoadCredential(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(filepath.WalkDir(ts.MkAbs(args[1]), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && (bytes.Contains(data, c.Key) || bytes.Contains(bytes.ToLower(data), []byte(hex.EncodeToString(c.Key)))) {
			err = fmt.Errorf("%s: the key is in it", path)
		}
		return err
	}))
}

// expendable is like devices, but in a process of its own, which may be killed.
// $NAME_PID is its process id.
func expendable(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: expendable NAME ARG...")
	}
	self, err := exec.LookPath("ocfsim")
	ts.Check(err)
	how := []string{"--unsecured"}
	if slices.Contains(args, "--unowned") {
		how = []string{"--trust", ts.MkAbs(args[0] + ".pem")}
	}
	cmd := exec.Command(self, slices.Concat([]string{"run", "--json", "--listen", "127.0.0.1:0"}, how, args[1:])...)
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	ts.Check(err)
	var r ready
	ts.Check(json.Unmarshal(line, &r))
	ts.Setenv(args[0], r.First)
	ts.Setenv(args[0]+"_CONTROL", r.Control)
	ts.Setenv(args[0]+"_PID", strconv.Itoa(cmd.Process.Pid))
}
