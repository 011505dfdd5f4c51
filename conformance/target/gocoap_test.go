package target

import (
	"context"
	"runtime"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// What go-coap would do by itself must not show in the record.
var _ = Describe("A session over go-coap", func() {
	ctx := context.Background()

	It("takes an answer with options that go-coap would act on", func() {
		inBubble(func(s stage) {
			for _, options := range []string{
				"d4 0a 00000008", // Block2 of 4 bytes, 1 too many
				"d0 12",          // Q-Block2
				"d2 ef 0000",     // Echo, which go-coap knows since v3.8
				"e1 06f8 00",     // 2053, critical and unknown to go-coap
			} {
				s.log.cut(0)
				s.play(func() { s.next(); s.send("68 45 MM TT " + options + " ff 01") })
				short, cancel := context.WithTimeout(ctx, time.Minute)
				reply, err := s.c.Exchange(short, read)
				cancel()
				Expect(err).NotTo(HaveOccurred(), options)
				Expect(reply.Frame.Payload).To(BeEquivalentTo([]byte{1}), options)
				Expect(s.log.lines()).To(Equal([]string{"0s request CON GET", "0s response ACK 2.05 01 for=0"}), options)
			}
		})
	})

	It("takes the answers of a Device that gives all of them one message ID", func() {
		// With one processor go-coap is still busy with an answer when the next one comes.
		DeferCleanup(runtime.GOMAXPROCS, runtime.GOMAXPROCS(1))
		inBubble(func(s stage) {
			const clients = 10
			s.play(func() {
				var asked []request
				for range clients {
					asked = append(asked, s.next())
				}
				for _, r := range asked {
					s.last = r
					s.send("58 45 0001 TT ff 01")
				}
			})
			call := read
			call.NON = true
			began := time.Now()
			var waiting sync.WaitGroup
			for range clients {
				waiting.Go(func() {
					defer GinkgoRecover()
					short, cancel := context.WithTimeout(ctx, time.Minute)
					defer cancel()
					_, err := s.c.Do(short, call)
					Expect(err).NotTo(HaveOccurred())
					Expect(time.Since(began)).To(BeZero())
				})
			}
			waiting.Wait()
			for _, line := range s.log.lines()[clients:] {
				Expect(line).To(HavePrefix("0s response NON 2.05 01"))
			}
		})
	})
})
