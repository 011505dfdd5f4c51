package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// runFolder is where in a bundle the files of the run are.
const runFolder = "run"

// file is a file in the packed part of a bundle.
type file struct {
	name string // run/results.json
	sum  string // SHA-256, in hex
}

// packing is the packed part of a bundle.
type packing struct {
	sum      string // SHA-256 of all its bytes, in hex
	size     int64  // in bytes
	unpacked int64  // the size of the tar in it, in bytes
	files    []file
}

// epoch is the time of all files in a bundle. It is not that of Unix, of which tar warns.
func epoch() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// measure counts and sums what is written through it.
type measure struct {
	w   io.Writer
	n   int64
	sum hash.Hash
}

func newMeasure(w io.Writer) *measure { return &measure{w: w, sum: sha256.New()} }

func (m *measure) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.n += int64(n)
	_, _ = m.sum.Write(p[:n]) // never fails
	return n, err
}

func (m *measure) hex() string { return hex.EncodeToString(m.sum.Sum(nil)) }

// pack writes all files of dir to w, in the order of their names. Those whose name begins with
// a dot are not part of a run: its lock is one. What is no file, as a symbolic link, and
// what has a private key in it are refused.
func pack(dir string, w io.Writer) (packing, error) {
	out := newMeasure(w)
	zw := gzip.NewWriter(out)
	inner := newMeasure(zw)
	tw := tar.NewWriter(inner)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return packing{}, err
	}
	defer root.Close()
	var p packing
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return refuse("%s is not a file, but of type %v", name, d.Type())
		}
		f, err := packFile(tw, root, name)
		p.files = append(p.files, f)
		return err
	})
	if err != nil {
		return p, err
	}
	if err := tw.Close(); err != nil {
		return p, err
	}
	if err := zw.Close(); err != nil {
		return p, err
	}
	p.sum, p.size, p.unpacked = out.hex(), out.n, inner.n
	return p, nil
}

func packFile(tw *tar.Writer, root *os.Root, name string) (file, error) {
	f, err := root.Open(name)
	if err != nil {
		return file{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return file{}, err
	}
	packed := file{name: path.Join(runFolder, name)}
	err = tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: packed.name, Size: info.Size(), Mode: 0o644, ModTime: epoch()})
	if err != nil {
		return file{}, err
	}
	sum := newMeasure(tw)
	head, err := io.ReadAll(io.LimitReader(f, largestKey))
	if err != nil {
		return file{}, err
	}
	if hasPrivateKey(head) {
		return file{}, refuse("%s has a private key in it, which is not for others", name)
	}
	if _, err := io.Copy(sum, io.MultiReader(bytes.NewReader(head), f)); err != nil {
		return file{}, fmt.Errorf("%s: %w", name, err)
	}
	packed.sum = sum.hex()
	return packed, nil
}

// largestKey is how much of the beginning of a file is searched for a private key, in bytes.
const largestKey = 64 << 10

func hasPrivateKey(data []byte) bool {
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return false
		}
		if strings.HasSuffix(block.Type, privateBlock) {
			return true
		}
		data = rest
	}
}
