package target

import (
	"context"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// askedAgain is how often a Device is looked for again until it has answered: so often that a
// Device that sleeps is asked while it is awake, and no more often than every second, for each
// Device of the network answers.
func askedAgain(sleep conformance.Sleep) time.Duration {
	if sleep.Every == 0 {
		return 2 * time.Second
	}
	return max(time.Second, min(2*time.Second, sleep.Awake/2))
}

// afterFound is for the other addresses of the Device that a search is for.
const afterFound = time.Second

// askAgain multicasts until the time for it is over. Each request has a Message ID of its
// own: a Device that has heard one before would take it for a copy, and not answer.
func (s *search) askAgain(listening context.Context, askers []asker) {
	often := time.NewTicker(s.cfg.Again)
	defer often.Stop()
	for {
		select {
		case <-listening.Done():
			return
		case <-often.C:
		}
		request, err := s.request()
		if err != nil {
			return
		}
		for _, a := range askers {
			_ = a.ask(listening, request) // a loss is like any other: the next one follows
		}
	}
}
