package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
)

// makerFile is where --state keeps the manufacturer of the Devices, whose key
// the certificates are for that onboarding tools install.
const makerFile = "manufacturer.pem"

// makerIn is the manufacturer that dir keeps; where it keeps none, a new one is
// made and kept. A dir of "" keeps nothing.
func makerIn(dir string) (*lab.Maker, error) {
	path := filepath.Join(dir, makerFile)
	if dir != "" {
		data, err := os.ReadFile(path)
		if err == nil {
			return keptMaker(path, data)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, usage(fmt.Errorf("manufacturer: %w", err))
		}
	}
	maker, err := lab.NewMaker()
	if err == nil && dir != "" {
		err = keep(maker, path)
	}
	if err != nil {
		return nil, harness(fmt.Errorf("manufacturer: %w", err))
	}
	return maker, nil
}

func keptMaker(path string, data []byte) (*lab.Maker, error) {
	maker, err := lab.ParseMaker(data)
	if err != nil {
		return nil, usage(fmt.Errorf("%s is damaged: %w; remove it to make another, to which no certificate that was installed belongs", path, err))
	}
	return maker, nil
}

// keep writes a maker to a file that its owner alone may read. Whoever is
// killed meanwhile leaves none.
func keep(maker *lab.Maker, path string) error {
	data, err := maker.Marshal()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), makerFile+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
