package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/reports"
)

// sample is a committed run in which one requirement fails.
const sample = "../../../../reports/sample"

// run is a folder with a copy of the sample without its pictures.
func run(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	copyRun(t, dir)
	return dir
}

func copyRun(t *testing.T, dir string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(sample), ".", func(name string, d fs.DirEntry, err error) error {
		to := filepath.Join(dir, name)
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(to, 0o755)
		case strings.HasPrefix(name, "report."):
			return nil
		}
		data, err := os.ReadFile(filepath.Join(sample, name))
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// keyed is the key that is made of a seed, and the files that it is in.
func keyed(t testing.TB, seed byte) (private PrivateKey, public PublicKey) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize))
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "key.pem")
	writeFile(t, name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if private, err = ReadPrivateKey(name); err != nil {
		t.Fatal(err)
	}
	return private, private.Public()
}

func writeFile(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// signed is a bundle of the run in dir, and the key to check it with.
func signed(t *testing.T, dir string) (string, PublicKey) {
	t.Helper()
	private, public := keyed(t, 1)
	name := filepath.Join(t.TempDir(), "run.tar.gz")
	if _, err := Create(t.Context(), name, dir, private, "devel"); err != nil {
		t.Fatal(err)
	}
	return name, public
}

// refused checks the bundle with the key, and wants it refused with these words.
func refused(t *testing.T, name string, key PublicKey, words string) {
	t.Helper()
	_, err := Verify(t.Context(), name, []PublicKey{key}, "devel")
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, want it refused with %q", err, words)
	}
}

func TestABundleVerifies(t *testing.T) {
	name, key := signed(t, run(t))
	_, other := keyed(t, 2)
	v, err := Verify(t.Context(), name, []PublicKey{other, key}, "devel")
	if err != nil {
		t.Fatal(err)
	}
	if v.Key.ID() != key.ID() || v.Result != Failed || len(v.Reports) != 1 || v.Reports[0].Verdict != conformance.Fail {
		t.Errorf("%+v", v)
	}
	refused(t, name, other, "which is none of those given")
}

// TestABundleIsTheSameEachTime packs a run twice, after its files were touched.
func TestABundleIsTheSameEachTime(t *testing.T) {
	dir := run(t)
	first, _ := signed(t, dir)
	copyRun(t, dir)
	writeFile(t, filepath.Join(dir, ".ocfsim.lock"), []byte("who has it"))
	second, _ := signed(t, dir)
	if string(readFile(t, first)) != string(readFile(t, second)) {
		t.Error("the two bundles of a run differ")
	}
}

func TestABundleOfSeveralTargets(t *testing.T) {
	dir := several(t)
	name, key := signed(t, dir)
	v, err := Verify(t.Context(), name, []PublicKey{key}, "devel")
	if err != nil || len(v.Reports) != 2 {
		t.Fatalf("%+v, %v", v, err)
	}
	copyRun(t, filepath.Join(dir, "third"))
	private, _ := keyed(t, 1)
	_, err = Create(t.Context(), filepath.Join(t.TempDir(), "b"), dir, private, "devel")
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "run/third/results.json is of no target") {
		t.Errorf("a target that the index does not name: %v", err)
	}
}

// several is a run of two targets.
func several(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	type target struct {
		Folder string `json:"folder"`
	}
	index := struct {
		Targets []target `json:"targets"`
	}{}
	for _, folder := range []string{"first", "second"} {
		copyRun(t, filepath.Join(dir, folder))
		index.Targets = append(index.Targets, target{folder})
	}
	data, err := json.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "index.json"), data)
	return dir
}

// otherVerdicts is what is said of a run that was edited.
const otherVerdicts = "judged again, run has other verdicts: SVV-4 was warn, is fail"

// edit changes what the results in dir say of the requirement that failed.
func edit(t *testing.T, dir string) {
	t.Helper()
	name := filepath.Join(dir, "results.json")
	rep, err := reports.ReadJSON(name, bytes.NewReader(readFile(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range rep.Requirements {
		if rep.Requirements[i].Verdict == conformance.Fail {
			rep.Requirements[i].Verdict = conformance.Warn
		}
	}
	var b bytes.Buffer
	if err := reports.JSON(&b, rep); err != nil {
		t.Fatal(err)
	}
	writeFile(t, name, b.Bytes())
}

// TestWhatIsNotSigned wants a run to be refused that nobody could verify, and no file of it.
func TestWhatIsNotSigned(t *testing.T) {
	private, _ := keyed(t, 1)
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		words  string
	}{
		"a verdict that the timelines do not have": {edit, otherVerdicts},
		"a timeline that was changed": {func(t *testing.T, dir string) {
			all, err := filepath.Glob(filepath.Join(dir, "timelines", "*"))
			if err != nil || len(all) == 0 {
				t.Fatal(err)
			}
			writeFile(t, all[0], readFile(t, all[1]))
		}, "run: timelines/"},
		"an incomplete run": {func(t *testing.T, dir string) {
			var results map[string]any
			if err := json.Unmarshal(readFile(t, filepath.Join(dir, "results.json")), &results); err != nil {
				t.Fatal(err)
			}
			results["verdict"], results["reason"] = "error", "incomplete"
			data, err := json.Marshal(results)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, "results.json"), data)
		}, "not concluded"},
		"a symbolic link": {func(t *testing.T, dir string) {
			if err := os.Symlink("results.json", filepath.Join(dir, "z")); err != nil {
				t.Fatal(err)
			}
		}, "z is not a file"},
		"a private key": {func(t *testing.T, dir string) {
			writeFile(t, filepath.Join(dir, "lab.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")}))
		}, "lab.key has a private key in it"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := run(t)
			c.change(t, dir)
			out := filepath.Join(t.TempDir(), "b.tar.gz")
			_, err := Create(t.Context(), out, dir, private, "devel")
			if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %v, want it refused with %q", err, c.words)
			}
			if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is a bundle: %v", err)
			}
		})
	}
	if _, err := Create(t.Context(), filepath.Join(sample, "b.tar.gz"), sample, private, "devel"); err == nil {
		t.Error("a bundle was written into its run")
	}
}
