//go:build unix && !race

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance/ledger"
)

// TestOneRunAtATime starts what another run already does: a second run into one
// folder, a second one on one state, and a second one at one Device. Each is refused
// and names the first, and each is possible as soon as the first has ended.
func TestOneRunAtATime(t *testing.T) {
	state, err := ledger.DefaultPath()
	if err == nil {
		err = os.MkdirAll(state, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	lamp := runningLamp(t)
	for _, test := range []struct {
		name, lock string
		args       func(dir string) []string
		free       int // the exit code once it may run
	}{
		{"a folder", "DIR/.ocfsim", func(dir string) []string {
			return []string{"test", "--embed", "success", "--unsecured", "--tags", "@SVV-6", "--out", dir}
		}, 0},
		{"a state", "DIR/.ocfsim", func(dir string) []string {
			return []string{"run", "--state", dir, "--unsecured", "--listen", "127.77.6.1:0"} // until it is interrupted
		}, 0},
		{"a Device", filepath.Join(state, strings.NewReplacer("coap://", "", ":", "_").Replace(lamp)), func(dir string) []string {
			return []string{"test", lamp, "--tags", "@OBS-1", "--out", dir}
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			lock, err := ledger.Acquire(strings.Replace(test.lock, "DIR", dir, 1))
			if err != nil {
				t.Fatal(err)
			}
			var out, said bytes.Buffer
			args := test.args(dir)
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			code := run(ctx, args, nil, &out, &said)
			want := fmt.Sprintf("process %d since 2", os.Getpid())
			if all := strings.Join(strings.Fields(out.String()+said.String()), " "); code != 4 || !strings.Contains(all, want) {
				t.Errorf("beside the first, exit code %d, and it says %s", code, all)
			}
			if err := lock.Release(); err != nil {
				t.Fatal(err)
			}
			if test.name == "a state" {
				time.AfterFunc(200*time.Millisecond, interrupt)
			}
			if code := run(ctx, args, nil, &out, &said); code != test.free {
				t.Errorf("after the first, exit code %d:\n%s%s", code, &out, &said)
			}
		})
	}
}
