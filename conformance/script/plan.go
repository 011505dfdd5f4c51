package script

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// midnight is the time of day at which a script begins.
var midnight = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// planning writes what goes between a Client and oic.r.softwareupdate.
func (s *script) planning(word, rest string) bool {
	path := cmp.Or(s.swu, ocf.PathSoftwareUpdate)
	switch word {
	case "plan":
		at := strings.LastIndex(rest, " ")
		if at < 0 {
			s.check(errors.New("expected what is written, and the answer"))
			return true
		}
		s.answer(s.request("POST", path, s.planWritten(rest[:at]), nil), path, rest[at+1:], nil)
	case "plans":
		s.sent = s.request("POST", path, s.planWritten(rest), nil)
	case "agreed":
		s.answer(s.sent, path, fmt.Sprintf("hex:%x", s.planned(rest)), nil)
		s.tl.Observations[len(s.tl.Observations)-1].Frame.Code = "2.04"
	case "planned":
		s.read(path, s.planned(rest))
	case "watched":
		zero, number := uint32(0), uint32(10)
		n := s.request("GET", path, nil, &zero)
		s.answer(n, path, fmt.Sprintf("hex:%x", s.planned(rest)), nil)
		s.tl.Observations[len(s.tl.Observations)-1].Frame.Observe = &number
		s.watches = &n
	case "told":
		o := conformance.Observation{Kind: conformance.Notification, Client: s.client, For: s.watches, Frame: &conformance.Frame{
			Type: "NON", Code: conformance.CodeContent, Path: path, Payload: s.planned(rest),
		}}
		if number := uint32(11 + len(s.tl.Observations)); s.watches != nil {
			o.Frame.Observe = &number
		}
		s.add(o)
	case "res":
		s.swu = rest
		x := ocf.Res{Links: []ocf.Link{{Href: ocf.PathPstat, RT: []string{ocf.RTPstat}}, {Href: rest, RT: []string{ocf.RTSoftwareUpdate}}}}
		s.read(ocf.PathRes, x.AppendCBOR(nil, ocf.InterfaceDefault))
	default:
		return false
	}
	return true
}

// planWritten is the payload of a POST that text describes, planned the representation.
func (s *script) planWritten(text string) []byte {
	if strings.HasPrefix(text, "hex:") {
		return s.payload(text)
	}
	return s.plan(text, ocf.UpdateWritable).AppendUpdate(nil)
}

func (s *script) planned(text string) []byte {
	if strings.HasPrefix(text, "hex:") {
		return s.payload(text)
	}
	return s.plan(text, ocf.UpdateRequired).AppendCBOR(nil, ocf.InterfaceDefault)
}

// plan is the software update that text describes.
func (s *script) plan(text string, set ocf.SoftwareUpdateProperties) ocf.SoftwareUpdate {
	x := ocf.SoftwareUpdate{
		URL: "https://vendor.example/lamp", Action: ocf.ActionIdle, Time: midnight.Format(time.RFC3339),
		State: ocf.StateIdle, Present: set,
	}
	bits := map[string]ocf.SoftwareUpdateProperties{
		"action": ocf.UpdateAction, "at": ocf.UpdateTime, "url": ocf.UpdateURL, "state": ocf.UpdateState, "result": ocf.UpdateResultCode,
		"nv": ocf.UpdateNewVersion, "last": ocf.UpdateLast, "signed": ocf.UpdateSigned,
	}
	for _, w := range strings.Fields(text) {
		name, v, _ := strings.Cut(w, "=")
		bit, ok := bits[name]
		if !ok {
			s.check(fmt.Errorf("software update %q", w))
		}
		if v == "-" {
			x.Present &^= bit
			continue
		}
		x.Present |= bit
		switch name {
		case "action":
			x.Action = v
		case "url":
			x.URL = v
		case "state":
			x.State = v
		case "at":
			d, err := time.ParseDuration(v)
			s.check(err)
			x.Time = midnight.Add(d).Format(time.RFC3339)
		case "nv":
			x.NewVersion = v
		case "last":
			x.Last = v
		case "signed":
			x.Signed = v
		case "result":
			n, err := strconv.ParseUint(v, 10, 8)
			s.check(err)
			x.Result = ocf.UpdateResult(n)
		}
	}
	return x
}
