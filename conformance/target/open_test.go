package target

import (
	"encoding/hex"
	"net"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// lampDI is the identity of the Device in these specs.
const lampDI = "0d8c2a5e-7a41-4c0e-9d0b-5f1f4c1f6a01"

// lamp is what a Device of hand-written CBOR answers, by path and query.
func lamp() map[string]string {
	text := func(s string) string { return hex.EncodeToString(append([]byte{0x78, byte(len(s))}, s...)) }
	d := "a4" + text("n") + text("lamp") + text("di") + text(lampDI) + text("sv") + text("1.0.0") +
		text("rt") + "81" + text("oic.wk.d")
	link := func(href, rt, bm string) string {
		return "a5" + text("anchor") + text("ocf://"+lampDI) + text("href") + text(href) +
			text("rt") + "81" + text(rt) + text("if") + "81" + text("oic.if.baseline") +
			text("p") + "a1" + text("bm") + bm
	}
	doxm := "a2" + text("owned") + "f5" + text("deviceuuid") + text(lampDI)
	return map[string]string{
		"/oic/d":         d,
		"/oic/res":       "82" + link("/oic/d", "oic.wk.d", "01") + link("/oic/sec/pstat", "oic.r.pstat", "03"),
		"/oic/sec/doxm":  doxm,
		"/oic/p":         "a1" + text("mnfv") + text("7"),
		"/oic/sec/pstat": "a0",
	}
}

// serve answers as a Device with these representations until p is closed; a
// path it does not have is 4.04.
func (p *peer) serve(answers map[string]string) {
	p.play(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := p.ReadFrom(buf)
			if err != nil {
				return
			}
			p.last = request{raw: buf[:n], from: from}
			m, err := decode(buf[:n])
			Expect(err).NotTo(HaveOccurred())
			path, _ := m.Options.Path()
			head := "6"
			if buf[0]&0x10 != 0 {
				head = "5"
			}
			head += "8"
			if payload, ok := answers[path]; ok {
				p.send(head + "45 MM TT c2 2710 ff" + payload)
				continue
			}
			p.send(head + "84 MM TT")
		}
	})
}

var _ = Describe("A target", func() {
	var (
		p     *peer
		cfg   Config
		leaks goleak.Option
	)
	BeforeEach(func() {
		leaks = goleak.IgnoreCurrent()
		p = newPeer()
		var err error
		cfg, err = FromURI("coap://" + p.LocalAddr().String())
		Expect(err).NotTo(HaveOccurred())
	})
	AfterEach(func() {
		Expect(p.Close()).To(Succeed())
		p.scripts.Wait()
		Expect(goleak.Find(leaks)).To(Succeed())
	})

	It("is opened by asking it who it is", func(ctx SpecContext) {
		p.serve(lamp())
		t, err := Open(ctx, cfg)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Profile().DI).To(Equal(lampDI))
		Expect(t.About().D.Name).To(Equal("lamp"))
		Expect(t.About().Observable).To(BeTrue())
		Expect(t.Profile().Update.Version).To(BeEmpty(), "what nobody declared")
		Expect(t.ReadVersion(ctx)).To(BeEmpty())
	}, SpecTimeout(10*time.Second))

	It("reads the version where it is declared", func(ctx SpecContext) {
		p.serve(lamp())
		cfg.Profile.Update.Version = "/oic/p#mnfv"
		t, err := Open(ctx, cfg)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.ReadVersion(ctx)).To(Equal("7"))
	}, SpecTimeout(10*time.Second))

	It("is no OCF Device where it has nothing of OCF", func(ctx SpecContext) {
		p.serve(nil)
		_, err := Open(ctx, cfg)
		Expect(err).To(MatchError(ErrStranger))
		Expect(err).To(MatchError(ContainSubstring("GET /oic/d is answered 4.04, /oic/res 4.04, and /oic/sec/pstat 4.04")))
	}, SpecTimeout(10*time.Second))

	It("is opened though it hides who it is", func(ctx SpecContext) {
		p.serve(map[string]string{"/oic/sec/pstat": "a0"})
		t, err := Open(ctx, cfg)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.Profile().DI).To(BeEmpty())
		Expect(t.About().Listed).To(BeFalse())
		Expect(t.ReadVersion(ctx)).To(BeEmpty())
	}, SpecTimeout(10*time.Second))

	It("is unreachable where nobody answers, and the error says who", func(ctx SpecContext) {
		cfg.ACKTimeout, cfg.MaxRetransmit = time.Millisecond, 1
		_, err := Open(ctx, cfg)
		Expect(err).To(MatchError(ErrUnreachable))
		Expect(err).To(MatchError(And(ContainSubstring(cfg.Profile.Endpoint), ContainSubstring("no answer to 2 transmissions"))))

		cfg.ACKTimeout, cfg.OpenTimeout = time.Hour, 5*time.Millisecond
		_, err = Open(ctx, cfg)
		Expect(err).To(MatchError(ErrUnreachable))
		Expect(err).To(MatchError(ContainSubstring("within 5ms")))
	}, SpecTimeout(10*time.Second))

	It("asks as OCF Clients do, unless it only taps", func(ctx SpecContext) {
		p.serve(lamp())
		t, err := Open(ctx, cfg)
		Expect(err).NotTo(HaveOccurred())
		log := newTape()
		plain, err := t.Tap(ctx, "plain", log)
		Expect(err).NotTo(HaveOccurred())
		defer plain.Close()
		_, err = plain.Do(ctx, read)
		Expect(err).NotTo(HaveOccurred())
		Expect(hex.EncodeToString(log.at(0).Frame.Raw)).To(HaveSuffix("b161"))

		usual, err := t.Client(ctx, "privileged", nil)
		Expect(err).NotTo(HaveOccurred())
		defer usual.Close()
		usual.s.log = log
		_, err = usual.Do(ctx, read)
		Expect(err).NotTo(HaveOccurred())
		Expect(hex.EncodeToString(log.at(2).Frame.Raw)).To(HaveSuffix("b161" + "622710" + "e206e3" + "0800"))
	}, SpecTimeout(10*time.Second))

	It("applies its conditions in its own name, and within bounds", func(ctx SpecContext) {
		p.serve(lamp())
		t, err := Open(ctx, cfg)
		Expect(err).NotTo(HaveOccurred())
		_, err = t.Condition(ctx, conformance.Hold)
		Expect(err).To(MatchError(ErrUnsupported))

		cfg.Conditions = &HTTP{URL: "http://127.0.0.1:1/"}
		t, err = Open(ctx, cfg)
		Expect(err).NotTo(HaveOccurred())
		Expect(t.conditions().(*HTTP).Device).To(Equal(p.LocalAddr().String()))
		t.address = "lamp.local:5683"
		t.cfg.Conditions = cfg.Conditions
		Expect(t.conditions().(*HTTP).Device).To(Equal(lampDI))

		nobody, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer nobody.Close()
		t.cfg.Conditions, t.cfg.ConditionTimeout = &HTTP{URL: "http://" + nobody.Addr().String()}, time.Millisecond
		_, err = t.Condition(ctx, conformance.Hold)
		Expect(err).To(MatchError(ContainSubstring("not done within 1ms")))
	}, SpecTimeout(10*time.Second))

	It("is found by its address", func(ctx SpecContext) {
		p.serve(lamp())
		owned := true
		di, _ := ocf.ParseUUID(lampDI)
		Expect(Discover(ctx, DiscoverConfig{Unicast: "coap://" + p.LocalAddr().String(), Owned: &owned})).To(Equal([]Found{{
			DI: di, Name: "lamp", Types: []string{"oic.wk.d"}, Owned: &owned,
			Endpoints: []string{"coap://" + p.LocalAddr().String()},
		}}))
		other := false
		Expect(Discover(ctx, DiscoverConfig{Unicast: p.LocalAddr().String(), Owned: &other})).To(BeEmpty())
	}, SpecTimeout(10*time.Second))

	It("is found by multicast on loopback", func(ctx SpecContext) {
		lo, err := multicastInterface("")
		Expect(err).NotTo(HaveOccurred())
		group, err := net.ListenMulticastUDP("udp4", lo, &net.UDPAddr{IP: net.IPv4(224, 0, 1, 187)})
		Expect(err).NotTo(HaveOccurred(), "multicast on loopback")
		asked := make(chan string, 2)
		p.play(func() {
			buf := make([]byte, 2048)
			n, from, err := group.ReadFrom(buf)
			if err != nil {
				return
			}
			m, _ := decode(buf[:n])
			query, _ := m.Options.Queries()
			asked <- typeName(m.Type) + " " + strings.Join(query, "&")
			// The Client of the group is asked to show itself, as any endpoint may be.
			_, err = p.WriteTo([]byte{0x40, 0, 0, 0x42}, from)
			Expect(err).NotTo(HaveOccurred())
			asked <- hex.EncodeToString(p.next().raw)
			p.serve(lamp())
			// The answer leaves from the Device's own port, twice.
			for range 2 {
				_, err = p.WriteTo((request{raw: buf[:n]}).fill("58 45 0001 TT c2 2710 ff 80"), from)
				Expect(err).NotTo(HaveOccurred())
			}
		})
		port := uint16(group.LocalAddr().(*net.UDPAddr).Port)
		found, err := Discover(ctx, DiscoverConfig{Port: port, Wait: 300 * time.Millisecond})
		group.Close()
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(HaveLen(1))
		Expect(found[0].Name).To(Equal("lamp"))
		Expect(asked).To(Receive(Equal("NON rt=oic.wk.d")))
		Expect(asked).To(Receive(Equal("70000042")))
	}, SpecTimeout(10*time.Second))

	It("is asked for again where the first requests did not reach it", func(ctx SpecContext) {
		lo, err := multicastInterface("")
		Expect(err).NotTo(HaveOccurred())
		group, err := net.ListenMulticastUDP("udp4", lo, &net.UDPAddr{IP: net.IPv4(224, 0, 1, 187)})
		Expect(err).NotTo(HaveOccurred(), "multicast on loopback")
		defer group.Close()
		mids := make(chan string, 3)
		p.play(func() {
			buf := make([]byte, 2048)
			for heard := 1; ; heard++ {
				n, from, err := group.ReadFrom(buf)
				if err != nil {
					return
				}
				mids <- hex.EncodeToString(buf[2:4])
				if heard < 3 { // twice asleep
					continue
				}
				p.serve(lamp())
				_, err = p.WriteTo((request{raw: buf[:n]}).fill("58 45 0001 TT c2 2710 ff 80"), from)
				Expect(err).NotTo(HaveOccurred())
				return
			}
		})
		di, _ := ocf.ParseUUID(lampDI)
		began := time.Now()
		port := uint16(group.LocalAddr().(*net.UDPAddr).Port)
		found, err := Discover(ctx, DiscoverConfig{Port: port, Wait: 8 * time.Second, Again: 20 * time.Millisecond, For: di})
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(HaveLen(1))
		Expect(found[0].DI).To(Equal(di))
		Expect(map[string]bool{<-mids: true, <-mids: true, <-mids: true}).To(HaveLen(3), "each request has a Message ID of its own")
		Expect(time.Since(began)).To(BeNumerically("<", 8*time.Second), "its answer ends the search")
	}, SpecTimeout(20*time.Second))

	It("is asked for so often that it is awake", func() {
		Expect(askedAgain(conformance.Sleep{})).To(Equal(2 * time.Second))
		Expect(askedAgain(conformance.Sleep{Every: time.Hour, Awake: 3 * time.Second})).To(Equal(1500 * time.Millisecond))
		Expect(askedAgain(conformance.Sleep{Every: time.Hour, Awake: time.Second})).To(Equal(time.Second))
		Expect(askedAgain(conformance.Sleep{Every: time.Hour, Awake: time.Minute})).To(Equal(2 * time.Second))
	})

	It("is not looked for on an interface that is not there", func(ctx SpecContext) {
		_, err := Discover(ctx, DiscoverConfig{Interface: "nonesuch0"})
		Expect(err).To(MatchError(ContainSubstring("nonesuch0")))
	})

	It("is talked to without being opened", func(ctx SpecContext) {
		p.serve(lamp())
		c, err := Dial(ctx, cfg.Profile.Endpoint, nil)
		Expect(err).NotTo(HaveOccurred())
		defer c.Close()
		reply, err := c.Exchange(ctx, conformance.Call{Method: "GET", Path: "/oic/d"})
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Frame.Code).To(Equal("2.05"))
		_, err = Dial(ctx, "coaps://127.0.0.1", nil)
		Expect(err).To(MatchError(ContainSubstring("a session needs a credential")))
		_, err = Dial(ctx, "127.0.0.1", nil)
		Expect(err).To(MatchError(ContainSubstring("expected coap://host:port")))
	}, SpecTimeout(10*time.Second))
})

var _ = Describe("Devices found", func() {
	one, two := ocf.UUID{1}, ocf.UUID{2}

	It("stand once each, with all their addresses", func() {
		s := &search{found: []Found{
			{DI: two, Endpoints: []string{"coap://192.0.2.2:5683"}},
			{DI: one, Endpoints: []string{"coaps://192.0.2.1:5684"}},
			{DI: two, Endpoints: []string{"coap://[2001:db8::2]:5683", "coap://192.0.2.2:5683"}},
			{Endpoints: []string{"coap://192.0.2.9:5683"}},
			{Endpoints: []string{"coap://192.0.2.8:5683"}},
		}}
		found := s.result()
		Expect(found).To(Equal([]Found{
			{Endpoints: []string{"coap://192.0.2.8:5683"}},
			{Endpoints: []string{"coap://192.0.2.9:5683"}},
			{DI: one, Endpoints: []string{"coaps://192.0.2.1:5684"}},
			{DI: two, Endpoints: []string{"coap://192.0.2.2:5683", "coap://[2001:db8::2]:5683"}},
		}))
		plain, secured := pick(found, two)
		Expect(plain).To(Equal("coap://192.0.2.2:5683"))
		Expect(secured).To(BeEmpty())
		plain, secured = pick(found, one)
		Expect(plain).To(BeEmpty())
		Expect(secured).To(Equal("coaps://192.0.2.1:5684"))
	})
})

var _ = DescribeTable("A Config that can't be opened names what is wrong",
	func(ctx SpecContext, spoil func(*Config), want string) {
		cfg, err := FromURI("coap://127.0.0.1")
		Expect(err).NotTo(HaveOccurred())
		spoil(&cfg)
		_, err = Open(ctx, cfg)
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
	Entry("nobody", func(c *Config) { c.Profile.Endpoint = "" }, "neither an endpoint nor a Device to discover"),
	Entry("timing", func(c *Config) { c.Profile.Timing.Settle = -1 }, "timing"),
	Entry("timeouts", func(c *Config) { c.ACKTimeout = -1 }, "timeouts"),
	Entry("retransmissions", func(c *Config) { c.MaxRetransmit = 21 }, "MaxRetransmit 21"),
	Entry("endpoint", func(c *Config) { c.Profile.Endpoint = "coap:///x" }, "expected a host"),
)
