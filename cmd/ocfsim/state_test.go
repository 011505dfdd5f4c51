//go:build unix && !race

package main

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/store"
)

// TestNoAnswerIsForgotten kills a process with a Device around the moment at which the
// Device answers that a check has begun. The trusted source, in another process, goes
// on to withhold its answer. After a restart the Device is where its answer said that
// it is; where there was no answer, it is there or where it was before.
func TestNoAnswerIsForgotten(t *testing.T) {
	t.Parallel()
	kills := 6
	if n, err := strconv.Atoi(os.Getenv(killsVariable)); err == nil {
		kills = n
	}
	src := source.New(source.Config{})
	server := httptest.NewServer(src.Handler())
	t.Cleanup(server.Close)
	b := &bench{t: t, dir: t.TempDir()}
	uri, di := "coap://127.77.21.1:47210", ""
	random := rand.New(rand.NewPCG(1, uint64(kills)))
	acknowledged := 0
	for n := range kills {
		cmd := b.kept(uri, server.URL)
		di = b.told.DI
		src.Hold(di)
		answer := make(chan bool, 1)
		go func() { answer <- b.talk("post", uri, "-p", "tm=V") != "" }()
		if n%2 == 0 { // right after the answer, otherwise around it
			acknowledge := <-answer
			answer <- acknowledge
		}
		time.Sleep(time.Duration(random.Int64N(int64(3 * time.Millisecond)))) // the moment is what is tried
		b.end(cmd)
		said := <-answer

		cmd = b.kept(uri, server.URL)
		got := b.talk("get", uri)
		if said && !strings.Contains(got, `"tm": 64`) {
			t.Fatalf("kill %d: the Device answered that a check began, and after its restart shows %s", n+1, got)
		}
		if said {
			acknowledged++
		}
		src.Release(di)
		b.until(func() bool { return strings.Contains(b.talk("get", uri), `"tm": 0`) })
		b.end(cmd)
	}
	if acknowledged == 0 {
		t.Error("no request was answered: nothing is tried")
	}
}

// kept starts a Device at uri that keeps its state in the folder of the test.
func (b *bench) kept(uri, source string) *exec.Cmd {
	b.t.Helper()
	b.told = b.device([]string{
		"--listen", strings.TrimPrefix(uri, "coap://"), "--unsecured", "--speed", "50", "--state", "state", "--source", source,
	})
	return b.running
}

// end kills a process.
func (b *bench) end(cmd *exec.Cmd) {
	b.t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		b.t.Fatal(err)
	}
	_ = cmd.Wait() // killed
}

// talk is what a talking command writes, "" where it gets no answer.
func (b *bench) talk(args ...string) string {
	var out, said bytes.Buffer
	if code := run(b.t.Context(), append(args, "-B", "2"), nil, &out, &said); code != 0 {
		return ""
	}
	return out.String()
}

// TestATornStateIsSaid spoils what a commit writes last, and starts the Device again.
func TestATornStateIsSaid(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, dir: t.TempDir()}
	args := []string{"--listen", "127.77.22.1:47220", "--unsecured", "--speed", "50", "--state", "state"}
	b.device(args)
	if b.talk("post", "coap://127.77.22.1:47220", "-p", "tm=V") == "" {
		t.Fatal("no answer")
	}
	b.end(b.running)
	path := filepath.Join(b.dir, "state", store.FileName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(data[:512])
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := b.command(append([]string{"run"}, args...)...)
	said, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	b.end(cmd)
	if err != nil || !strings.Contains(line, "was torn and is undone") {
		t.Errorf("the program says %q, %v", line, err)
	}
}
