package target

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/ocf"
)

var _ = Describe("The draft of a target file", func() {
	// reread writes the draft to a file and reads it as any target file.
	reread := func(l Look, credential string) Config {
		dir := GinkgoT().TempDir()
		name := filepath.Join(dir, "target.yaml")
		Expect(os.WriteFile(name, []byte(l.Draft(credential)), 0o600)).To(Succeed())
		who := Credential{ID: ocf.UUID{1}, Key: make([]byte, 16)}
		Expect(who.Save(filepath.Join(dir, "owner.yaml"))).To(Succeed())
		cfg, err := Load(name)
		Expect(err).NotTo(HaveOccurred(), l.Draft(credential))
		Expect(cfg.Profile.Endpoint).To(Equal(cmp.Or(l.Door, l.Endpoint)))
		Expect(cfg.Arranges()).To(BeFalse())
		return cfg
	}
	unowned := func(methods ...uint16) Look {
		return Look{
			Endpoint: "coap://192.0.2.1:5683", Secure: "coaps://192.0.2.1:5684",
			D: ocf.D{Name: "lamp", DI: ocf.UUID{7}, SV: "1.0"}, P: ocf.P{MNMN: "Acme"},
			Doxm: &ocf.Doxm{OXMs: methods}, Pstat: &ocf.Pstat{Present: ocf.PropDOS, DOS: ocf.RFOTM},
			Codes: map[string]string{ocf.PathD: "2.05", ocf.PathDoxm: "2.05"},
		}
	}

	It("has what was seen", func() {
		l := unowned(0, 1)
		l.Links = []ocf.Link{{Href: "/oc/swu", RT: []string{typeSoftwareUpdate}}}
		cfg := reread(l, "")
		Expect(cfg.Profile.Name).To(Equal("lamp"))
		Expect(cfg.Identity).To(Equal(Identity{Vendor: "Acme", Version: "1.0"}))
		Expect(cfg.Security.Own).To(Equal(JustWorks))
		Expect(cfg.Profile.Update.Version).To(Equal("/oic/d#sv"))
		Expect(cfg.Profile.Supports.SoftwareUpdate).To(BeTrue())
	})

	It("names the port that stays, where the Device answers from another", func() {
		l := unowned(0)
		l.Door = "coap://192.0.2.1"
		reread(l, "")
		Expect(l.Draft("")).To(ContainSubstring("it answers from coap://192.0.2.1:5683 now"))
	})

	It("can be read whatever the Device says of itself", func() {
		for _, name := range []string{"", "  ", "a: b # c", "\"quoted\" 'and' \\", "two\nlines", "\x1b[31m", "Lämpchen", "\xff\x00", "- x", "{a}"} {
			l := unowned(0)
			l.D.Name, l.P.MNMN, l.D.SV = name, name, name
			cfg := reread(l, "")
			Expect(cfg.Profile.Name).NotTo(BeEmpty())
			if strings.TrimSpace(name) != "" && !strings.Contains(name, "\xff") {
				Expect(cfg.Profile.Name).To(Equal(name))
			}
		}
	})

	It("has the ways that the Device shows, the first of them in force", func() {
		Expect(reread(unowned(1), "").Security.Own).To(Equal(RandomPIN))
		Expect(reread(unowned(2), "").Profile.Secured).To(BeFalse(), "a certificate needs a file that only the vendor has")
		Expect(unowned(2).Draft("")).To(ContainSubstring("# security: {own: certificate, trust: FILE}"))

		taken := unowned()
		taken.Doxm, taken.Pstat, taken.Codes[ocf.PathDoxm] = nil, nil, "4.01"
		Expect(taken.Draft("")).To(ContainSubstring("# security: {psk: {file: owner.yaml}}"))
		Expect(reread(taken, "").Security.Own).To(Equal(JustWorks))
		Expect(reread(taken, "owner.yaml").Security.Owner.ID).To(Equal(ocf.UUID{1}))

		open := unowned()
		open.Doxm, open.Secure, open.Pstat.DOS = nil, "", ocf.RFNOP
		Expect(reread(open, "").Profile.Secured).To(BeFalse())
	})
})
