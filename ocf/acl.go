package ocf

import (
	"fmt"
	"strings"
)

// Permission is the permission mask of an ACE, CRUDN.
type Permission uint8

// The permissions.
const (
	MayCreate   Permission = 1 << iota // C, 1
	MayRead                            // R, 2: also to observe
	MayUpdate                          // U, 4
	MayDelete                          // D, 8
	MayNotified                        // N, 16

	MayAll = MayCreate | MayRead | MayUpdate | MayDelete | MayNotified // 31
)

// permissionLetters are those of the permissions, from the lowest bit on.
const permissionLetters = "CRUDN"

// Has reports whether every permission of q is in p.
func (p Permission) Has(q Permission) bool { return p&q == q }

// String is the letters of CRUDN that p has, "RU", or "-" for none. What no
// letter stands for follows as a number: "RU+0x20".
func (p Permission) String() string {
	if p == 0 {
		return "-"
	}
	var b strings.Builder
	for i, letter := range permissionLetters {
		if p&(1<<i) != 0 {
			b.WriteRune(letter)
		}
	}
	if rest := p &^ MayAll; rest != 0 {
		if b.Len() > 0 {
			b.WriteByte('+')
		}
		fmt.Fprintf(&b, "%#x", uint8(rest))
	}
	return b.String()
}

// ParsePermission reads the letters of CRUDN in any order, each at most once;
// "-" is none.
func ParsePermission(text string) (Permission, error) {
	if text == "-" {
		return 0, nil
	}
	var p Permission
	for _, letter := range text {
		i := strings.IndexRune(permissionLetters, letter)
		if i < 0 || p.Has(1<<i) {
			return 0, fmt.Errorf("%q: expected letters of CRUDN, each once, or -", text)
		}
		p |= 1 << i
	}
	if p == 0 {
		return 0, fmt.Errorf("%q: expected letters of CRUDN, each once, or -", text)
	}
	return p, nil
}

// Connection types as the subject of an ACE.
const (
	AuthCrypt = "auth-crypt" // every authenticated Client
	AnonClear = "anon-clear" // everyone without a session
)

// Subject is who an ACE is for: one of a uuid, a role and a connection type.
// The zero value is nobody; no decoded update has it.
type Subject struct {
	UUID UUID
	Role Role
	Conn string // AuthCrypt or AnonClear
}

// ResourceRef is what an ACE is about: a path, or a wildcard. RT and IF are of
// earlier editions, and narrow it; some Clients write if as "*" beside a path.
// A reference with neither path nor wildcard has RT.
type ResourceRef struct {
	Href     string
	Wildcard string // wc: "*", "+" or "-"
	RT, IF   []string
}

// Validity is when an ACE holds.
type Validity struct {
	Period     string   // RFC 5545: "20200101T000000Z/20201231T235959Z"
	Recurrence []string // RFC 5545 RRULEs
}

// ACE is one access control entry of /oic/sec/acl2.
type ACE struct {
	ID         uint32 // aceid; 0 where the Device is to choose
	Subject    Subject
	Resources  []ResourceRef
	Permission Permission
	Validity   []Validity // empty: always
}

// ACL is a representation of /oic/sec/acl2.
type ACL struct {
	List   []ACE
	Rowner UUID
}

// ACLUpdate is the payload of a POST to /oic/sec/acl2: entries to add, or to
// replace where ID names one; and who is to own the resource.
type ACLUpdate struct {
	List      []ACE // empty also where aclist2 is null or absent
	HasRowner bool
	Rowner    UUID
}

// AppendCBOR appends x's representation to dst. InterfaceBaseline adds rt and if.
func (x *ACL) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 2, iface, []string{RTACL}, []string{IfRW, IfBaseline})
	dst = appendACEs(AppendText(dst, "aclist2"), x.List)
	return appendUUID(AppendText(dst, "rowneruuid"), x.Rowner)
}

// AppendCBOR appends u as the payload of a POST to dst. Without entries
// aclist2 is left out.
func (u *ACLUpdate) AppendCBOR(dst []byte) []byte {
	n := 0
	if len(u.List) > 0 {
		n++
	}
	if u.HasRowner {
		n++
	}
	dst = AppendMap(dst, n)
	if len(u.List) > 0 {
		dst = appendACEs(AppendText(dst, "aclist2"), u.List)
	}
	if u.HasRowner {
		dst = appendUUID(AppendText(dst, "rowneruuid"), u.Rowner)
	}
	return dst
}

func appendACEs(dst []byte, list []ACE) []byte {
	dst = AppendArray(dst, len(list))
	for i := range list {
		dst = list[i].appendCBOR(dst)
	}
	return dst
}

func (e *ACE) appendCBOR(dst []byte) []byte {
	n := 3
	if e.ID != 0 {
		n++
	}
	if len(e.Validity) > 0 {
		n++
	}
	dst = e.Subject.appendCBOR(AppendText(AppendMap(dst, n), "subject"))
	dst = AppendArray(AppendText(dst, "resources"), len(e.Resources))
	for i := range e.Resources {
		dst = e.Resources[i].appendCBOR(dst)
	}
	dst = AppendUint(AppendText(dst, "permission"), uint64(e.Permission))
	if e.ID != 0 {
		dst = AppendUint(AppendText(dst, "aceid"), uint64(e.ID))
	}
	if len(e.Validity) == 0 {
		return dst
	}
	dst = AppendArray(AppendText(dst, "validity"), len(e.Validity))
	for _, v := range e.Validity {
		n := 1
		if len(v.Recurrence) > 0 {
			n = 2
		}
		dst = AppendText(AppendText(AppendMap(dst, n), "period"), v.Period)
		dst = appendWords(dst, "recurrence", v.Recurrence)
	}
	return dst
}

func (s *Subject) appendCBOR(dst []byte) []byte {
	switch {
	case s.Conn != "":
		return appendWord(AppendMap(dst, 1), "conntype", s.Conn)
	case s.Role != Role{}:
		return s.Role.appendPairs(AppendMap(dst, s.Role.pairs()))
	}
	return appendUUID(AppendText(AppendMap(dst, 1), "uuid"), s.UUID)
}

func (f *ResourceRef) appendCBOR(dst []byte) []byte {
	n := 0
	for _, has := range [...]bool{f.Href != "", f.Wildcard != "", len(f.RT) > 0, len(f.IF) > 0} {
		if has {
			n++
		}
	}
	dst = appendWord(AppendMap(dst, n), "href", f.Href)
	dst = appendWord(dst, "wc", f.Wildcard)
	dst = appendWords(dst, "rt", f.RT)
	return appendWords(dst, "if", f.IF)
}

// appendWords appends a property that is an array of text strings, unless it
// is empty.
func appendWords(dst []byte, name string, list []string) []byte {
	if len(list) == 0 {
		return dst
	}
	return appendTexts(AppendText(dst, name), list)
}
