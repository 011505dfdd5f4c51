package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

func msg6() Rule {
	return Rule{
		ID: "MSG-6", Says: "a Client says in which format a payload is, and in which version of OCF's",
		Clause: "A request with a payload has a Content-Format; where that, or Accept, is application/vnd.ocf+cbor, an OCF version option stands beside it.",
		Source: "RFC 7252 section 5.5.1, OCF Core Specification, OCF-Content-Format-Version and OCF-Accept-Content-Format-Version", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "each payload had a Content-Format, and OCF's own had a version",
		Fail:   "a payload had no Content-Format, or none that OCF has, or OCF's own without its version option (2053; 2049 beside Accept)",
		Silent: "the Client sent no payload and no Accept", judge: formats,
	}
}

func formats(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, r := range s.requests {
		f, want := r.frame, "a Content-Format, and OCF's with its version option"
		switch {
		case len(f.Payload) > 0 && f.Format == nil:
			all = append(all, broken(r.n, want, "the payload of %s %s has no Content-Format", f.Code, f.Path))
		case len(f.Payload) > 0 && *f.Format != ocf.FormatOCFCBOR && *f.Format != ocf.FormatCBOR:
			all = append(all, broken(r.n, want, "the payload of %s %s has Content-Format %d", f.Code, f.Path, *f.Format))
		case len(f.Payload) > 0 && *f.Format == ocf.FormatOCFCBOR && r.msg.version == nil:
			all = append(all, broken(r.n, want, "the payload of %s %s has Content-Format 10000 without option 2053", f.Code, f.Path))
		case r.msg.accept != nil && *r.msg.accept == ocf.FormatOCFCBOR && r.msg.acceptVersion == nil:
			all = append(all, broken(r.n, want, "%s %s has Accept 10000 without option 2049", f.Code, f.Path))
		case len(f.Payload) > 0 || r.msg.accept != nil:
			all = append(all, kept(r.n))
		}
	}
	return all
}
