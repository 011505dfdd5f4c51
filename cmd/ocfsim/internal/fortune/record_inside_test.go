package fortune

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
)

// TestAKilledRunLosesASecondOfItsRecord looks at what a run that is killed leaves: all that is
// older than a second.
func TestAKilledRunLosesASecondOfItsRecord(t *testing.T) {
	plan, err := fleetfile.Parse("x.yaml", []byte("groups: [{name: a, count: 4}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var record strings.Builder
		c := Config{Plan: plan, Terms: Terms{Speed: 1}}
		c.Record = NewWriter(&record, c)
		k := New(c)
		go c.Record.keep(ctx)
		lines := 1 // the head
		for range 3 {
			for _, e := range journaled() {
				k.Enter(e)
				lines++
			}
			time.Sleep(keeping)
			synctest.Wait()
			if got := strings.Count(record.String(), "\n"); got != lines {
				t.Errorf("%d of %d lines would outlive the run", got, lines)
			}
		}
		stop()
	})
}
