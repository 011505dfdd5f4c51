package script

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// target sets what the Device under test declares.
func (s *script) target(words []string) {
	p := &s.tl.Header.Target
	for _, w := range words {
		name, v, _ := strings.Cut(w, "=")
		switch name {
		case "autonomous":
			p.Supports.Autonomous = true
		case "reboots":
			p.Update.Reboots = true
		case "strict":
			p.Policy.Strict = true
		case "secured":
			p.Secured = true
		case "any-dos":
			p.Update.AnyDOS = true
		case "softwareupdate":
			p.Supports.SoftwareUpdate = true
		case "unversioned":
			p.Update.Version = ""
		case "firmware":
			p.Update.Version = ocf.PathP + "#mnfv"
		case "icv":
			p.ICV = v
		case "clears":
			p.Policy.SSUStartClears = v
		case "dos":
			for n := range strings.SplitSeq(v, ",") {
				d, err := ocf.ParseDOS(n)
				s.check(err)
				p.Update.DOS = append(p.Update.DOS, d)
			}
		default:
			s.check(fmt.Errorf("target %q", w))
		}
	}
}

// sourceReport adds a report of the trusted source: the last one, with what the words change.
func (s *script) sourceReport(words []string) {
	for _, w := range words {
		name, v, _ := strings.Cut(w, "=")
		n, _ := strconv.Atoi(v)
		switch name {
		case "checks":
			s.source.Checks = n
		case "fetches":
			s.source.Fetches = n
		case "served":
			s.source.Served = n
		case "holding":
			s.source.Holding = n
		case "derived":
			s.source.Derived = n > 0
		case "unanswered":
			s.source.Unanswered = n
		case "unreachable":
			s.source.Unreachable = n > 0
		case "version":
			s.source.Version = v
		case "bad", "good":
			s.source.Last = &conformance.Handed{Package: v, Version: "1.0.1", Bytes: 65536, Of: 65536, Good: name == "good", Number: uint64(s.source.Fetches)}
			if name == "bad" {
				s.source.Last.Faults = []string{"bad-signature"}
			}
		default:
			s.check(fmt.Errorf("source %q", w))
		}
	}
	r := s.source
	s.add(conformance.Observation{Kind: conformance.Source, Source: &r})
}
