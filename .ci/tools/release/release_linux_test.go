package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// TestRelease makes a release for this machine and does with it what people do: it
// checks the sums, unpacks the archive and runs the program, looks into the image and
// into the package. Only -trimpath is left out: everything would have to be compiled
// once more.
func TestRelease(t *testing.T) {
	here := system{runtime.GOOS, runtime.GOARCH}
	r := &release{top: "../../..", version: "v0.1.0-rc.1", out: filepath.Join(t.TempDir(), "out")}
	if err := r.prepare(here.String()); err != nil {
		t.Fatal(err)
	}
	if err := r.make(); err != nil {
		t.Fatal(err)
	}
	t.Chdir(r.out)
	name := "ocfsim_0.1.0-rc.1_linux_" + runtime.GOARCH
	deb := "ocfsim_0.1.0~rc.1_" + runtime.GOARCH + ".deb"
	var made []string
	for _, f := range unsummed(t) {
		made = append(made, f.name)
	}
	want := []string{deb, name + ".cdx.json", name + ".tar.gz", "compose.yaml", "lamp.yaml", "ocfsim.rb", "ocfsim_0.1.0-rc.1_oci.tar"}
	slices.Sort(want)
	if slices.Sort(made); !slices.Equal(made, want) {
		t.Fatalf("made %q, want %q", made, want)
	}
	program := unpacked(t, name)
	t.Run("bill", func(t *testing.T) { checkBill(t, name+".cdx.json", program) })
	t.Run("image", func(t *testing.T) { checkImage(t, "ocfsim_0.1.0-rc.1_oci.tar", program) })
	t.Run("package", func(t *testing.T) { checkPackage(t, deb, program) })
	t.Run("compose", func(t *testing.T) { checkCompose(t, program) })
	t.Run("action", func(t *testing.T) { checkAction(t, r, program) })
	t.Run("formula", func(t *testing.T) {
		text, sum := read(t, "ocfsim.rb"), fmt.Sprintf("%x", sha256.Sum256(read(t, name+".tar.gz")))
		for _, line := range []string{`version "0.1.0-rc.1"`, "v0.1.0-rc.1/" + name + ".tar.gz", `sha256 "` + sum + `"`} {
			if !bytes.Contains(text, []byte(line)) {
				t.Errorf("no %s in\n%s", line, text)
			}
		}
	})
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// unsummed reads the files that SHA256SUMS names and checks their sums.
func unsummed(t *testing.T) (files []file) {
	t.Helper()
	for line := range strings.Lines(string(read(t, "SHA256SUMS"))) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		data := read(t, name)
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != sum {
			t.Errorf("%s: sum %s, want %s", name, got, sum)
		}
		files = append(files, file{name: name, data: data})
	}
	return files
}

// untar reads a tar archive.
func untar(t *testing.T, in io.Reader) (files []file, heads []*tar.Header) {
	t.Helper()
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, heads
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files, heads = append(files, file{h.Name, h.Mode, data}), append(heads, h)
	}
}

func gunzip(t *testing.T, data []byte) io.Reader {
	t.Helper()
	in, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// unpacked unpacks the archive, runs the program in it, and returns the program.
func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	files, _ := untar(t, gunzip(t, read(t, name+".tar.gz")))
	dir := t.TempDir()
	there := map[string][]byte{}
	for _, f := range files {
		inside, ok := strings.CutPrefix(f.name, name+"/")
		path := filepath.Join(dir, f.name)
		if !ok {
			t.Errorf("%s is outside the folder of the archive", f.name)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.data, os.FileMode(f.mode)); err != nil {
			t.Fatal(err)
		}
		there[inside] = f.data
	}
	for inside, word := range map[string]string{
		"LICENSE": "Apache License", "README.md": "# ocfsim", "CHANGELOG.md": "Verdicts changed",
		"THIRD-PARTY-LICENSES.txt": "== github.com/spf13/cobra: LICENSE", "completions/ocfsim.bash": "__start_ocfsim",
		"completions/_ocfsim": "#compdef ocfsim", "completions/ocfsim.fish": "complete -c ocfsim", "completions/ocfsim.ps1": "ocfsim",
		"man/man1/ocfsim.1": "ocfsim-test(1)", "man/man1/ocfsim-test.1": ".TH \"OCFSIM-TEST\" \"1\"",
	} {
		if !bytes.Contains(there[inside], []byte(word)) {
			t.Errorf("%s lacks %q:\n%.300s", inside, word, there[inside])
		}
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, name, "ocfsim"), "version").CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("v0.1.0-rc.1")) {
		t.Errorf("ocfsim version: %v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), filepath.Join(dir, name, "ocfsim"), "man").CombinedOutput(); err == nil {
		t.Errorf("the program that is published can write man pages:\n%s", out)
	}
	return there["ocfsim"]
}

func checkBill(t *testing.T, name string, program []byte) {
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(read(t, name)), cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if got := (*bom.Metadata.Component.Hashes)[0].Value; got != fmt.Sprintf("%x", sha256.Sum256(program)) {
		t.Errorf("the bill is of another program: %s", got)
	}
	names := map[string]string{}
	for _, c := range *bom.Components {
		names[c.Name] = c.Version
	}
	if names["std"] != strings.TrimPrefix(runtime.Version(), "go") {
		t.Errorf("Go is %q, want %s", names["std"], runtime.Version())
	}
	for module, there := range map[string]bool{"github.com/spf13/cobra": true, "github.com/pion/dtls/v3": true, "github.com/cpuguy83/go-md2man/v2": false} {
		if _, ok := names[module]; ok != there {
			t.Errorf("%s in the bill: %t, want %t", module, ok, there)
		}
	}
}

func checkImage(t *testing.T, name string, program []byte) {
	dir := t.TempDir()
	blobs, _ := untar(t, bytes.NewReader(read(t, name)))
	for _, f := range blobs {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, f.data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	top, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(top); err != nil { // every digest and size, down to the layers
		t.Fatal(err)
	}
	index, err := top.ImageIndex(only(t, top).Digest)
	if err != nil {
		t.Fatal(err)
	}
	descriptor := only(t, index)
	if p := descriptor.Platform; p == nil || p.String() != "linux/"+runtime.GOARCH {
		t.Errorf("platform %v", p)
	}
	image, err := index.Image(descriptor.Digest)
	if err != nil {
		t.Fatal(err)
	}
	checkLayer(t, image, program)
}

// only is the one manifest of an index.
func only(t *testing.T, index v1.ImageIndex) v1.Descriptor {
	t.Helper()
	m, err := index.IndexManifest()
	if err != nil || len(m.Manifests) != 1 {
		t.Fatalf("%+v, error %v: want one manifest", m, err)
	}
	return m.Manifests[0]
}

func checkLayer(t *testing.T, image v1.Image, program []byte) {
	t.Helper()
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	said, err := json.Marshal([]any{config.OS, config.Architecture, config.Config.Entrypoint, config.Config.User, config.Config.WorkingDir})
	if want := `["linux","` + runtime.GOARCH + `",["/ocfsim"],"65532:65532","/work"]`; err != nil || string(said) != want {
		t.Errorf("config %s, want %s, error %v", said, want, err)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, error %v: want 1", len(layers), err)
	}
	in, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	files, heads := untar(t, in)
	var names []string
	for i, h := range heads {
		names = append(names, fmt.Sprintf("%s %o %d %d", h.Name, h.Mode, h.Uid, len(files[i].data)))
	}
	want := []string{fmt.Sprintf("ocfsim 755 0 %d", len(program)), "tmp/ 1777 0 0", "work/ 755 65532 0"}
	if !slices.Equal(names, want) || !bytes.Equal(files[0].data, program) {
		t.Errorf("the layer holds %q, want %q with the program of the archive", names, want)
	}
	if err := static(files[0].data); err != nil {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "ocfsim")
	if err := os.WriteFile(path, files[0].data, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), path).CombinedOutput(); err != nil || !bytes.Contains(out, []byte("Usage:")) {
		t.Errorf("the program of the image: %v\n%s", err, out)
	}
}

func checkPackage(t *testing.T, name string, program []byte) {
	members := map[string][]byte{}
	rest, ok := bytes.CutPrefix(read(t, name), []byte("!<arch>\n"))
	for ok && len(rest) >= 60 {
		var size int
		if _, err := fmt.Sscan(string(rest[48:58]), &size); err != nil || string(rest[58:60]) != "`\n" {
			t.Fatalf("head %q: %v", rest[:60], err)
		}
		members[strings.TrimSpace(string(rest[:16]))] = rest[60 : 60+size]
		rest = rest[60+size+size%2:]
	}
	if string(members["debian-binary"]) != "2.0\n" || len(rest) != 0 {
		t.Fatalf("format %q, and %d bytes behind the package", members["debian-binary"], len(rest))
	}
	control, _ := untar(t, gunzip(t, members["control.tar.gz"]))
	if said := control[1].data; !bytes.Contains(said, []byte("Version: 0.1.0~rc.1\n")) || !bytes.Contains(said, []byte("Architecture: "+runtime.GOARCH+"\n")) {
		t.Errorf("control:\n%s", said)
	}
	content, _ := untar(t, gunzip(t, members["data.tar.gz"]))
	found := map[string]file{}
	for _, f := range content {
		if parent := filepath.Dir(strings.TrimSuffix(f.name, "/")); parent != "." && found["./"+parent+"/"].mode == 0 {
			t.Errorf("%s stands before its folder", f.name)
		}
		found[f.name] = f
	}
	if f := found["./usr/bin/ocfsim"]; f.mode != 0o755 || !bytes.Equal(f.data, program) {
		t.Errorf("/usr/bin/ocfsim: mode %o, %d bytes", f.mode, len(f.data))
	}
	for _, name := range []string{"man/man1/ocfsim-test.1.gz", "bash-completion/completions/ocfsim", "doc/ocfsim/copyright"} {
		if found["./usr/share/"+name].mode != 0o644 {
			t.Errorf("the package lacks %s", name)
		}
	}
}
