package client

import (
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// defaultPause is how long a Client has to leave a Device alone that answers 5.03 and does
// not say for how long, so that what comes sooner again and again counts as hammering.
const defaultPause = 2 * time.Second

func answer2() Rule {
	return Rule{
		ID: "ANSWER-2", Says: "a Client waits after 5.03 and other faults of the Device",
		Clause: "5.03 says by Max-Age after how many seconds the request may be tried again.",
		Source: "RFC 7252 section 5.9.3.4", Level: judge.Should, Severity: conformance.Warn,
		Pass:   "after an answer of class 5 the same was not asked again before its Max-Age was over, or not four times in a row within 2 s each where it had none",
		Fail:   "the same was asked again before Max-Age was over, or four times in a row within 2 s each",
		Silent: "the Device answered nothing with a code of class 5", judge: waits,
	}
}

func waits(s *story) []conformance.Finding {
	all := s.insists("answered with a fault", func(r *request) bool { return conformance.Fault(r.code) }, defaultPause)
	for _, r := range s.requests {
		if r.code != "5.03" {
			continue
		}
		m, _ := read(s.all[r.answer].Frame.Raw)
		if m.maxAge == nil {
			continue
		}
		until := s.all[r.answer].At + time.Duration(*m.maxAge)*time.Second
		for _, q := range s.requests {
			if q.same(r) && q.n > r.answer && q.at < until {
				all = append(all, broken(q.n, "no further try before Max-Age is over", "asked again %v after 5.03 with Max-Age %d", (q.at-s.all[r.answer].At).Round(time.Millisecond), *m.maxAge))
			}
		}
	}
	return all
}

// insists judges whether the Client asked for the same again and again although it was
// turned down, and nothing else had changed. gap is how soon the next try has to follow to
// count.
func (s *story) insists(how string, down func(*request) bool, gap time.Duration) []conformance.Finding {
	var all []conformance.Finding
	var last *request
	var row int
	for _, r := range s.requests {
		if !down(r) {
			if last != nil && r.same(last) || s.changes(r) {
				last = nil
			}
			continue
		}
		if last == nil || !r.same(last) || r.at-last.at > gap || s.changedBetween(last.n, r.n) {
			row = 0
		}
		last, row = r, row+1
		if row == stubborn {
			all = append(all, broken(r.n, "another request, or a pause", "%s %s was %s %d times in a row with %s", r.frame.Code, r.frame.Path, how, row, r.code))
		} else {
			all = append(all, kept(r.n))
		}
	}
	return all
}

// changes reports whether r may change what the Client is permitted: any other write that
// was accepted.
func (s *story) changes(r *request) bool {
	return r.frame.Code != conformance.MethodGET && conformance.Success(r.code)
}

// changedBetween reports whether the Device's state or the Client's session changed
// between two entries.
func (s *story) changedBetween(from, to int) bool {
	for _, o := range s.all[from:to] {
		switch o.Kind {
		case conformance.State, conformance.Session, conformance.Condition:
			return true
		}
	}
	return false
}
