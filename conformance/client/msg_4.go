package client

import (
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
	"github.com/ocfsim/ocfsim/ocf"
)

func msg4() Rule {
	return Rule{
		ID: "MSG-4", Says: "a Client does not give two requests that wait for answers the same token",
		Clause: "Tokens in use between two endpoints should be unique: an observation uses its token until it ends, and what many Devices answer to a group is told apart by the token alone.",
		Source: "RFC 7252 sections 5.3.1 and 8.2, RFC 7641 section 3.2", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "other requests had other tokens than the observation that was in force, or than a request to a group in the 5 s before",
		Fail:   "a request for something else had the token of one of them",
		Silent: "the Client sent nothing while it observed pstat, and asked groups for nothing else within 5 s", judge: tokens,
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
	return append(all, s.groupTokens()...)
}

// groupTokens judges the tokens of requests to groups, while Devices may still answer the
// one before.
func (s *story) groupTokens() []conformance.Finding {
	var all []conformance.Finding
	for i, r := range s.groups {
		for _, q := range s.groups[:i] {
			switch {
			case r.peer() != q.peer() || r.same(q) || r.at-q.at >= leisure:
			case string(r.frame.Token) != string(q.frame.Token):
				all = append(all, kept(r.n))
			default:
				all = append(all, broken(r.n, "another token", "%s had the token %x, as %s before, which groups had been asked for %v ago and were still answering",
					r.sought(), r.frame.Token, q.sought(), (r.at-q.at).Round(time.Millisecond)))
			}
		}
	}
	return all
}

// peer is the address of the Client that sent a request to a group.
func (r *request) peer() string {
	_, peer, _ := strings.Cut(r.from, fromPeer)
	return peer
}

// sought is what a request asks for, in words.
func (r *request) sought() string {
	what := r.frame.Code + " " + r.frame.Path
	if r.frame.Query != "" {
		what += "?" + r.frame.Query
	}
	return what
}
