package client

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// player plays a script to a Scribe: what passes between one Client and one Device, a line
// each, at its time.
//
//	0s state dos=RFNOP             the Device's state; tm and cm are 0 where they are left out
//	1s came post tm=V              CON POST to pstat; also put, get, observe, cancel, ack, rst
//	1s came plan upgrade TIME      POST to oic.r.softwareupdate
//	1s left 2.04                   the ACK that answers the latest request
//	2s left notify tm=V observe=3  a notification to the latest observer; con: a CON
//	2s left member 2 2.05          the NON that the Device 2 of a group answers to the latest request to one
//	2s left ping 2 mid=7           the empty CON that the Device 2 of a group sends to who asked one
//	2s left again                  the latest of the Device's messages once more
//	3s came again                  the latest of the Client's requests once more
//	4s power off                   and on
//	5s session 1 opened            refused, closed and a text
//
// Of a request: end=session 1 as end=session-1, mid=7, token=aa, path=/oic/d, non,
// format=N or none, accept=N, versioned (with the version of Accept), plain (no OCF version), query=a,
// block=NUM/SIZE[+] (that part of the payload), bytes=N, whole (of a post: all Properties), group (sent by multicast). "came raw HEX" and "left raw HEX" are datagrams as they are.
type player struct {
	t       *testing.T
	s       *Scribe
	mid     uint16
	request []byte // the latest
	asker   string // who sent it
	watched []byte // the latest registration's token
	watcher string
	left    []byte
	leftTo  string
	member  string // the Device of a group that said the latest thing
	state   ocf.Pstat
}

// play is the Timeline of a script.
func play(t *testing.T, script string, target conformance.Profile) (tl conformance.Timeline) {
	synctest.Test(t, func(t *testing.T) {
		r := conformance.NewRecorder(conformance.Header{Scenario: "device-0", Target: target}, nil)
		p := &player{t: t, s: NewScribe(r), mid: 100, state: ocf.Pstat{DOS: ocf.RFNOP, ISOP: true}}
		began := time.Now()
		for line := range strings.Lines(script) {
			words := strings.Fields(line)
			if len(words) < 2 {
				continue
			}
			at, err := time.ParseDuration(words[0])
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			time.Sleep(at - time.Since(began))
			p.line(words[1], words[2:])
		}
		p.s.Close()
		tl = r.Timeline()
	})
	return tl
}

func (p *player) line(what string, words []string) {
	switch what {
	case "state":
		p.state.TM, p.state.CM = 0, 0
		p.pstat(words, &p.state)
		p.s.Became(p.state)
	case "came":
		p.came(words)
	case "left":
		p.leaves(words)
	case "power":
		p.s.Power(words[0] == "on")
	case "session":
		n, _ := strconv.Atoi(words[0])
		p.s.Session(Within(uint32(n)), words[1], strings.Join(words[2:], " "))
	case "end":
	default:
		p.t.Fatalf("unknown: %s", what)
	}
}

// pstat reads tm, cm and dos.
func (p *player) pstat(words []string, to *ocf.Pstat) {
	for _, w := range words {
		name, v, _ := strings.Cut(w, "=")
		var err error
		switch name {
		case "tm":
			to.TM, err = ocf.ParseDPM(v)
		case "cm":
			to.CM, err = ocf.ParseDPM(v)
		case "dos":
			to.DOS, err = ocf.ParseDOS(v)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// value is the value of name=value, or "".
func value(words []string, name string) string {
	for _, w := range words {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v
		}
	}
	return ""
}

// came plays a message of the Client.
func (p *player) came(words []string) {
	end := "192.0.2.1:40000"
	if v := value(words, "end"); v != "" {
		end = strings.ReplaceAll(v, "-", " ")
	}
	switch words[0] {
	case "raw":
		p.request, p.asker = p.bytes(words[1]), end
		if slices.Contains(words, "group") {
			p.s.CameToGroup(end, "224.0.1.187:5683", p.request)
			return
		}
		p.s.Came(end, p.request)
	case "again":
		if slices.Contains(words, "group") {
			p.s.CameToGroup(p.asker, "224.0.1.187:5683", p.request)
			return
		}
		p.s.Came(p.asker, p.request)
	case "ack", "rst":
		typ := byte(0x60)
		if words[0] == "rst" {
			typ = 0x70
		}
		raw := []byte{typ, 0, p.left[2], p.left[3]}
		if p.member == "" || !p.s.TookOfGroup(p.member, p.leftTo, raw) {
			p.s.Came(p.leftTo, raw)
		}
	default:
		p.request, p.asker = p.build(words), end
		if words[0] == "observe" {
			p.watched, p.watcher = p.token(words), end
		}
		if slices.Contains(words, "group") {
			p.s.CameToGroup(end, "224.0.1.187:5683", p.request)
			return
		}
		p.s.Came(end, p.request)
	}
}

// bytes reads hexadecimal.
func (p *player) bytes(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return b
}

// token is that of a request: as given, the observation's to end it, or one of its own.
func (p *player) token(words []string) []byte {
	if v := value(words, "token"); v != "" {
		return p.bytes(v)
	}
	if words[0] == "cancel" {
		return p.watched
	}
	return binary.BigEndian.AppendUint16(nil, p.mid)
}

// build writes a request down.
func (p *player) build(words []string) []byte {
	p.mid++
	mid := p.mid
	if v := value(words, "mid"); v != "" {
		n, _ := strconv.Atoi(v)
		mid = uint16(n)
	}
	code, to, payload := byte(1), ocf.PathPstat, []byte(nil)
	var options []option
	switch words[0] {
	case "post", "put":
		code = map[string]byte{"post": 2, "put": 3}[words[0]]
		u := ocf.Pstat{DOS: ocf.RFNOP, Present: ocf.PropRequired}
		p.pstat(words, &u)
		payload = ocf.PstatUpdate{Set: ocf.PropTM, TM: u.TM}.AppendCBOR(nil)
		if slices.Contains(words, "whole") {
			payload = u.AppendCBOR(nil, ocf.InterfaceBaseline)
		}
	case "plan":
		code, to = 2, ocf.PathSoftwareUpdate
		payload = ocf.SoftwareUpdate{URL: "https://vendor.example/lamp", Action: words[1], Time: words[2], Present: ocf.UpdateWritable}.AppendCBOR(nil, 0)
	case "observe":
		options = append(options, option{optionObserve, nil})
	case "cancel":
		options = append(options, option{optionObserve, []byte{1}})
	}
	path := cmp.Or(value(words, "path"), to)
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		options = append(options, option{optionUriPath, []byte(part)})
	}
	options, payload = p.extras(words, options, payload)
	typ := byte(0x40)
	if slices.Contains(words, "non") {
		typ = 0x50
	}
	return encode(typ, code, mid, p.token(words), options, payload)
}

// extras adds what stands behind the payload's own: its format, and blocks.
func (p *player) extras(words []string, options []option, payload []byte) ([]option, []byte) {
	if v := value(words, "bytes"); v != "" {
		n, _ := strconv.Atoi(v)
		payload = make([]byte, n)
	}
	switch v := value(words, "format"); {
	case v == "none" || len(payload) == 0:
	case v == "":
		options = append(options, option{optionContentFormat, []byte{0x27, 0x10}})
	default:
		options = append(options, option{optionContentFormat, p.number(v)})
	}
	if v := value(words, "query"); v != "" {
		options = append(options, option{optionUriQuery, []byte(v)})
	}
	if v := value(words, "accept"); v != "" {
		options = append(options, option{optionAccept, p.number(v)})
	}
	if v := value(words, "block"); v != "" {
		var num, size uint32
		var more string
		_, _ = fmt.Sscanf(v, "%d/%d%s", &num, &size, &more)
		szx := uint32(0)
		for 16<<szx < size {
			szx++
		}
		if from, to := min(num*size, uint32(len(payload))), min((num+1)*size, uint32(len(payload))); value(words, "bytes") == "" {
			payload = payload[from:to]
		}
		b := num<<4 | szx
		if more == "+" {
			b |= 8
		}
		options = append(options, option{optionBlock1, []byte{byte(b)}})
	}
	if slices.Contains(words, "versioned") {
		options = append(options, option{ocf.OptionAcceptVersion, []byte{8, 0}})
	}
	if len(payload) > 0 && value(words, "format") == "" && !slices.Contains(words, "plain") {
		options = append(options, option{ocf.OptionFormatVersion, []byte{8, 0}})
	}
	return options, payload
}

// memberLeaves plays what one Device of a group answers.
func (p *player) memberLeaves(number string) {
	p.mid++
	p.member, p.leftTo = "192.0.2.10"+number+":5683", p.asker
	p.left = encode(0x50, 0x45, p.mid, p.request[4:4+p.request[0]&15], nil, nil)
	p.s.LeftForGroup("device-"+number, p.member, p.leftTo, p.left)
}

// number is the value of an option.
func (p *player) number(text string) []byte {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		p.t.Fatal(err)
	}
	return []byte{byte(n >> 8), byte(n)}
}

// leaves plays a message of the Device.
func (p *player) leaves(words []string) {
	switch words[0] {
	case "again":
		p.s.Left(p.leftTo, p.left)
		return
	case "raw":
		p.left, p.leftTo = p.bytes(words[1]), p.asker
		p.s.Left(p.leftTo, p.left)
		return
	case "member":
		p.memberLeaves(words[1])
		return
	case "ping":
		mid, _ := strconv.Atoi(value(words, "mid"))
		p.member, p.leftTo, p.left = "192.0.2.10"+words[1]+":5683", p.asker, []byte{0x40, 0, byte(mid >> 8), byte(mid)}
		p.s.PingedOfGroup(p.member, p.leftTo, p.left)
		return
	}
	p.member = ""
	var options []option
	if v := value(words, "observe"); v != "" {
		n, _ := strconv.Atoi(v)
		options = append(options, option{optionObserve, []byte{byte(n >> 16), byte(n >> 8), byte(n)}})
	}
	if v := value(words, "max-age"); v != "" {
		n, _ := strconv.Atoi(v)
		options = append(options, option{optionMaxAge, []byte{byte(n)}})
	}
	code := words[0]
	if code == "notify" {
		code = "2.05"
		if v := value(words, "code"); v != "" {
			code = v
		}
	}
	class, detail, _ := strings.Cut(code, ".")
	c, _ := strconv.Atoi(class)
	d, _ := strconv.Atoi(detail)
	var payload []byte
	if code == "2.05" {
		is := ocf.Pstat{DOS: ocf.RFNOP, ISOP: true}
		p.pstat(words, &is)
		payload = is.AppendCBOR(nil, ocf.InterfaceBaseline)
	}
	number := byte(c<<5 | d)
	if words[0] != "notify" {
		p.left = encode(0x60, number, binary.BigEndian.Uint16(p.request[2:]), p.request[4:4+p.request[0]&15], options, payload)
		p.leftTo = p.asker
		p.s.Left(p.leftTo, p.left)
		return
	}
	typ := byte(0x50)
	if slices.Contains(words, "con") {
		typ = 0x40
	}
	p.mid++
	mid := p.mid
	if v := value(words, "mid"); v != "" {
		n, _ := strconv.Atoi(v)
		mid = uint16(n)
	}
	p.left, p.leftTo = encode(typ, number, mid, p.watched, options, payload), p.watcher
	p.s.Left(p.leftTo, p.left)
}

type option struct {
	number int
	value  []byte
}

// encode writes a CoAP message. The options are in the order of their numbers.
func encode(typ, code byte, mid uint16, token []byte, options []option, payload []byte) []byte {
	out := append([]byte{typ | byte(len(token)), code, byte(mid >> 8), byte(mid)}, token...)
	number := 0
	for _, o := range options {
		delta := o.number - number
		number = o.number
		switch {
		case delta >= 269:
			out = append(out, 0xe0|byte(len(o.value)), byte((delta-269)>>8), byte(delta-269))
		case delta >= 13:
			out = append(out, 0xd0|byte(len(o.value)), byte(delta-13))
		default:
			out = append(out, byte(delta)<<4|byte(len(o.value)))
		}
		out = append(out, o.value...)
	}
	if len(payload) > 0 {
		out = append(append(out, 0xff), payload...)
	}
	return out
}
