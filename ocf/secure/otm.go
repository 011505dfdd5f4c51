package secure

import "fmt"

// OTM is an owner transfer method, with the numbers of doxm.oxms and
// doxm.oxmsel. The zero value is JustWorks.
type OTM uint8

// The owner transfer methods of the OCF Security Specification.
const (
	JustWorks               OTM = 0 // anonymous, with [AnonymousID]
	RandomPIN               OTM = 1 // a pre-shared key stretched from a PIN
	ManufacturerCertificate OTM = 2 // the manufacturer's certificate
)

// String is the method's word, as ParseOTM reads it.
func (m OTM) String() string {
	switch m {
	case JustWorks:
		return "justworks"
	case RandomPIN:
		return "pin"
	case ManufacturerCertificate:
		return "certificate"
	}
	return fmt.Sprintf("OTM(%d)", uint8(m))
}

// Label is the method's name on the wire and in the derivation of the owner's
// key; it is empty for a method that is none of the three.
func (m OTM) Label() string {
	switch m {
	case JustWorks:
		return "oic.sec.doxm.jw"
	case RandomPIN:
		return "oic.sec.doxm.rdp"
	case ManufacturerCertificate:
		return "oic.sec.doxm.mfgcert"
	}
	return ""
}

// ParseOTM reads "justworks", "pin" or "certificate".
func ParseOTM(s string) (OTM, error) {
	for _, m := range []OTM{JustWorks, RandomPIN, ManufacturerCertificate} {
		if s == m.String() {
			return m, nil
		}
	}
	return 0, fmt.Errorf("%q is not an owner transfer method, expected justworks, pin or certificate", s)
}
