package target

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/conformance"
)

const (
	maxBody     = 256 << 10 // of a reassembled representation, bytes
	maxBlocks   = 4096      // of an answer, those of a representation that changed on the way too
	maxRestarts = 16        // of a Block2 transfer whose representation changed on the way
)

// Reply is how an exchange ended: with a Response, or with Lost.
type Reply struct {
	N      int    // index of the Observation that ended it
	Lost   bool   // no answer; Reason says why
	Reason string // "no answer to 5 transmissions", "rejected with RST"
	// Incomplete says why the representation is not whole, though the Device
	// answered: "incomplete: block at byte 0 where 256 was asked for". It is ""
	// for one that is whole.
	Incomplete string
	Frame      conformance.Frame
	Options    []Option // of the answer, in the order of the wire; of its first block, if it came in blocks
}

// Option is a CoAP option as it stood in an answer.
type Option struct {
	Number uint16
	Value  []byte
}

// segment is what one datagram of an exchange carries of its own.
type segment struct {
	payload        []byte
	size1          int // length of the whole payload, 0 for no Size1 option
	block1, block2 *block
	observe        *uint32
}

// exchange is one Call from its first datagram to what ends it. Everything
// from n on is guarded by its session's lock.
type exchange struct {
	call    conformance.Call
	code    codes.Code
	observe *uint32 // of the request: 0 registers, 1 deregisters
	quiet   bool    // part of a block-wise notification: its end is recorded as a Message
	cancel  context.CancelCauseFunc

	n        int // of the Request; -1 until it leaves
	size     int // block size
	sent     int // bytes of the payload that have left
	body     []byte
	etag     []byte
	first    *opening // of an answer in blocks
	blocks   int      // of the answer that came so far
	restarts int
	next     segment
	told     *conformance.Frame // the latest notification under the token of a registration that waits for its answer

	mid     uint16 // of the datagram under way
	raw     []byte
	acked   bool // by an empty ACK: a separate answer is to come
	woken   bool // the Device was woken for the next transmission
	attempt int  // retransmissions so far
	shut    refusals
	timeout time.Duration
	timer   *time.Timer
	clock   int // counts the times that timer was set or stopped

	ended bool
	reply Reply
}

// refusals are what the network said of the transmissions of one datagram: nobody
// listens at the port (ICMP port unreachable).
type refusals struct {
	count int
	last  int  // the latest transmission that was refused, counted from 1
	first bool // the first one was
}

// maxRefusals is how many transmissions of a request may be refused before the
// wait for its answer ends.
const maxRefusals = 3

// opening is what the first block of an answer says of all of it. Later blocks
// need not repeat it, and Observe stands in the first one alone (RFC 7959
// section 3.4).
type opening struct {
	observe *uint32
	format  *uint16
	options []Option
}

// registers reports whether ex asks for an observation.
func (ex *exchange) registers() bool { return ex.observe != nil && *ex.observe == 0 }

// newExchange prepares call; observe is nil for a plain request.
func newExchange(call conformance.Call, observe *uint32) (*exchange, error) {
	code, err := methodCode(call.Method)
	if err != nil {
		return nil, err
	}
	ex := &exchange{call: call, code: code, observe: observe, n: -1, size: defaultBlock}
	if call.BlockSize != 0 {
		if err := checkBlockSize(call.BlockSize); err != nil {
			return nil, err
		}
		ex.size = call.BlockSize
	}
	forced := call.BlockSize != 0
	switch {
	case len(call.Payload) > ex.size, forced && len(call.Payload) > 0:
		ex.next = ex.piece()
	case forced:
		ex.next = segment{block2: &block{size: ex.size}}
	default:
		ex.next = segment{payload: call.Payload}
	}
	ex.next.observe = observe
	return ex, nil
}

// piece is the next Block1 of the payload.
func (ex *exchange) piece() segment {
	whole := ex.call.Payload
	end := min(ex.sent+ex.size, len(whole))
	s := segment{
		payload: whole[ex.sent:end],
		block1:  &block{num: ex.sent / ex.size, more: end < len(whole), size: ex.size},
	}
	if ex.sent == 0 {
		s.size1 = len(whole)
	}
	ex.sent = end
	return s
}

// incomplete begins the text of an answer whose blocks do not make up a whole
// representation.
const incomplete = "incomplete: "

// accept takes an answer. If nothing more is to be asked for, the answer is
// final and body is the payload; otherwise next is what to send. The text
// says which rule of block-wise transfer the Device broke, if any, and begins
// with "incomplete: " where the payload is not whole for it.
func (ex *exchange) accept(m message.Message) (final bool, text string) {
	if m.Code == codes.Continue {
		return ex.proceed(m)
	}
	b, ok := blockOption(m, message.Block2)
	etag, _ := m.Options.GetBytes(message.ETag)
	asked := ex.next.block2
	switch further := asked != nil && asked.num > 0; {
	case further && !isSuccess(m.Code) && ex.restarts < maxRestarts:
		return ex.restart(asked.size) // it may have become so short that it lacks this block
	case !ok || !isSuccess(m.Code):
		ex.body = clone(m.Payload)
		return true, ""
	case further && !bytes.Equal(etag, ex.etag) && ex.restarts < maxRestarts:
		return ex.restart(b.size)
	case further && !bytes.Equal(etag, ex.etag):
		return true, fmt.Sprintf(conformance.Outrun+", %d times in a row", ex.restarts+1)
	}
	ex.etag = clone(etag)
	if b.num*b.size != len(ex.body) {
		return true, fmt.Sprintf(incomplete+"block at byte %d where %d was asked for", b.num*b.size, len(ex.body))
	}
	ex.body = append(ex.body, m.Payload...)
	if !b.more {
		return true, ""
	}
	if len(m.Payload) != b.size {
		return true, fmt.Sprintf(incomplete+"a block of %d bytes, %d so far, cannot be followed by another", len(m.Payload), len(ex.body))
	}
	if ex.blocks++; len(ex.body) >= maxBody || ex.blocks >= maxBlocks {
		return true, fmt.Sprintf(incomplete+"no end after %d blocks and %d bytes; more than %d blocks or %d bytes are not asked for",
			ex.blocks, len(ex.body), maxBlocks, maxBody)
	}
	ex.next = segment{block2: &block{num: len(ex.body) / b.size, size: b.size}}
	return false, ""
}

// restart asks for the first block again: the representation is another one by now.
func (ex *exchange) restart(size int) (final bool, text string) {
	ex.restarts++
	ex.body = nil
	ex.next = segment{block2: &block{size: size}}
	return false, conformance.ChangedBetween
}

// stale reports whether m answers an earlier request for another block than the one that
// ex asks for now: under one token only an ACK says which request it answers.
func (ex *exchange) stale(m message.Message) bool {
	b, ok := blockOption(m, message.Block2)
	asked := ex.next.block2
	return ok && asked != nil && m.Type != message.Acknowledgement && isSuccess(m.Code) && b.num*b.size != asked.num*asked.size
}

// proceed takes a 2.31 Continue. A Device may ask for smaller blocks.
func (ex *exchange) proceed(m message.Message) (final bool, text string) {
	b, ok := blockOption(m, message.Block1)
	if !ok || ex.sent >= len(ex.call.Payload) {
		ex.body = clone(m.Payload)
		return true, "2.31 where no block was to follow"
	}
	if b.size < ex.size {
		ex.size = b.size
	}
	ex.next = ex.piece()
	return false, ""
}

// options copies the options of an answer.
func options(m message.Message) []Option {
	var out []Option
	for _, o := range m.Options {
		out = append(out, Option{Number: uint16(o.ID), Value: clone(o.Value)})
	}
	return out
}
