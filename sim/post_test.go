package sim_test

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/datadriven"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// post sends an update of pstat, built from its arguments.
func (w *world) post(td *datadriven.TestData) error {
	ev := sim.Event{Kind: sim.Post, Request: sim.Request{Path: ocf.PathPstat, Format: ocf.FormatOCFCBOR}}
	var u ocf.PstatUpdate
	var raw []byte
	schedule := map[string]string{}
	for _, arg := range td.CmdArgs {
		value := ""
		if len(arg.Vals) > 0 {
			value = arg.Vals[0]
		}
		var err error
		switch arg.Key {
		case "path":
			ev.Request.Path = value
		case "action", "at", "url":
			ev.Request.Path = ocf.PathSoftwareUpdate
			schedule[arg.Key] = value
		case "via":
			ev.Request.Via = w.via(value)
		case "if":
			ev.Request.Interface = value
		case "multicast":
			ev.Request.Multicast = true
		case "way":
			ev.Request.Way = map[string]sim.Way{"non": sim.Unconfirmed, "blocks": sim.InBlocks, "put": sim.ByPUT}[value]
		case "format":
			var n uint64
			n, err = strconv.ParseUint(value, 10, 16)
			ev.Request.Format = uint16(n)
		case "cbor":
			raw, err = hex.DecodeString(value)
		default:
			if strings.HasPrefix(arg.Key, "/") {
				ev.Request.Path = arg.Key
				break
			}
			err = property(&u, arg.Key, value)
		}
		if err != nil {
			return err
		}
	}
	if td.Input != "" {
		var err error
		if raw, err = body(td.Input); err != nil {
			return err
		}
	}
	if len(schedule) > 0 && raw == nil {
		var err error
		if raw, err = scheduleOf(schedule); err != nil {
			return err
		}
	}
	if raw == nil {
		raw = u.AppendCBOR(nil)
	}
	ev.Request.Payload = raw
	w.apply(ev)
	return nil
}

// property sets one property of u.
func property(u *ocf.PstatUpdate, name, value string) (err error) {
	switch name {
	case "tm":
		u.Set |= ocf.PropTM
		u.TM, err = ocf.ParseDPM(value)
	case "cm":
		u.Set |= ocf.PropCM
		u.CM, err = ocf.ParseDPM(value)
	case "dos":
		u.Set |= ocf.PropDOS
		u.DOS, err = ocf.ParseDOS(value)
	case "p":
		u.Set |= ocf.PropP
		u.P = value == "true"
	case "isop":
		u.Set |= ocf.PropISOP
		u.ISOP = value == "true"
	case "om", "sm":
		var n uint64
		n, err = strconv.ParseUint(value, 10, 8)
		if name == "om" {
			u.Set |= ocf.PropOM
			u.OM = uint8(n)
		} else {
			u.Set |= ocf.PropSM
			u.SM = uint8(n)
		}
	case "owner":
		u.Set |= ocf.PropRowner
		u.Rowner, err = ocf.ParseUUID(value)
	case "rowner":
		u.Set |= ocf.PropRowner
		u.Rowner = idOf(value)
	default:
		err = fmt.Errorf("unknown property %s", name)
	}
	return err
}

// reply has the source answer with exactly these fields.
func (w *world) reply(td *datadriven.TestData) error {
	a := sim.Answer{Ask: w.asked}
	for _, arg := range td.CmdArgs {
		var n uint64
		var err error
		switch arg.Key {
		case "available":
			a.Available = true
		case "failed":
			a.Failed = true
		case "version":
			a.Version = arg.Vals[0]
		default:
			n, err = strconv.ParseUint(arg.Vals[0], 10, 32)
		}
		switch arg.Key {
		case "ask":
			a.Ask = uint32(n)
		case "declared":
			a.Declared = int64(n)
		case "received":
			a.Received = int64(n)
		}
		if err != nil {
			return err
		}
	}
	w.asks = nil
	w.apply(sim.Event{Kind: sim.SourceAnswer, Answer: a})
	return nil
}
