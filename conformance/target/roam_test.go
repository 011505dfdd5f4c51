package target

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var _ = Describe("A Device that comes back at another port", func() {
	var (
		here, there *peer
		cfg         Config
		found       []Found
	)
	BeforeEach(func() {
		here, there = newPeer(), newPeer()
		here.serve(lamp())
		there.serve(lamp())
		var err error
		cfg, err = FromURI("coap://" + here.LocalAddr().String())
		Expect(err).NotTo(HaveOccurred())
		di, _ := ocf.ParseUUID(lampDI)
		found = []Found{{DI: di, Endpoints: []string{"coap://" + there.LocalAddr().String()}}}
		cfg.Seek = func(context.Context) ([]Found, error) { return found, nil }
		cfg.ACKTimeout, cfg.MaxRetransmit = 100*time.Millisecond, 3
	})
	AfterEach(func() {
		_ = here.Close()
		Expect(there.Close()).To(Succeed())
		here.scripts.Wait()
		there.scripts.Wait()
	})

	It("is found again, and every Client goes on there", func(ctx SpecContext) {
		cfg.Conditions = &HTTP{URL: "http://127.0.0.1:1/"}
		t, err := Open(ctx, cfg)
		Expect(err).NotTo(HaveOccurred())
		log := newTape()
		c, err := t.Tap(ctx, conformance.Privileged, log)
		Expect(err).NotTo(HaveOccurred())
		defer c.Close()
		reply, err := c.Exchange(ctx, get(ocf.PathD, ""))
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Lost).To(BeFalse())
		Expect(here.Close()).To(Succeed())
		reply, err = c.Exchange(ctx, get(ocf.PathD, ""))
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Lost).To(BeFalse())
		Expect(strings.Join(log.lines(), "\n")).To(ContainSubstring("the Device is found again at " + there.LocalAddr().String()))
		Expect(t.conditions().(*HTTP).Device).To(Equal(there.LocalAddr().String()))
		Expect(t.Identify(ctx)).To(Equal(lampDI), "a new Client")
		look, err := t.Look(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(look.Endpoint).To(Equal("coap://" + there.LocalAddr().String()))
	}, SpecTimeout(10*time.Second))

	It("is known by its piid under another di", func(ctx SpecContext) {
		t := &Target{}
		t.cfg.Profile.DI, t.about.D.PIID = lampDI, ocf.UUID{7}
		Expect(t.isIt(Found{DI: ocf.UUID{1}, PIID: ocf.UUID{7}})).To(BeTrue())
		Expect(t.isIt(Found{DI: ocf.UUID{1}, PIID: ocf.UUID{8}})).To(BeFalse())
		t.about.D.PIID = ocf.UUID{}
		Expect(t.isIt(Found{DI: ocf.UUID{1}})).To(BeFalse(), "no piid is nobody's")
	})

	DescribeTable("is not taken for another",
		func(change func()) {
			t := &Target{address: strings.TrimPrefix(cfg.Profile.Endpoint, "coap://")}
			t.cfg.Profile.DI = lampDI
			change()
			t.recognize(found)
			at, times := t.where.now(t.address)
			Expect(at).To(Equal(t.address))
			Expect(times).To(BeZero())
		},
		Entry("that has another di", func() { found[0].DI = ocf.UUID{1} }),
		Entry("where two answer to its name", func() {
			found = append(found, Found{DI: found[0].DI, Endpoints: []string{"coap://192.0.2.1:5683"}})
		}),
		Entry("where it answers as before", func() { found[0].Endpoints = append(found[0].Endpoints, cfg.Profile.Endpoint) }),
		Entry("where it answers with a session alone", func() { found[0].Endpoints = []string{"coaps://192.0.2.1:5684"} }),
	)
})
