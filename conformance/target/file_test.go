package target

import (
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// contractExample is the target file of the contract with users.
const contractExample = `name: Acme lamp                      # who is under test
vendor: Acme
endpoint: coap://127.0.0.1:5683      # or coaps://...
security: {unsecured: true}
supports: {validation: true, update: true, autonomous: false, softwareupdate-resource: false}
timing: {validation: 30s, update: 5m, settle: 500ms, reboot: 60s}
update: {dos: unchanged, reboots: false, version: /oic/d#sv}
conditions:
  exec: ["./prepare.sh"]
`

var _ = Describe("A target file", func() {
	It("declares a profile", func() {
		c, err := parse("lamp.yaml", "/bench", []byte(contractExample))
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Profile).To(Equal(conformance.Profile{
			Name:     "Acme lamp",
			Endpoint: "coap://127.0.0.1:5683",
			Supports: conformance.Supports{Validation: true, Update: true},
			Timing: conformance.Timing{
				Validation: 30 * time.Second, Update: 5 * time.Minute, Settle: 500 * time.Millisecond, Reboot: time.Minute,
			},
			Update: conformance.Update{Version: "/oic/d#sv"},
			Policy: conformance.Policy{SSUStartClears: "either"},
		}))
		Expect(c.Identity).To(Equal(Identity{Vendor: "Acme"}))
		Expect(c.Conditions).To(Equal(&Exec{Argv: []string{"/bench/prepare.sh"}, Dir: "/bench"}))
	})

	It("may say little", func() {
		c, err := parse("lamp.yaml", "/bench", []byte("name: x\nendpoint: coap://[::1]\n"))
		Expect(err).NotTo(HaveOccurred())
		uri, err := FromURI("coap://[::1]")
		Expect(err).NotTo(HaveOccurred())
		uri.Profile.Name = "x"
		uri.Dial, c.Dial = nil, nil
		Expect(c).To(Equal(uri))
		Expect(c.Profile.Timing.Update).To(Equal(5 * time.Minute))
	})

	It("says how long an answer is waited for", func() {
		const text = "name: x\nendpoint: coap://[::1]\ntransmission: {ack_timeout: 100ms, max_retransmit: 2}\n"
		c, err := parse("lamp.yaml", "/bench", []byte(text))
		Expect(err).NotTo(HaveOccurred())
		Expect(c.ACKTimeout).To(Equal(100 * time.Millisecond))
		Expect(c.MaxRetransmit).To(Equal(2))
		_, err = parse("lamp.yaml", "/bench", []byte("name: x\nendpoint: coap://[::1]\ntransmission: {max_retransmit: 21}\n"))
		Expect(err).To(MatchError(ContainSubstring("lamp.yaml:3:32: ")))
	})

	It("declares what is always on offer, which then nobody is asked for", func(ctx SpecContext) {
		const text = "name: x\nendpoint: coap://[::1]\nalways: [update-available]\n"
		c, err := parse("lamp.yaml", "/bench", []byte(text))
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Profile.Always).To(Equal([]string{conformance.UpdateAvailable}))
		t := &Target{cfg: c}
		Expect(t.Condition(ctx, conformance.UpdateAvailable)).To(BeNil())
		for _, other := range []string{conformance.NoUpdate, conformance.UpdateFails} {
			_, err = t.Condition(ctx, other)
			Expect(err).To(MatchError(ErrUnsupported))
			Expect(err).To(MatchError(ContainSubstring("the target declares that it is always update-available")))
		}
		_, err = t.Condition(ctx, conformance.Hold)
		Expect(err).To(MatchError(ContainSubstring("the target declares no conditions")))
		c.Profile.Always = conformance.Offers()
		Expect(c.validate()).To(MatchError(ContainSubstring("expected one of update-available, no-update, update-fails")))
	})

	DescribeTable("declares what an update does to dos",
		func(text string, want conformance.Update) {
			c, err := parse("t.yaml", "", []byte("name: x\nendpoint: coap://[::1]\nupdate: {dos: "+text+"}\n"))
			Expect(err).NotTo(HaveOccurred())
			Expect(c.Profile.Update).To(Equal(want))
		},
		Entry("nothing", "unchanged", conformance.Update{}),
		Entry("anything", "any", conformance.Update{AnyDOS: true}),
		Entry("a path", "[RFPRO, RFNOP]", conformance.Update{DOS: []ocf.DOS{ocf.RFPRO, ocf.RFNOP}}),
	)

	DescribeTable("says where it is wrong",
		func(text, want string) {
			_, err := parse("t.yaml", "", []byte(text))
			Expect(err).To(MatchError(ContainSubstring(want)))
		},
		Entry("unknown key", "name: x\nendpoint: coap://a\ntiming: {valdiation: 3s}\n", "t.yaml:3:10: "),
		Entry("a duration without a unit", "name: x\nendpoint: coap://a\ntiming:\n  update: 30\n", "t.yaml:4:"),
		Entry("no duration", "name: x\nendpoint: coap://a\ntiming:\n  settle: soon\n", "t.yaml:4:11: expected a duration such as 30s"),
		Entry("a duration of nothing", "name: x\nendpoint: coap://a\ntiming:\n  settle: 0s\n", "t.yaml:4:"),
		Entry("no state", "name: x\nendpoint: coap://a\nupdate: {dos: [RFNOT]}\n", "t.yaml:3:"),
		Entry("another scheme", "name: x\nendpoint: http://a\n", "t.yaml:2:11: expected an endpoint such as coap://127.0.0.1:5683"),
		Entry("a path in the endpoint", "name: x\nendpoint: coap://a/b\n", "t.yaml:2:"),
		Entry("a port that is none", "name: x\nendpoint: coap://a:b\n", "t.yaml:2:1: "),
		Entry("a port that is too high", "name: x\nendpoint: coap://a:99999\n", `t.yaml:2:1: endpoint "coap://a:99999": port "99999", expected 1 to 65535`),
		Entry("a port that nobody has", "name: x\nendpoint: coap://a:0\n", "t.yaml:2:1: "),
		Entry("neither endpoint nor discover", "name: x\n", "t.yaml:1:1: "),
		Entry("no uuid", "name: x\ndiscover: {di: 12}\n", "t.yaml:2:"),
		Entry("two hooks", "name: x\nendpoint: coap://a\nconditions:\n  prompt: true\n  http: http://a/\n", "t.yaml:"),
		Entry("what can't always be so", "name: x\nendpoint: coap://a\nalways: [hold]\n", "t.yaml:3:10: "),
		Entry("two offers at a time", "name: x\nendpoint: coap://a\nalways: [no-update, update-fails]\n", "t.yaml:3:9: "),
		Entry("unsecured over DTLS", "name: x\nendpoint: coaps://a\nsecurity: {unsecured: true}\n", "t.yaml:3:1: a coaps endpoint is not unsecured"),
		Entry("a version nowhere", "name: x\nendpoint: coap://a\nupdate: {version: sv}\n", "t.yaml:3:"),
	)

	It("is read from disk, hooks beside it", func() {
		dir := GinkgoT().TempDir()
		path := filepath.Join(dir, "lamp.yaml")
		Expect(os.WriteFile(path, []byte(contractExample), 0o600)).To(Succeed())
		c, err := Load(path)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Conditions).To(Equal(&Exec{Argv: []string{filepath.Join(dir, "prepare.sh")}, Dir: dir}))
		_, err = Load(filepath.Join(dir, "none.yaml"))
		Expect(err).To(MatchError(os.ErrNotExist))
	})

	It("is shown by examples that load", func() {
		examples, err := filepath.Glob("../../fixtures/targets/*.yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(examples).NotTo(BeEmpty())
		for _, path := range examples {
			_, err := Load(path)
			Expect(err).NotTo(HaveOccurred(), path)
		}
	})
})
