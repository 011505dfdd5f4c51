package ledger

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/ocf"
)

// schema names the form of the files.
const schema = "ocfsim.owed/1"

// file is a Debt as it is written.
type file struct {
	Schema   string    `json:"schema"`
	Since    time.Time `json:"since"`
	PID      int       `json:"pid"`
	Endpoint string    `json:"endpoint"`
	Plain    string    `json:"plain,omitempty"`
	Secure   string    `json:"secure,omitempty"`
	DI       uuid      `json:"di"`
	Owner    *owner    `json:"owner,omitempty"` // where the run made itself the owner
	Begun    bool      `json:"begun,omitempty"` // where a transfer was begun and has no owner yet
	Guests   *guests   `json:"guests,omitempty"`
	Held     bool      `json:"held,omitempty"`
}

type owner struct {
	Identity uuid   `json:"identity"`
	Key      string `json:"key"` // hexadecimal
}

// guests are target.Guests; lists of ACEs are the CBOR of an acl2 update.
type guests struct {
	Owner   uuid    `json:"owner"`
	IDs     []uuid  `json:"ids"`
	Entries []byte  `json:"entries"`
	Grants  []byte  `json:"grants"`
	Was     []byte  `json:"was"`
	In      ocf.DOS `json:"in"`
}

// uuid is a UUID in its text form.
type uuid struct{ ocf.UUID }

func (u uuid) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

func (u *uuid) UnmarshalText(text []byte) (err error) {
	u.UUID, err = ocf.ParseUUID(string(text))
	return err
}

// written is d as a file.
func written(d target.Debt, now time.Time) file {
	f := file{
		Schema: schema, Since: now.UTC().Truncate(time.Second), PID: os.Getpid(),
		Endpoint: d.Endpoint, Plain: d.Plain, Secure: d.Secure, DI: uuid{d.DI}, Begun: d.Begun, Held: d.Held,
	}
	if c := d.Taken; c != nil {
		f.Owner = &owner{uuid{c.ID}, hex.EncodeToString(c.Key)}
	}
	if g := d.Guests; g != nil {
		f.Guests = &guests{uuid{g.Owner}, nil, encode(g.Entries), encode(g.Grants), encode(g.Was), g.In}
		for _, id := range g.IDs {
			f.Guests.IDs = append(f.Guests.IDs, uuid{id})
		}
	}
	return f
}

func encode(list []ocf.ACE) []byte { return (&ocf.ACLUpdate{List: list}).AppendCBOR(nil) }

// read is the Debt in a file. Where it is damaged, the error says where, as
// file:line:column.
func read(name string) (target.Debt, error) {
	data, err := bounded.ReadFile(name, bounded.Text)
	if err != nil {
		return target.Debt{}, err
	}
	var f file
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		line, column := place(data, dec.InputOffset(), err)
		return target.Debt{}, fmt.Errorf("%s:%d:%d: expected %s: %w", name, line, column, schema, err)
	}
	d, err := f.debt()
	if err != nil {
		return target.Debt{}, fmt.Errorf("%s:1:1: expected %s: %w", name, schema, err)
	}
	return d, nil
}

// place is the line and the column, from 1, at which reading data failed.
func place(data []byte, offset int64, err error) (line, column int) {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	before := data[:min(max(offset, 0), int64(len(data)))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

// debt is what f says.
func (f file) debt() (target.Debt, error) {
	d := target.Debt{Endpoint: f.Endpoint, Plain: f.Plain, Secure: f.Secure, DI: f.DI.UUID, Begun: f.Begun, Held: f.Held}
	if f.Schema != schema {
		return d, fmt.Errorf("schema is %q", f.Schema)
	}
	if f.Plain == "" && f.Secure == "" {
		return d, errors.New("it has no address")
	}
	if o := f.Owner; o != nil {
		key, err := hex.DecodeString(o.Key)
		if err != nil || len(key) != 16 && len(key) != 32 {
			return d, errors.New("owner.key is not 32 or 64 hexadecimal digits")
		}
		d.Taken = &target.Credential{ID: o.Identity.UUID, Key: key}
	}
	g := f.Guests
	if g == nil {
		return d, nil
	}
	d.Guests = &target.Guests{Owner: g.Owner.UUID, In: g.In}
	for _, id := range g.IDs {
		d.Guests.IDs = append(d.Guests.IDs, id.UUID)
	}
	for _, list := range []struct {
		from []byte
		to   *[]ocf.ACE
	}{{g.Entries, &d.Guests.Entries}, {g.Grants, &d.Guests.Grants}, {g.Was, &d.Guests.Was}} {
		acl, err := ocf.DecodeACLUpdate(list.from)
		if err != nil {
			return d, fmt.Errorf("guests: %w", err)
		}
		*list.to = acl.List
	}
	return d, nil
}
