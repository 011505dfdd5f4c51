package lamp_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
)

func TestLamp(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "The Acme lamp")
}

var _ = Describe("The Acme lamp", func() {
	It("conforms, as far as our scenario goes", func(ctx SpecContext) {
		cfg := config(GinkgoTB())
		cfg.Selection.IDs = []string{"lamp.the-app-looks-for-an-update-and-watches-how-it-goes"}
		results, err := suite.Run(ctx, cfg)
		Expect(err).NotTo(HaveOccurred())
		lamp := results[0]
		Expect(lamp.Requirements(conformance.Fail)).To(BeEmpty(), lamp.Summary())
		Expect(suite.ExitCode(results)).To(Equal(suite.ExitPass), lamp.Summary())
	}, SpecTimeout(time.Minute))
})
