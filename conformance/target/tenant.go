package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// graceOfReset is how much longer than a restart a RESET may take. Without
// waiting that long the Device might not be left as it was found.
const graceOfReset = 10 * time.Second

// device is how the harness manages the Device.
func (t *Target) device() *device {
	return &device{
		name:   t.cfg.Profile.Name,
		plain:  t.address,
		caller: t.caller(),
		settle: t.cfg.Profile.Timing.Settle,
		reset:  t.cfg.Profile.Timing.Reboot + graceOfReset,
		tell:   t.cfg.Tell,
	}
}

// caller opens sessions with the Device.
func (t *Target) caller() caller {
	return caller{
		dial: t.dial, address: t.coaps, timing: t.timing(), keyLog: t.cfg.keyLog(),
		acceptExpired: t.cfg.Security.AcceptExpired, expired: t.expired,
	}
}

// expired takes note that the Device's certificate was accepted though its time was
// over, so that the report says so.
func (t *Target) expired(since time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cfg.Profile.Expired = since.UTC().Format(time.DateOnly)
}

// settleIn becomes the owner and tells the Device what it has to know,
// including the test Clients if kit is set. If that fails, the Device is left
// as it was found, or err says how it is left.
func (t *Target) settleIn(ctx context.Context, withKit bool) error {
	y := &tenancy{device: t.device(), account: &t.account}
	if withKit {
		var err error
		if y.kit, err = newKit(t.about.D.ICV); err != nil {
			return err
		}
	}
	err := t.claim(ctx, y)
	if err != nil {
		after, cancel := y.afterwards(ctx)
		defer cancel()
		if left := y.restore(after); left != nil {
			err = errors.Join(err, fmt.Errorf("%w: %w", ErrOwed, named(y.name, left)))
		}
		return err
	}
	return nil
}

// claim owns, where that is asked for, and provisions.
func (t *Target) claim(ctx context.Context, y *tenancy) error {
	s, id := t.cfg.Security, ocf.UUID{}
	if s.Owner != nil {
		y.owner = *s.Owner
	} else {
		who, err := newUUID()
		if err != nil {
			return err
		}
		if y.owner, id, err = y.own(ctx, s, who, t.entry()); err != nil {
			return err
		}
		y.taken = true
		y.grants = ownersEntries(y.owner.ID)
	}
	y.grants = append(y.grants, updateEntries(y.owner.ID, t.links)...)
	y.grants = append(y.grants, laterEntries(t.about.D.ICV, y.owner.ID, t.links)...)
	bounded, cancel := context.WithTimeoutCause(ctx, 4*t.cfg.OpenTimeout, fmt.Errorf("not done within %v", 4*t.cfg.OpenTimeout))
	defer cancel()
	if err := y.provision(bounded); err != nil {
		return fmt.Errorf("provision %s: %w", y.name, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tenancy = y
	if !id.IsNil() {
		t.about.D.DI = id
		t.cfg.Profile.DI = id.String()
	}
	return nil
}

// restore leaves the Device as it was found. After that, nothing of it is owed.
//
// A Device that still hides its resources after an owner transfer that failed or was interrupted has
// not dropped it yet. It does so by itself, but not at once, so the transfer stands on record, and
// whoever comes next waits.
func (y *tenancy) restore(ctx context.Context) error {
	undo := y.vacate
	if y.taken {
		undo = y.disown
	}
	if err := undo(ctx); err != nil {
		return err
	}
	if d := y.account.debt; !y.taken && (d.Begun || d.Taken != nil) && y.plain != "" && y.hidden(ctx) {
		return y.account.owe(func(d *Debt) { d.Taken, d.Begun = nil, true })
	}
	return y.forgiven()
}

// named puts the Device's name in front of err.
func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("restore %s: %w", name, err)
}

// Close leaves the Device as Open found it: without an owner if Open made the
// harness its owner, otherwise without the credentials and ACEs that Open
// added. An error says what is left behind; Close may then be called again. ctx
// should have a deadline, and should not be the context that an interruption
// ends. Whoever opened Clients closes them first.
func (t *Target) Close(ctx context.Context) error {
	return errors.Join(t.handBack(ctx), t.dismiss())
}

// dismiss ends a hook that stays.
func (t *Target) dismiss() error {
	if hook, ok := t.cfg.Conditions.(io.Closer); ok {
		return hook.Close()
	}
	return nil
}

// handBack is Close without the hook.
func (t *Target) handBack(ctx context.Context) error {
	t.managing.Lock()
	defer t.managing.Unlock()
	t.mu.Lock()
	y := t.tenancy
	t.mu.Unlock()
	if y == nil {
		return t.account.close()
	}
	if err := t.giveUp(ctx, y); err != nil {
		return named(y.name, err)
	}
	if err := t.account.close(); err != nil {
		return named(y.name, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tenancy = nil
	return nil
}

// giveUp restores the Device. If the harness owned it and the Device no longer
// knows the harness, giveUp asks for a factory reset, if there is one.
func (t *Target) giveUp(ctx context.Context, y *tenancy) error {
	err := y.restore(ctx)
	if err == nil || !y.taken || ctx.Err() != nil {
		return err
	}
	if _, reset := t.Condition(ctx, conformance.FactoryReset); reset != nil {
		if !errors.Is(reset, ErrUnsupported) {
			err = errors.Join(err, reset)
		}
		return err
	}
	if still := y.unowned(ctx); still != nil {
		return errors.Join(err, still)
	}
	return y.forgiven()
}

// Renew brings back a Device that has lost its owner or does not come to rest:
// it is given up, owned again where Open had owned it, and provisioned anew, all
// Clients under their old names but with other credentials. An unsecured Device
// gets a factory reset, where that can be had.
func (t *Target) Renew(ctx context.Context) error {
	t.managing.Lock()
	defer t.managing.Unlock()
	if !t.cfg.Profile.Secured {
		return t.renewOpen(ctx)
	}
	t.mu.Lock()
	y := t.tenancy
	t.mu.Unlock()
	if y != nil {
		if err := t.giveUp(ctx, y); err != nil {
			return fmt.Errorf("renew: %w", named(y.name, err))
		}
	}
	if err := t.settleIn(ctx, true); err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	return nil
}

// renewOpen resets an unsecured Device and takes it to RFNOP.
func (t *Target) renewOpen(ctx context.Context) error {
	_, err := t.Condition(ctx, conformance.FactoryReset)
	if errors.Is(err, ErrUnsupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	d := t.device()
	c, err := d.clear(ctx, t.timing())
	if err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	defer c.Close()
	for end := time.Now().Add(d.reset); ; {
		p, err := pstat(ctx, c)
		if err == nil && p.DOS != ocf.RESET {
			break
		}
		if time.Now().After(end) {
			return errors.Join(fmt.Errorf("renew: the Device does not leave RESET within %v", d.reset), err)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	if err := d.window(ctx, c); err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	return d.move(ctx, c, ocf.RFNOP)
}

// secured opens the named Client of a secured Device.
func (t *Target) secured(ctx context.Context, name string, log Log) (*Client, error) {
	who, err := t.who(name)
	if err != nil {
		return nil, err
	}
	a := &association{id: who.ID, open: t.device().caller.as(who.client()), records: &t.records}
	conn, err := a.open(ctx)
	var no *refusal
	switch {
	case errors.As(err, &no) && no.heard:
		log.Append(conformance.Observation{Kind: conformance.Session, Client: name, Outcome: conformance.Refused, Text: no.text})
		return nil, fmt.Errorf("client %s of %s: %w: %s", name, t.cfg.Profile.Name, ErrRefused, no.text)
	case errors.As(err, &no):
		log.Append(conformance.Observation{Kind: conformance.Note, Client: name, Text: no.text})
		a.gone = no.text
	case err != nil:
		return nil, fmt.Errorf("client %s of %s: %w", name, t.cfg.Profile.Name, err)
	}
	return newSecuredClient(conn, a, name, log, t.timing()), nil
}

// who is the credential of the named Client.
func (t *Target) who(name string) (Credential, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tenancy == nil {
		return Credential{}, fmt.Errorf("client %s of %s: the target is closed", name, t.cfg.Profile.Name)
	}
	if name == conformance.Privileged {
		return t.tenancy.owner, nil
	}
	for _, m := range t.tenancy.kit {
		if m.name == name && t.tenancy.knowsNoValidity(m) {
			return Credential{}, fmt.Errorf("client %s of %s: %w: %w", name, t.cfg.Profile.Name, ErrOptional, m.missing)
		}
		if m.name == name && m.missing != nil {
			return Credential{}, fmt.Errorf("client %s of %s: %w: %w", name, t.cfg.Profile.Name, ErrNoClient, m.missing)
		}
		if m.name == name {
			return m.credential(), nil
		}
	}
	return Credential{}, fmt.Errorf("client %s of %s: %w for a Device of %q", name, t.cfg.Profile.Name, ErrNoClient, t.cfg.Profile.ICV)
}

// entry is how an owner transfer is put on record.
func (t *Target) entry() entry {
	if t.keep != nil {
		return entry{begin: func() error { return nil }, keep: t.keep}
	}
	return entry{
		begin: func() error { return t.account.owe(func(d *Debt) { d.Begun = true }) },
		keep:  func(c Credential) error { return t.account.owe(func(d *Debt) { d.Taken, d.Begun = &c, false }) },
	}
}

// KnownAs is the uuid by which the Device knows the named Client; false where it knows
// no such Client.
func (t *Target) KnownAs(name string) (ocf.UUID, bool) {
	who, err := t.who(name)
	return who.ID, err == nil
}

// Own makes the harness the owner of the Device by cfg.Security.Own and leaves
// the Device in RFNOP. It returns the owner's credential; nobody else knows the
// key. keep, which may be nil, is called with it before it becomes valid, to store
// it where the end of the program does not lose it; if keep fails, so does Own, and
// the Device has no owner.
func Own(ctx context.Context, cfg Config, keep func(Credential) error) (Credential, error) {
	cfg.Profile.Secured = true
	if cfg.Security.Own == "" {
		return Credential{}, errors.New("own: no owner transfer method is chosen")
	}
	t, err := reach(ctx, cfg)
	if err != nil {
		return Credential{}, err
	}
	t.keep = keep
	if err := t.settleIn(ctx, false); err != nil {
		return Credential{}, err
	}
	return t.tenancy.owner, nil
}

// Disown resets the Device whose owner cfg.Security.Owner is, and waits until
// it says that it has none.
func Disown(ctx context.Context, cfg Config) error {
	cfg.Profile.Secured = true
	if cfg.Security.Owner == nil {
		return errors.New("disown: the owner's credential is needed")
	}
	t, err := reach(ctx, cfg)
	if err != nil {
		return err
	}
	y := &tenancy{device: t.device(), owner: *cfg.Security.Owner, taken: true}
	if y.plain != "" && y.orphan(ctx) {
		return fmt.Errorf("disown %s: it has no owner", y.name)
	}
	if err := y.disown(ctx); err != nil {
		return fmt.Errorf("disown %s: %w", y.name, err)
	}
	return nil
}
