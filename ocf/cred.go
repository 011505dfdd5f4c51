package ocf

// Credential types, credtype of oic.sec.cred.
const (
	SymmetricPair = 1 // a key that two share
	Certificate   = 8 // a signed asymmetric key
)

// What a credential is for, credusage of oic.sec.cred.
const (
	UsageTrustCA    = "oic.sec.cred.trustca"
	UsageCert       = "oic.sec.cred.cert"
	UsageRoleCert   = "oic.sec.cred.rolecert"
	UsageMfgTrustCA = "oic.sec.cred.mfgtrustca"
	UsageMfgCert    = "oic.sec.cred.mfgcert"
)

// How the data of a credential is written.
const (
	EncodingRaw    = "oic.sec.encoding.raw"
	EncodingBase64 = "oic.sec.encoding.base64"
	EncodingPEM    = "oic.sec.encoding.pem"
	EncodingDER    = "oic.sec.encoding.der"
)

// Key is privatedata, publicdata or optionaldata of a credential. It is never
// printed: its String withholds the data.
type Key struct {
	Encoding string
	Data     []byte
}

// String says how much is withheld.
func (k Key) String() string {
	if len(k.Data) == 0 {
		return "[no data]"
	}
	return "[withheld]"
}

// GoString is String: a key is not shown by %#v either.
func (k Key) GoString() string { return k.String() }

// Role is an OCF role: a name, and who grants it. The zero value is none.
type Role struct {
	Name      string // "oic.role.owner"
	Authority string
}

// Cred is one credential of /oic/sec/cred.
type Cred struct {
	ID       uint16 // credid; 0 where the Device is to choose
	Type     uint16 // credtype
	Subject  string // subjectuuid: a uuid in lower case, or "*"
	Usage    string // credusage, "" for none
	Role     Role   // roleid of a symmetric key
	Private  Key    // never in an answer
	Public   Key
	Optional Key
	Period   string // RFC 5545, "" for ever
}

// Creds is a representation of /oic/sec/cred.
type Creds struct {
	List   []Cred
	Rowner UUID
}

// CredsUpdate is the payload of a POST to /oic/sec/cred: credentials to add, or
// to replace where ID names one; and who is to own the resource.
type CredsUpdate struct {
	List      []Cred
	HasRowner bool
	Rowner    UUID
}
