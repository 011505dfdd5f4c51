package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// placed writes the program into a folder and returns its path.
func placed(t *testing.T, program []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ocfsim")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkCompose holds the compose file to the program: it is for the image of this
// version, and the program knows each flag.
func checkCompose(t *testing.T, program []byte) {
	var compose struct {
		Services map[string]struct {
			Image       string
			Command     []string
			Healthcheck struct{ Test []string }
			Volumes     []string
			NetworkMode string `yaml:"network_mode"`
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal(read(t, "compose.yaml"), &compose); err != nil {
		t.Fatal(err)
	}
	path := placed(t, program)
	for name, s := range compose.Services {
		if s.Image != "docker.io/ocfsim/ocfsim:0.1.0-rc.1" {
			t.Errorf("%s: image %s", name, s.Image)
		}
		commands := [][]string{s.Command}
		if probe := s.Healthcheck.Test; len(probe) > 0 {
			commands = append(commands, probe[2:])
		}
		for _, c := range commands {
			if out, err := exec.CommandContext(t.Context(), path, append(c, "--help")...).CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %v\n%s", name, c, err, out)
			}
		}
	}
	devices, test := compose.Services["devices"], compose.Services["test"]
	if len(devices.Healthcheck.Test) == 0 || test.NetworkMode != "service:devices" || len(test.Volumes) != 2 {
		t.Errorf("%+v", compose)
	}
	lamp := string(read(t, "lamp.yaml"))
	for _, at := range []string{"coap://127.1.0.1:5683", "http://127.0.0.1:9000/"} {
		if !strings.Contains(lamp, at) {
			t.Errorf("the target file does not name %s, where the service \"devices\" is", at)
		}
	}
	if control := strings.Join(devices.Command, " "); !strings.Contains(control, "--control 127.0.0.1:9000") {
		t.Errorf("devices: %s", control)
	}
}

// checkAction runs the script of the action as a job does: it installs the release from
// a folder and tests a virtual Device with a bug, and one without.
func checkAction(t *testing.T, r *release, program []byte) {
	releases := t.TempDir()
	if err := os.Symlink(r.out, filepath.Join(releases, r.version)); err != nil {
		t.Fatal(err)
	}
	lamp := string(read(t, "lamp.yaml"))
	script := filepath.Join(r.top, ".ci/packaging/action/ocfsim.sh")
	for _, c := range []struct {
		name, deviation string
		exit            int
		says            string
	}{
		{"bug", "cm-v-not-cleared", 1, `(?m)^::error file=lamp\.yaml,title=Acme lamp%3A fail SVV-4.*::.*cm\.V.*ocfsim test --target lamp\.yaml`},
		{"none", "", 0, `(?m)^::notice file=lamp\.yaml,title=Acme lamp%3A pass::`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			writeTarget(t, placed(t, program), c.deviation, lamp)
			job := exec.CommandContext(t.Context(), "bash", script)
			job.Env = append(os.Environ(), "OCFSIM_TARGET=lamp.yaml", "OCFSIM_VERSION="+r.version, "OCFSIM_RELEASES=file://"+releases,
				"OCFSIM_ARGS=--scenario validation.a-check-begins-by-clearing-the-result-of-the-one-before",
				"GITHUB_OUTPUT=output", "GITHUB_STEP_SUMMARY=summary.md")
			out, err := job.CombinedOutput()
			if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) || job.ProcessState.ExitCode() != c.exit {
				t.Fatalf("error %v, want exit code %d\n%s", err, c.exit, out)
			}
			if !regexp.MustCompile(c.says).Match(out) {
				t.Errorf("no line like %s:\n%s", c.says, out)
			}
			want := fmt.Sprintf("exit-code=%d\npage=ocfsim-results/report.html\n", c.exit)
			if got := string(read(t, "output")); got != want {
				t.Errorf("outputs %q, want %q", got, want)
			}
			if _, err := os.Stat("ocfsim-results/report.html"); err != nil {
				t.Error(err)
			}
			if !bytes.Contains(read(t, "summary.md"), []byte("Acme lamp")) {
				t.Errorf("the summary does not name the Device:\n%s", read(t, "summary.md"))
			}
		})
	}
}

// writeTarget starts a virtual Device until the test ends, and writes the target file
// lamp with the addresses of this Device.
func writeTarget(t *testing.T, path, deviation, lamp string) {
	t.Helper()
	args := []string{"run", "--unowned", "--speed", "100", "--listen", "127.1.0.1:0", "--control", "127.0.0.1:0", "--json"}
	if deviation != "" {
		args = append(args, "--deviation", deviation)
	}
	ctx, stop := context.WithCancel(t.Context())
	devices := exec.CommandContext(ctx, path, args...)
	out, err := devices.StdoutPipe()
	if err == nil {
		err = devices.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = devices.Wait() })
	var ready struct{ First, Control string }
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &ready) != nil {
		t.Fatalf("%v: %s", err, line)
	}
	text := strings.NewReplacer("coap://127.1.0.1:5683", ready.First, "http://127.0.0.1:9000/", ready.Control).Replace(lamp)
	if err := os.WriteFile("lamp.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
