package ocf

// Security profiles by their OIDs, as supportedprofiles and currentprofile
// have them.
const (
	ProfileBaseline = "1.3.6.1.4.1.51414.0.0.1.0"
	ProfileBlack    = "1.3.6.1.4.1.51414.0.0.2.0"
	ProfileBlue     = "1.3.6.1.4.1.51414.0.0.3.0"
	ProfilePurple   = "1.3.6.1.4.1.51414.0.0.4.0"
)

// SP is a representation of /oic/sec/sp, the security profiles. It is also the
// payload of a POST to it; then what is empty is not written.
type SP struct {
	Supported []string // OIDs
	Current   string
}

// AppendCBOR appends x's representation to dst. InterfaceBaseline adds rt and if.
func (x *SP) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 2, iface, []string{RTSP}, []string{IfRW, IfBaseline})
	dst = AppendText(AppendText(dst, "currentprofile"), x.Current)
	return appendTexts(AppendText(dst, "supportedprofiles"), x.Supported)
}

// AppendUpdate appends x as the payload of a POST to dst.
func (x *SP) AppendUpdate(dst []byte) []byte {
	n := 0
	if x.Current != "" {
		n++
	}
	if len(x.Supported) > 0 {
		n++
	}
	dst = appendWord(AppendMap(dst, n), "currentprofile", x.Current)
	return appendWords(dst, "supportedprofiles", x.Supported)
}

// DecodeSP reads a representation of /oic/sec/sp as a Client sees it. It is as
// tolerant as DecodePstat.
func DecodeSP(payload []byte) (SP, []Problem, error) {
	var x SP
	problems, err := readObject(payload, x.fields())
	return x, problems, err
}

// DecodeSPUpdate reads the payload of a POST to /oic/sec/sp as a Device does.
// It is as strict as DecodePstatUpdate. Which profiles exist, and whether the
// current one is supported, is for the Device to say.
func DecodeSPUpdate(payload []byte) (SP, error) {
	var x SP
	if err := readKnown(payload, x.fields()); err != nil {
		return SP{}, err
	}
	return x, nil
}

func (x *SP) fields() []field {
	return []field{
		textField("currentprofile", &x.Current),
		textsField("supportedprofiles", &x.Supported),
	}
}
