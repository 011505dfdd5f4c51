package target

import (
	"context"
	"errors"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
)

// read is the request of most specs.
var read = conformance.Call{Method: "GET", Path: "/a"}

var _ = Describe("A session", func() {
	ctx := context.Background()

	It("retransmits with exponential back-off and then gives up", func() {
		inBubble(func(s stage) {
			n, err := s.c.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET",
				"2s message CON GET for=0: retransmission 1 of 4",
				"6s message CON GET for=0: retransmission 2 of 4",
				"14s message CON GET for=0: retransmission 3 of 4",
				"30s message CON GET for=0: retransmission 4 of 4",
				"1m2s lost for=0: no answer to 5 transmissions within 1m2s",
			}))
			Expect(n).To(Equal(5))
			first := s.next()
			for range 4 {
				Expect(s.next().raw).To(Equal(first.raw))
			}
		})
	})

	It("takes a late answer for what it is", func() {
		inBubble(func(s stage) {
			_, err := s.c.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			s.next()
			s.send("48 45 0001 TT ff 00")
			synctest.Wait()
			Expect(s.log.lines()[6:]).To(Equal([]string{
				"1m2s message CON 2.05 00 for=0: late or repeated answer",
				"1m2s message RST 0.00 for=0: RST",
			}))
		})
	})

	It("waits for a separate answer after an empty ACK", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("60 00 MM")
				<-time.After(20 * time.Second)
				s.send("48 45 7001 TT ff 01")
			})
			n, err := s.c.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			synctest.Wait()
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET",
				"0s message ACK 0.00 for=0: ACK",
				"20s response CON 2.05 01 for=0",
				"20s message ACK 0.00 for=0: ACK",
			}))
			Expect(n).To(Equal(2))
			Expect(s.next().raw).To(Equal([]byte{0x60, 0, 0x70, 0x01}))
		})
	})

	It("gives up an acknowledged request that is never answered", func() {
		inBubble(func(s stage) {
			s.play(func() { s.next(); s.send("60 00 MM") })
			_, err := s.c.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()[2:]).To(Equal([]string{
				"1m2s lost for=0: acknowledged, but not answered within 1m2s",
			}))
		})
	})

	It("takes a separate answer that overtakes its ACK", func() {
		inBubble(func(s stage) {
			s.play(func() { s.next(); s.send("58 45 7001 TT ff 01") })
			_, err := s.c.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			s.send("60 00 MM")
			synctest.Wait()
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET",
				"0s response NON 2.05 01 for=0",
				"0s message ACK 0.00: ACK",
			}))
		})
	})

	It("ends a request that is rejected with RST", func() {
		inBubble(func(s stage) {
			s.play(func() { s.next(); s.send("70 00 MM") })
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Lost).To(BeTrue())
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET",
				"0s message RST 0.00 for=0: RST",
				"0s lost for=0: rejected with RST",
			}))
		})
	})

	It("records an answer with a wrong token and goes on waiting", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("64 45 MM 01020304 ff 01")
				s.send("44 45 7001 01020304 ff 01")
			})
			_, err := s.c.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET",
				"0s message ACK 2.05 01: token of no request",
				"0s message CON 2.05 01: token of no request",
				"0s message RST 0.00: RST",
				"1m2s lost for=0: acknowledged, but not answered within 1m2s",
			}))
		})
	})

	It("records garbage and is not disturbed by it", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("00")
				s.send("ffffffffff")
				s.send("68 45 MM TT ff") // RFC 7252 section 3: no payload behind the marker is a format error
				s.send("68 45 MM TT ff 01")
			})
			_, err := s.c.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			lines := s.log.lines()
			Expect(lines).To(HaveLen(5))
			for _, line := range lines[1:4] {
				Expect(line).To(HavePrefix("0s message : not CoAP"))
			}
			Expect(lines[4]).To(Equal("0s response ACK 2.05 01 for=0"))
		})
	})

	It("tells a duplicate from a new datagram with an old message ID", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				s.send("48 45 0001 TT 61 02 ff 01")
				s.send("48 45 0001 TT 61 02 ff 01")
				s.send("58 45 0002 TT 61 03 ff 02")
				s.send("58 45 0002 TT 61 03 ff 02")
				s.send("48 45 0001 TT 61 04 ff 03")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			synctest.Wait()
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET o=0",
				"0s response ACK 2.05 o=0 00 for=0",
				"0s notification CON 2.05 o=2 01 for=0",
				"0s message ACK 0.00 for=0: ACK",
				"0s message CON 2.05 o=2 01 for=0: duplicate",
				"0s message ACK 0.00 for=0: ACK",
				"0s notification NON 2.05 o=3 02 for=0",
				"0s message NON 2.05 o=3 02 for=0: duplicate",
				"0s notification CON 2.05 o=4 03 for=0",
				"0s message ACK 0.00 for=0: ACK",
			}))
		})
	})

	It("answers a ping and rejects a request", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("40 00 0001")
				s.send("40 01 0002 b1 61")
				s.send("50 01 0003 b1 61")
				s.send("68 45 MM TT")
			})
			_, err := s.c.Do(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET",
				"0s message CON 0.00: ping",
				"0s message RST 0.00: RST",
				"0s message CON GET: a request, or a code that no answer has",
				"0s message RST 0.00: RST",
				"0s message NON GET: a request, or a code that no answer has",
				"0s response ACK 2.05 for=0",
			}))
		})
	})

	It("sends a NON once and does not wait for ever", func() {
		inBubble(func(s stage) {
			call := read
			call.NON = true
			_, err := s.c.Do(ctx, call)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()).To(Equal([]string{
				"0s request NON GET",
				"8s lost for=0: no answer to a NON within 8s",
			}))
		})
	})

	It("does not call it lost when nobody waits any more", func() {
		inBubble(func(s stage) {
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			n, err := s.c.Do(short, read)
			Expect(errors.Is(err, context.DeadlineExceeded)).To(BeTrue())
			Expect(n).To(Equal(1))
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET",
				"1s note for=0: no longer waited for: context deadline exceeded",
			}))
		})
	})

	It("lets go of everybody when it is closed", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				Expect(s.c.Close()).To(Succeed())
			})
			_, err := s.c.Do(ctx, read)
			Expect(err).To(MatchError(errClosed))
			_, err = s.c.Do(ctx, read)
			Expect(err).To(MatchError(errClosed))
		})
	})
})

var _ = Describe("What a session remembers", func() {
	It("is bounded", func() {
		var r repeats
		now := time.Now()
		for mid := range 2 * maxRepeats {
			r.remember(uint16(mid), []byte{1}, now, false, nil)
		}
		Expect(r.seen).To(HaveLen(maxRepeats))
		_, ok := r.known(0, []byte{1}, now)
		Expect(ok).To(BeFalse())
		_, ok = r.known(2*maxRepeats-1, []byte{1}, now)
		Expect(ok).To(BeTrue())
		_, ok = r.known(2*maxRepeats-1, []byte{1}, now.Add(exchangeLifetime+1))
		Expect(ok).To(BeFalse())
	})

	It("keeps the tokens that something is expected of", func() {
		s := &session{threads: map[string]*thread{}}
		s.ctx, s.cancel = context.WithCancel(context.Background())
		defer s.cancel()
		kept := &thread{token: []byte("kept"), state: observing}
		Expect(s.begin(kept, &exchange{})).To(Succeed())
		kept.pending = nil
		for range 2 * maxThreads {
			th, err := newThread("/a", "")
			Expect(err).NotTo(HaveOccurred())
			Expect(s.begin(th, &exchange{})).To(Succeed())
			Expect(s.begin(th, &exchange{})).To(MatchError(errBusy))
			th.pending = nil
		}
		Expect(s.threads).To(HaveLen(maxThreads))
		Expect(s.threads).To(HaveKeyWithValue("kept", kept))
	})
})
