package updater_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// deafSource never answers. It counts who waits for it at a time.
type deafSource struct {
	mu          sync.Mutex
	waits, most int
}

func (s *deafSource) Get(ctx context.Context, _ string, _ int64, _ string) (*updater.Piece, error) {
	s.mu.Lock()
	s.waits++
	s.most = max(s.most, s.waits)
	s.mu.Unlock()
	<-ctx.Done()
	s.mu.Lock()
	s.waits--
	s.mu.Unlock()
	return nil, ctx.Err()
}

func (s *deafSource) Close() {}

// many is how many Devices ask at once, and asking how many questions may be under way.
const many, asking = 2000, 8

// deaf is an updater at a source that never answers.
func deaf(t *testing.T) (*updater.Updater, *deafSource) {
	t.Helper()
	vendor, err := suit.NewVendor(suit.VendorConfig{Model: suit.NewModel("example.com", "lamp"), Threshold: 2}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &deafSource{}
	u, err := updater.New(updater.Config{Transport: s, Root: vendor.Root(), Model: vendor.Model(), Patience: time.Minute, Asking: asking})
	if err != nil {
		t.Fatal(err)
	}
	return u, s
}

// question is that of the Device with a number.
func question(i int) source.Question {
	return source.Question{Device: fmt.Sprint("lamp ", i), Kind: source.Check, Version: "1.0.0"}
}

// However many Devices ask a source that never answers, a few goroutines wait for it, and each
// Device is told in the end that nobody answered.
func TestADeafSourceTakesFewGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		u, s := deaf(t)
		var mu sync.Mutex
		failed := 0
		for i := range many {
			u.Ask(question(i), func(a source.Answer) {
				mu.Lock()
				defer mu.Unlock()
				if a.Failed {
					failed++
				}
			})
		}
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n > asking+2 || s.waits != asking {
			t.Errorf("%d goroutines, and %d questions at the source", n, s.waits)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if failed != many || s.most != asking || s.waits != 0 {
			t.Errorf("%d were told that it failed; %d questions at most were at the source, and %d are", failed, s.most, s.waits)
		}
		if err := u.Close(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines are left behind", n-before)
		}
	})
}

// A question that is taken back leaves nothing behind, whether it was under way or waited, and
// the next ones have its place.
func TestQuestionsThatAreTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, s := deaf(t)
		told := 0
		var cancels []func()
		for i := range many {
			cancels = append(cancels, u.Ask(question(i), func(source.Answer) { told++ }))
			u.Ask(question(i), func(source.Answer) { told++ }) // it waits for the Device's first
		}
		synctest.Wait()
		for _, cancel := range cancels {
			cancel()
		}
		synctest.Wait()
		if s.waits != asking || told != 0 {
			t.Errorf("%d questions are at the source, %d were answered", s.waits, told)
		}
		if err := u.Close(); err != nil || s.waits != 0 || told != 0 {
			t.Errorf("%v: %d questions are at the source, %d were answered", err, s.waits, told)
		}
		u.Ask(question(0), func(source.Answer) { told++ })()
		cancels[0]()
	})
}
