package target

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// abc is the SHA-256 of "abc", from FIPS 180-2.
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

var _ = Describe("The record of a hook", func() {
	It("sums the program, and the arguments that are files", func() {
		dir := GinkgoT().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "prepare.sh"), []byte("abc"), 0o600)).To(Succeed())
		script := HookFile{"prepare.sh", abc}
		Expect(HookOf(&Exec{Argv: []string{"./prepare.sh", "--key", "secret", "."}, Dir: dir})).To(Equal(
			Hook{Kind: "exec", Name: "prepare.sh", Files: []HookFile{script}}))
		Expect(HookOf(&Exec{Argv: []string{filepath.Join(dir, "prepare.sh")}})).To(Equal(
			Hook{Kind: "exec", Name: "prepare.sh", Files: []HookFile{script}}))
		Expect(HookOf(&Exec{Argv: []string{"go", "prepare.sh"}, Dir: dir}).Files).To(And(HaveLen(2), ContainElement(script)))
		Expect(HookOf(&Exec{Argv: []string{"./absent.sh"}, Dir: dir})).To(Equal(Hook{Kind: "exec", Name: "absent.sh"}))
		Expect(HookOf(&Exec{})).To(Equal(Hook{Kind: "exec"}))
	})

	It("says the address of a hook, and nothing secret", func() {
		Expect(HookOf(&HTTP{URL: "http://me:secret@127.0.0.1:9/prepare?token=secret"})).To(Equal(
			Hook{Kind: "http", Name: "http://127.0.0.1:9/prepare"}))
	})

	It("says that there is none, or a person, or this process", func() {
		Expect(HookOf(nil)).To(Equal(Hook{}))
		Expect(HookOf(none{})).To(Equal(Hook{}))
		Expect(HookOf(&Prompt{})).To(Equal(Hook{Kind: "prompt"}))
	})
})
