package bubble_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/bubble"
)

func TestADayIsOverAtOnce(t *testing.T) {
	began := time.Now()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			err := bubble.Run(func() error {
				start := time.Now()
				time.Sleep(24 * time.Hour)
				if took := time.Since(start); took != 24*time.Hour {
					t.Errorf("a day took %v", took)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > time.Hour {
		t.Errorf("took %v of real time", took)
	}
}

func TestErrorsAndPanicsComeOut(t *testing.T) {
	sentinel := errors.New("mine")
	if err := bubble.Run(func() error { return sentinel }); !errors.Is(err, sentinel) {
		t.Errorf("got %v, want %v", err, sentinel)
	}
	if err := bubble.Run(func() error { panic("ouch") }); err == nil || !strings.Contains(err.Error(), "panic: ouch") {
		t.Errorf("got %v, want the panic", err)
	}
}
