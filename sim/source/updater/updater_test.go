package updater_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what a test waits for; nothing takes near as long.
const patience = 30 * time.Second

// size is that of the images, in bytes.
const size = 5000

// bench is a vendor, its source on loopback, and an updater of Devices of its model.
type bench struct {
	t      *testing.T
	vendor *suit.Vendor
	*updater.Updater
	url   string
	flash updater.Flash
	web   updater.Transport

	mu      sync.Mutex
	files   suit.Files
	breaks  handler
	asked   []string // for the image: the Range of each request
	reports []updater.Report
}

// newBench serves over HTTPS. The Device "lamp" leaves out the checks named.
func newBench(t *testing.T, skips ...string) *bench {
	t.Helper()
	vendor, err := suit.NewVendor(suit.VendorConfig{Model: suit.NewModel("example.com", "lamp"), Threshold: 2}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, vendor: vendor}
	server := httptest.NewUnstartedServer(b)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // connections that are broken on purpose
	server.StartTLS()
	b.url = server.URL
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	if b.web, err = updater.NewWeb(server.URL+"/packages", roots); err != nil {
		t.Fatal(err)
	}
	b.begin()
	if err := b.Skip("lamp", skips); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return b
}

// begin begins an updater in place of the one before, as a new process does.
func (b *bench) begin() {
	b.t.Helper()
	if b.Updater != nil {
		if err := b.Close(); err != nil {
			b.t.Error(err)
		}
	}
	var err error
	b.Updater, err = updater.New(updater.Config{Transport: b.web, Root: b.vendor.Root(), Model: b.vendor.Model(), Tell: b.told, Flash: b.flash})
	if err != nil {
		b.t.Fatal(err)
	}
}

// handler breaks an answer: it returns what the answer is then written to, or nil if it
// has answered itself.
type handler func(w http.ResponseWriter, r *http.Request) http.ResponseWriter

func (b *bench) told(r updater.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reports = append(b.reports, r)
}

// ServeHTTP serves the files as a static server does.
func (b *bench) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	name := strings.TrimPrefix(r.URL.Path, "/packages/")
	data, ok := b.files[name]
	image := strings.HasSuffix(name, ".bin")
	if image {
		b.asked = append(b.asked, r.Header.Get("Range"))
	}
	breaks := b.breaks
	b.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", tagOf(data))
	if image && breaks != nil {
		if w = breaks(w, r); w == nil {
			return
		}
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}

func tagOf(data []byte) string { return fmt.Sprintf(`"%x"`, suit.DigestOf(data).Bytes[:8]) }

// release is version 1.0.N.
func (b *bench) release(n uint64) suit.Release {
	b.t.Helper()
	r, err := suit.NewRelease(b.vendor.Model(), fmt.Sprintf("lamp-1.0.%d", n), fmt.Sprintf("1.0.%d", n), n, size)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// publish has the source serve the release 1.0.N.
func (b *bench) publish(n uint64) {
	b.t.Helper()
	files, err := b.vendor.Publish(time.Now(), b.release(n))
	if err != nil {
		b.t.Fatal(err)
	}
	b.serve(files)
}

func (b *bench) serve(files suit.Files) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files = files
}

// ask puts a question and waits for the answer and the report of it.
func (b *bench) ask(kind source.Kind, version string) (source.Answer, updater.Report) {
	b.t.Helper()
	answers := make(chan source.Answer, 1)
	b.Ask(source.Question{Device: "lamp", Kind: kind, Version: version}, func(a source.Answer) { answers <- a })
	select {
	case a := <-answers:
		b.mu.Lock()
		defer b.mu.Unlock()
		return a, b.reports[len(b.reports)-1]
	case <-time.After(patience):
		b.t.Fatal("no answer")
		panic("not reached")
	}
}

// update installs what is on offer and expects that it becomes the version want.
func (b *bench) update(from, want string) {
	b.t.Helper()
	a, r := b.ask(source.Fetch, from)
	if !a.Available || a.Version != want || a.Received != a.Declared || a.Failed {
		b.t.Fatalf("from %s: got %+v (%v, %v), expected %s", from, a, r.Refusal, r.Failed, want)
	}
}

func TestADeviceIsUpdatedTwice(t *testing.T) {
	b := newBench(t)
	b.publish(1)
	a, r := b.ask(source.Check, "1.0.0")
	if !a.Available || a.Version != "1.0.1" || r.Package != "lamp-1.0.1.suit" {
		t.Fatalf("check: %+v, %+v", a, r)
	}
	b.update("1.0.0", "1.0.1")
	if a, _ := b.ask(source.Check, "1.0.1"); a.Available || a.Failed {
		t.Errorf("what is installed is on offer again: %+v", a)
	}
	b.publish(2)
	b.update("1.0.1", "1.0.2")
}

// Each flawed package is refused by its own check, and the Device goes on running what it
// ran; a Device that leaves the check out has it running.
func TestFlawsOverTheWire(t *testing.T) {
	for _, f := range suit.Flaws() {
		t.Run(f.Name, func(t *testing.T) {
			careful := newBench(t)
			careful.offer(f)
			a, r := careful.ask(source.Fetch, "1.0.2")
			if a.Available || a.Failed || r.Refusal == nil || r.Refusal.Check != f.Check || r.Package == "" {
				t.Errorf("got %+v, report %+v, expected a refusal by %s", a, r, f.Check)
			}
			if f.Check == suit.CheckFormat {
				return
			}
			careless := newBench(t, string(f.Check))
			careless.offer(f)
			if a, r := careless.ask(source.Fetch, "1.0.2"); !a.Available || a.Version == "" || r.Refusal != nil || r.Failed != nil {
				t.Errorf("without the check %s: got %+v, report %+v", f.Check, a, r)
			}
		})
	}
}

// offer has the Device installed 1.0.2, and offers a flawed 1.0.3.
func (b *bench) offer(f suit.Flaw) {
	b.t.Helper()
	b.publish(1)
	b.update("1.0.0", "1.0.1")
	b.publish(2)
	b.update("1.0.1", "1.0.2")
	files, err := b.vendor.PublishFlawed(f, time.Now(), b.release(3))
	if err != nil {
		b.t.Fatal(err)
	}
	b.serve(files)
}

// A Device that was reset runs older software than the updater has seen it with. It begins
// again with the root that it was made with.
func TestADeviceThatWasReset(t *testing.T) {
	b := newBench(t)
	b.publish(1)
	b.update("1.0.0", "1.0.1")
	b.update("1.0.0", "1.0.1")
}

func TestSkipsThatDoNotExist(t *testing.T) {
	b := newBench(t)
	for _, bad := range []string{"weather", string(suit.CheckFormat)} {
		if err := b.Skip("lamp", []string{bad}); err == nil {
			t.Errorf("a Device may leave out %s", bad)
		}
	}
}
