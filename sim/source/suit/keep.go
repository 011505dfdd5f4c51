package suit

import (
	"errors"
	"fmt"
	"time"
)

// vendorForm is how a vendor is kept.
type vendorForm struct {
	Threshold int               `cbor:"1,keyasint"`
	Fresh     time.Duration     `cbor:"2,keyasint"`
	Algorithm Algorithm         `cbor:"3,keyasint"`
	Keys      map[Role][]string `cbor:"4,keyasint"` // in PEM
	Revoked   []string          `cbor:"5,keyasint"`
	Roots     Files             `cbor:"6,keyasint"`
	Version   uint64            `cbor:"7,keyasint"`
	Count     uint64            `cbor:"8,keyasint"`
	Expires   int64             `cbor:"9,keyasint"`
}

// Marshal writes the vendor with its private keys, for ParseVendor. Whoever has it can sign
// packages.
func (v *Vendor) Marshal() ([]byte, error) {
	f := vendorForm{
		Threshold: v.config.Threshold, Fresh: v.config.Fresh, Algorithm: v.config.Algorithm,
		Keys: map[Role][]string{}, Roots: v.roots, Version: v.version, Count: v.count, Expires: v.expires,
	}
	for role, signers := range v.keys {
		var err error
		if f.Keys[role], err = marshalAll(signers); err != nil {
			return nil, err
		}
	}
	var err error
	if f.Revoked, err = marshalAll(v.revoked); err != nil {
		return nil, err
	}
	return newCodec().encode(f), nil
}

func marshalAll(signers []*Signer) ([]string, error) {
	var all []string
	for _, s := range signers {
		data, err := s.Marshal()
		if err != nil {
			return nil, err
		}
		all = append(all, string(data))
	}
	return all, nil
}

// ParseVendor reads what Marshal wrote of the vendor of a model. No error quotes a key.
func ParseVendor(data []byte, m Model) (*Vendor, error) {
	var f vendorForm
	if err := newCodec().dec.Unmarshal(data, &f); err != nil {
		return nil, errors.New("the vendor's keys can't be read")
	}
	v := &Vendor{
		config: VendorConfig{Model: m, Threshold: f.Threshold, Fresh: f.Fresh, Algorithm: f.Algorithm},
		keys:   map[Role][]*Signer{}, roots: f.Roots, version: f.Version, count: f.Count, expires: f.Expires,
	}
	for _, role := range []Role{RoleRoot, RoleTimestamp, RoleTargets} {
		var err error
		if v.keys[role], err = parseAll(f.Keys[role]); err != nil {
			return nil, fmt.Errorf("key for %s: %w", role, err)
		}
		if len(v.keys[role]) == 0 {
			return nil, fmt.Errorf("there is no key for %s", role)
		}
	}
	var err error
	if v.revoked, err = parseAll(f.Revoked); err != nil {
		return nil, fmt.Errorf("revoked key: %w", err)
	}
	if v.Root() == nil {
		return nil, errors.New("the newest root is missing")
	}
	return v, nil
}

func parseAll(texts []string) ([]*Signer, error) {
	var all []*Signer
	for _, text := range texts {
		s, err := ParseSigner([]byte(text))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
