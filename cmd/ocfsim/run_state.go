package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/store"
)

// makerFile is the file in the --state directory that keeps the manufacturer of
// the Devices and their key. The identity certificates that onboarding tools
// install are for this key.
const makerFile = "manufacturer.pem"

// keepState has the Devices' state kept in dir, which no other run may use meanwhile. Whoever
// calls it calls free in the end. "" is no folder.
func keepState(dir string, cfg *fleet.Config) (free func(), err error) {
	if dir == "" {
		return func() {}, nil
	}
	unclaim, err := claimFolder(dir)
	if err != nil {
		return nil, err
	}
	kept, err := store.Open(dir)
	if err != nil {
		unclaim()
		return nil, err
	}
	cfg.Store = kept
	if kept.Torn() {
		cfg.Log.Warn("the last change of the state was torn and is undone: the power went before anybody was told of it, or the disk has lost it", "folder", dir)
	}
	return func() {
		_ = kept.Close() // what was saved is on disk already
		unclaim()
	}, nil
}

// makerIn is the manufacturer that dir keeps. If dir keeps none, a new one is made
// and kept there. If dir is "", a new one is made and not kept.
func makerIn(dir string) (*lab.Maker, error) {
	path := filepath.Join(dir, makerFile)
	if dir != "" {
		data, err := bounded.ReadFile(path, bounded.Text)
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
		return nil, usage(fmt.Errorf("%s is damaged: %w; remove the file to make a new key (certificates that were installed for the old one will not work with it)", path, err))
	}
	return maker, nil
}

// keep writes a maker to a file that only the file's owner may read. If the program
// is killed meanwhile, the file is not there.
func keep(maker *lab.Maker, path string) error {
	data, err := maker.Marshal()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return writeWhole(path, durable.Private, data)
}
