package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// publish writes what is published for the system of p: the archive, the bill of
// materials, and on Linux the Debian package.
func (r *release) publish(p program) error {
	licences, err := r.licences(p)
	if err != nil {
		return err
	}
	bill, err := r.bill(p)
	if err != nil {
		return err
	}
	if err := r.write(r.name(p.system)+".cdx.json", bill); err != nil {
		return err
	}
	files, err := r.archived(p, licences)
	if err != nil {
		return err
	}
	if p.system.OS == "windows" {
		packed, err := zipped(files, r.at)
		if err != nil {
			return err
		}
		return r.write(r.name(p.system)+".zip", packed)
	}
	packed, err := tarGz(files, r.at)
	if err != nil {
		return err
	}
	if err := r.write(r.name(p.system)+".tar.gz", packed); err != nil {
		return err
	}
	if p.system.OS != "linux" {
		return nil
	}
	deb, err := r.deb(p, licences)
	if err != nil {
		return err
	}
	return r.write(fmt.Sprintf("ocfsim_%s_%s.deb", r.debVersion(), p.system.Arch), deb)
}

// archived are the files of the archive for the system of p, all in one folder.
func (r *release) archived(p program, licences []byte) ([]file, error) {
	name := "ocfsim"
	if p.system.OS == "windows" {
		name += ".exe"
	}
	files := []file{{name, 0o755, p.binary}, {"THIRD-PARTY-LICENSES.txt", 0o644, licences}}
	for _, doc := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		text, err := os.ReadFile(filepath.Join(r.top, doc))
		if err != nil {
			return nil, err
		}
		files = append(files, file{doc, 0o644, text})
	}
	files = append(files, r.texts...)
	for i := range files {
		files[i].name = r.name(p.system) + "/" + files[i].name
	}
	return files, nil
}

// licences are the licences of Go and of each module that is in p.
func (r *release) licences(p program) ([]byte, error) {
	args := []string{"list", "-m", "-f", "{{.Path}}\t{{.Dir}}"}
	for _, m := range p.info.Deps {
		args = append(args, m.Path)
	}
	root, err := r.gotool(p.system, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	listed, err := r.gotool(p.system, args...)
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	for line := range strings.Lines("Go\t" + root + listed) {
		module, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		texts, err := licencesIn(dir)
		if err != nil {
			return nil, err
		}
		if len(texts) == 0 {
			return nil, fmt.Errorf("module %s has no licence in %q", module, dir)
		}
		for _, f := range texts {
			fmt.Fprintf(&all, "== %s: %s\n\n%s\n\n", module, f.name, bytes.TrimSpace(f.data))
		}
	}
	return all.Bytes(), nil
}

// licencesIn reads the licences and notices of the module in dir, also those in a folder
// LICENSES (https://reuse.software).
func licencesIn(dir string) ([]file, error) {
	var texts []file
	for _, pattern := range []string{"LICEN[CS]E*", "LICENSES/*", "COPYING*", "NOTICE*"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err == nil && info.IsDir() {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			texts = append(texts, file{name: filepath.Base(name), data: text})
		}
	}
	return texts, nil
}

// tarball is an uncompressed tar archive of files, which belong to root.
func tarball(files []file, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.data)), ModTime: at, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if strings.HasSuffix(f.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func tarGz(files []file, at time.Time) ([]byte, error) {
	packed, err := tarball(files, at)
	if err != nil {
		return nil, err
	}
	return gzipped(packed)
}

// gzipped compresses data; the header has neither a name nor a time.
func gzipped(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

func zipped(files []file, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: at}
		h.SetMode(os.FileMode(f.mode))
		in, err := w.CreateHeader(h)
		if err == nil {
			_, err = in.Write(f.data)
		}
		if err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

// write writes one file of the release, and says so.
func (r *release) write(name string, data []byte) error {
	fmt.Printf("%s  %9d bytes\n", name, len(data))
	return os.WriteFile(filepath.Join(r.out, name), data, 0o644)
}

// sum is the SHA-256 of a file of the release, in hexadecimal digits.
func (r *release) sum(name string) (string, error) {
	data, err := os.ReadFile(filepath.Join(r.out, name))
	return fmt.Sprintf("%x", sha256.Sum256(data)), err
}

// writeSums writes SHA256SUMS, as `sha256sum -c` reads it.
func (r *release) writeSums() error {
	there, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, entry := range there {
		sum, err := r.sum(entry.Name())
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, entry.Name())
	}
	return r.write("SHA256SUMS", sums.Bytes())
}
