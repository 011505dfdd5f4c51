package target

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// clientDirected is the bit of pstat.om and sm by which a Client leads the
// Device through its states.
const clientDirected = 4

// transfer is an ownership transfer under way, message by message as the
// reference implementation's onboarding tool does it.
type transfer struct {
	*device
	s      Security
	entry  entry
	method secure.OTM
	owner  ocf.UUID // who is to own
	uuid   ocf.UUID // what the Device is to be called
	found  ocf.Doxm // as it was found

	doc      *Client // the Device Onboarding Connection
	block    secure.KeyBlock
	selected bool // oxmsel was written
}

// entry is how a transfer is put on record.
type entry struct {
	begin func() error               // called before the first message that changes the Device
	keep  func(who Credential) error // called with the owner's credential before the first message by which it could become valid
}

// step is one write of a transfer.
type step struct {
	what  string
	call  conformance.Call
	spare string // a code that does not count as a failure
}

// own makes owner the owner of d by the method of s. The Device is then in
// RFPRO, under a new deviceuuid. If that fails, the Device is reset, and err
// says at which step it failed.
//
// If it can't be put on record by e, the Device keeps no owner.
func (d *device) own(ctx context.Context, s Security, owner ocf.UUID, e entry) (who Credential, id ocf.UUID, err error) {
	method, err := secure.ParseOTM(string(s.Own))
	if err != nil {
		return who, id, err
	}
	t := &transfer{device: d, s: s, entry: e, method: method, owner: owner}
	if t.uuid, err = newUUID(); err != nil {
		return who, id, err
	}
	who, err = t.run(ctx)
	if err == nil {
		return who, t.uuid, nil
	}
	err = fmt.Errorf("own %s by %s: %w", d.name, s.Own, err)
	return Credential{}, id, errors.Join(err, t.abort(ctx))
}

// run is the transfer up to RFPRO.
func (t *transfer) run(ctx context.Context) (Credential, error) {
	if err := t.choose(ctx); err != nil {
		return Credential{}, err
	}
	if err := t.connect(ctx); err != nil {
		return Credential{}, err
	}
	who := Credential{ID: t.owner, Key: secure.OwnerPSK(t.block, t.method, t.owner, t.uuid)}
	if err := t.entry.keep(who); err != nil {
		return Credential{}, fmt.Errorf("keep the owner's credential: %w", err)
	}
	steps := t.steps()
	for i, s := range steps {
		_, err := ask(ctx, t.doc, s.call)
		if code := answered(err); code != "" && code == s.spare {
			continue
		}
		if i == len(steps)-1 && errors.Is(err, ErrUnreachable) {
			break // some Devices close the session at once; the owner's will show where it went
		}
		if err != nil {
			return Credential{}, fmt.Errorf("step %d, %s: %w", i+1, s.what, err)
		}
	}
	return who, t.doc.Close()
}

// choose checks whether the Device can be owned by the method, and selects it.
func (t *transfer) choose(ctx context.Context) error {
	c, err := t.clear(ctx, t.caller.timing)
	if err != nil {
		return err
	}
	defer c.Close()
	reply, err := ask(ctx, c, get(ocf.PathDoxm, ""))
	if answered(err) != "" {
		return fmt.Errorf("%w: it hides doxm, GET %s: %s", ErrOwned, ocf.PathDoxm, answered(err))
	}
	if err != nil {
		return err
	}
	if t.found, _, err = ocf.DecodeDoxm(reply.Frame.Payload); err != nil {
		return fmt.Errorf("GET %s: %w", ocf.PathDoxm, err)
	}
	switch {
	case t.found.Owned:
		return fmt.Errorf("%w, by %v: reset it, or come as that owner", ErrOwned, t.found.DevOwner)
	case !slices.Contains(t.found.OXMs, uint16(t.method)):
		return fmt.Errorf("%w: it offers the methods %v, not %d", ErrMethod, t.found.OXMs, t.method)
	}
	if state, err := claimable(ctx, c); err != nil || state != "" {
		return errors.Join(err, fmt.Errorf("%w: it is %s, expected RFOTM", ErrState, state))
	}
	if err := t.entry.begin(); err != nil {
		return fmt.Errorf("record that the transfer begins: %w", err)
	}
	t.selected = true
	selection := ocf.DoxmUpdate{Set: ocf.DoxmOXMSel, OXMSel: uint16(t.method)}
	if _, err := ask(ctx, c, write(ocf.PathDoxm, selection.AppendCBOR(nil))); err != nil {
		return fmt.Errorf("select the method: %w", err)
	}
	return nil
}

// connect opens the Device Onboarding Connection.
func (t *transfer) connect(ctx context.Context) error {
	client := secure.Client{OTM: &t.method, Certificate: t.s.Certificate, Roots: t.s.Roots}
	if t.method == secure.RandomPIN {
		pin, err := t.s.pin(ctx)
		if err != nil {
			return err
		}
		client.PIN, client.Device = secure.PIN(pin), t.found.Device
	}
	conn, err := t.caller.open(ctx, client)
	if err != nil {
		return t.notOpened(Credential{}, err)
	}
	if t.block, err = conn.KeyBlock(); err != nil {
		return errors.Join(err, conn.Close())
	}
	t.doc = t.over(conn, &association{open: func(context.Context) (*channel, error) {
		return nil, &refusal{text: "an onboarding connection is not opened twice", heard: true}
	}})
	return nil
}

// steps are the writes over the Device Onboarding Connection, in their order.
func (t *transfer) steps() []step {
	doxm := func(u ocf.DoxmUpdate) conformance.Call { return write(ocf.PathDoxm, u.AppendCBOR(nil)) }
	pstat := func(u ocf.PstatUpdate) conformance.Call { return write(ocf.PathPstat, u.AppendCBOR(nil)) }
	acl := ocf.ACLUpdate{HasRowner: true, Rowner: t.owner}
	// Empty data: both sides derive the owner's key here.
	creds := ocf.CredsUpdate{HasRowner: true, Rowner: t.owner, List: []ocf.Cred{{
		Type: ocf.SymmetricPair, Subject: t.owner.String(), Private: ocf.Key{Encoding: ocf.EncodingRaw},
	}}}
	domain := ocf.SDI{UUID: t.owner, Name: "ocfsim"}
	return []step{
		{what: "pstat.om", call: pstat(ocf.PstatUpdate{Set: ocf.PropOM, OM: clientDirected})},
		{what: "doxm.devowneruuid", call: doxm(ocf.DoxmUpdate{Set: ocf.DoxmDevOwner, DevOwner: t.owner})},
		{what: "doxm.deviceuuid", call: doxm(ocf.DoxmUpdate{Set: ocf.DoxmDevice, Device: t.uuid})},
		{what: "doxm.rowneruuid", call: doxm(ocf.DoxmUpdate{Set: ocf.DoxmRowner, Rowner: t.owner})},
		{what: "acl2.rowneruuid", call: write(ocf.PathACL, acl.AppendCBOR(nil))},
		{what: "pstat.rowneruuid", call: pstat(ocf.PstatUpdate{Set: ocf.PropRowner, Rowner: t.owner})},
		{what: "the owner's credential", call: write(ocf.PathCred, creds.AppendCBOR(nil))},
		{what: "sdi", call: write(ocf.PathSDI, domain.AppendUpdate(nil)), spare: "4.04"},
		{what: "doxm.owned", call: doxm(ocf.DoxmUpdate{Set: ocf.DoxmOwned, Owned: true})},
		{what: "pstat.dos=RFPRO", call: pstat(ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.RFPRO})},
	}
}

// abort puts back a Device that could not be owned. In RFOTM the Device resets
// itself when its onboarding connection ends; after that it must be told to.
func (t *transfer) abort(ctx context.Context) error {
	if !t.selected {
		return nil
	}
	ctx, cancel := t.afterwards(ctx)
	defer cancel()
	if t.doc == nil {
		t.deselect(ctx)
		return nil
	}
	_, reset := ask(ctx, t.doc, write(ocf.PathPstat, ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.RESET}.AppendCBOR(nil)))
	_ = t.doc.Close()
	if err := t.unowned(ctx); err != nil {
		return fmt.Errorf("%w: it could not be reset: %w", ErrOwed, errors.Join(reset, err))
	}
	return nil
}

// deselect puts the selected method back, if the Device lets it.
func (t *transfer) deselect(ctx context.Context) {
	c, err := t.clear(ctx, t.caller.timing)
	if err != nil {
		return
	}
	defer c.Close()
	was := ocf.DoxmUpdate{Set: ocf.DoxmOXMSel, OXMSel: t.found.OXMSel}
	_, _ = c.Exchange(ctx, write(ocf.PathDoxm, was.AppendCBOR(nil)))
}

// pin is the PIN that the Device shows.
func (s Security) pin(ctx context.Context) (string, error) {
	if s.PIN != "" {
		return s.PIN, nil
	}
	type answer struct {
		pin string
		err error
	}
	asked := make(chan answer, 1)
	go func() { // it may outlive ctx: the person who was asked may never answer
		pin, err := s.ReadPIN()
		asked <- answer{pin, err}
	}()
	select {
	case a := <-asked:
		if a.err == nil && a.pin == "" {
			a.err = errors.New("no PIN was given")
		}
		if a.err != nil {
			return "", fmt.Errorf("read the PIN: %w", a.err)
		}
		return a.pin, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// newUUID draws a random uuid, RFC 9562 section 5.4.
func newUUID() (ocf.UUID, error) {
	var u ocf.UUID
	if _, err := rand.Read(u[:]); err != nil {
		return u, fmt.Errorf("draw a uuid: %w", err)
	}
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u, nil
}

// newKey draws a pre-shared key.
func newKey() ([]byte, error) {
	key := make([]byte, 16)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	return key, nil
}
