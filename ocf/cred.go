package ocf

import (
	"fmt"
	"io"
	"unicode/utf8"
)

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

// Key is privatedata, publicdata or optionaldata of a credential; the zero
// value is none. It is never printed: whatever formats, marshals or logs it
// gets "[withheld]", unless it stands in an unexported field, where fmt calls
// no methods. Such a struct has a String of its own.
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

// Role is an OCF role: a name, and who grants it. The zero value is none.
type Role struct {
	Name      string // "oic.role.owner"
	Authority string
}

// Cred is one credential of /oic/sec/cred, oic.sec.cred of the published
// schema. Its other properties (crms, tag, oscore) are neither read nor
// written.
type Cred struct {
	ID       uint32 // credid; 0 where the Device is to choose
	Type     uint16 // credtype
	Subject  string // subjectuuid: a uuid in lower case, or "*"
	Usage    string // credusage, "" for none
	Role     Role   // roleid of a symmetric key
	Private  Key    // its data is never in an answer
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

// Format withholds the data whatever the verb: %d and %x show no key either.
func (k Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, k.String()) }

// MarshalText withholds the data from what writes texts of values, as JSON
// and log/slog do. A Key is kept in CBOR, or field by field.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// present reports whether the object was on the wire, or is to be. An object
// with an encoding and no data is present: that is how a Client asks for the
// owner's key.
func (k Key) present() bool { return k.Encoding != "" || len(k.Data) > 0 }

// AppendCBOR appends x's representation to dst. The data of privatedata is
// never written: the object has its encoding and empty data, as IoTivity-Lite
// answers. InterfaceBaseline adds rt and if.
func (x *Creds) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 2, iface, []string{RTCred}, []string{IfRW, IfBaseline})
	dst = AppendArray(AppendText(dst, "creds"), len(x.List))
	for i := range x.List {
		public := x.List[i]
		public.Private.Data = nil
		dst = public.appendCBOR(dst)
	}
	return appendUUID(AppendText(dst, "rowneruuid"), x.Rowner)
}

// AppendCBOR appends u as the payload of a POST to dst, keys included: for
// Clients, over a session. Data is written as a byte string unless its
// encoding is a text's.
func (u *CredsUpdate) AppendCBOR(dst []byte) []byte {
	if u.HasRowner {
		dst = appendUUID(AppendText(AppendMap(dst, 2), "rowneruuid"), u.Rowner)
	} else {
		dst = AppendMap(dst, 1)
	}
	return appendCreds(AppendText(dst, "creds"), u.List)
}

func appendCreds(dst []byte, list []Cred) []byte {
	dst = AppendArray(dst, len(list))
	for i := range list {
		dst = list[i].appendCBOR(dst)
	}
	return dst
}

// appendCBOR appends c with every property that is not empty; credtype always.
func (c *Cred) appendCBOR(dst []byte) []byte {
	n := 1
	for _, has := range [...]bool{
		c.ID != 0, c.Subject != "", c.Usage != "", c.Role != Role{},
		c.Private.present(), c.Public.present(), c.Optional.present(), c.Period != "",
	} {
		if has {
			n++
		}
	}
	dst = AppendMap(dst, n)
	if c.ID != 0 {
		dst = AppendUint(AppendText(dst, "credid"), uint64(c.ID))
	}
	dst = AppendUint(AppendText(dst, "credtype"), uint64(c.Type))
	dst = appendWord(dst, "subjectuuid", c.Subject)
	dst = appendWord(dst, "credusage", c.Usage)
	if c.Role != (Role{}) {
		dst = c.Role.appendPairs(AppendMap(AppendText(dst, "roleid"), c.Role.pairs()))
	}
	dst = c.Private.appendCBOR(dst, "privatedata")
	dst = c.Public.appendCBOR(dst, "publicdata")
	dst = c.Optional.appendCBOR(dst, "optionaldata")
	return appendWord(dst, "period", c.Period)
}

// appendCBOR appends k as the property name, where it is present.
func (k Key) appendCBOR(dst []byte, name string) []byte {
	if !k.present() {
		return dst
	}
	encoding := k.Encoding
	if encoding == "" {
		encoding = EncodingRaw
	}
	dst = AppendMap(AppendText(dst, name), 2)
	return appendData(appendWord(dst, "encoding", encoding), "data", encoding, k.Data)
}

// appendData appends data as a text string where its encoding is a text's.
func appendData(dst []byte, name, encoding string, data []byte) []byte {
	major := byte(MajorText)
	if encoding == EncodingRaw || encoding == EncodingDER || !utf8.Valid(data) {
		major = MajorBytes
	}
	return append(appendHead(AppendText(dst, name), major, uint64(len(data))), data...)
}

// appendWord appends a property that is a text string, unless it is empty.
func appendWord(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return AppendText(AppendText(dst, name), value)
}

func (role Role) pairs() int {
	if role.Authority == "" {
		return 1
	}
	return 2
}

func (role Role) appendPairs(dst []byte) []byte {
	return appendWord(AppendText(AppendText(dst, "role"), role.Name), "authority", role.Authority)
}
