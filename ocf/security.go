package ocf

// Paths of the security resources beside doxm and pstat.
const (
	PathCred  = "/oic/sec/cred"
	PathACL   = "/oic/sec/acl2"
	PathSP    = "/oic/sec/sp"
	PathCSR   = "/oic/sec/csr"
	PathRoles = "/oic/sec/roles"
	PathSDI   = "/oic/sec/sdi"
	PathAEL   = "/oic/sec/ael"
)

// Owner transfer methods, oxms and oxmsel of doxm.
const (
	OXMJustWorks   = 0
	OXMRandomPIN   = 1
	OXMCertificate = 2
	OXMSelf        = 4 // none chosen yet
)

// DoxmProperties is a set of properties of doxm.
type DoxmProperties uint8

// The properties of doxm that a Client may ever write.
const (
	DoxmOXMSel DoxmProperties = 1 << iota
	DoxmOwned
	DoxmDevice
	DoxmDevOwner
	DoxmRowner
)

// Has reports whether every property of q is in p.
func (p DoxmProperties) Has(q DoxmProperties) bool { return p&q == q }

// DoxmUpdate is the payload of a POST to doxm; Set says what it carries.
type DoxmUpdate struct {
	Set      DoxmProperties
	OXMSel   uint16
	Owned    bool
	Device   UUID
	DevOwner UUID
	Rowner   UUID
}

// SP is a representation of /oic/sec/sp, the security profiles.
type SP struct {
	Supported []string // OIDs
	Current   string
}

// SDI is a representation of /oic/sec/sdi, the security domain; also the
// payload of a POST to it.
type SDI struct {
	UUID    UUID
	Name    string
	Private bool // priv
}

// CSR is a representation of /oic/sec/csr.
type CSR struct {
	Data     []byte
	Encoding string // EncodingPEM or EncodingDER
}

// Roles is a representation of /oic/sec/roles, and the payload of a POST to
// it: certificates that grant roles for the length of a session.
type Roles struct {
	List []Cred
}

// AEL is a representation of /oic/sec/ael, the auditable events list.
type AEL struct {
	Events              []AuditEvent
	UsedSpace, MaxSpace uint32 // bytes
	CategoryFilter      uint16
	PriorityFilter      uint8
}

// AuditEvent is one entry of AEL.
type AuditEvent struct {
	Category uint16 // 1 access control, 2 onboarding, 4 device, 8 authentication
	Priority uint8
	Time     string // RFC 3339
	Message  string
}
