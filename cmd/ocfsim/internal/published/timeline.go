package published

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Shown are the representations in a Timeline: what a GET was answered with, and every
// notification.
func Shown(tl conformance.Timeline) []Representation {
	gets := map[int]bool{}
	var all []Representation
	for _, o := range tl.Observations {
		switch f := o.Frame; {
		case f == nil:
		case o.Kind == conformance.Request:
			gets[o.N] = f.Code == "GET"
		case o.Kind != conformance.Notification && (o.Kind != conformance.Response || o.For == nil || !gets[*o.For]):
		case f.Code == "2.05" && inCBOR(f.Format):
			all = append(all, Representation{Path: f.Path, Query: f.Query, Payload: f.Payload})
		}
	}
	return all
}

// inCBOR reports whether a Content-Format is CBOR. A Device that names none means it.
func inCBOR(format *uint16) bool {
	return format == nil || *format == ocf.FormatOCFCBOR || *format == ocf.FormatCBOR
}
