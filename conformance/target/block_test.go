package target

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
)

var _ = Describe("Block-wise transfer", func() {
	ctx := context.Background()
	// sixteen is a whole block of 16 bytes in hexadecimal.
	sixteen := func(digit string) string { return strings.Repeat(digit, 32) }

	It("gathers a large answer into one Response", func() {
		inBubble(func(s stage) {
			s.play(func() {
				Expect(s.next().after()).To(Equal("b161"))
				s.send("68 45 MM TT d1 0a 08 ff " + sixteen("a")) // Block2 0/1/16
				Expect(s.next().after()).To(Equal("b161" + "c110"))
				s.send("68 45 MM TT d1 0a 18 ff " + sixteen("b"))
				Expect(s.next().after()).To(Equal("b161" + "c120"))
				s.send("68 45 MM TT d1 0a 20 ff cc")
			})
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET",
				"0s message ACK 2.05 16 bytes for=0: one block of the answer",
				"0s message CON GET for=0: next block",
				"0s message ACK 2.05 16 bytes for=0: one block of the answer",
				"0s message CON GET for=0: next block",
				"0s response ACK 2.05 33 bytes for=0",
			}))
			Expect(hex.EncodeToString(reply.Frame.Payload)).To(Equal(sixteen("a") + sixteen("b") + "cc"))
			Expect(hex.EncodeToString(reply.Frame.Raw)).To(HaveSuffix("d10a20ffcc"))
		})
	})

	It("asks for no more blocks than an answer can have", func() {
		inBubble(func(s stage) {
			s.play(func() {
				for num := range maxBlocks {
					s.next()
					s.send(fmt.Sprintf("68 45 MM TT d3 0a %06x ff %s", num<<4|8, sixteen("a"))) // Block2 num/1/16
				}
			})
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Incomplete).To(HavePrefix("incomplete: no end after 4096 blocks and 65536 bytes"))
		})
	})

	It("waits no longer for an answer that is promised again and again", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				for range 200 {
					s.send("60 00 MM") // an empty ACK
					time.Sleep(time.Second)
				}
			})
			began := time.Now()
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Reason).To(HavePrefix("acknowledged, but not answered within"))
			Expect(time.Since(began)).To(BeNumerically("<", 100*time.Second))
		})
	})

	It("takes a block that the network doubled once", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				for range 8 {
					s.send("68 45 MM TT d1 0a 08 ff " + sixteen("a"))
				}
				s.next()
				s.send("68 45 MM TT d1 0a 10 ff bb")
			})
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(hex.EncodeToString(reply.Frame.Payload)).To(Equal(sixteen("a") + "bb"))
		})
	})

	It("says that a representation which always changes on the way is incomplete", func() {
		inBubble(func(s stage) {
			s.play(func() {
				for etag := range maxRestarts + 1 {
					s.next()
					s.send("68 45 MM TT 41" + fmt.Sprintf("%02x", etag) + "d1 06 08 ff " + sixteen("a"))
					s.next()
					s.send("68 45 MM TT 41 ee d1 06 10 ff bb")
				}
			})
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			const text = "incomplete: the representation changed between blocks, 17 times in a row"
			Expect(reply.Incomplete).To(Equal(text))
			lines := s.log.lines()
			Expect(strings.Join(lines, "\n")).To(ContainSubstring("representation changed between blocks"))
			Expect(lines[len(lines)-1]).To(Equal("0s response ACK 2.05 16 bytes for=0: " + text))
		})
	})

	It("gathers one that changes once on the way", func() {
		inBubble(func(s stage) {
			s.play(func() {
				for _, etag := range []string{"01", "02"} {
					s.next()
					s.send("68 45 MM TT 41" + etag + "d1 06 08 ff " + sixteen("a"))
					s.next()
					s.send("68 45 MM TT 41 02 d1 06 10 ff bb")
				}
			})
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Incomplete).To(BeEmpty())
			Expect(reply.Frame.Payload).To(HaveLen(17))
		})
	})

	It("asks for all again where the representation has become too short for a block", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT d1 0a 08 ff " + sixteen("a"))
				s.next()
				s.send("68 80 MM TT")
				s.next()
				s.send("68 45 MM TT d0 0a ff bb")
			})
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Incomplete).To(BeEmpty())
			Expect(hex.EncodeToString(reply.Frame.Payload)).To(Equal("bb"))
		})
	})

	It("does not take a block that was asked for earlier for the next one", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT d1 0a 08 ff " + sixteen("a"))
				s.next()
				s.send("60 00 MM")
				s.send("48 45 0007 TT d1 0a 08 ff " + sixteen("a"))
				s.send("48 45 0008 TT d1 0a 10 ff bb")
			})
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(hex.EncodeToString(reply.Frame.Payload)).To(Equal(sixteen("a") + "bb"))
			Expect(strings.Join(s.log.lines(), "\n")).To(ContainSubstring("a block that was asked for earlier"))
		})
	})

	It("takes a notification whose other blocks do not come for no state of the Device", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				s.send("58 45 0001 TT 61 02 d1 04 08 ff " + sixteen("a"))
				s.next()
				s.send("70 00 MM")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			synctest.Wait()
			lines := s.log.lines()
			Expect(lines[len(lines)-1]).To(HaveSuffix("a notification; the other blocks did not come: rejected with RST"))
			Expect(strings.Join(lines, "\n")).NotTo(ContainSubstring("s notification "))
		})
	})

	It("takes the answer to another registration, in blocks and before its ACK, for the answer", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				s.next()
				again := s.last
				s.send("48 45 0001 TT 61 02 d1 04 08 ff " + sixteen("a"))
				if s.next(); s.last.raw[0] == 0x60 {
					s.next()
				}
				s.send("68 45 MM TT d1 0a 10 ff bb")
				s.last = again
				s.send("60 00 MM")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			n, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()[n]).To(HavePrefix("2s response CON 2.05 o=2 17 bytes"))
		})
	})

	It("says that a transfer which never advances is incomplete", func() {
		inBubble(func(s stage) {
			s.play(func() {
				for range 2 {
					s.next()
					s.send("68 45 MM TT d1 0a 08 ff " + sixteen("a"))
				}
			})
			reply, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Incomplete).To(Equal("incomplete: block at byte 0 where 16 was asked for"))
		})
	})

	It("says so where a block is not the one that was asked for", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT d1 0a 08 ff " + sixteen("a"))
				s.next()
				s.send("68 45 MM TT d1 0a 30 ff bb")
			})
			_, err := s.c.Exchange(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			lines := s.log.lines()
			Expect(lines[len(lines)-1]).To(Equal("0s response ACK 2.05 16 bytes for=0: incomplete: block at byte 48 where 16 was asked for"))
		})
	})

	It("sends a large payload as one Request, in smaller blocks where it is told to", func() {
		payload, _ := hex.DecodeString(sixteen("1") + sixteen("2") + sixteen("3") + "44")
		inBubble(func(s stage) {
			s.play(func() {
				// 49 bytes: Block1 0/1/32, then the Device asks for 16.
				Expect(s.next().after()).To(Equal("b161" + "d10309" + "d11431" + "ff" + sixteen("1") + sixteen("2")))
				s.send("68 5f MM TT d1 0e 08")
				Expect(s.next().after()).To(Equal("b161" + "d10328" + "ff" + sixteen("3")))
				s.send("68 5f MM TT d1 0e 28")
				Expect(s.next().after()).To(Equal("b161" + "d10330" + "ff44"))
				s.send("68 44 MM TT d1 0e 30")
			})
			call := conformance.Call{Method: "POST", Path: "/a", Payload: payload, BlockSize: 32}
			_, err := s.c.Do(ctx, call)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON POST 49 bytes",
				"0s message ACK 2.31 for=0: one block of the answer",
				"0s message CON POST 16 bytes for=0: next block",
				"0s message ACK 2.31 for=0: one block of the answer",
				"0s message CON POST 44 for=0: next block",
				"0s response ACK 2.04 for=0",
			}))
		})
	})

	It("forces the size that a Call asks for", func() {
		inBubble(func(s stage) {
			s.play(func() {
				Expect(s.next().after()).To(Equal("b161" + "c102"))
				s.send("68 45 MM TT")
				Expect(s.next().after()).To(Equal("b161" + "d10302" + "d11401" + "ff00"))
				s.send("68 44 MM TT")
			})
			_, err := s.c.Do(ctx, conformance.Call{Method: "GET", Path: "/a", BlockSize: 64})
			Expect(err).NotTo(HaveOccurred())
			_, err = s.c.Do(ctx, conformance.Call{Method: "POST", Path: "/a", Payload: []byte{0}, BlockSize: 64})
			Expect(err).NotTo(HaveOccurred())
			_, err = s.c.Do(ctx, conformance.Call{Method: "GET", Path: "/a", BlockSize: 100})
			Expect(err).To(MatchError(ContainSubstring("block size 100")))
		})
	})

	It("observes where the answer to the registration comes in blocks, and asks for the rest under another token", func() {
		inBubble(func(s stage) {
			s.play(func() {
				first := s.next()
				s.send("68 45 MM TT 61 07 62 2710 b1 08 ff " + sixteen("a")) // Observe 7, format 10000, Block2 0/1/16
				rest := s.next()
				Expect(rest.after()).To(Equal("b161"+"c110"), "no Observe in the request for the rest")
				Expect(rest.raw[4:12]).NotTo(Equal(first.raw[4:12]), "the token")
				s.last = first
				s.send("58 45 0001 TT 61 08 ff 08") // told before the rest has come
				s.last = rest
				s.send("68 45 MM TT d1 0a 10 ff bb")
				s.last = first
				s.send("58 45 0002 TT 61 09 ff 09")
			})
			reply, err := s.c.Register(ctx, read)
			Expect(err).NotTo(HaveOccurred())
			synctest.Wait()
			Expect(s.log.lines()).To(Equal([]string{
				"0s request CON GET o=0",
				"0s message ACK 2.05 o=7 16 bytes for=0: one block of the answer",
				"0s message CON GET for=0: next block",
				"0s notification NON 2.05 o=8 08 for=0",
				"0s response ACK 2.05 o=7 17 bytes for=0",
				"0s notification NON 2.05 o=9 09 for=0",
			}))
			Expect(*reply.Frame.Format).To(BeEquivalentTo(10000))
			Expect(reply.Options[0]).To(Equal(Option{Number: 6, Value: []byte{7}}))
		})
	})

	It("gathers a notification of several blocks into one", func() {
		inBubble(func(s stage) {
			s.play(func() {
				s.next()
				s.send("68 45 MM TT 60 ff 00")
				s.send("48 45 0001 TT 61 02 d1 04 08 ff " + sixteen("a"))
				// The ACK and the request for the rest leave in any order.
				if s.next(); s.last.raw[0] == 0x60 {
					s.next()
				}
				Expect(s.last.after()).To(Equal("b161" + "c110"))
				s.send("68 45 MM TT d1 0a 10 ff bb")
			})
			_, err := s.c.Observe(ctx, "/a", "")
			Expect(err).NotTo(HaveOccurred())
			synctest.Wait()
			Expect(s.log.lines()[2:]).To(Equal([]string{
				"0s message CON 2.05 o=2 16 bytes for=0: first block of a notification",
				"0s message ACK 0.00 for=0: ACK",
				"0s message CON GET for=0: rest of a notification",
				"0s message ACK 2.05 17 bytes for=0",
				"0s notification CON 2.05 o=2 17 bytes for=0",
			}))
		})
	})
})
