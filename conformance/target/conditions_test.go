package target

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/conformance"
)

var _ = Describe("Conditions over HTTP", func() {
	var (
		server  *httptest.Server
		hook    *HTTP
		asked   map[string]string
		release chan struct{}
	)
	BeforeEach(func() {
		release = make(chan struct{})
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer GinkgoRecover()
			asked = nil
			Expect(json.NewDecoder(r.Body).Decode(&asked)).To(Succeed())
			switch asked["condition"] {
			case conformance.UpdateAvailable:
				w.WriteHeader(http.StatusNoContent)
			case conformance.ReportSource:
				io.WriteString(w, `{"checks": 7, "holding": 1}`)
			case conformance.Hold:
				http.Error(w, "no gate", http.StatusNotImplemented)
			case conformance.Reboot:
				<-release
			default:
				http.Error(w, "the bench is on fire", http.StatusInternalServerError)
			}
		}))
		hook = &HTTP{URL: server.URL, Client: server.Client()}
	})
	AfterEach(func() {
		close(release)
		server.Close()
	})

	It("are done where it answers 2xx", func(ctx SpecContext) {
		Expect(hook.Apply(ctx, conformance.UpdateAvailable)).To(BeNil())
		Expect(asked).To(Equal(map[string]string{"condition": "update-available"}))
	})

	It("name the Device, so that one address serves many", func(ctx SpecContext) {
		Expect(hook.forDevice("127.1.0.1:5683").Apply(ctx, conformance.UpdateAvailable)).To(BeNil())
		Expect(asked).To(Equal(map[string]string{"condition": "update-available", "device": "127.1.0.1:5683"}))
	})

	It("answer a report", func(ctx SpecContext) {
		Expect(hook.Apply(ctx, conformance.ReportSource)).To(Equal(&conformance.SourceReport{Checks: 7, Holding: 1}))
	})

	It("are not supported where it answers 501", func(ctx SpecContext) {
		_, err := hook.Apply(ctx, conformance.Hold)
		Expect(err).To(MatchError(ErrUnsupported))
		Expect(err).To(MatchError(ContainSubstring("no gate")))
	})

	It("fail where it answers anything else, or not at all", func(ctx SpecContext) {
		_, err := hook.Apply(ctx, conformance.UpdateFails)
		Expect(err).To(MatchError(And(ContainSubstring("500"), ContainSubstring("on fire"))))
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		_, err = hook.Apply(stopped, conformance.Reboot)
		Expect(err).To(MatchError(context.Canceled))
	})
})

var _ = Describe("Conditions by a person", func() {
	ask := func(ctx context.Context, typed, name string) (string, error) {
		var out bytes.Buffer
		_, err := (&Prompt{In: strings.NewReader(typed), Out: &out}).Apply(ctx, name)
		return out.String(), err
	}

	It("are done, refused or not supported as the person says", func(ctx SpecContext) {
		out, err := ask(ctx, "y\n", conformance.Reboot)
		Expect(err).NotTo(HaveOccurred())
		Expect(out).To(Equal("Condition reboot: Restart the Device. Done? [y]es, [n]o, [u]nsupported: "))
		_, err = ask(ctx, "n\n", conformance.Reboot)
		Expect(err).To(MatchError(ContainSubstring("the operator says no")))
		_, err = ask(ctx, "u\n", conformance.Reboot)
		Expect(err).To(MatchError(ErrUnsupported))
	})

	It("are asked for again where the answer is not understood", func(ctx SpecContext) {
		out, err := ask(ctx, "what?\n\nYES\n", conformance.Hold)
		Expect(err).NotTo(HaveOccurred())
		Expect(strings.Count(out, "Done?")).To(Equal(3))
	})

	It("fail where nobody can answer", func(ctx SpecContext) {
		_, err := ask(ctx, "", conformance.Hold)
		Expect(err).To(MatchError(io.EOF))
	})

	It("leave reports alone", func(ctx SpecContext) {
		out, err := ask(ctx, "y\n", conformance.ReportSource)
		Expect(err).To(MatchError(ErrUnsupported))
		Expect(out).To(BeEmpty())
	})

	It("drop an answer that comes after its question was given up", func(ctx SpecContext) {
		leaks := goleak.IgnoreCurrent()
		in, operator := io.Pipe()
		p := &Prompt{In: in, Out: io.Discard}
		given, cancel := context.WithCancel(ctx)
		cancel()
		_, err := p.Apply(given, conformance.Hold)
		Expect(err).To(MatchError(context.Canceled))
		_, err = io.WriteString(operator, "y\n")
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, func() int { return len(p.pending) }).Should(Equal(1))
		go io.WriteString(operator, "n\n")
		_, err = p.Apply(ctx, conformance.Hold)
		Expect(err).To(MatchError(ContainSubstring("the operator says no")))
		Expect(operator.Close()).To(Succeed())
		Expect(goleak.Find(leaks)).To(Succeed())
	}, SpecTimeout(10*time.Second))
})
