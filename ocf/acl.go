package ocf

// Permission is the permission mask of an ACE, CRUDN.
type Permission uint8

// The permissions.
const (
	MayCreate   Permission = 1 << iota // C, 1
	MayRead                            // R, 2: also to observe
	MayUpdate                          // U, 4
	MayDelete                          // D, 8
	MayNotified                        // N, 16
)

// Connection types as the subject of an ACE.
const (
	AuthCrypt = "auth-crypt" // every authenticated Client
	AnonClear = "anon-clear" // everyone without a session
)

// Subject is who an ACE is for: one of a uuid, a role and a connection type.
type Subject struct {
	UUID UUID
	Role Role
	Conn string // AuthCrypt or AnonClear
}

// ResourceRef is what an ACE is about: a path, or a wildcard.
type ResourceRef struct {
	Href     string
	Wildcard string   // wc: "*", "+" or "-"
	RT, IF   []string // of earlier editions
}

// Validity is when an ACE holds.
type Validity struct {
	Period     string   // RFC 5545: "20200101T000000Z/20201231T235959Z"
	Recurrence []string // RFC 5545 RRULEs
}

// ACE is one access control entry of /oic/sec/acl2.
type ACE struct {
	ID         uint16 // aceid; 0 where the Device is to choose
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
