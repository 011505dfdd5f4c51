package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// ErrOwed is the error of Open, Own and Recover where what was changed at the Device
// can't be undone.
var ErrOwed = errors.New("the Device is not as it was before")

// account is the Account of the Device with what is owed now. The zero value, and
// nil, keep nothing.
type account struct {
	in Account

	mu   sync.Mutex
	debt Debt
}

// owe changes what is owed, durably.
func (a *account) owe(change func(*Debt)) error {
	if a == nil || a.in == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	next := a.debt
	change(&next)
	switch {
	case next.isZero() && a.debt.isZero():
	case next.isZero():
		if err := a.in.Settle(); err != nil {
			return err
		}
	default:
		if err := a.in.Keep(next); err != nil {
			return err
		}
	}
	a.debt = next
	return nil
}

// close lets others have the account. What is still owed stays in it.
func (a *account) close() error {
	if a.in == nil {
		return nil
	}
	err := a.in.Close()
	a.in = nil
	return err
}

// enter reaches the Device as nobody else does until its account is closed, and
// undoes first what an earlier run left at it.
func enter(ctx context.Context, cfg Config) (*Target, error) {
	if cfg.Ledger == nil {
		return reach(ctx, cfg)
	}
	debts, damaged := cfg.Ledger.Debts()
	if damaged != nil && cfg.Tell != nil {
		cfg.Tell(damaged.Error()) // of this Device or of another one: book looks
	}
	// A Device that was left half owned may not answer to what reach asks, or to
	// another di, so these come first.
	for _, d := range debts {
		if d.Endpoint != "" && d.Endpoint == cfg.Profile.Endpoint || !cfg.Find.IsNil() && d.DI == cfg.Find {
			if err := Recover(ctx, cfg, d); err != nil {
				return nil, err
			}
		}
	}
	t, err := reach(ctx, cfg)
	if err != nil {
		return nil, err
	}
	owed := func(d Debt) bool {
		return t.address != "" && d.Plain == t.address || t.coaps != "" && d.Secure == t.coaps
	}
	debts, _ = cfg.Ledger.Debts()
	if i := slices.IndexFunc(debts, owed); i >= 0 {
		if err := Recover(ctx, cfg, debts[i]); err != nil {
			return nil, err
		}
		if t, err = reach(ctx, cfg); err != nil {
			return nil, err
		}
	}
	return t, t.book()
}

// book opens the account of the Device.
func (t *Target) book() error {
	in, err := t.cfg.Ledger.Enter(addresses(t.address, t.coaps)...)
	if err != nil {
		return fmt.Errorf("%s: %w", t.cfg.Profile.Name, err)
	}
	t.account.in = in
	if _, _, err := in.Debt(); err != nil { // what it says can't be undone, and must not be written over
		return errors.Join(fmt.Errorf("%w: %s: %w", ErrOwed, t.cfg.Profile.Name, err), t.account.close())
	}
	t.account.debt = Debt{Endpoint: t.cfg.Profile.Endpoint, Plain: t.address, Secure: t.coaps, DI: t.about.D.DI}
	return nil
}

// addresses are those of both that are known.
func addresses(plain, secure string) []string {
	return slices.DeleteFunc([]string{plain, secure}, func(a string) bool { return a == "" })
}

// Recover undoes d at the Device that cfg is about, as far as it is still in cfg's
// Ledger, and settles it there. Where test Clients are to be taken out of a Device
// that had its owner, cfg.Security.Owner has to be that owner; where the trusted
// source withholds its answers, cfg.Conditions has to know conformance.Release. The
// error is ErrInUse while another run drives the Device, and ErrOwed if d can't be undone.
func Recover(ctx context.Context, cfg Config, d Debt) error {
	cfg = cfg.withDefaults()
	a := &account{}
	var err error
	if a.in, err = cfg.Ledger.Enter(addresses(d.Plain, d.Secure)...); err != nil {
		return fmt.Errorf("%s: %w", cfg.Profile.Name, err)
	}
	defer func() { _ = a.close() }()
	var ok bool
	if a.debt, ok, err = a.in.Debt(); err != nil || !ok {
		return err
	}
	t := &Target{cfg: cfg, address: d.Plain, coaps: d.Secure}
	t.cfg.Conditions = t.conditions()
	text := a.debt.String()
	how, err := t.settle(ctx, a)
	if hidden := errors.Is(err, ErrUnreachable) && t.waitForDrop(ctx); hidden {
		how, err = t.settle(ctx, a)
	}
	if err == nil && (how == unknownOwner || how == noOwnerYet || how == nobodysAnyMore) {
		t.waitForDrop(ctx) // before anything is forgiven: a run that is killed now leaves the next one to wait
		err = a.forgive()
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %s: %w", ErrOwed, cfg.Profile.Name, text, err)
	}
	if cfg.Tell != nil {
		cfg.Tell(fmt.Sprintf("%s: an earlier run ended before it could give the Device back: %s. %s", cfg.Profile.Name, text, how))
	}
	return nil
}

// dropWithin is how long a Device may take to drop an owner transfer whose tool is gone:
// the virtual Devices take 2 min, and nothing tells those of others.
const dropWithin = 3 * time.Minute

// waitForDrop waits until the Device shows its resources again, which it hides from
// everybody while it waits for the next message of an owner transfer. It reports whether
// the Device hid them and does so no longer.
func (t *Target) waitForDrop(ctx context.Context) (dropped bool) {
	ctx, cancel := context.WithTimeout(ctx, dropWithin)
	defer cancel()
	c, err := t.device().clear(ctx, t.timing())
	if err != nil {
		return false
	}
	defer c.Close()
	for hid := false; ; {
		reply, err := c.Exchange(ctx, get(ocf.PathRes, ""))
		if err != nil || !hides(reply) && !(hid && reply.Lost) {
			return hid && err == nil
		}
		if !hid && t.cfg.Tell != nil {
			t.cfg.Tell(fmt.Sprintf("%s: it hides its resources, as in an owner transfer. A Device drops one that nobody goes on with: this waits for up to %v.", t.cfg.Profile.Name, dropWithin))
		}
		hid = true
		if pause(ctx, 200*time.Millisecond) != nil {
			return false
		}
	}
}

// unknownOwner is how Recover ends at a Device that refuses the owner whom it was given,
// noOwnerYet at one that was given none, and nobodysAnyMore at one that says that it has none.
// After all three the Debt stands until the Device has dropped the transfer.
const (
	unknownOwner   = "The Device does not know that owner: it was reset since, or the transfer was not finished, which a Device drops by itself."
	noOwnerYet     = "A Device drops by itself a transfer that was not finished."
	nobodysAnyMore = "The Device has no owner any more, so there is nothing to undo."
)

// settle undoes what a owes and says how that went.
func (t *Target) settle(ctx context.Context, a *account) (how string, err error) {
	limit := min(t.device().reset+graceOfReset, 45*time.Second)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done within %v", limit))
	defer cancel()
	how = "This is undone now."
	y := &tenancy{device: t.device(), account: a}
	switch d := a.debt; {
	case d.Begun && d.Taken == nil:
		how = noOwnerYet
	case d.Taken != nil:
		y.owner, y.taken = *d.Taken, true
		err = y.restore(ctx)
		switch {
		case errors.Is(err, ErrRefused):
			how, err = unknownOwner, nil
		case errors.Is(err, ErrUnreachable) && y.plain != "" && y.orphan(ctx):
			how, err = nobodysAnyMore, nil
		}
	case d.Guests != nil && y.plain != "" && y.orphan(ctx):
		how, err = nobodysAnyMore, nil
	case d.Guests != nil:
		owner := t.cfg.Security.Owner
		if owner == nil || owner.ID != d.Guests.Owner {
			return "", fmt.Errorf("this takes the credential of its owner %v: `ocfsim recover --target FILE`, with security: {psk: ...} of that owner in FILE", d.Guests.Owner)
		}
		y.owner = *owner
		y.visit(*d.Guests)
		err = y.restore(ctx)
	}
	if err != nil || !a.debt.Held {
		return how, err
	}
	_, err = t.cfg.Conditions.Apply(ctx, conformance.Release)
	if err != nil {
		return "", fmt.Errorf("%w; `ocfsim recover --target FILE` with these conditions in FILE does it", conformance.ConditionError(conformance.Release, err))
	}
	return how, a.owe(func(d *Debt) { d.Held = false })
}

// forgiven settles what there is no more to undo of.
func (y *tenancy) forgiven() error { return y.account.forgive() }

// forgive is forgiven for the account alone.
func (a *account) forgive() error {
	return a.owe(func(d *Debt) { d.Taken, d.Begun, d.Guests = nil, false, nil })
}

// visit makes y the tenancy that ended with g in the Device.
func (y *tenancy) visit(g Guests) {
	for _, id := range g.IDs {
		y.kit = append(y.kit, member{id: id})
	}
	for _, e := range g.Entries {
		y.kit = append(y.kit, member{may: e})
	}
	y.grants, y.was, y.in, y.added = g.Grants, ocf.ACL{List: g.Was}, g.In, true
}
