package updater_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// interrupted is a bench whose Device has the first 4000 of 5000 bytes of an image, for each of its
// requests broke off. What it has is in the folder, if there is one.
func interrupted(t *testing.T, flash updater.Flash) *bench {
	t.Helper()
	b := newBench(t)
	b.flash = flash
	b.begin()
	b.publish(1)
	b.breaks = cut(4, untouched)
	if a, r := b.ask(source.Fetch, "1.0.0"); outcomeOf(a, r) != "part" || a.Received != 4000 {
		t.Fatalf("%+v %+v", a, r)
	}
	b.breaks, b.asked = nil, nil
	return b
}

// goesOn has the Device ask again. It expects that bytes of the image come from there on, and that
// the Device installs it.
func (b *bench) goesOn(asked ...string) {
	b.t.Helper()
	b.update("1.0.0", "1.0.1")
	if !slices.Equal(b.asked, asked) {
		b.t.Errorf("asked for %q, expected %q", b.asked, asked)
	}
}

// A transfer that broke off goes on with the next question.
func TestATransferGoesOnWithTheNextQuestion(t *testing.T) {
	b := interrupted(t, nil)
	b.goesOn("bytes=4000-")
	if r := b.reports[len(b.reports)-1]; r.Resumed != 4000 || r.Requests != 1 {
		t.Errorf("%+v", r)
	}
}

// A transfer goes on in another process, if there is a Flash, and only then. Nothing is left in
// it afterwards.
func TestATransferGoesOnInAnotherProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "flash")
	b := interrupted(t, updater.Folder(dir))
	b.begin()
	b.goesOn("bytes=4000-")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
	b = interrupted(t, nil)
	b.begin()
	b.goesOn("")
}

// What was kept of an image that is on offer no more is of no use.
func TestAnotherImageBeginsAnew(t *testing.T) {
	b := interrupted(t, updater.Folder(t.TempDir()))
	b.begin()
	b.publish(2)
	b.update("1.0.0", "1.0.2")
	if !slices.Equal(b.asked, []string{""}) {
		t.Errorf("asked for %q", b.asked)
	}
}

// A file that has changed since comes whole (RFC 9110 section 13.1.5: If-Range).
func TestAFileThatHasChangedBeginsAnew(t *testing.T) {
	b := interrupted(t, updater.Folder(t.TempDir()))
	b.begin()
	b.breaks = func(w http.ResponseWriter, _ *http.Request) http.ResponseWriter {
		w.Header().Set("ETag", `"another"`)
		return w
	}
	b.goesOn("bytes=4000-")
}

// tamper changes what the folder keeps of the Device's image.
func tamper(t *testing.T, dir string, change func([]byte) []byte) {
	t.Helper()
	name := filepath.Join(dir, "lamp.part")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, change(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Half an image that was tampered with is not installed: the digest of the whole does not fit.
// The next question begins anew.
func TestATamperedPartIsRefused(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"a byte more": func(d []byte) []byte { return bytes.Replace(d, []byte(`"size":4000`), []byte(`"size":4001`), 1) },
		"the digest": func(d []byte) []byte {
			at := bytes.Index(d, []byte(`"hash":"`)) + len(`"hash":"`) + 12 // behind the name of the form
			d[at] ^= 1
			return d
		},
	} {
		dir := t.TempDir()
		b := interrupted(t, updater.Folder(dir))
		tamper(t, dir, change)
		b.begin()
		if a, r := b.ask(source.Fetch, "1.0.0"); outcomeOf(a, r) != "refused:"+string(suit.CheckDigest) && outcomeOf(a, r) != "refused:"+string(suit.CheckSize) {
			t.Errorf("%s: %+v %+v", name, a, r)
		}
		b.asked = nil
		b.goesOn("")
	}
}

// What can't be read is left out, and the transfer begins anew. So it does where the folder is none.
func TestADamagedPartBeginsAnew(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"cut":           func(d []byte) []byte { return d[:len(d)/2] },
		"empty":         func([]byte) []byte { return nil },
		"no digest":     func(d []byte) []byte { return bytes.Replace(d, []byte(`"hash":"`), []byte(`"hash":"AAAA`), 1) },
		"no beginning":  func(d []byte) []byte { return bytes.Replace(d, []byte(`"size":4000`), []byte(`"size":7`), 1) },
		"too much":      func(d []byte) []byte { return bytes.Replace(d, []byte(`"size":4000`), []byte(`"size":5001`), 1) },
		"less than nil": func(d []byte) []byte { return bytes.Replace(d, []byte(`"size":4000`), []byte(`"size":-1`), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := interrupted(t, updater.Folder(dir))
			tamper(t, dir, change)
			b.begin()
			b.goesOn("")
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	interrupted(t, updater.Folder(file)).goesOn("bytes=4000-") // it is kept in memory
}

// An image that had come whole when the process ended is installed without another request.
func TestAWholeImageIsInstalled(t *testing.T) {
	dir := t.TempDir()
	b := newBench(t)
	whole := &wholeKeeper{Folder: updater.Folder(dir)}
	b.flash = whole
	b.begin()
	b.publish(1)
	b.update("1.0.0", "1.0.1")
	if err := whole.Save("lamp", whole.last); err != nil {
		t.Fatal(err)
	}
	b.asked = nil
	b.begin()
	b.update("1.0.0", "1.0.1")
	if len(b.asked) != 0 {
		t.Errorf("asked for %q", b.asked)
	}
}

// wholeKeeper remembers what was kept last.
type wholeKeeper struct {
	updater.Folder
	last []byte
}

func (k *wholeKeeper) Save(device string, part []byte) error {
	if part != nil {
		k.last = part
	}
	return k.Folder.Save(device, part)
}
