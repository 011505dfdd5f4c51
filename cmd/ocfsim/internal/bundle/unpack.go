package bundle

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// largestRun bounds what is unpacked, in bytes.
const largestRun = 4 << 30

// unpack reads the packed part of a bundle, of which p was signed, and writes its files
// below dir. It refuses whatever p does not name, and all that is no plain file
// below the run's folder. It reads no more than what was signed.
func unpack(packed io.Reader, p packing, dir string) error {
	if p.unpacked < 0 || p.unpacked > largestRun {
		return refuse("the run unpacks to %d bytes, more than the %d that are unpacked", p.unpacked, int64(largestRun))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	source := bufio.NewReader(packed)
	zr, err := gzip.NewReader(source)
	if err != nil {
		return refuse("the run can't be unpacked: %v", err)
	}
	zr.Multistream(false)
	inside := &capped{r: zr, left: p.unpacked}
	missing, err := p.bySums()
	if err != nil {
		return err
	}
	tr := tar.NewReader(inside)
	for {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return unreadable(err)
		}
		if err := unpackFile(root, tr, header, missing); err != nil {
			return err
		}
	}
	for _, f := range p.files {
		if _, ok := missing[f.name]; ok {
			return refuse("%s was signed and is missing", f.name)
		}
	}
	return end(inside, source)
}

// bySums are the sums by name of the files that were signed.
func (p packing) bySums() (map[string]string, error) {
	sums := map[string]string{}
	for _, f := range p.files {
		if _, twice := sums[f.name]; twice {
			return nil, refuse("the statement names %s twice", f.name)
		}
		sums[f.name] = f.sum
	}
	return sums, nil
}

// unpackFile unpacks one file, and takes it from those that are missing.
func unpackFile(root *os.Root, tr *tar.Reader, header *tar.Header, missing map[string]string) error {
	name := header.Name
	switch {
	case header.Typeflag != tar.TypeReg:
		return refuse("%q is not a file, but of type %q", name, header.Typeflag)
	case !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name || strings.Contains(name, `\`) || !strings.HasPrefix(name, runFolder+"/"):
		return refuse("%q leads out of the run's folder", name)
	}
	sum, signed := missing[name]
	if !signed {
		if _, err := root.Lstat(name); err == nil {
			return refuse("%s is there twice", name)
		}
		return refuse("%s was not signed", name)
	}
	delete(missing, name)
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	m := newMeasure(f)
	_, err = io.Copy(m, tr)
	if cerr := f.Close(); err == nil && cerr != nil {
		return cerr
	}
	switch {
	case err != nil:
		return unreadable(err)
	case m.hex() != sum:
		return refuse("%s is not what was signed: its sum differs", name)
	}
	return nil
}

// end refuses what follows the last file: nothing but the two empty blocks at the end of a tar.
func end(inside *capped, source *bufio.Reader) error {
	rest, err := io.Copy(io.Discard, inside)
	switch {
	case err != nil:
		return unreadable(err)
	case rest > 0:
		return refuse("%d bytes follow the end of the tar", rest)
	case inside.left > 0:
		return refuse("the tar is %d bytes shorter than the one that was signed", inside.left)
	}
	if _, err := source.ReadByte(); !errors.Is(err, io.EOF) {
		return refuse("something follows the end of the run")
	}
	return nil
}

// unreadable is err as a refusal, or as it is where it has nothing to do with the bundle.
func unreadable(err error) error {
	var system *os.PathError
	if errors.Is(err, ErrRefused) || errors.As(err, &system) {
		return err
	}
	return refuse("the run can't be unpacked: %v", err)
}

// capped refuses to read more than what is left.
type capped struct {
	r    io.Reader
	left int64
}

func (b *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, refuse("the run unpacks to more bytes than were signed")
	}
	return n, err
}
