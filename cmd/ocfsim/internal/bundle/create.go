package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ocfsim/ocfsim/conformance/durable"
)

// Create packs the folder of a run, signs it with key and writes the bundle to the file
// name, which may not be in that folder. version is that of this program. A run that is not
// concluded, or that has other verdicts when it is judged again, is refused: nobody
// could verify the bundle.
func Create(ctx context.Context, name, dir string, key PrivateKey, version string) (_ Verified, err error) {
	if err := Outside(name, dir); err != nil {
		return Verified{}, err
	}
	work, err := os.MkdirTemp("", "ocfsim-bundle-")
	if err != nil {
		return Verified{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	packed, err := os.Create(filepath.Join(work, packedName))
	if err != nil {
		return Verified{}, err
	}
	defer packed.Close()
	p, err := pack(dir, packed)
	if err != nil {
		return Verified{}, err
	}
	// What is signed is judged as a stranger will read it: from the packed files.
	if err := rewind(packed); err != nil {
		return Verified{}, err
	}
	if err := unpack(packed, p, work); err != nil {
		return Verified{}, err
	}
	all, err := judged(work, version)
	if err != nil {
		return Verified{}, err
	}
	s, err := state(p, all)
	if err != nil {
		return Verified{}, err
	}
	sealed, err := seal(ctx, s, key)
	if err != nil {
		return Verified{}, err
	}
	if err := rewind(packed); err != nil {
		return Verified{}, err
	}
	err = durable.WriteFile(name, durable.Readable, func(w io.Writer) error {
		if _, err := w.Write(sealed); err != nil {
			return err
		}
		_, err := io.Copy(w, packed)
		return err
	})
	return verified(s, key.Public(), all), err
}

func rewind(f *os.File) error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// Outside is an error where the file name is in dir: the bundle would be part of the run.
func Outside(name, dir string) error {
	file, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	folder, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(folder, file); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("%s is in %s: a bundle can't be in the run that it packs", name, dir)
	}
	return nil
}
