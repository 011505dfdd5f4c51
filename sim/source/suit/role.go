package suit

import (
	"errors"
	"fmt"
	"time"
)

// Role is what a key may sign, as in The Update Framework. The root is known to a Device
// from the beginning; it says which keys the other two have.
//
//	root --------> timestamp: which targets are the present ones, for a short time
//	    \--------> targets: which packages there are, and the packages' own signatures
type Role string

// The roles.
const (
	RoleRoot      Role = "root"
	RoleTimestamp Role = "timestamp"
	RoleTargets   Role = "targets"
)

// TimestampFile and TargetsFile are the files of these roles' metadata.
const (
	TimestampFile = "timestamp.cbor"
	TargetsFile   = "targets.cbor"
)

// RootFile is the file of a version of the root's metadata.
func RootFile(version uint64) string { return fmt.Sprintf("root.%d.cbor", version) }

// head begins the metadata of every role.
type head struct {
	Role    Role   `cbor:"1,keyasint"`
	Version uint64 `cbor:"2,keyasint"` // rises with every change
	Expires int64  `cbor:"3,keyasint"` // seconds since 1970
}

// root says which keys count.
type root struct {
	head
	Keys    [][]byte            `cbor:"4,keyasint"` // SubjectPublicKeyInfo of every key
	Roles   map[Role]delegation `cbor:"5,keyasint"`
	Revoked [][]byte            `cbor:"6,keyasint,omitempty"` // ids of keys that no longer count
}

// delegation says whose signatures a role needs.
type delegation struct {
	Keys      [][]byte `cbor:"1,keyasint"` // their ids
	Threshold int      `cbor:"2,keyasint"` // how many of them have to sign
}

// timestamp says which targets are the present ones.
type timestamp struct {
	head
	Targets uint64 `cbor:"4,keyasint"` // their version
	Size    int64  `cbor:"5,keyasint"` // bytes of their file
	Digest  Digest `cbor:"6,keyasint"`
}

// targets says which packages there are, by the name of the envelope's file.
type targets struct {
	head
	Packages map[string]Package `cbor:"4,keyasint"`
}

// Package is what the targets say of a package.
type Package struct {
	ClassID  []byte  `cbor:"1,keyasint"` // which Devices it is for
	Version  Version `cbor:"2,keyasint"`
	Sequence uint64  `cbor:"3,keyasint"`
	Size     int64   `cbor:"4,keyasint"` // bytes of the envelope
	Digest   Digest  `cbor:"5,keyasint"` // of the envelope
}

// signedForm is a role's metadata as it stands in a file.
type signedForm struct {
	_          struct{} `cbor:",toarray"`
	Payload    []byte   // CBOR of root, timestamp or targets
	Signatures [][]byte // COSE_Sign1 over Payload
}

// sign writes metadata with the signatures of its signers.
func (c codec) sign(metadata any, signers []*Signer) ([]byte, error) {
	f := signedForm{Payload: c.encode(metadata)}
	for _, s := range signers {
		signature, err := s.Sign(f.Payload)
		if err != nil {
			return nil, err
		}
		f.Signatures = append(f.Signatures, signature)
	}
	return c.encode(f), nil
}

// open reads the file of a role's metadata into m and returns what was signed. It checks
// no signature.
func (c codec) open(file string, data []byte, role Role, m any) (signedForm, error) {
	var f signedForm
	refuse := func(err error) (signedForm, error) {
		return f, &Refusal{Check: CheckFormat, Package: file, Why: err.Error()}
	}
	if len(data) > maxMetadata {
		return refuse(fmt.Errorf("it has %d bytes, expected at most %d", len(data), maxMetadata))
	}
	if err := c.dec.Unmarshal(data, &f); err != nil {
		return refuse(err)
	}
	var h head
	if err := c.dec.Unmarshal(f.Payload, &h); err != nil {
		return refuse(err)
	}
	switch {
	case h.Role != role:
		return refuse(fmt.Errorf("it is the metadata of the role %q, expected %q", h.Role, role))
	case h.Version == 0:
		return refuse(errors.New("it has no version"))
	}
	if err := c.dec.Unmarshal(f.Payload, m); err != nil {
		return refuse(err)
	}
	return f, nil
}

// expired reports whether the metadata's time is over.
func (h head) expired(now time.Time) bool { return now.Unix() >= h.Expires }

// until is the end of the metadata's time, for messages.
func (h head) until() string { return time.Unix(h.Expires, 0).UTC().Format(time.RFC3339) }
