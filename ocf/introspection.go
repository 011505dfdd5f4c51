package ocf

import "slices"

// The introspection resource, at the path that IoTivity-Lite has it at, and the document
// that it names.
const (
	PathIntrospection     = "/oc/wk/introspection"
	RTIntrospection       = "oic.wk.introspection"
	PathIntrospectionData = "/oc/introspection"
)

// Introspection is a representation of oic.wk.introspection: where the documents are that
// describe what the Device serves.
type Introspection struct {
	Documents []Document // urlInfo
}

// Document is one entry of urlInfo.
type Document struct {
	URL      string
	Protocol string // "coap", "coaps", "http", "https", "coap+tcp" or "coaps+tcp"
}

// AppendCBOR appends x's representation to dst. InterfaceBaseline adds rt and if.
func (x *Introspection) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 1, iface, []string{RTIntrospection}, []string{IfR, IfBaseline})
	dst = AppendArray(AppendText(dst, "urlInfo"), len(x.Documents))
	for _, d := range x.Documents {
		dst = AppendText(AppendText(AppendMap(dst, 2), "url"), d.URL)
		dst = AppendText(AppendText(dst, "protocol"), d.Protocol)
	}
	return dst
}

// DecodeIntrospection reads a representation of oic.wk.introspection as a Client sees it.
// It is as tolerant as DecodePstat. A urlInfo without an entry is a Problem, as the schema
// has it.
func DecodeIntrospection(payload []byte) (Introspection, []Problem, error) {
	var x Introspection
	var r reader
	err := r.representation(payload, []field{
		r.list("urlInfo", "array of locations", "", func(it item, at string) {
			if !r.isMap(it, at) {
				return
			}
			var d Document
			r.object(it, at+".", []field{
				textWhere("url", "URL", &d.URL, isURL),
				textWhere("protocol", "protocol of the schema", &d.Protocol, isProtocol),
			})
			x.Documents = append(x.Documents, d)
		}),
	})
	if err == nil && len(x.Documents) == 0 && len(r.problems) == 0 {
		r.wrong(Problem{"urlInfo", "at least one location", "none"})
	}
	return x, r.problems, err
}

// textWhere reads a text string that fits into to.
func textWhere(name, want string, to *string, fits func(string) bool) field {
	return field{name: name, want: want, read: func(it item) bool {
		text, ok := it.text()
		if !ok || !fits(string(text)) {
			return false
		}
		*to = string(text)
		return true
	}}
}

func isProtocol(s string) bool {
	return slices.Contains([]string{"coap", "coaps", "http", "https", "coap+tcp", "coaps+tcp"}, s)
}

// AppendIntrospectionData appends a document to dst that describes links: the Swagger 2.0
// of oic.wk.introspection in CBOR, as short as it can be.
func AppendIntrospectionData(dst []byte, title string, links []Link) []byte {
	dst = AppendText(AppendText(AppendMap(dst, 3), "swagger"), "2.0")
	dst = AppendMap(AppendText(dst, "info"), 2)
	dst = AppendText(AppendText(dst, "title"), title)
	dst = AppendText(AppendText(dst, "version"), "1.0.0")
	dst = AppendMap(AppendText(dst, "paths"), len(links))
	for _, l := range links {
		dst = AppendMap(AppendText(dst, l.Href), 1)
		dst = AppendMap(AppendText(dst, "get"), 1)
		dst = AppendMap(AppendText(dst, "responses"), 1)
		dst = AppendMap(AppendText(dst, "200"), 1)
		dst = AppendText(AppendText(dst, "description"), "")
	}
	return dst
}
