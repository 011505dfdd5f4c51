package source

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inbox collects answers.
type inbox struct {
	mu   sync.Mutex
	said []string
}

// from puts a question and enters its answer with the time it took.
func (b *inbox) from(s *Source, q Question) (cancel func()) {
	asked := time.Now()
	return s.Ask(q, func(a Answer) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.said = append(b.said, fmt.Sprintf("%v %s %v: %s", time.Since(asked), q.Device, q.Kind, text(a)))
	})
}

// pass lets time go by in the test's bubble.
func pass(d time.Duration) { <-time.After(d) }

func text(a Answer) string {
	switch {
	case a.Failed:
		return "failed"
	case !a.Available:
		return "none"
	case a.Declared == 0:
		return strings.TrimSpace(a.Version + " " + string(a.Flaw))
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d/%d %s", a.Version, a.Received, a.Declared, a.Flaw))
}

// expect waits until nothing moves and compares what came since it last did.
func (b *inbox) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if diff := cmp.Diff(want, b.said); diff != "" {
		t.Error(diff)
	}
	b.said = nil
}

func TestOffers(t *testing.T) {
	const size = 1000
	for name, c := range map[string]struct {
		offer        Offer
		check, fetch []string
	}{
		"nothing newer":     {Offer{}, []string{"none"}, []string{"none"}},
		"newer":             {Offer{Newer: true, Size: size}, []string{"1.0.1"}, []string{"1.0.1 1000/1000"}},
		"default size":      {Offer{Newer: true}, []string{"1.0.1"}, []string{"1.0.1 65536/65536"}},
		"largest size":      {Offer{Newer: true, Size: MaxSize + 1}, []string{"1.0.1"}, []string{"1.0.1 67108864/67108864"}},
		"unreachable":       {Offer{Newer: true, Fault: Unreachable}, []string{"failed", "failed"}, []string{"failed"}},
		"truncated":         {Offer{Newer: true, Fault: Truncated, Size: size}, []string{"1.0.1"}, []string{"1.0.1 500/1000"}},
		"withdrawn":         {Offer{Newer: true, Fault: Withdrawn}, []string{"1.0.1"}, []string{"none"}},
		"bad signature":     {Offer{Newer: true, Fault: BadSignature, Size: size}, []string{"1.0.1"}, []string{"1.0.1 1000/1000 bad-signature"}},
		"rollback":          {Offer{Newer: true, Fault: Rollback, Size: size}, []string{"1.0.0 rollback"}, []string{"1.0.0 1000/1000 rollback"}},
		"stale metadata":    {Offer{Newer: true, Fault: StaleMetadata, Size: size}, []string{"1.0.1 stale-metadata"}, []string{"1.0.1 1000/1000 stale-metadata"}},
		"wrong certificate": {Offer{Newer: true, Fault: WrongCertificate, Size: size}, []string{"1.0.1 wrong-certificate"}, []string{"1.0.1 1000/1000 wrong-certificate"}},
		"appears": {
			Offer{Newer: true, Fault: Appears, Size: size},
			[]string{"none", "1.0.1", "1.0.1"},
			[]string{"1.0.1 1000/1000"},
		},
		"flapping": {
			Offer{Newer: true, Fault: Flapping, Size: size},
			[]string{"failed", "failed", "1.0.1", "failed", "failed", "1.0.1"},
			[]string{"failed", "failed", "1.0.1 1000/1000"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(Config{})
				s.Set("", c.offer)
				var b inbox
				for _, want := range c.check {
					b.from(s, Question{"d", Check, "1.0.0"})
					b.expect(t, "0s d check: "+want)
				}
				for _, want := range c.fetch {
					b.from(s, Question{"d", Fetch, "1.0.0"})
					b.expect(t, "0s d fetch: "+want)
				}
			})
		})
	}
}

func TestSetIsForOneDeviceOrForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		var b inbox
		s.Set("a", Offer{Newer: true})
		b.from(s, Question{"a", Check, "1.0.0"})
		b.expect(t, "0s a check: 1.0.1")
		b.from(s, Question{"b", Check, "1.0.0"})
		b.expect(t, "0s b check: none")
		s.Set("", Offer{})
		b.from(s, Question{"a", Check, "1.0.0"})
		b.expect(t, "0s a check: none")
	})
}

func TestFlappingBeginsAgainWithEachOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		var b inbox
		for _, device := range []string{"", "a", "", "a"} {
			s.Set(device, Offer{Newer: true, Fault: Flapping})
			for _, want := range []string{"failed", "failed", "2", "failed"} {
				b.from(s, Question{"a", Check, "1"})
				b.expect(t, "0s a check: "+want)
			}
		}
	})
}

func TestAnAnswerTakesItsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		var b inbox
		s.Set("", Offer{Delay: 3 * time.Second})
		b.from(s, Question{"a", Check, "1"})
		b.expect(t)
		s.Set("", Offer{Newer: true}) // what is on offer when the answer leaves counts
		pass(3 * time.Second)
		b.expect(t, "3s a check: 2")
	})
}

func TestAStalledSourceNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		s.Set("", Offer{Newer: true, Fault: Stalled})
		var b inbox
		cancel := b.from(s, Question{"a", Check, "1"})
		pass(24 * time.Hour)
		s.Set("", Offer{Newer: true})
		b.expect(t)
		cancel()
		cancel()
		b.from(s, Question{"a", Check, "1"})
		b.expect(t, "0s a check: 2")
		entries, _ := s.Log()
		if got := []QuestionOutcome{entries[0].Outcome, entries[1].Outcome}; got[0] != Cancelled || got[1] != Answered {
			t.Errorf("got %v", got)
		}
	})
}

func TestCancelTakesAQuestionBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		s.Set("", Offer{Delay: time.Second})
		var b inbox
		b.from(s, Question{"a", Check, "1"})() // before its time
		s.Hold("")
		cancel := b.from(s, Question{"a", Check, "1"}) // while it is held
		holding(t, s, "a", 1)
		cancel()
		holding(t, s, "a", 0)
		s.Release("")
		pass(time.Minute)
		b.expect(t)
		done := b.from(s, Question{"a", Check, "1"})
		pass(time.Minute)
		b.expect(t, "1s a check: none")
		done() // after its answer
		if n := len(s.pending); n != 0 {
			t.Errorf("%d questions are left behind", n)
		}
	})
}

func TestAReplyMayAskAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		s.Set("", Offer{Newer: true, Size: 5})
		var b inbox
		s.Hold("")
		s.Ask(Question{"a", Check, "1"}, func(a Answer) {
			s.Hold("")
			b.from(s, Question{"a", Fetch, "1"})
			s.Release("")
		})
		s.Release("")
		b.expect(t, "0s a fetch: 2 5/5")
	})
}

func TestAClosedSourceIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		var b inbox
		s.Set("", Offer{Delay: time.Second})
		b.from(s, Question{"a", Check, "1"})
		s.Hold("")
		b.from(s, Question{"a", Check, "1"})
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		b.from(s, Question{"a", Check, "1"})()
		s.Release("")
		pass(time.Minute)
		b.expect(t)
		holding(t, s, "", 0)
	})
}

func TestTheLogTellsWhoAskedWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Entries: 3})
		s.Set("", Offer{Newer: true, Size: 7})
		var b inbox
		start := time.Now()
		b.from(s, Question{"a", Check, "1"})
		synctest.Wait()
		pass(time.Second)
		s.Hold("")
		b.from(s, Question{"b", Fetch, "1"})
		pass(time.Second)
		s.Release("")
		synctest.Wait()
		s.Hold("")
		cancel := b.from(s, Question{"c", Check, "1"})
		entries, dropped := s.Log()
		want := []Entry{
			{1, start, Question{"a", Check, "1"}, Answered, false, start, Answer{Available: true, Version: "2"}},
			{2, start.Add(time.Second), Question{"b", Fetch, "1"}, Answered, true, start.Add(2 * time.Second), Answer{true, "2", 7, 7, false, ""}},
			{3, start.Add(2 * time.Second), Question{"c", Check, "1"}, Held, true, time.Time{}, Answer{}},
		}
		if diff := cmp.Diff(want, entries); diff != "" || dropped != 0 {
			t.Error(dropped, diff)
		}
		for range 4 {
			defer b.from(s, Question{"d", Check, "1"})()
		}
		cancel() // its entry is gone
		if entries, dropped = s.Log(); dropped != 4 || len(entries) != 3 || entries[0].Number != 5 || entries[2].Number != 7 {
			t.Errorf("%d dropped, left %+v", dropped, entries)
		}
	})
}

func TestManyAskAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Entries: 16})
		s.Set("", Offer{Newer: true})
		var answers sync.WaitGroup
		for i := range 50 {
			answers.Add(20)
			go func() {
				for j := range 20 {
					s.Ask(Question{fmt.Sprint(i), Kind(1 + j%2), "1"}, func(Answer) { answers.Done() })
					if j == 10 {
						s.Hold(fmt.Sprint(i))
						s.Release(fmt.Sprint(i))
						s.Report("")
						s.Log()
					}
				}
			}()
		}
		answers.Wait()
		if diff := cmp.Diff(Counts{Checks: 500, Fetches: 500, Served: 500}, s.Report("")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNewer(t *testing.T) {
	for v, want := range map[string]string{
		"1.0.0": "1.0.1", "1.0.9": "1.0.10", "1.99": "1.100", "9": "10", "1.0.19": "1.0.20", "0": "1",
		"": ".1", "beta": "beta.1", "1.0-rc9": "1.0-rc10", "18446744073709551615": "18446744073709551616",
	} {
		if got := Newer(v); got != want {
			t.Errorf("%q: got %q, want %q", v, got, want)
		}
	}
}

func TestOlder(t *testing.T) {
	for v, want := range map[string]string{
		"1.0.1": "1.0.0", "1.0.10": "1.0.9", "1.0.0": "1.0.0", "7": "6", "": "", "1.x": "1.x", "1.99999999999999999999": "1.99999999999999999999",
	} {
		if got := Older(v); got != want {
			t.Errorf("%q: got %q, want %q", v, got, want)
		}
	}
}
