package ocf

// Properties is a set of pstat properties.
type Properties uint16

// The properties of oic.r.pstat. PropDOS is the object, PropP its member p.
const (
	PropDOS Properties = 1 << iota
	PropP
	PropISOP
	PropCM
	PropTM
	PropOM
	PropSM
	PropRowner
	PropRT
	PropIF
)

// Has reports whether every property of q is in p.
func (p Properties) Has(q Properties) bool { return p&q == q }

// Pstat is a representation of /oic/sec/pstat. Present says which properties
// it carried with the right type; a property outside it has its zero value.
// A zero Present on a Pstat to be encoded means all required ones.
type Pstat struct {
	DOS     DOS
	Pending bool // dos.p
	ISOP    bool
	CM, TM  DPM
	OM, SM  uint8 // oic.sec.pomtype
	Rowner  UUID
	Present Properties
}

// String is the one text notation of a sample: "tm=V cm=- dos=RFNOP".
func (p Pstat) String() string {
	return "tm=" + p.TM.String() + " cm=" + p.CM.String() + " dos=" + p.DOS.String()
}

// Problem is one way in which a representation departs from oic.r.pstat:
// a property that is missing, of another type, or out of range.
type Problem struct {
	Property string // "tm", "dos.s", ...
	Want     string // "unsigned integer 0 to 65535"
	Got      string // "text string \"64\"", "missing"
}

// String reads "tm: want unsigned integer 0 to 65535, got text string".
func (p Problem) String() string { return p.Property + ": want " + p.Want + ", got " + p.Got }

// Interface is an OCF interface (the if query).
type Interface uint8

// The interfaces of pstat. InterfaceDefault is what a request without if asks for.
const (
	InterfaceDefault Interface = iota
	InterfaceBaseline
	InterfaceRW
)

// PstatUpdate is the decoded payload of a POST to pstat. Set says which
// properties it carries; Set may be empty ({} is a valid update).
type PstatUpdate struct {
	Set    Properties
	DOS    DOS // dos.s
	P      bool
	ISOP   bool
	CM, TM DPM
	OM, SM uint8
	Rowner UUID
}

// Paths of the core and security resources.
const (
	PathRes   = "/oic/res"
	PathD     = "/oic/d"
	PathP     = "/oic/p"
	PathDoxm  = "/oic/sec/doxm"
	PathPstat = "/oic/sec/pstat"
	PathCore  = "/.well-known/core"
)

// Content formats and options of OCF over CoAP.
const (
	FormatCBOR    = 60    // application/cbor
	FormatOCFCBOR = 10000 // application/vnd.ocf+cbor
	FormatLinks   = 40    // application/link-format

	OptionAcceptVersion = 2049 // OCF-Accept-Content-Format-Version
	OptionFormatVersion = 2053 // OCF-Content-Format-Version
	Version100          = 2048 // OCF 1.0.0 as the value of 2049 and 2053
)
