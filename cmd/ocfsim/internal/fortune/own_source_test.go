package fortune_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/fortune"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// counting is a source that has nothing newer, and counts who has asked it.
type counting struct {
	mu sync.Mutex
	by map[string]int
}

func (c *counting) Skip(string, []string) error { return nil }

func (c *counting) Ask(q source.Question, reply func(source.Answer)) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[q.Device]++
	t := time.AfterFunc(time.Second, func() { reply(source.Answer{}) })
	return func() { t.Stop() }
}

// TestAGroupsOwnSource checks that the Devices of a group ask the source that the group has, the
// others that of the run, and that an outage fails questions to either.
func TestAGroupsOwnSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan, err := fleetfile.Parse("f.yaml", []byte(`
profiles:
  night: {source-outage: {at: [1m], for: 10m}}
groups:
  - {name: own, count: 3, secured: 0, source: {url: "https://a", root: r}, autonomous: [{at: 5m, starts: V}, {at: 20m, starts: V}], faults: [night]}
  - {name: ours, count: 2, secured: 0, autonomous: [{at: 5m, starts: V}]}
`))
		if err != nil {
			t.Fatal(err)
		}
		own := &counting{by: map[string]int{}}
		k := fortune.New(fortune.Config{Plan: plan})
		f, w := open(t, plan, k, func(c *fleet.Config) {
			c.SourceOf = k.SourceOf(func(*fleetfile.Group) fleet.Verifier { return own })
		})
		ctx, cancel := context.WithCancel(t.Context())
		k.Begin(ctx, f)
		time.Sleep(15 * time.Minute) // in the bubble's time
		own.mu.Lock()
		if len(own.by) != 0 {
			t.Errorf("during the outage: %v", own.by)
		}
		own.mu.Unlock()
		if n := k.Counts()["source-outage"]; n != 3*3 { // a Device asks three times
			t.Errorf("%d questions failed, want 9", n)
		}
		time.Sleep(10 * time.Minute)
		cancel()
		k.Wait()
		want := map[string]int{f.ID(0).String(): 1, f.ID(1).String(): 1, f.ID(2).String(): 1}
		if !maps.Equal(own.by, want) {
			t.Errorf("the group's source was asked by %v, want %v", own.by, want)
		}
		for i := range 2 {
			if s := f.State(3 + i); s.CM == 0 {
				t.Errorf("Device %d has found nothing at the source of the run: %+v", 3+i, s)
			}
		}
		w.close()
	})
}
