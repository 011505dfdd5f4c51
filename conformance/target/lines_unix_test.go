//go:build unix

package target

import (
	"context"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/conformance"
)

// saying is a hook that answers as the lines of a shell script say.
func saying(script string) *Lines {
	return &Lines{Argv: []string{"sh", "-c", "while read -r condition; do\n" + script + "\ndone"}}
}

var _ = Describe("Conditions by lines", func() {
	var leaks goleak.Option
	BeforeEach(func() { leaks = goleak.IgnoreCurrent() })
	AfterEach(func() { Eventually(goleak.Find).WithArguments(leaks).Should(Succeed()) })

	It("are asked of one program, which stays", func(ctx SpecContext) {
		hook := saying(`n=$((n+1)); echo "# $condition"; echo "ok {\"checks\": $n}"`)
		for range 2 {
			Expect(hook.Apply(ctx, conformance.UpdateAvailable)).To(BeNil())
		}
		Expect(hook.Said()).To(Equal(conformance.UpdateAvailable))
		Expect(hook.Apply(ctx, conformance.ReportSource)).To(Equal(&conformance.SourceReport{Checks: 3, Derived: true}))
		Expect(hook.Close()).To(Succeed())
		Expect(hook.Apply(ctx, conformance.ReportSource)).To(Equal(&conformance.SourceReport{Checks: 1, Derived: true}), "another one")
		Expect(hook.Close()).To(Succeed())
		Expect(hook.Close()).To(Succeed(), "nothing runs")
	})

	DescribeTable("that are not brought about", func(ctx SpecContext, script, says string, unsupported bool) {
		hook := saying(script)
		_, err := hook.Apply(ctx, conformance.ReportSource)
		Expect(err).To(MatchError(ContainSubstring(says)))
		Expect(MatchError(ErrUnsupported).Match(err)).To(Equal(unsupported))
		_ = hook.Close()
	},
		Entry("it can't", "echo unsupported no such thing", "no such thing", true),
		Entry("it fails", "echo failed the relay is stuck", "failed: the relay is stuck", false),
		Entry("it says something else", "echo done", `answered "done", expected ok, unsupported or failed`, false),
		Entry("it ends", "echo '# no power'; exit 1", "ended without an answer: no power", false),
		Entry("its report is none", "echo ok", "expected a source report", false),
	)

	It("are waited for no longer than a condition may take", func(ctx SpecContext) {
		hook := saying("sleep 60 & wait")
		brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		_, err := hook.Apply(brief, conformance.Hold)
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(hook.Close()).To(Succeed())
	})

	It("may be those of the example", func(ctx SpecContext) {
		bench := GinkgoT().TempDir()
		example, err := filepath.Abs("../../docs/examples/driver/driver.sh")
		Expect(err).NotTo(HaveOccurred())
		hook := &Lines{Argv: []string{"env", "BENCH=" + bench, example}}
		Expect(hook.Apply(ctx, conformance.UpdateAvailable)).To(BeNil())
		Expect(filepath.Join(bench, "offer")).To(BeAnExistingFile())
		Expect(os.WriteFile(filepath.Join(bench, "asked"), []byte("1\n2\n"), 0o600)).To(Succeed())
		Expect(hook.Apply(ctx, conformance.ReportSource)).To(Equal(&conformance.SourceReport{Checks: 2, Derived: true}))
		_, err = hook.Apply(ctx, conformance.FactoryReset)
		Expect(err).To(MatchError(ErrUnsupported))
		Expect(HookOf(hook).Kind).To(Equal("lines"))
		Expect((&Target{cfg: Config{Conditions: hook}}).dismiss()).To(Succeed())
	})

	It("stand in a target file", func() {
		path := filepath.Join(GinkgoT().TempDir(), "lamp.yaml")
		Expect(os.WriteFile(path, []byte("name: lamp\nendpoint: coap://192.0.2.7\nconditions: {lines: [./driver.sh, -v]}\n"), 0o600)).To(Succeed())
		cfg, err := Load(path)
		Expect(err).NotTo(HaveOccurred())
		hook, ok := cfg.Conditions.(*Lines)
		Expect(ok).To(BeTrue())
		Expect(hook.Argv).To(Equal([]string{filepath.Join(filepath.Dir(path), "driver.sh"), "-v"}))
	})
})
