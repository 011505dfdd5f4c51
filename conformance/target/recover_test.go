package target

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/ocf"
)

// slip is a Ledger with the account of one Device.
type slip struct {
	debt *Debt
	kept func(Debt) // may be nil
}

func (s *slip) Enter(...string) (Account, error) { return s, nil }

func (s *slip) Debts() ([]Debt, error) {
	if s.debt == nil {
		return nil, nil
	}
	return []Debt{*s.debt}, nil
}

func (s *slip) Debt() (d Debt, ok bool, err error) {
	if s.debt == nil {
		return Debt{}, false, nil
	}
	return *s.debt, true, nil
}

func (s *slip) Keep(d Debt) error {
	s.debt = &d
	if s.kept != nil {
		s.kept(d)
	}
	return nil
}

func (s *slip) Settle() error { s.debt = nil; return nil }
func (s *slip) Close() error  { return nil }

var _ = Describe("A Device that an earlier run left in the middle of an owner transfer", func() {
	// left is how the next run ends, and what it is told. debt is what it finds on record, and
	// the Device drops the transfer in so long, 0 for never.
	left := func(debt *Debt, drops time.Duration) (took time.Duration, told []string, err error) {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			l.mu.Lock()
			l.doc = &via{l: l} // whose Client is gone
			l.mu.Unlock()
			if drops > 0 {
				dropping := time.AfterFunc(drops, l.reset)
				defer dropping.Stop()
			}
			owed := &slip{debt: debt}
			cfg.Ledger = owed
			cfg.Tell = func(text string) {
				told = append(told, text)
				if strings.Contains(text, "hides its resources") {
					Expect(owed.debt).NotTo(BeNil(), "a run that is killed while it waits leaves the record")
				}
			}
			begun := time.Now()
			var t *Target
			t, err = Open(ctx, cfg)
			took = time.Since(begun)
			if err == nil {
				Expect(t.Close(ctx)).To(Succeed())
				Expect(cfg.Ledger.Debts()).To(BeEmpty())
			}
		})
		return took, told, err
	}
	owned := &Debt{
		Endpoint: "coap://192.0.2.7:5683", Plain: "192.0.2.7:5683", Secure: "192.0.2.7:5684", Taken: &Credential{ID: ocf.UUID{1}, Key: make([]byte, 16)},
	}

	It("is waited for until it drops the transfer", func() {
		took, told, err := left(owned, 2*time.Minute)
		Expect(err).NotTo(HaveOccurred())
		Expect(took).To(BeNumerically("~", 2*time.Minute, 20*time.Second))
		Expect(told).To(HaveLen(2))
		Expect(told[0]).To(ContainSubstring("it hides its resources, as in an owner transfer"))
		Expect(told[1]).To(ContainSubstring("This is undone now."))
	})

	It("is waited for where it was given no owner yet", func() {
		took, told, err := left(&Debt{Endpoint: owned.Endpoint, Plain: owned.Plain, Begun: true}, 2*time.Minute)
		Expect(err).NotTo(HaveOccurred())
		Expect(took).To(BeNumerically("~", 2*time.Minute, 20*time.Second))
		Expect(told).To(HaveLen(2))
		Expect(told[0]).To(ContainSubstring("it hides its resources, as in an owner transfer"))
		Expect(told[1]).To(ContainSubstring("an owner transfer was begun. A Device drops by itself"))
	})

	It("is still owed where it never drops it", func() {
		took, _, err := left(owned, 0)
		Expect(err).To(MatchError(ErrOwed))
		Expect(took).To(BeNumerically("~", dropWithin, time.Minute))
	})

	It("is on record before the first message that changes it, and until it has an owner", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			var written []int // messages that change the Device, when the record changed
			var was []string
			cfg.Ledger = &slip{kept: func(d Debt) {
				l.mu.Lock()
				defer l.mu.Unlock()
				written = append(written, len(slices.DeleteFunc(slices.Clone(l.seen), func(r string) bool { return strings.Contains(r, " GET ") })))
				was = append(was, fmt.Sprintf("begun %v, owned %v", d.Begun, d.Taken != nil))
			}}
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(written[:2]).To(Equal([]int{0, 1}), "the choice of the method is between the two")
			Expect(was[:2]).To(Equal([]string{"begun true, owned false", "begun false, owned true"}))
			Expect(t.Close(ctx)).To(Succeed())
			Expect(cfg.Ledger.Debts()).To(BeEmpty())
		})
	})

	It("stays on record where the transfer failed and the Device has not dropped it", func() {
		withLite(func(ctx context.Context, l *lite, cfg Config) {
			owed := &slip{kept: func(d Debt) {
				l.mu.Lock()
				defer l.mu.Unlock()
				if d.Begun {
					l.doc = &via{l: l} // somebody else was first
				}
			}}
			cfg.Ledger = owed
			_, err := Open(ctx, cfg)
			Expect(err).To(MatchError(ContainSubstring("select the method")))
			Expect(owed.debt).To(HaveValue(HaveField("Begun", true)))
			owed.kept = nil
			dropping := time.AfterFunc(time.Minute, l.reset)
			defer dropping.Stop()
			t, err := Open(ctx, cfg)
			Expect(err).NotTo(HaveOccurred())
			Expect(t.Close(ctx)).To(Succeed())
			Expect(owed.debt).To(BeNil())
		})
	})

	It("is told apart from one that lists no endpoint for sessions", func() {
		_, told, err := left(nil, 0)
		Expect(err).To(MatchError(ContainSubstring("GET /oic/res: 4.01: it is in RESET, or in an owner transfer that nobody goes on with")))
		Expect(told).To(BeEmpty())
	})
})
