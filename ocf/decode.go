package ocf

import (
	"errors"
	"fmt"
)

// What the properties have to be, in the words of Problem.Want.
const (
	wantMode = "unsigned integer 0 to 65535"
	wantByte = "unsigned integer 0 to 255"
	wantDOS  = "unsigned integer 0 to 4"
	wantBool = "true or false"
	wantUUID = "text string that is a uuid"
	wantList = "array of text strings"
	wantText = "text string"
	wantMap  = "map"
	wantOnce = "each property once"
)

// Problem.Got of a required property that is not there, and of a second one.
const (
	missing   = "missing"
	duplicate = "duplicate key"
)

// DecodePstat reads a representation of pstat as a Client sees it. It is
// tolerant: what has the wrong type, is out of range or stands twice is
// reported as a Problem and left out of Present; unknown properties are
// passed over. err is set where the payload is no CBOR map at all, or beyond
// MaxPayloadBytes, MaxNesting or MaxElements.
func DecodePstat(payload []byte) (Pstat, []Problem, error) {
	it, rest, err := one(payload, MaxPayloadBytes)
	if err != nil {
		return Pstat{}, nil, err
	}
	if it.major() != MajorMap {
		return Pstat{}, nil, errors.New(Problem{"payload", wantMap, it.describe()}.String())
	}
	r := pstatReader{}
	for key, value := range it.pairs() {
		if name, ok := key.text(); ok {
			r.property(name, value)
		} else {
			r.wrong("key", wantText, key)
		}
	}
	v, problems := r.values, r.problems
	p := Pstat{
		DOS: v.DOS, Pending: v.P, ISOP: v.ISOP,
		CM: v.CM, TM: v.TM, OM: v.OM, SM: v.SM, Rowner: v.Rowner, Present: v.Set,
	}
	for _, q := range required {
		if !r.seen.Has(q.bit) {
			problems = append(problems, Problem{Property: q.name, Want: q.want, Got: missing})
		}
	}
	if len(rest) > 0 {
		problems = append(problems, trailing(rest))
	}
	return p, problems, nil
}

// DecodePstatUpdate reads the payload of a POST to pstat as a Device does. It
// is strict: an unknown property, a wrong type, a value out of range, a
// duplicate key, nesting or size beyond bounds is an error that names it, and
// then nothing of the update may be applied. Keys are compared whole. The
// common properties rt, if, n and id are read-only for every Client, so they
// are refused here; cm, isop, sm and dos.p are refused by the Device, which
// answers for who may write what in which dos.
func DecodePstatUpdate(payload []byte) (PstatUpdate, error) {
	it, rest, err := one(payload, MaxUpdateBytes)
	if err != nil {
		return PstatUpdate{}, err
	}
	if len(rest) > 0 {
		return PstatUpdate{}, fmt.Errorf("%d bytes follow the update", len(rest))
	}
	if it.major() != MajorMap {
		return PstatUpdate{}, errors.New(Problem{"payload", wantMap, it.describe()}.String())
	}
	r := pstatReader{}
	for key, value := range it.pairs() {
		name, ok := key.text()
		if !ok {
			return PstatUpdate{}, errors.New(Problem{"key", wantText, key.describe()}.String())
		}
		if readOnly(name) {
			return PstatUpdate{}, fmt.Errorf("%s: read-only property", name)
		}
		known := r.property(name, value)
		if len(r.problems) > 0 {
			return PstatUpdate{}, errors.New(r.problems[0].String())
		}
		if !known {
			return PstatUpdate{}, fmt.Errorf("%q: unknown property", clip(name))
		}
		if r.unknown != nil {
			return PstatUpdate{}, fmt.Errorf("dos: %q: unknown property", clip(r.unknown))
		}
	}
	return r.values, nil
}

// readOnly reports whether name is a common property, which no Client may write.
func readOnly(name []byte) bool {
	switch string(name) {
	case "rt", "if", "n", "id":
		return true
	}
	return false
}

// required lists the properties that a representation must have, in the order
// in which their absence is reported. dos.p is optional since OCF 1.3.
var required = []struct {
	bit  Properties
	name string
	want string
}{
	{PropDOS, "dos.s", wantDOS},
	{PropISOP, "isop", wantBool},
	{PropCM, "cm", wantMode},
	{PropTM, "tm", wantMode},
	{PropOM, "om", wantByte},
	{PropSM, "sm", wantByte},
	{PropRowner, "rowneruuid", wantUUID},
}

// pstatReader takes a pstat apart, one property at a time.
type pstatReader struct {
	values   PstatUpdate
	seen     Properties // whatever their type
	dos      bool       // the key dos was there
	unknown  []byte     // an unknown member of dos
	problems []Problem
}

// property reads one property and reports whether pstat has it.
func (r *pstatReader) property(name []byte, value item) bool {
	v := &r.values
	switch string(name) {
	case "dos":
		r.readDOS(value)
	case "isop":
		r.bool(PropISOP, "isop", value, &v.ISOP)
	case "cm":
		r.mode(PropCM, "cm", value, &v.CM)
	case "tm":
		r.mode(PropTM, "tm", value, &v.TM)
	case "om":
		r.byte(PropOM, "om", value, &v.OM)
	case "sm":
		r.byte(PropSM, "sm", value, &v.SM)
	case "rowneruuid":
		r.uuid(value)
	case "rt":
		r.list(PropRT, "rt", value)
	case "if":
		r.list(PropIF, "if", value)
	default:
		return false
	}
	return true
}

// readDOS reads the object dos.
func (r *pstatReader) readDOS(value item) {
	if r.dos {
		r.twice("dos", PropDOS|PropP)
		return
	}
	r.dos = true
	if value.major() != MajorMap {
		r.seen |= PropDOS
		r.wrong("dos", wantMap, value)
		return
	}
	members := 0
	for key, member := range value.pairs() {
		members++
		name, ok := key.text()
		if !ok {
			name = []byte(key.describe())
		}
		switch string(name) {
		case "s":
			n, ok := member.unsigned(uint64(SRESET))
			if r.take(PropDOS, "dos.s", wantDOS, member, ok) {
				r.values.DOS = DOS(n)
			}
		case "p":
			r.bool(PropP, "dos.p", member, &r.values.P)
		default:
			r.unknown = name
		}
	}
	if members == 0 {
		r.seen |= PropDOS
		r.problems = append(r.problems, Problem{"dos.s", wantDOS, missing})
	}
}

func (r *pstatReader) bool(bit Properties, name string, value item, to *bool) {
	b, ok := value.boolean()
	if r.take(bit, name, wantBool, value, ok) {
		*to = b
	}
}

func (r *pstatReader) mode(bit Properties, name string, value item, to *DPM) {
	n, ok := value.unsigned(0xffff)
	if r.take(bit, name, wantMode, value, ok) {
		*to = DPM(n)
	}
}

func (r *pstatReader) byte(bit Properties, name string, value item, to *uint8) {
	n, ok := value.unsigned(0xff)
	if r.take(bit, name, wantByte, value, ok) {
		*to = uint8(n)
	}
}

func (r *pstatReader) uuid(value item) {
	u, ok := value.uuid()
	if r.take(PropRowner, "rowneruuid", wantUUID, value, ok) {
		r.values.Rowner = u
	}
}

func (r *pstatReader) list(bit Properties, name string, value item) {
	_, ok := value.texts()
	r.take(bit, name, wantList, value, ok)
}

// take enters a property that came with the right type, and reports whether its
// value may be used.
func (r *pstatReader) take(bit Properties, name, want string, value item, ok bool) bool {
	if r.seen.Has(bit) {
		r.twice(name, bit)
		return false
	}
	r.seen |= bit
	if !ok {
		r.wrong(name, want, value)
		return false
	}
	r.values.Set |= bit
	return true
}

func (r *pstatReader) wrong(name, want string, value item) {
	r.problems = append(r.problems, Problem{Property: name, Want: want, Got: value.describe()})
}

// twice takes back what was set by a key that stands more than once: nobody can
// say which of its values counts.
func (r *pstatReader) twice(name string, bits Properties) {
	r.problems = append(r.problems, Problem{Property: name, Want: wantOnce, Got: duplicate})
	v := &r.values
	v.Set &^= bits
	switch bits {
	case PropDOS | PropP:
		v.DOS, v.P = 0, false
	case PropDOS:
		v.DOS = 0
	case PropP:
		v.P = false
	case PropISOP:
		v.ISOP = false
	case PropCM:
		v.CM = 0
	case PropTM:
		v.TM = 0
	case PropOM:
		v.OM = 0
	case PropSM:
		v.SM = 0
	case PropRowner:
		v.Rowner = UUID{}
	}
}
