package ocf

// D is a representation of /oic/d, what the Device says of itself.
type D struct {
	RT   []string // resource types of baseline: "oic.wk.d" first
	Name string   // n
	DI   UUID     // di, the Device's identity
	ICV  string   // icv, the OCF version: "ocf.1.0.0"
	DMV  string   // dmv, the data model versions
	PIID UUID     // piid, for the Device's life
	SV   string   // sv, the software version, up to 64 characters; "" is left out
}

// AppendCBOR appends d's representation to dst. InterfaceBaseline adds rt and
// if; the default interface of /oic/d is oic.if.r.
func (d *D) AppendCBOR(dst []byte, iface Interface) []byte {
	n := 5
	if d.SV != "" {
		n++
	}
	dst = appendCommon(dst, n, iface, d.RT, []string{IfR, IfBaseline})
	dst = AppendText(AppendText(dst, "n"), d.Name)
	dst = appendUUID(AppendText(dst, "di"), d.DI)
	dst = AppendText(AppendText(dst, "icv"), d.ICV)
	dst = AppendText(AppendText(dst, "dmv"), d.DMV)
	dst = appendUUID(AppendText(dst, "piid"), d.PIID)
	if d.SV != "" {
		dst = AppendText(AppendText(dst, "sv"), d.SV)
	}
	return dst
}

// DecodeD reads a representation of /oic/d as a Client sees it. It is as
// tolerant as DecodePstat.
func DecodeD(payload []byte) (D, []Problem, error) {
	var d D
	problems, err := readObject(payload, []field{
		opt(textsField("rt", &d.RT)),
		textField("n", &d.Name),
		uuidField("di", &d.DI),
		textField("icv", &d.ICV),
		textField("dmv", &d.DMV),
		uuidField("piid", &d.PIID),
		opt(textField("sv", &d.SV)),
	})
	return d, problems, err
}

// P is a representation of /oic/p, the platform that the Device runs on.
type P struct {
	PI   UUID   // pi, the platform's identity
	MNMN string // mnmn, the manufacturer's name
	MNFV string // mnfv, the firmware's version; "" is left out
}

// AppendCBOR appends p's representation to dst. InterfaceBaseline adds rt and
// if; the default interface of /oic/p is oic.if.r.
func (p *P) AppendCBOR(dst []byte, iface Interface) []byte {
	n := 2
	if p.MNFV != "" {
		n++
	}
	dst = appendCommon(dst, n, iface, []string{"oic.wk.p"}, []string{IfR, IfBaseline})
	dst = appendUUID(AppendText(dst, "pi"), p.PI)
	dst = AppendText(AppendText(dst, "mnmn"), p.MNMN)
	if p.MNFV != "" {
		dst = AppendText(AppendText(dst, "mnfv"), p.MNFV)
	}
	return dst
}

// DecodeP reads a representation of /oic/p as a Client sees it. It is as
// tolerant as DecodePstat.
func DecodeP(payload []byte) (P, []Problem, error) {
	var p P
	problems, err := readObject(payload, []field{
		uuidField("pi", &p.PI),
		textField("mnmn", &p.MNMN),
		opt(textField("mnfv", &p.MNFV)),
	})
	return p, problems, err
}
