// Package ledger keeps in files what has to be undone at Devices under test: the key
// of an owner who existed in this program alone, test Clients in a Device of somebody
// else, a gate that is closed. Each file is readable for its user only, and is on disk
// before the Device is told. So no end of the program loses a Device, and the next run
// at it, or `ocfsim recover`, gives it back. It also keeps two runs from driving one
// Device at the same time.
package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/conformance/target"
)

// Dir is a target.Ledger in a folder: one JSON file for each Device at which
// something is owed, and lock files. Several programs may use it at the same time.
type Dir struct{ path string }

// Open makes the folder if it is not there, for this user alone.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("a folder for what has to be undone at Devices; %s names another one: %w", Variable, err)
	}
	return &Dir{path}, nil
}

// Variable is the environment variable that names the folder instead of DefaultPath.
const Variable = "OCFSIM_STATE"

// DefaultPath is the folder that Variable names, or the one for this program's
// state: $XDG_STATE_HOME/ocfsim or ~/.local/state/ocfsim, on Windows
// %LocalAppData%\ocfsim, on macOS ~/Library/Application Support/ocfsim.
func DefaultPath() (string, error) {
	if dir := os.Getenv(Variable); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "ocfsim"), nil
	}
	var dir string
	var err error
	switch runtime.GOOS {
	case "windows":
		dir, err = os.UserCacheDir()
	case "darwin":
		dir, err = os.UserConfigDir()
	default:
		if dir, err = os.UserHomeDir(); err == nil {
			dir = filepath.Join(dir, ".local", "state")
		}
	}
	if err != nil {
		return "", fmt.Errorf("a folder for what has to be undone at Devices; %s can name one: %w", Variable, err)
	}
	return filepath.Join(dir, "ocfsim"), nil
}

// Path is the folder.
func (d *Dir) Path() string { return d.path }

// Debts reads all that is owed. An error names each file that can't be read, as
// file:line:column where it is damaged; the Debts of the others are returned.
func (d *Dir) Debts() ([]target.Debt, error) {
	names, err := filepath.Glob(filepath.Join(d.path, "*"+suffix))
	if err != nil {
		return nil, err
	}
	var debts []target.Debt
	var wrong []error
	for _, name := range names {
		debt, err := read(name)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was settled meanwhile
		case err != nil:
			wrong = append(wrong, err)
		default:
			debts = append(debts, debt)
		}
	}
	return debts, errors.Join(wrong...)
}

// suffix ends the names of the files with debts.
const suffix = ".owed.json"

// Enter opens the account of the Device at these addresses and locks it for this
// process. The error is target.ErrInUse, and says by whom, while another one has it.
func (d *Dir) Enter(addresses ...string) (target.Account, error) {
	if len(addresses) == 0 {
		return nil, errors.New("ledger: a Device without an address")
	}
	a := &account{}
	for _, address := range addresses {
		base := filepath.Join(d.path, fileName(address))
		l, err := Acquire(base)
		if err != nil {
			var held *HeldError
			if errors.As(err, &held) {
				err = fmt.Errorf("%w: %s", target.ErrInUse, held.By)
			}
			return nil, errors.Join(err, a.Close())
		}
		a.locks = append(a.locks, l)
		a.files = append(a.files, base+suffix)
	}
	return a, nil
}

// fileName is the name of a file for address: by number where it has one, so that
// two names of one address are one account.
func fileName(address string) string {
	if _, err := netip.ParseAddrPort(address); err != nil {
		if udp, err := net.ResolveUDPAddr("udp", address); err == nil && udp.IP != nil {
			address = netip.AddrPortFrom(udp.AddrPort().Addr().Unmap(), udp.AddrPort().Port()).String()
		}
	}
	return strings.ReplaceAll(url.PathEscape(address), ":", "_")
}

// account is a target.Account in files. Where the Device has two addresses, the file
// of the first one is written, and those of both are read.
type account struct {
	locks []*Lock
	files []string
}

// Debt is what is owed at the Device.
func (a *account) Debt() (target.Debt, bool, error) {
	for _, file := range a.files {
		d, err := read(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return d, err == nil, err
	}
	return target.Debt{}, false, nil
}

// Keep writes d and waits until it is on disk.
func (a *account) Keep(d target.Debt) error {
	text, err := json.MarshalIndent(written(d, time.Now()), "", "  ")
	if err != nil {
		return fmt.Errorf("keep what is owed to %s: %w", d.Endpoint, err)
	}
	if err := durable.WriteFile(a.files[0], durable.Private, func(w io.Writer) error { _, err := w.Write(append(text, '\n')); return err }); err != nil {
		return fmt.Errorf("keep what is owed to %s: %w", d.Endpoint, err)
	}
	return nil
}

// Settle deletes what was written.
func (a *account) Settle() error {
	for _, file := range a.files {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return durable.SyncDir(filepath.Dir(a.files[0]))
}

// Close gives the locks back.
func (a *account) Close() error {
	var errs []error
	for _, l := range a.locks {
		errs = append(errs, l.Release())
	}
	a.locks = nil
	return errors.Join(errs...)
}
