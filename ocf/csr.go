package ocf

// CSR is a representation of /oic/sec/csr, the request for a certificate of
// the Device's key pair.
type CSR struct {
	Data     []byte
	Encoding string // EncodingPEM or EncodingDER
}

// AppendCBOR appends x's representation to dst, PEM as text and DER as bytes.
// InterfaceBaseline adds rt and if.
func (x *CSR) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 2, iface, []string{RTCSR}, []string{IfRW, IfBaseline})
	dst = appendData(dst, "csr", x.Encoding, x.Data)
	return AppendText(AppendText(dst, "encoding"), x.Encoding)
}

// DecodeCSR reads a representation of /oic/sec/csr as a Client sees it. It is
// as tolerant as DecodePstat.
func DecodeCSR(payload []byte) (CSR, []Problem, error) {
	var x CSR
	var r reader
	err := r.representation(payload, []field{
		r.dataField("csr", &x.Data),
		wordOf("encoding", &x.Encoding, EncodingPEM, EncodingDER),
	})
	return x, r.problems, err
}
