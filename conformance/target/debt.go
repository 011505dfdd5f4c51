package target

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Debt is what has to be undone at a Device before it is as it was found. Whoever
// has it can undo it, also when the program that ran it up is gone.
type Debt struct {
	Endpoint string   // as the Config named it
	Plain    string   // host:port without a session, "" where there is none
	Secure   string   // host:port with one, "" where none was told
	DI       ocf.UUID // before anything was changed
	// Taken is the owner's credential where the harness made itself the owner. It
	// is owed from before the first message by which it could become valid.
	Taken *Credential
	// Begun says that an owner transfer was begun and did not come to an owner yet. It is
	// owed from before the first message that changes the Device.
	Begun bool
	// Guests are the test Clients in a Device that had its owner already.
	Guests *Guests
	// Held says that the trusted source was told to withhold its answers.
	Held bool
}

// Guests are the test Clients that the harness, coming as the owner, told a Device
// about, and what they displaced.
type Guests struct {
	Owner   ocf.UUID
	IDs     []ocf.UUID // their credentials
	Entries []ocf.ACE  // theirs
	Grants  []ocf.ACE  // those of the owner that were added for the run
	Was     []ocf.ACE  // all, before
	In      ocf.DOS    // the state before
}

// isZero reports whether nothing is owed.
func (d Debt) isZero() bool { return d.Taken == nil && d.Guests == nil && !d.Held && !d.Begun }

// String says what is owed, in words.
func (d Debt) String() string {
	var parts []string
	if d.Taken != nil {
		parts = append(parts, fmt.Sprintf("it is owned by %v", d.Taken))
	}
	if d.Begun {
		parts = append(parts, "an owner transfer was begun")
	}
	if g := d.Guests; g != nil {
		parts = append(parts, fmt.Sprintf("%d credentials and %d ACEs of test Clients are in it", len(g.IDs), len(g.Entries)+len(g.Grants)))
	}
	if d.Held {
		parts = append(parts, "its trusted source withholds its answers")
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// Ledger keeps Debts where the end of the program does not lose them, however it
// ends. Package ledger has one in files. Its methods may be called from any goroutine.
type Ledger interface {
	// Enter opens the account of the Device at these addresses, host:port each.
	// Nobody else has it until it is closed: where somebody has, the error is ErrInUse.
	Enter(addresses ...string) (Account, error)
	// Debts are those of all accounts. An error names the accounts that can't be
	// read; the others are still returned.
	Debts() ([]Debt, error)
}

// Account is where the Debt of one Device is kept.
type Account interface {
	// Debt is what was kept last; ok is false where nothing is owed.
	Debt() (d Debt, ok bool, err error)
	// Keep replaces what is kept. When it returns nil, d outlasts the program and
	// a loss of power.
	Keep(d Debt) error
	// Settle says that nothing is owed any more.
	Settle() error
	// Close lets others have the account.
	Close() error
}

// ErrInUse is the error of Open for a Device that another run drives.
var ErrInUse = errors.New("another run drives this Device")
