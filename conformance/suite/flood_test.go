package suite_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// What a run with a bully may take: a few scenarios of the suite take less than this
// with no other Device either.
const (
	mostHeap   = 128 << 20 // bytes, of the whole test program
	mostPage   = 8 << 20
	mostRecord = 48 << 20 // of one scenario
)

// bullies are the ways in which a Device makes the harness keep, or do, without end.
func bullies() map[string]way {
	endless := func(szx int) func(*bully, question) [][]byte {
		return func(_ *bully, q question) [][]byte {
			szx := min(szx, q.szx)
			return one(ack(q, 0x45, []option{block2(q.block, true, szx)}, make([]byte, 16<<szx)))
		}
	}
	return map[string]way{
		"notifications as NON": {flood: func(b *bully, q question, _ int) []byte {
			return b.non(q, 0x45, []option{number(6, b.observe.Add(1))}, b.state())
		}},
		"notifications as CON": {flood: func(b *bully, q question, _ int) []byte {
			return datagram(0, 0x45, uint16(b.mid.Add(1)), q.token, []option{number(6, b.observe.Add(1))}, b.state())
		}},
		"notifications of 60 kB": {flood: func(b *bully, q question, _ int) []byte {
			return b.non(q, 0x45, []option{number(6, b.observe.Add(1))}, make([]byte, 60_000))
		}},
		"first blocks of notifications": {flood: func(b *bully, q question, _ int) []byte {
			return b.non(q, 0x45, []option{number(6, b.observe.Add(1)), block2(0, true, 0)}, make([]byte, 16))
		}},
		"notifications that end the observation": {answer: func(b *bully, q question) [][]byte {
			all := one(b.pstat(q))
			if q.observe == 0 {
				all = append(all, b.non(q, 0x84, nil, nil))
			}
			return all
		}},
		"the same answer again": {flood: func(b *bully, q question, _ int) []byte { return b.pstat(q) }},
		"empty ACKs": {flood: func(_ *bully, q question, n int) []byte {
			return datagram(2, 0, q.mid+uint16(n%8), nil, nil, nil)
		}, answer: func(*bully, question) [][]byte { return nil }},
		"RSTs":     {flood: func(_ *bully, _ question, n int) []byte { return datagram(3, 0, uint16(n), nil, nil, nil) }},
		"pings":    {flood: func(_ *bully, _ question, n int) []byte { return datagram(0, 0, uint16(n), nil, nil, nil) }},
		"garbage":  {flood: func(*bully, question, int) []byte { return noise(200) }},
		"requests": {flood: func(_ *bully, _ question, n int) []byte { return datagram(0, 1, uint16(n), noise(8), nil, nil) }},

		"an endless answer":                 {answer: endless(6)},
		"an endless answer in small blocks": {answer: endless(0)},
		"an endless answer in growing blocks": {answer: func(_ *bully, q question) [][]byte {
			return one(ack(q, 0x45, []option{block2(q.block, true, min(q.block, 6))}, make([]byte, 16<<min(q.block, 6))))
		}},
		"an endless answer in shrinking blocks": {answer: func(_ *bully, q question) [][]byte {
			szx := max(q.szx-1, 0)
			return one(ack(q, 0x45, []option{block2(q.block<<(q.szx-szx), true, szx)}, make([]byte, 16<<szx)))
		}},
		"an answer that never moves": {answer: func(_ *bully, q question) [][]byte {
			return one(ack(q, 0x45, []option{block2(0, true, 6)}, make([]byte, 1024)))
		}},
		"an answer that always changes": {answer: func(_ *bully, q question) [][]byte {
			return one(ack(q, 0x45, []option{{4, noise(8)}, block2(q.block, true, min(q.szx, 6))}, make([]byte, 16<<q.szx)))
		}},
	}
}

// twoScenarios are of the validation feature, whose Clients observe and wait.
func twoScenarios(t *testing.T) suite.Selection {
	t.Helper()
	return suite.Selection{
		Features: []fs.FS{onlyValidation(t)},
		IDs: []string{
			"validation.a-check-that-finds-an-update-says-so-and-ends",
			"validation.a-check-that-finds-no-update-says-so-and-ends",
		},
	}
}

// peak watches the heap while f runs, and returns its greatest size in bytes.
func peak(f func()) (most uint64) {
	runtime.GC()
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	before := debug.SetGCPercent(100) // whatever the environment says
	f()
	debug.SetGCPercent(before)
	close(done)
	watching.Wait()
	return most
}

// Whatever a Device sends, and however long it goes on: what the harness keeps is
// bounded, the run ends, and nothing passes because of what was not kept.
func TestNoDeviceMakesTheHarnessKeepWithoutBounds(t *testing.T) {
	for name, w := range bullies() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := newBully(t, w)
			began := time.Now()
			cfg := suite.Config{Targets: []target.Config{hurried(b)}, Selection: twoScenarios(t), Dir: dir, KeepGoing: true}
			var results []suite.Result
			var err error
			heap := peak(func() { results, err = suite.Run(t.Context(), cfg) })
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%v, heap %d MB: %s %s", time.Since(began).Round(time.Millisecond), heap>>20, results[0].Report.Verdict, results[0].Report.Reason)
			if heap > mostHeap {
				t.Errorf("the heap grew to %d MB", heap>>20)
			}
			if results[0].Report.Verdict == conformance.Pass {
				t.Error("the run passed")
			}
			judged(t, dir, results[0])
			sizes(t, dir)
		})
	}
}

// hurried is b as a target whose processes take no time.
func hurried(b *bully) target.Config {
	return target.Config{
		Profile: conformance.Profile{
			Name: "bully", Endpoint: "coap://" + b.address(), Supports: conformance.Supports{Validation: true},
			Timing: conformance.Timing{Validation: 300 * time.Millisecond, Update: time.Second, Settle: 50 * time.Millisecond, Reboot: time.Second},
		},
		ACKTimeout: 50 * time.Millisecond, MaxRetransmit: 2,
	}
}

// judged looks at each record that is full: its scenario does not pass, and says why.
func judged(t *testing.T, dir string, r suite.Result) {
	t.Helper()
	for _, s := range r.Report.Scenarios {
		t.Logf("  %s: %s %.160s", s.ID, s.Verdict, s.Reason)
		if s.Timeline == "" {
			continue
		}
		f, err := os.Open(filepath.Join(dir, s.Timeline))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		tl, err := conformance.ReadTimeline(s.Timeline, f)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("  %d observations, full at %d; %v, took %.1f s", len(tl.Observations), tl.Full(), tl.Observations[len(tl.Observations)-1].At, s.DurationS)
		if tl.Full() < 0 {
			continue
		}
		last := tl.Observations[len(tl.Observations)-1]
		if s.Verdict == conformance.Pass || last.Kind != conformance.Note || !strings.HasSuffix(last.Text, "more were not kept") {
			t.Errorf("%s: %s, and the record ends with %q", s.ID, s.Verdict, last.Text)
		}
	}
}

// sizes are those of all that the run has written.
func sizes(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		most := int64(mostPage)
		if filepath.Ext(path) == ".jsonl" {
			most = mostRecord
		}
		if info.Size() > most {
			t.Errorf("%s has %d bytes", d.Name(), info.Size())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
