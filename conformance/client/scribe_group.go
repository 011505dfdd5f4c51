package client

import (
	"bytes"
	"fmt"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
)

// ToGroup is the Text of a Request that the Client sent to a group of all Devices. In front
// of its endpoint's name stands the group's, for a Message ID means a message to one of them.
const ToGroup = "to a multicast group"

// fromPeer stands between the two.
const fromPeer = " from "

// ByMember begins the Text of a Response to such a Request: the name and the address of the
// Device follow.
const ByMember = "from a member of the group: "

// Each of up to a million Devices answers a request to a group. So many answers to one
// request are recorded, and so many in all; the others are counted.
const (
	mostOfOne = 200
	mostOfAll = 4000
)

// groups is what a Scribe knows of requests to groups and of their answers.
type groups struct {
	asks    map[string]*search // by the Client's address and the token
	answers map[string]sent    // by the two addresses and the Message ID
	passed  int                // answers that were not recorded
}

// search is the latest request to a group with some token. The same datagram to several
// groups is one search, for a Device that is in all of them answers it once.
type search struct {
	sent
	end, path string
	answers   int
}

func newGroups() groups { return groups{asks: map[string]*search{}, answers: map[string]sent{}} }

// CameToGroup takes a message that reached all Devices of a group.
func (s *Scribe) CameToGroup(from, group string, raw []byte) {
	m, err := read(raw)
	if err != nil || !isRequest(&m.frame) { // Came writes down what is no request
		s.Came(from, raw)
		return
	}
	end := group + fromPeer + from
	f := &m.frame
	n := s.request(s.end(end), conformance.Observation{Kind: conformance.Message, Client: end, Frame: f, Text: ToGroup})
	if n < 0 {
		return
	}
	key := from + " " + string(f.Token)
	if was := s.groups.asks[key]; was == nil || !bytes.Equal(was.raw, f.Raw) || s.now()-was.at >= lifetime(f) {
		s.groups.asks[key] = &search{sent: sent{n, f.Raw, s.now()}, end: end, path: f.Path}
	}
}

// LeftForGroup takes what a Device, whose name and address are given, answers to such a
// message.
func (s *Scribe) LeftForGroup(name, device, to string, raw []byte) {
	m, err := read(raw)
	if err != nil {
		return
	}
	f := &m.frame
	q := s.groups.asks[to+" "+string(f.Token)]
	switch {
	case q == nil: // the request had no room in the record
		return
	case q.answers == mostOfOne || len(s.groups.answers) == mostOfAll:
		s.groups.passed++
		return
	}
	q.answers++
	f.Path = q.path
	n := s.append(conformance.Observation{
		Kind: conformance.Response, Client: q.end, For: &q.n, Frame: f, Text: fmt.Sprintf("%s%s at %s", ByMember, name, device),
	})
	if n >= 0 {
		s.groups.answers[memberKey(device, to, f.MID)] = sent{n, f.Raw, s.now()}
	}
}

// PingedOfGroup takes an empty CON by which a Device asks a Client that has said nothing to it
// alone whether it is there, as before it answers a request to a group. It reports whether
// raw is one.
func (s *Scribe) PingedOfGroup(device, to string, raw []byte) bool {
	m, err := read(raw)
	if err != nil || m.frame.Type != "CON" || m.frame.Code != "0.00" {
		return false
	}
	key := memberKey(device, to, m.frame.MID)
	if of, ok := s.groups.answers[key]; ok && s.now()-of.at < exchangeLifetime {
		return true // an ACK could be for either
	}
	if n := s.append(conformance.Observation{Kind: conformance.Message, Client: to, Frame: &m.frame, Text: Pings}); n >= 0 {
		s.groups.answers[key] = sent{n, m.frame.Raw, s.now()}
	}
	return true
}

// memberKey is where an answer of a Device to a Client is found.
func memberKey(device, client string, mid uint16) string {
	return fmt.Sprint(device, " ", client, " ", mid)
}

// TookOfGroup takes an ACK or RST of the Client, if it is for what LeftForGroup or PingedOfGroup
// has recorded. It reports whether it is.
func (s *Scribe) TookOfGroup(device, from string, raw []byte) bool {
	m, err := read(raw)
	if err != nil || m.frame.Type != "ACK" && m.frame.Type != "RST" {
		return false
	}
	of, ok := s.groups.answers[memberKey(device, from, m.frame.MID)]
	if !ok || s.now()-of.at >= exchangeLifetime {
		return false
	}
	text := Acknowledged
	if m.frame.Type == "RST" {
		text = Rejected
	}
	s.append(conformance.Observation{Kind: conformance.Message, Client: from, For: &of.n, Frame: &m.frame, Text: text})
	return true
}

// closeGroups says how many answers were not recorded.
func (s *Scribe) closeGroups() {
	if s.groups.passed > 0 {
		s.append(conformance.Observation{Kind: conformance.Note, Text: fmt.Sprintf(
			"%d more answers of Devices to requests to groups are not recorded: there is room for %d to a request, and for %d in all", s.groups.passed, mostOfOne, mostOfAll)})
	}
}

// leisure is how long the Devices of a group take to answer, by RFC 7252 section 8.2: its
// DEFAULT_LEISURE.
const leisure = 5 * time.Second
