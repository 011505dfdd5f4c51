package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// stubborn is how many times in a row a Client may be refused the same before that
// is more than a second try and a third.
const stubborn = 4

func answer1() Rule {
	return Rule{
		ID: "ANSWER-1", Says: "a Client that is refused does not ask for the same over and over",
		Clause: "A request that was refused with a code of class 4 is not to be repeated before something has changed: the request, or what the Client is permitted.",
		Source: "RFC 7252 section 5.9.2", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "what was refused was asked again three times at most",
		Fail:   "four times in a row, each within a minute of the one before, the same was asked and refused, and nothing had changed",
		Silent: "the Client was refused nothing", judge: takesNo,
	}
}

func takesNo(s *story) []conformance.Finding {
	return s.insists("refused", func(r *request) bool { return conformance.Refusal(r.code) && r.code != "4.08" }, time.Minute)
}
