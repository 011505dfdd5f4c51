package fleet

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// none stands for a missing content format.
const none = 0xffff

// Values of the Observe option in a request.
const (
	observeAbsent = -1
	observeStart  = 0
	observeEnd    = 1
)

// request is a decoded CoAP request to one Device.
type request struct {
	envelope  // as the request came
	device    int
	multicast bool
	code      codes.Code
	accept    uint16 // none if absent
	version   uint16 // of OCF-Accept-Content-Format-Version, 0 if absent
	observe   int8
	block1    block
	block2    block
	body      sim.Request // the part that the Device sees
	changes   bool        // it has changed what the Store keeps of the Device
	memory    kept        // where the answer is kept for duplicates
	answered  bool
}

func (r *request) confirmable() bool { return r.typ == message.Confirmable }

// refusal is why a request does not reach the Device.
type refusal struct {
	code codes.Code
	why  string // the diagnostic payload
}

// optionBounds returns the lengths allowed for an option that a fleet understands,
// and whether the option may be repeated (RFC 7252 5.10, RFC 7641, RFC 7959, OCF).
func optionBounds(id message.OptionID) (shortest, longest int, repeatable, known bool) {
	switch id {
	case message.URIHost:
		return 1, 255, false, true
	case message.URIPath, message.URIQuery:
		return 0, 255, true, true
	case message.Observe, message.Block1, message.Block2:
		return 0, 3, false, true
	case message.URIPort, message.ContentFormat, message.Accept, ocf.OptionAcceptVersion, ocf.OptionFormatVersion:
		return 0, 2, false, true
	case message.Size1, message.Size2:
		return 0, 4, false, true
	case message.ProxyURI, message.ProxyScheme:
		return 1, 1034, false, true
	}
	return 0, 0, false, false
}

// read fills r from the frame's options. If there is no refusal, its code is 0.
//
// An option that is unknown, has a wrong length, or is repeated without permission
// is refused with 4.02 if it is critical and skipped if it is elective (RFC 7252
// 5.4.1, 5.4.3, 5.4.5). Uri-Host and Uri-Port are ignored.
func (r *request) read(f *frame) refusal {
	r.typ, r.mid, r.token, r.code = f.typ, f.mid, f.token, f.code
	r.accept, r.version, r.observe = none, 0, observeAbsent
	r.body.Format, r.body.Payload = none, f.payload
	r.body.Path = pathOf(f.options)
	formatVersion := -1
	var previous message.OptionID
	for _, o := range f.options {
		shortest, longest, repeatable, known := optionBounds(o.ID)
		again := o.ID == previous && !repeatable
		previous = o.ID
		if !known || again || len(o.Value) < shortest || len(o.Value) > longest {
			if o.ID&1 == 1 {
				return refusal{codes.BadOption, fmt.Sprintf("critical option %d", o.ID)}
			}
			continue
		}
		value := number(o.Value)
		switch o.ID {
		case message.ProxyURI, message.ProxyScheme:
			return refusal{codes.ProxyingNotSupported, ""}
		case message.Observe:
			if value <= observeEnd {
				r.observe = int8(value)
			}
		case message.ContentFormat:
			if value == none {
				return refusal{codes.UnsupportedMediaType, "content format 65535 is reserved"}
			}
			r.body.Format = uint16(value)
		case message.Accept:
			if value == none {
				return refusal{codes.NotAcceptable, "content format 65535 is reserved"}
			}
			r.accept = uint16(value)
		case message.Block1:
			r.block1 = blockOf(value)
		case message.Block2:
			r.block2 = blockOf(value)
		case message.URIQuery:
			if no := r.query(string(o.Value)); no.code != 0 {
				return no
			}
		case ocf.OptionAcceptVersion:
			if r.version = uint16(value); major(r.version) != major(ocf.Version100) {
				return refusal{codes.NotAcceptable, "OCF content format version 1.0.0 only"}
			}
		case ocf.OptionFormatVersion:
			formatVersion = int(value)
		}
	}
	return r.check(formatVersion)
}

// check refuses a request that no Device could answer. formatVersion is that of its
// payload, or below 0 if absent.
func (r *request) check(formatVersion int) refusal {
	switch {
	case r.code != codes.GET && r.code != codes.POST && r.code != codes.DELETE:
		return refusal{codes.MethodNotAllowed, ""}
	case r.block1.bad() || r.block2.bad():
		return refusal{codes.BadRequest, "block size 7 is reserved"}
	case r.code != codes.POST:
		return refusal{}
	case len(r.body.Payload) > 0 && formatVersion >= 0 && major(uint16(formatVersion)) != major(ocf.Version100):
		return refusal{codes.UnsupportedMediaType, "OCF content format version 1.0.0 only"}
	case r.accept != none && r.accept != ocf.FormatOCFCBOR && r.accept != ocf.FormatCBOR:
		return refusal{codes.NotAcceptable, "accept 10000 or 60"}
	}
	switch r.body.Format {
	case none, ocf.FormatOCFCBOR, ocf.FormatCBOR:
		// Some clients leave the format out. A payload without one is then taken for
		// CBOR, the only thing that it could be.
		return refusal{}
	}
	return refusal{codes.UnsupportedMediaType, "content format 10000 or 60"}
}

// query reads one Uri-Query. It skips queries that no resource knows. It refuses a
// query that is to select an entry but names none: without it the request would
// apply to all entries.
func (r *request) query(q string) refusal {
	name, value, _ := strings.Cut(q, "=")
	switch name {
	case "if":
		r.body.Interface = value
	case "rt":
		r.body.RT = value
	case "owned":
		r.body.Owned = value
	case "credid", "aceid":
		if name == "credid" && r.body.Path != ocf.PathCred || name == "aceid" && r.body.Path != ocf.PathACL {
			break
		}
		id, err := strconv.ParseUint(value, 10, 32)
		if err != nil || id == 0 {
			return refusal{codes.BadRequest, name + " is a number from 1 to 4294967295"}
		}
		r.body.ID = uint32(id)
	}
	return refusal{}
}

// event returns the kind of Event that the request is for its Device.
func (r *request) event() sim.EventKind {
	switch r.code {
	case codes.POST:
		return sim.Post
	case codes.DELETE:
		return sim.Delete
	}
	return sim.Get
}

// major returns the major number in a version option's value.
func major(version uint16) uint16 { return version >> 11 }

// number reads an option's value as an unsigned integer of at most 4 bytes.
func number(value []byte) uint32 {
	var n uint32
	for _, b := range value {
		n = n<<8 | uint32(b)
	}
	return n
}

// pathOf joins the Uri-Path options. It does not allocate for a path that Devices
// have. A slash inside a segment separates nothing (RFC 7252 section 6.5): it is
// escaped, so that the path is that of no resource.
func pathOf(options message.Options) string {
	var buf [64]byte
	path := buf[:0]
	for _, o := range options {
		if o.ID == message.URIPath {
			path = append(path, '/')
			if bytes.IndexByte(o.Value, '/') < 0 {
				path = append(path, o.Value...)
				continue
			}
			path = append(path, bytes.ReplaceAll(o.Value, []byte{'/'}, []byte("%2F"))...)
		}
	}
	switch string(path) {
	case ocf.PathPstat:
		return ocf.PathPstat
	case ocf.PathRes:
		return ocf.PathRes
	case ocf.PathD:
		return ocf.PathD
	case ocf.PathP:
		return ocf.PathP
	case ocf.PathDoxm:
		return ocf.PathDoxm
	case ocf.PathCore:
		return ocf.PathCore
	case ocf.PathCred:
		return ocf.PathCred
	case ocf.PathACL:
		return ocf.PathACL
	case "":
		return "/"
	}
	return string(path)
}
