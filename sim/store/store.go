// Package store keeps on disk what virtual Devices must not lose with their power,
// all of them in one file. What Save has taken outlasts the end of the program and a
// loss of power: it is in the file, synced, before Save returns.
package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// FileName is the name of the file in the folder.
const FileName = "devices.db"

// The buckets of the file.
var (
	devices = []byte("devices") // by uuid: a sum of the rest, and the Saved state as JSON
	damaged = []byte("damaged") // records that could not be read, as they were
)

// sumSize is how many bytes of its SHA-256 stand before a record.
const sumSize = 8

// Store is a fleet.Store in a file. Its methods may be called from any goroutine.
type Store struct {
	dir  string
	db   *bbolt.DB
	torn bool
}

// Open opens the store in the folder dir and makes both if they are not there. The
// file may contain keys, so only its owner can read it. One process at a time can
// have it open.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	path := filepath.Join(dir, FileName)
	whole, err := frontIsWhole(path)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	db, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("state: %s: %w; if it is damaged, move it away to start the Devices anew", path, err)
	}
	return &Store{dir, db, !whole}, nil
}

// Torn reports whether the last Save before Open was found torn and is undone. Either
// the power went in the middle of it, so that it never returned and nobody was told
// of it, or the disk has lost what it had taken.
func (s *Store) Torn() bool { return s.torn }

// open opens the file and reads all of it once. bbolt panics where a page is not what
// it has to be, and the memory that it maps faults where the file was cut off: both
// become an error.
func open(path string) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it is damaged: %v", r)
		}
	}()
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(devices)
		if err != nil {
			return err
		}
		return b.ForEach(func(_, record []byte) error {
			_ = sha256.Sum256(record)
			return nil
		})
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close lets others open the store.
func (s *Store) Close() error { return s.db.Close() }

// Save keeps all of list or nothing of it.
func (s *Store) Save(list []fleet.Kept) error {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(devices)
		for _, k := range list {
			record, err := encode(k.Saved)
			if err != nil {
				return err
			}
			if err := b.Put(k.ID[:], record); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	return nil
}

// Load is what was saved last of the Device id; ok is false if nothing was. A record
// that can't be read is an error that is fleet.ErrDamaged. It is moved aside, and the
// next Load finds nothing.
func (s *Store) Load(id ocf.UUID) (saved sim.Saved, ok bool, err error) {
	var record []byte
	err = s.db.View(func(tx *bbolt.Tx) error {
		record = bytes.Clone(tx.Bucket(devices).Get(id[:]))
		return nil
	})
	if err != nil {
		return saved, false, fmt.Errorf("state: %w", err)
	}
	if record == nil {
		return s.loadFile(id)
	}
	if saved, err = decode(record, id); err != nil {
		return saved, false, errors.Join(fmt.Errorf("state: %s: device %v: %w: %w", s.db.Path(), id, fleet.ErrDamaged, err), s.putAside(id, record))
	}
	return saved, true, nil
}

// loadFile reads what versions before this store kept, one file a Device.
func (s *Store) loadFile(id ocf.UUID) (saved sim.Saved, ok bool, err error) {
	path := filepath.Join(s.dir, id.String()+".json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return saved, false, nil
	}
	if err != nil {
		return saved, false, fmt.Errorf("state: %w", err)
	}
	if err := parse(data, id, &saved); err != nil {
		err = fmt.Errorf("state: %s: device %v: %w: %w", path, id, fleet.ErrDamaged, err)
		return saved, false, errors.Join(err, os.Rename(path, path+".damaged"))
	}
	return saved, true, nil
}

// putAside keeps a damaged record for whoever wants to look at it.
func (s *Store) putAside(id ocf.UUID, record []byte) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(damaged)
		if err != nil {
			return err
		}
		return errors.Join(b.Put(id[:], record), tx.Bucket(devices).Delete(id[:]))
	})
}

func encode(saved sim.Saved) ([]byte, error) {
	text, err := json.Marshal(saved)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	return append(sum[:sumSize], text...), nil
}

func decode(record []byte, id ocf.UUID) (saved sim.Saved, err error) {
	if len(record) < sumSize {
		return saved, errors.New("it is too short")
	}
	text := record[sumSize:]
	if sum := sha256.Sum256(text); !bytes.Equal(sum[:sumSize], record[:sumSize]) {
		return saved, errors.New("its sum is wrong")
	}
	return saved, parse(text, id, &saved)
}

func parse(text []byte, id ocf.UUID, saved *sim.Saved) error {
	if err := json.Unmarshal(text, saved); err != nil {
		return err
	}
	if saved.ID != id {
		return fmt.Errorf("it is of device %v", saved.ID)
	}
	return nil
}
