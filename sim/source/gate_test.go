package source

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheGateHoldsOneDeviceOrAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		s.Set("", Offer{Newer: true, Size: 10})
		var b inbox
		s.Hold("a")
		b.from(s, Question{"a", Check, "1.0.0"})
		b.from(s, Question{"b", Check, "1.0.0"})
		b.expect(t, "0s b check: 1.0.1")
		holding(t, s, "a", 1)
		holding(t, s, "b", 0)
		holding(t, s, "", 1)

		pass(time.Hour)
		s.Hold("")
		b.from(s, Question{"b", Fetch, "1.0.0"})
		b.expect(t)
		holding(t, s, "", 2)

		s.Release("b") // an exception to the gate that is closed for all
		b.expect(t, "0s b fetch: 1.0.1 10/10")
		b.from(s, Question{"b", Check, "1.0.0"})
		b.expect(t, "0s b check: 1.0.1")
		b.from(s, Question{"c", Check, "1.0.0"})
		b.expect(t)

		s.Release("")
		b.expect(t, "1h0m0s a check: 1.0.1", "0s c check: 1.0.1")
		holding(t, s, "", 0)
		b.from(s, Question{"c", Check, "1.0.0"})
		b.expect(t, "0s c check: 1.0.1")
		if diff := cmp.Diff(Counts{Checks: 5, Fetches: 1, Served: 1}, s.Report("")); diff != "" {
			t.Error(diff)
		}
	})
}

func holding(t *testing.T, s *Source, device string, want int) {
	t.Helper()
	if got := s.Report(device).Holding; got != want {
		t.Errorf("holding %d for %q, want %d", got, device, want)
	}
}

func TestTheGateClosesOnWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		s.Set("", Offer{Newer: true, Delay: time.Second})
		var b inbox
		b.from(s, Question{"a", Check, "1.0.0"})
		s.Hold("")
		pass(time.Minute)
		b.expect(t)
		holding(t, s, "a", 1)
		s.Set("", Offer{}) // the answer is made when it leaves
		s.Release("a")
		b.expect(t, "1m0s a check: none")
	})
}

func TestWhatIsReleasedIsNotCaughtAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		s.Set("", Offer{Newer: true})
		var b inbox
		s.Hold("")
		b.from(s, Question{"a", Check, "1.0.0"})
		s.Release("")
		s.Hold("") // the next scenario begins
		s.Set("", Offer{})
		b.expect(t, "0s a check: 1.0.1")
		holding(t, s, "", 0)
	})
}

func TestWhatIsReleasedCanBeCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		s.Hold("")
		var b inbox
		var cancel func()
		s.Ask(Question{"a", Check, "1"}, func(Answer) { cancel() }) // leaves before the next
		cancel = b.from(s, Question{"a", Check, "1"})
		s.Release("")
		b.expect(t)
	})
}

func TestWithheldAnswersLeaveInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		s.Hold("")
		var b inbox
		var want []string
		for i := range 200 {
			device := fmt.Sprint(i)
			b.from(s, Question{device, Check, "1"})
			want = append(want, "0s "+device+" check: none")
		}
		s.Release("")
		b.expect(t, want...)
	})
}
