package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ocfsim/ocfsim/sim"
)

// store keeps the state that a Device must not lose with its power. Each Device that
// has saved something has one file, which is replaced as a whole. The file may
// contain keys, so only its owner can read it.
type store struct{ dir string }

func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return &store{dir: dir}, nil
}

func (st *store) file(di string) string { return filepath.Join(st.dir, di+".json") }

// save replaces a Device's file. If the process is killed meanwhile, the old file
// stays.
func (st *store) save(di string, saved sim.Saved) error {
	data, err := json.Marshal(saved)
	if err != nil {
		return err
	}
	path := st.file(di)
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// load reads a Device's file. ok is false if there is none.
func (st *store) load(di string) (saved sim.Saved, ok bool, err error) {
	path := st.file(di)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return saved, false, nil
	}
	if err != nil {
		return saved, false, fmt.Errorf("state: %w", err)
	}
	if err := json.Unmarshal(data, &saved); err != nil {
		return saved, false, fmt.Errorf("state: %s is damaged: %w; remove it to start that device anew", path, err)
	}
	if saved.ID.String() != di {
		return saved, false, fmt.Errorf("state: %s is of device %v, expected %s", path, saved.ID, di)
	}
	return saved, true, nil
}

// persist writes the state of a Device. A failure is counted and logged; the Device
// goes on, as one with worn-out flash does.
func (sh *shard) persist(s *slot) {
	if sh.store == nil {
		return
	}
	di := sh.identity(int(s.index)).String()
	if err := sh.store.save(di, s.device.Save()); err != nil {
		sh.stats.drops.persistFailures.Add(1)
		sh.log.Error("persist", "device", di, "error", err)
	}
}

// restore replaces a new Device by the one that was saved.
func (sh *shard) restore(s *slot, m *sim.Model) error {
	if sh.store == nil {
		return nil
	}
	saved, ok, err := sh.store.load(sh.identity(int(s.index)).String())
	if err != nil || !ok {
		return err
	}
	s.device = m.Restore(saved)
	return nil
}
