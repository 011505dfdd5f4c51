//go:build unix

package target

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
)

var _ = Describe("Conditions by a program", func() {
	var hook *Exec
	BeforeEach(func() {
		script, err := filepath.Abs("testdata/hook.sh")
		Expect(err).NotTo(HaveOccurred())
		hook = &Exec{Argv: []string{script}}
	})

	It("are done where it exits with 0", func(ctx SpecContext) {
		Expect(hook.Apply(ctx, conformance.UpdateAvailable)).To(BeNil())
	})

	It("answer a report", func(ctx SpecContext) {
		Expect(hook.Apply(ctx, conformance.ReportSource)).To(Equal(&conformance.SourceReport{Checks: 2, Fetches: 1, Served: 1, Version: "1.0.1"}))
	})

	It("cut the power, and show what the console says", func(ctx SpecContext) {
		dir := GinkgoT().TempDir()
		serial := filepath.Join(dir, "serial.log")
		relay := filepath.Join(dir, "relay")
		Expect(os.WriteFile(serial, []byte("boot done, long ago\n"), 0o600)).To(Succeed())
		Expect(os.WriteFile(relay, []byte("#!/bin/sh\necho \"power $1\" >>'"+serial+"'\n[ \"$1\" = off ] || echo 'boot done' >>'"+serial+"'\n"), 0o700)).To(Succeed())
		script, err := filepath.Abs("../../fixtures/targets/power.sh")
		Expect(err).NotTo(HaveOccurred())
		power := &Exec{Argv: []string{"env", "RELAY=" + relay, "SERIAL=" + serial, script}}
		Expect(power.Apply(ctx, conformance.Reboot)).To(BeNil())
		Expect(power.Said()).To(Equal("power off\npower on\nboot done"))
		Expect((&Target{cfg: Config{Conditions: power}}).Said()).To(Equal(power.Said()))
		_, err = power.Apply(ctx, conformance.Hold)
		Expect(err).To(MatchError(ErrUnsupported))
	})

	It("are not supported where it exits with 3", func(ctx SpecContext) {
		_, err := hook.Apply(ctx, conformance.Hold)
		Expect(err).To(MatchError(ErrUnsupported))
		Expect(err).To(MatchError(ContainSubstring("the source has no gate")))
	})

	It("fail with what it said last", func(ctx SpecContext) {
		_, err := hook.Apply(ctx, conformance.UpdateFails)
		Expect(err).NotTo(MatchError(ErrUnsupported))
		Expect(err).To(MatchError(And(ContainSubstring("exit status 1"), ContainSubstring("no route to the bench"))))
	})

	It("fail where the program is not there", func(ctx SpecContext) {
		_, err := (&Exec{Argv: []string{"/nonexistent/hook"}}).Apply(ctx, conformance.Hold)
		Expect(err).To(MatchError(ContainSubstring("/nonexistent/hook")))
	})

	It("kill the program and all it started when time is over", func(ctx SpecContext) {
		dir := GinkgoT().TempDir()
		pipe := filepath.Join(dir, "pid")
		Expect(syscall.Mkfifo(pipe, 0o600)).To(Succeed())
		hook.Argv = append(hook.Argv, pipe)
		short, cancel := context.WithCancelCause(ctx)
		child := make(chan int, 1)
		go func() {
			defer GinkgoRecover()
			text, err := os.ReadFile(pipe) // returns once the hook has started its child
			Expect(err).NotTo(HaveOccurred())
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			Expect(err).NotTo(HaveOccurred())
			child <- pid
			cancel(errors.New("time is over"))
		}()
		_, err := hook.Apply(short, conformance.Reboot)
		Expect(err).To(MatchError(ContainSubstring("time is over")))
		pid := <-child
		Eventually(ctx, func() error { return alive(pid) }).Should(MatchError(syscall.ESRCH))
	}, SpecTimeout(20*time.Second))
})

// alive is nil for a process that runs; a process that only waits to be
// collected does not run.
func alive(pid int) error {
	if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil && bytes.Contains(stat, []byte(") Z ")) {
		return syscall.ESRCH
	}
	return syscall.Kill(pid, 0)
}
