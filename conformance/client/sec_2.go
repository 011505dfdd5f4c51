package client

import (
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func sec2() Rule {
	return Rule{
		ID: "SEC-2", Says: "a Client closes its sessions",
		Clause: "Who has nothing more to send within a session says so by close_notify.",
		Source: "RFC 5246 section 7.2.1", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "a session was closed by the Client",
		Fail:   "a session was left open until the Device gave it up, or until the Client opened another one from the same address",
		Silent: "the Client had no session, or the Device closed them all", judge: closes,
	}
}

func closes(s *story) []conformance.Finding {
	var all []conformance.Finding
	for n := range s.all {
		o := &s.all[n]
		switch {
		case strings.HasPrefix(o.Text, LeftOpen):
			all = append(all, broken(n, "close_notify", "%s: %s", o.Client, o.Text))
		case strings.HasPrefix(o.Text, ClosedByClient):
			all = append(all, kept(n))
		}
	}
	return all
}
