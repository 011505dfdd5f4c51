//go:build strangers && linux

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/ddi"
)

// waits reads on in the source's log up to an entry in which the Device says what is wanted.
func (f *foreign) waits(says string) answered {
	f.t.Helper()
	e, ok := f.hears(says, 20*time.Second)
	if !ok {
		f.t.Fatalf("the Device does not say %q", says)
	}
	return e
}

// hears reads on in the source's log up to an entry in which the Device says what is wanted,
// or until the time is over.
func (f *foreign) hears(says string, within time.Duration) (e answered, ok bool) {
	for end := time.After(within); ; {
		select {
		case e = <-f.log:
			if strings.Contains(e.Says, says) {
				return e, true
			}
		case <-end:
			return answered{}, false
		}
	}
}

func TestCurlIsADeviceByDDI(t *testing.T) {
	dir := t.TempDir()
	tokens := filepath.Join(dir, "tokens.txt")
	if err := os.WriteFile(tokens, []byte("TargetToken s3cret lamp\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := sourceThat(t, "--listen", "127.0.0.1:0", "--fault", "truncated@4096,times=1", "--ddi-tokens", tokens)
	curl := func(args ...string) string {
		t.Helper()
		_, said := f.tries("curl", append([]string{"-sS", "--cacert", f.file("ca.pem"), "-H", "Authorization: TargetToken s3cret"}, args...)...)
		return said
	}
	base := f.HTTPS + "DEFAULT/controller/v1/lamp"
	if _, said := f.tries("curl", "-s", "--cacert", f.file("ca.pem"), "-o", os.DevNull, "-w", "%{http_code}", base); said != "401" {
		t.Errorf("without a token: %s", said)
	}
	var polled ddi.Base
	if said := curl(base); json.Unmarshal([]byte(said), &polled) != nil {
		t.Fatal(said)
	}
	var task ddi.Deployment
	if said := curl(polled.Links.To(ddi.DeploymentBase)); json.Unmarshal([]byte(said), &task) != nil {
		t.Fatal(said)
	}
	file := task.Deployment.Chunks[0].Artifacts[0]
	curl("-o", f.file("got.bin"), file.Links.To(ddi.DownloadLink))
	if n := len(f.fetched("got.bin")); n != 4096 {
		t.Errorf("cut off at 4096: %d bytes", n)
	}
	curl("-C", "-", "-o", f.file("got.bin"), file.Links.To(ddi.DownloadLink))
	if got := f.fetched("got.bin"); !bytes.Equal(got, software()) || ddi.HashesOf(got) != file.Hashes {
		t.Errorf("resumed: %d bytes", len(got))
	}
	curl("--json", `{"status": {"execution": "closed", "result": {"finished": "success"}}}`, base+"/deploymentBase/"+task.ID+"/feedback")
	if e := f.waits("closed success"); e.Doubt != nil || e.Package != "1.0.1.bin" {
		t.Errorf("%+v", e)
	}
}

// curl denies an action first, confirms it then, and has the next one confirmed for it.
func TestCurlConfirmsByDDI(t *testing.T) {
	f := sourceThat(t, "--http", "127.0.0.1:0", "--ddi-confirm")
	base := f.HTTP + "DEFAULT/controller/v1/lamp"
	curl := func(args ...string) string {
		t.Helper()
		_, said := f.tries("curl", append([]string{"-sS"}, args...)...)
		return said
	}
	leads := func(name string) string {
		t.Helper()
		var polled ddi.Base
		if said := curl(base); json.Unmarshal([]byte(said), &polled) != nil {
			t.Fatal(said)
		}
		return polled.Links.To(name)
	}
	var c ddi.ToConfirm
	if said := curl(leads(ddi.ConfirmationBase)); json.Unmarshal([]byte(said), &c) != nil || len(c.Confirmation.Chunks) != 1 {
		t.Fatal(said)
	}
	for _, word := range []string{ddi.Denied, ddi.Confirmed} {
		if leads(ddi.DeploymentBase) != "" {
			t.Errorf("it may be had before it is %s", word)
		}
		curl("--json", fmt.Sprintf(`{"confirmation": %q, "details": ["by curl"]}`, word), base+"/confirmationBase/"+c.ID+"/feedback")
		f.waits(word + ": by curl")
	}
	if leads(ddi.DeploymentBase) == "" {
		t.Error("what is confirmed can't be had")
	}
	curl("-X", "POST", base+"/confirmationBase/activateAutoConfirm")
	curl("--json", `{"status": {"execution": "closed", "result": {"finished": "failure"}}}`, base+"/deploymentBase/"+c.ID+"/feedback")
	if leads(ddi.DeploymentBase) == "" {
		t.Error("the next one waits")
	}
}

// The Devices of these tests run swupdate, and have its hardware.
const hardware = "lamp:1.0"

// swu is an update for swupdate that writes a file, signed by a vendor.
type swu struct {
	file        string
	installs    string // the file that it writes
	certificate string
	payload     int // where in the archive the content of that file begins
}

// makeSWU writes lamp.swu to a folder.
func makeSWU(t *testing.T, dir string) swu {
	t.Helper()
	s := swu{file: filepath.Join(dir, "lamp.swu"), installs: filepath.Join(dir, "installed"), certificate: filepath.Join(dir, "vendor.pem")}
	payload := []byte("the software of a lamp")
	description := fmt.Sprintf(`software = { version = "1.2.0"; hardware-compatibility: ["1.0"];
files: ({ filename = "payload"; path = %q; sha256 = "%x"; }); }
`, s.installs, sha256.Sum256(payload))
	name := func(n string) string { return filepath.Join(dir, n) }
	if err := os.WriteFile(name("sw-description"), []byte(description), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name("vendor.key"), "-out", s.certificate, "-subj", "/CN=vendor", "-addext", "extendedKeyUsage=emailProtection"},
		{"cms", "-sign", "-binary", "-nosmimecap", "-outform", "DER", "-in", name("sw-description"), "-out", name("signature"), "-signer", s.certificate, "-inkey", name("vendor.key")},
	} {
		if out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v\n%s", args[0], err, out)
		}
	}
	signature, err := os.ReadFile(name("signature"))
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	member(&archive, "sw-description", []byte(description))
	member(&archive, "sw-description.sig", signature)
	member(&archive, "payload", payload)
	member(&archive, "TRAILER!!!", nil)
	s.payload = bytes.LastIndex(archive.Bytes(), payload)
	if err := os.WriteFile(s.file, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// member adds a file to a cpio archive with check sums ("crc").
func member(to *bytes.Buffer, name string, content []byte) {
	sum := uint32(0)
	for _, b := range content {
		sum += uint32(b)
	}
	// inode, mode, uid, gid, links, mtime, size, devices, name's size, sum
	fmt.Fprintf(to, "070702%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		to.Len()+1, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, sum, name)
	pad(to)
	to.Write(content)
	pad(to)
}

// pad fills up to the next multiple of four bytes.
func pad(to *bytes.Buffer) {
	for to.Len()%4 != 0 {
		to.WriteByte(0)
	}
}

// swupdate runs swupdate as a client of the source's DDI, until the function that it returns is
// called, or the test ends.
func (f *foreign) swupdate(s swu, more string) (stop func()) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	api := "-t DEFAULT -i lamp -p 1 -u " + strings.TrimSuffix(f.HTTP, "/") + " " + more
	cmd := exec.CommandContext(ctx, "swupdate", "-k", s.certificate, "-H", hardware, "-u", api)
	cmd.Dir, cmd.Env = f.dir, append(os.Environ(), "TMPDIR="+f.dir) // its sockets are there
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it ends its children
	cmd.WaitDelay = 10 * time.Second
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		_ = cmd.Wait()                                      // it is killed
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what is left of them
		if f.t.Failed() {
			f.t.Logf("swupdate says\n%s", &said)
		}
	})
	f.t.Cleanup(stop)
	return stop
}

// swupdateSays runs swupdate until the source has been told what is wanted, and it is done. On a
// busy machine one run in some dozens installs, and then waits for ever for its own child to say
// so, or says so before the child has written the file. It is ended and begun again then, as a
// watchdog would do it.
func (f *foreign) swupdateSays(wanted string, s swu, more string, done func() bool) answered {
	f.t.Helper()
	for range 5 {
		stop := f.swupdate(s, more)
		e, ok := f.hears(wanted, 10*time.Second)
		for end := time.Now().Add(5 * time.Second); ok && !done(); time.Sleep(10 * time.Millisecond) {
			ok = time.Now().Before(end)
		}
		stop()
		if ok {
			return e
		}
	}
	f.t.Fatalf("swupdate does not say %q", wanted)
	return answered{}
}

// saidSo is enough where words are all that is wanted.
func saidSo() bool { return true }

// swupdate polls, fetches, verifies and installs; after the boot it is told that the software
// works, and tells the source.
func TestSWUpdateUpdatesByDDI(t *testing.T) {
	t.Parallel()
	s := makeSWU(t, t.TempDir())
	f := sourceThat(t, "--http", "127.0.0.1:0", "--ddi-sleep", "1s", "--release", "1.2.0="+s.file)
	f.swupdateSays("All Chunks Installed", s, "", func() bool {
		got, _ := os.ReadFile(s.installs)
		return string(got) == "the software of a lamp"
	})
	if e := f.swupdateSays("closed success", s, "-c 2", saidSo); e.Doubt != nil || e.Version != "1.2.0" || e.Package != "lamp.swu" {
		t.Errorf("%+v", e)
	}
}

// swupdate refuses an update whose bytes are others than the vendor's. If it is told that the
// update works nevertheless, the source does not believe it.
func TestSWUpdateRefusesByDDI(t *testing.T) {
	t.Parallel()
	s := makeSWU(t, t.TempDir())
	f := sourceThat(t, "--http", "127.0.0.1:0", "--ddi-sleep", "1s", "--release", "1.2.0="+s.file, "--fault", fmt.Sprintf("flipped@%d", s.payload))
	f.swupdateSays("closed failure", s, "", saidSo)
	if got, err := os.ReadFile(s.installs); err == nil {
		t.Errorf("installed: %q", got)
	}
	if e := f.swupdateSays("closed success", s, "-c 2", saidSo); e.Doubt == nil || e.Doubt.Package != "lamp.swu" || e.Doubt.Good {
		t.Errorf("%+v", e)
	}
}
