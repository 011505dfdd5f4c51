package target

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// batch bounds a payload of credentials or ACEs, so that it needs no
// block-wise transfer.
const batch = 900 // bytes

// tenancy is what the harness has in a Device, and what it has left there.
type tenancy struct {
	*device
	account *account
	owner   Credential
	kit     []member
	// grants are the ACEs besides the kit's.
	grants []ocf.ACE
	taken  bool    // the harness has made itself the owner
	added  bool    // something may have been written
	was    ocf.ACL // before, where the harness came as the owner
	in     ocf.DOS // the state before, where the harness came as the owner
}

// provision tells the Device about the test Clients, in one window.
func (y *tenancy) provision(ctx context.Context) error {
	c, err := y.session(ctx, y.owner)
	if err != nil {
		return err
	}
	defer c.Close()
	if y.taken {
		y.number(nil, nil)
	} else if err := y.survey(ctx, c); err != nil {
		return err
	}
	if err := y.owe(); err != nil {
		return err
	}
	y.added = true
	if err := y.window(ctx, c); err != nil {
		return err
	}
	if y.taken {
		if _, err := ask(ctx, c, erase(ocf.PathACL, "")); err != nil {
			return err
		}
	}
	if err := y.admit(ctx, c); err != nil {
		return err
	}
	for _, m := range y.kit {
		if m.gone {
			if err := dismiss(ctx, c, []member{m}); err != nil {
				return fmt.Errorf("client %s: %w", m.name, err)
			}
		}
	}
	return y.move(ctx, c, ocf.RFNOP)
}

// owe keeps what provision is about to change.
func (y *tenancy) owe() error {
	if y.taken {
		return nil // the owner's credential is kept, and a RESET undoes everything
	}
	g := Guests{Owner: y.owner.ID, Entries: entries(y.kit), Grants: y.grants, Was: y.was.List, In: y.in}
	for _, m := range y.kit {
		g.IDs = append(g.IDs, m.id)
	}
	return y.account.owe(func(d *Debt) { d.Guests = &g })
}

// survey remembers how the Device was found.
func (y *tenancy) survey(ctx context.Context, c *Client) error {
	p, err := pstat(ctx, c)
	if code := answered(err); code != "" {
		return fmt.Errorf("%v %w of %s: %w", y.owner, ErrNotOwner, y.name, err)
	}
	if err != nil {
		return err
	}
	y.in = p.DOS
	if y.was, err = readACL(ctx, c); err != nil {
		return err
	}
	creds, err := readCreds(ctx, c)
	if err != nil {
		return err
	}
	swept, err := y.sweep(ctx, c, creds)
	if err != nil {
		return fmt.Errorf("take out what an earlier run left: %w", err)
	}
	if swept {
		if y.was, err = readACL(ctx, c); err != nil {
			return err
		}
		if creds, err = readCreds(ctx, c); err != nil {
			return err
		}
	}
	takenCreds, takenACEs := map[uint32]bool{}, map[uint32]bool{}
	for _, cred := range creds.List {
		takenCreds[cred.ID] = true
	}
	for _, ace := range y.was.List {
		takenACEs[ace.ID] = true
	}
	y.number(takenCreds, takenACEs)
	return nil
}

// sweep takes out the test Clients that a run left which is in no Ledger: one on
// another machine, or before there was one.
func (y *tenancy) sweep(ctx context.Context, c *Client, creds ocf.Creds) (swept bool, err error) {
	var deletes []conformance.Call
	for _, cred := range creds.List {
		if stray(cred.Subject) && cred.ID != 0 {
			deletes = append(deletes, erase(ocf.PathCred, fmt.Sprintf("credid=%d", cred.ID)))
		}
	}
	for _, e := range y.was.List {
		if y.strayEntry(e) && e.ID != 0 {
			deletes = append(deletes, erase(ocf.PathACL, fmt.Sprintf("aceid=%d", e.ID)))
		}
	}
	if len(deletes) == 0 {
		return false, nil
	}
	if err := y.window(ctx, c); err != nil {
		return false, err
	}
	for _, call := range deletes {
		if _, err := ask(ctx, c, call); err != nil {
			return true, err
		}
	}
	if y.tell != nil {
		y.tell(fmt.Sprintf("%s: a run that is on no record left test Clients in the Device: %d credentials and ACEs. They are deleted now.", y.name, len(deletes)))
	}
	return true, nil
}

// admit writes the credentials and the ACEs, a few at a time. If the Device
// does not take the ACE of a test Client, as some do not know validity, then
// there is no such Client at this Device.
func (y *tenancy) admit(ctx context.Context, c *Client) error {
	var creds []ocf.Cred
	for _, m := range y.kit {
		if !m.bare {
			creds = append(creds, m.cred())
		}
	}
	for list := range batches(creds, func(l []ocf.Cred) []byte { return (&ocf.CredsUpdate{List: l}).AppendCBOR(nil) }) {
		if _, err := ask(ctx, c, write(ocf.PathCred, list)); err != nil {
			return err
		}
	}
	for list := range batches(y.grants, encodeACEs) {
		if _, err := ask(ctx, c, write(ocf.PathACL, list)); err != nil {
			return err
		}
	}
	for i := range y.kit {
		m := &y.kit[i]
		if m.may.Permission == 0 {
			continue
		}
		_, err := ask(ctx, c, write(ocf.PathACL, encodeACEs([]ocf.ACE{m.may})))
		switch {
		case answered(err) != "":
			m.missing = fmt.Errorf("the Device does not take its ACE: %w", err)
		case err != nil:
			return err
		}
	}
	return nil
}

// knowsNoValidity reports whether m's ACE was refused for its validity, which a Device
// need not know: the Device has taken another one.
func (y *tenancy) knowsNoValidity(m member) bool {
	took := func(o member) bool { return o.may.Permission != 0 && o.missing == nil }
	return m.missing != nil && len(m.may.Validity) > 0 && slices.ContainsFunc(y.kit, took)
}

func encodeACEs(list []ocf.ACE) []byte { return (&ocf.ACLUpdate{List: list}).AppendCBOR(nil) }

// batches are payloads of all of list, each as long as fits.
func batches[T any](list []T, encode func([]T) []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(list) > 0 {
			n := 1
			for n < len(list) && len(encode(list[:n+1])) <= batch {
				n++
			}
			if !yield(encode(list[:n])) {
				return
			}
			list = list[n:]
		}
	}
}

// dismiss deletes the credentials of the members that the Device still has.
func dismiss(ctx context.Context, c *Client, kit []member) error {
	creds, err := readCreds(ctx, c)
	if err != nil {
		return err
	}
	for _, cred := range creds.List {
		if !slices.ContainsFunc(kit, func(m member) bool { return m.id.String() == cred.Subject }) {
			continue
		}
		if cred.ID == 0 {
			return fmt.Errorf("GET %s: the credential of %s has no credid, so it can't be deleted", ocf.PathCred, cred.Subject)
		}
		if _, err := ask(ctx, c, erase(ocf.PathCred, fmt.Sprintf("credid=%d", cred.ID))); err != nil {
			return fmt.Errorf("credential of %s: %w", cred.Subject, err)
		}
	}
	return nil
}

func readCreds(ctx context.Context, c *Client) (ocf.Creds, error) {
	reply, err := ask(ctx, c, get(ocf.PathCred, ""))
	if err != nil {
		return ocf.Creds{}, err
	}
	creds, _, err := ocf.DecodeCreds(reply.Frame.Payload)
	if err != nil {
		return creds, fmt.Errorf("GET %s: %w", ocf.PathCred, err)
	}
	return creds, nil
}

func readACL(ctx context.Context, c *Client) (ocf.ACL, error) {
	reply, err := ask(ctx, c, get(ocf.PathACL, ""))
	if err != nil {
		return ocf.ACL{}, err
	}
	acl, _, err := ocf.DecodeACL(reply.Frame.Payload)
	if err != nil {
		return acl, fmt.Errorf("GET %s: %w", ocf.PathACL, err)
	}
	return acl, nil
}

// vacate takes back exactly what provision has written, and leaves the Device
// in the state that it was found in.
func (y *tenancy) vacate(ctx context.Context) error {
	if !y.added {
		return nil
	}
	c, err := y.session(ctx, y.owner)
	if err != nil {
		return fmt.Errorf("the credentials and ACEs of %d test Clients are left in it: %w", len(y.kit), err)
	}
	defer c.Close()
	if err := y.window(ctx, c); err != nil {
		return fmt.Errorf("the credentials and ACEs of %d test Clients are left in it: %w", len(y.kit), err)
	}
	var left []error
	if err := dismiss(ctx, c, y.kit); err != nil {
		left = append(left, fmt.Errorf("credentials of test Clients are left in it: %w", err))
	}
	if err := y.revert(ctx, c); err != nil {
		left = append(left, fmt.Errorf("ACEs of test Clients are left in it: %w", err))
	}
	if y.in != ocf.RFPRO {
		if err := y.move(ctx, c, y.in); err != nil {
			left = append(left, fmt.Errorf("it is left in RFPRO: %w", err))
		}
	}
	if len(left) == 0 {
		y.added = false
	}
	return errors.Join(left...)
}

// revert deletes the ACEs that provision has added. A Device may have merged
// one with an entry that it had; that entry is written anew.
func (y *tenancy) revert(ctx context.Context, c *Client) error {
	now, err := readACL(ctx, c)
	if err != nil {
		return err
	}
	added := append(entries(y.kit), y.grants...)
	for _, e := range now.List {
		known := e.ID == 0 || slices.ContainsFunc(y.was.List, func(w ocf.ACE) bool { return w.ID == e.ID })
		mine := func(a ocf.ACE) bool { return overlaps(e, a) && (a.Permission == e.Permission || !known) }
		if !y.isKits(e) && !slices.ContainsFunc(added, mine) {
			continue
		}
		i := slices.IndexFunc(y.was.List, func(w ocf.ACE) bool { return w.ID == e.ID && e.ID != 0 || reflect.DeepEqual(w, e) })
		switch {
		case i >= 0 && reflect.DeepEqual(y.was.List[i], e):
			continue
		case e.ID == 0:
			return fmt.Errorf("GET %s: an ACE has no aceid, so it can't be deleted", ocf.PathACL)
		}
		if _, err := ask(ctx, c, erase(ocf.PathACL, fmt.Sprintf("aceid=%d", e.ID))); err != nil {
			return err
		}
		if i < 0 {
			continue
		}
		if _, err := ask(ctx, c, write(ocf.PathACL, encodeACEs(y.was.List[i:i+1]))); err != nil {
			return fmt.Errorf("ACE %d, which was there before: %w", e.ID, err)
		}
	}
	if now, err = readACL(ctx, c); err != nil {
		return err
	}
	if i := slices.IndexFunc(now.List, y.isKits); i >= 0 {
		return fmt.Errorf("ACE %d is still listed after it was deleted", now.List[i].ID)
	}
	return nil
}

// isKits reports whether e is for a test Client alone, whatever the Device has
// made of the permission and the resources that were written.
func (y *tenancy) isKits(e ocf.ACE) bool {
	return slices.ContainsFunc(y.kit, func(m member) bool {
		return m.may.Permission != 0 && m.may.Subject.Conn == "" && m.may.Subject == e.Subject
	})
}

// disown resets the Device, unless nobody owns it any more.
func (y *tenancy) disown(ctx context.Context) error {
	if y.plain != "" && y.orphan(ctx) {
		return nil
	}
	c, err := y.session(ctx, y.owner)
	if err != nil {
		if y.resetting(ctx) {
			return nil
		}
		return fmt.Errorf("it is left owned by %v: %w", y.owner, err)
	}
	defer c.Close()
	reset := ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.RESET}
	if _, err := ask(ctx, c, write(ocf.PathPstat, reset.AppendCBOR(nil))); answered(err) != "" {
		return fmt.Errorf("it is left owned by %v: RESET: %w", y.owner, err)
	}
	_ = c.Close()
	if y.plain == "" {
		return nil
	}
	return y.unowned(ctx)
}

// resetting reports whether a Device that takes no session was in RESET, and
// waits for it to come out.
func (y *tenancy) resetting(ctx context.Context) bool {
	if y.plain == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, graceOfReset)
	defer cancel()
	return y.unowned(ctx) == nil
}

// orphan reports whether the Device says that it has no owner.
func (y *tenancy) orphan(ctx context.Context) bool {
	c, err := y.clear(ctx, timing{ack: y.caller.timing.ack, maxRetransmit: 1, vigil: y.caller.timing.vigil})
	if err != nil {
		return false
	}
	defer c.Close()
	state, err := claimable(ctx, c)
	return err == nil && state == ""
}

// hidden reports whether the Device hides its resources from everybody, as it does while it waits for
// the next message of an owner transfer, or is silent and may.
func (y *tenancy) hidden(ctx context.Context) bool {
	c, err := y.clear(ctx, timing{ack: y.caller.timing.ack, maxRetransmit: 1, vigil: y.caller.timing.vigil})
	if err != nil {
		return false
	}
	defer c.Close()
	reply, err := c.Exchange(ctx, get(ocf.PathRes, ""))
	return err != nil || reply.Lost || hides(reply)
}

// hides reports whether reply is what a Device answers to GET /oic/res that hides its resources.
func hides(reply Reply) bool { return !reply.Lost && reply.Frame.Code == "4.01" }
