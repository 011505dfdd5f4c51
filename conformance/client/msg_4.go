package client

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

func msg4() Rule {
	return Rule{
		ID: "MSG-4", Says: "a Client does not give two requests that wait for answers the same token",
		Clause: "Tokens in use between two endpoints should be unique: an observation uses its token until it ends.",
		Source: "RFC 7252 section 5.3.1, RFC 7641 section 3.2", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "other requests had other tokens than the observation that was in force",
		Fail:   "a request for something else had the token of an observation that was in force",
		Silent: "the Client sent nothing while it observed pstat", judge: tokens,
	}
}

func tokens(s *story) []conformance.Finding {
	var all []conformance.Finding
	for _, r := range s.requests {
		for _, w := range s.watches {
			if w.to != r.from || r.n < w.from || r.n >= w.over {
				continue
			}
			if string(r.frame.Token) != w.token {
				all = append(all, kept(r.n))
			} else if r.frame.Code != conformance.MethodGET || r.frame.Path != ocf.PathPstat {
				all = append(all, broken(r.n, "another token", "%s %s had the token %x of the observation of pstat", r.frame.Code, r.frame.Path, r.frame.Token))
			}
		}
	}
	return all
}
