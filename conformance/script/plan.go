package script

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// midnight is the time of day at which a script begins.
var midnight = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// planning writes what goes between a Client and oic.r.softwareupdate.
func (s *script) planning(word, rest string) bool {
	switch word {
	case "plan":
		at := strings.LastIndex(rest, " ")
		if at < 0 {
			s.check(errors.New("expected what is written, and the answer"))
			return true
		}
		n := s.request("POST", ocf.PathSoftwareUpdate, s.plan(rest[:at], ocf.UpdateWritable).AppendUpdate(nil), nil)
		s.answer(n, ocf.PathSoftwareUpdate, rest[at+1:], nil)
	case "planned":
		s.read(ocf.PathSoftwareUpdate, s.plan(rest, ocf.UpdateRequired).AppendCBOR(nil, ocf.InterfaceDefault))
	default:
		return false
	}
	return true
}

// plan is the software update that text describes.
func (s *script) plan(text string, set ocf.SoftwareUpdateProperties) ocf.SoftwareUpdate {
	x := ocf.SoftwareUpdate{
		URL: "https://vendor.example/lamp", Action: ocf.ActionIdle, Time: midnight.Format(time.RFC3339),
		State: ocf.StateIdle, Present: set,
	}
	bits := map[string]ocf.SoftwareUpdateProperties{
		"action": ocf.UpdateAction, "at": ocf.UpdateTime, "url": ocf.UpdateURL, "state": ocf.UpdateState, "result": ocf.UpdateResultCode,
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
		case "result":
			n, err := strconv.ParseUint(v, 10, 8)
			s.check(err)
			x.Result = ocf.UpdateResult(n)
		}
	}
	return x
}
