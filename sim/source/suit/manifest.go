package suit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// ComponentID says which part of a Device an image is for: a path of byte strings.
type ComponentID [][]byte

// NewComponentID is the path of these words.
func NewComponentID(words ...string) ComponentID {
	id := make(ComponentID, len(words))
	for i, w := range words {
		id[i] = []byte(w)
	}
	return id
}

// String is the path with slashes. Bytes that can't be printed are in hex.
func (id ComponentID) String() string {
	words := make([]string, len(id))
	for i, b := range id {
		words[i] = string(b)
		if strings.ContainsFunc(words[i], func(r rune) bool { return r < ' ' || r > '~' }) {
			words[i] = fmt.Sprintf("h'%x'", b)
		}
	}
	return strings.Join(words, "/")
}

// Manifest is a SUIT manifest: what a Device is to fetch, check and install.
type Manifest struct {
	Sequence     uint64  // rises from release to release
	Version      Version // of the software; nil where it is not said
	Components   []ComponentID
	Dependencies int // how many other manifests this one needs

	Steps
	Text    []byte           // CBOR of the texts for people; nil where there are none or they are severed
	CoSWID  []byte           // a software identification tag (RFC 9393), likewise
	Severed map[int64]Digest // of members that stand in the envelope, by their key
	Unknown []int64          // keys that mean nothing here
}

// Steps are the command sequences of a manifest. One that it does not have is nil.
type Steps struct {
	Shared, Validate, Load, Invoke, Uninstall Sequence
	Resolution, Fetch, Install                Sequence // also nil where they are severed
}

// manifestForm is how a manifest stands in CBOR. The members are byte strings, and a
// raw one is a SUIT_Digest where it is severed.
type manifestForm struct {
	Version    uint64          `cbor:"1,keyasint"`
	Sequence   uint64          `cbor:"2,keyasint"`
	Common     []byte          `cbor:"3,keyasint"`
	SetVersion []byte          `cbor:"6,keyasint,omitempty"`
	Validate   []byte          `cbor:"7,keyasint,omitempty"`
	Load       []byte          `cbor:"8,keyasint,omitempty"`
	Invoke     []byte          `cbor:"9,keyasint,omitempty"`
	CoSWID     cbor.RawMessage `cbor:"14,keyasint,omitempty"`
	Resolution cbor.RawMessage `cbor:"15,keyasint,omitempty"`
	Fetch      cbor.RawMessage `cbor:"16,keyasint,omitempty"`
	Install    cbor.RawMessage `cbor:"20,keyasint,omitempty"`
	Text       cbor.RawMessage `cbor:"23,keyasint,omitempty"`
	Uninstall  []byte          `cbor:"24,keyasint,omitempty"`
}

// commonForm is the common part of a manifest.
type commonForm struct {
	Dependencies map[uint64]cbor.RawMessage `cbor:"1,keyasint,omitempty"`
	Components   []ComponentID              `cbor:"2,keyasint,omitempty"`
	Shared       []byte                     `cbor:"4,keyasint,omitempty"`
}

// dependencies is that a manifest needs one other, which stands in a component of its own.
func dependencies(c codec) map[uint64]cbor.RawMessage {
	prefix := map[uint64]ComponentID{1: NewComponentID("driver.suit")}
	return map[uint64]cbor.RawMessage{1: c.encode(prefix)}
}

// manifestVersion is the version of the manifest's structure.
const manifestVersion = 1

// ParseManifest reads the CBOR of a manifest. It carries nothing out.
func ParseManifest(data []byte) (*Manifest, error) {
	c := newCodec()
	var f manifestForm
	if err := c.dec.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if f.Version != manifestVersion {
		return nil, fmt.Errorf("manifest: version %d of its structure, expected %d", f.Version, manifestVersion)
	}
	var common commonForm
	if err := c.dec.Unmarshal(f.Common, &common); err != nil {
		return nil, fmt.Errorf("manifest: common part: %w", err)
	}
	m := &Manifest{
		Sequence:   f.Sequence,
		Components: common.Components, Dependencies: len(common.Dependencies),
		Severed: map[int64]Digest{},
	}
	if err := c.optional(f.SetVersion, &m.Version); err != nil {
		return nil, fmt.Errorf("manifest: version: %w", err)
	}
	var err error
	if m.Unknown, err = c.unknown(data); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	for _, s := range []struct {
		name string
		data []byte
		to   *Sequence
	}{
		{"shared sequence", common.Shared, &m.Shared},
		{"validate", f.Validate, &m.Validate},
		{"load", f.Load, &m.Load},
		{"invoke", f.Invoke, &m.Invoke},
		{"uninstall", f.Uninstall, &m.Uninstall},
	} {
		if *s.to, err = c.sequence(s.data, 0); err != nil {
			return nil, fmt.Errorf("manifest: %s: %w", s.name, err)
		}
	}
	if err := c.severable(m, &f); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	return m, nil
}

// optional reads a member that is a byte string of CBOR and may be missing.
func (c codec) optional(member []byte, to any) error {
	if len(member) == 0 {
		return nil
	}
	return c.dec.Unmarshal(member, to)
}

// severable reads the members that may stand in the envelope instead.
func (c codec) severable(m *Manifest, f *manifestForm) error {
	for _, member := range []struct {
		key int64
		raw cbor.RawMessage
		seq *Sequence
		to  *[]byte
	}{
		{keyCoSWID, f.CoSWID, nil, &m.CoSWID},
		{keyResolution, f.Resolution, &m.Resolution, nil},
		{keyFetch, f.Fetch, &m.Fetch, nil},
		{keyInstall, f.Install, &m.Install, nil},
		{keyText, f.Text, nil, &m.Text},
	} {
		switch {
		case len(member.raw) == 0:
			continue
		case member.raw[0]>>5 == 4: // an array: the digest of what was severed
			var d Digest
			if err := c.dec.Unmarshal(member.raw, &d); err != nil {
				return fmt.Errorf("digest of member %d: %w", member.key, err)
			}
			m.Severed[member.key] = d
			continue
		}
		var data []byte
		if err := c.dec.Unmarshal(member.raw, &data); err != nil {
			return fmt.Errorf("member %d: %w", member.key, err)
		}
		if member.to != nil {
			*member.to = data
			continue
		}
		var err error
		if *member.seq, err = c.sequence(data, 0); err != nil {
			return fmt.Errorf("member %d: %w", member.key, err)
		}
	}
	return nil
}

// unknown lists the keys of a manifest that manifestForm does not have.
func (c codec) unknown(data []byte) ([]int64, error) {
	var all map[int64]cbor.RawMessage
	if err := c.dec.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	var unknown []int64
	for key := range all {
		switch key {
		case 1, 2, 3, 4, 5, 6, 7, 8, 9, keyCoSWID, keyResolution, keyFetch, keyInstall, keyText, 24:
		default:
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	return unknown, nil
}

// Rejoin puts the severed members of an envelope back where they were cut out.
func (m *Manifest) Rejoin(severed map[int64][]byte) error {
	c := newCodec()
	for key, to := range map[int64]*Sequence{keyResolution: &m.Resolution, keyFetch: &m.Fetch, keyInstall: &m.Install} {
		member, ok := severed[key]
		if !ok {
			continue
		}
		if _, cut := m.Severed[key]; !cut {
			return errors.New("a member that the manifest has not severed")
		}
		var err error
		if *to, err = c.sequence(member, 0); err != nil {
			return fmt.Errorf("severed member %d: %w", key, err)
		}
	}
	for key, to := range map[int64]*[]byte{keyCoSWID: &m.CoSWID, keyText: &m.Text} {
		if member, ok := severed[key]; ok {
			*to = member
		}
	}
	return nil
}
