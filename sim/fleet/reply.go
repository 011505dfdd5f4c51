package fleet

import (
	"hash/fnv"
	"net/netip"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// reply is a response or a notification before it is split into blocks.
type reply struct {
	code    codes.Code
	format  uint16 // none: there is no Content-Format
	payload []byte
	observe bool   // the message carries Observe with number
	number  uint32 // 24 bits
	version bool   // the Client understands OCF-Content-Format-Version
	block1  block
	block2  block      // the block of payload to send; absent: the first, if there is more than one
	szx     uint8      // of the largest block that the Device sends
	path    string     // of the answering resource; "" in notifications
	shell   *sim.Shell // its hooks Block and Needs decide about answers from path
}

// envelope is what a message needs besides its reply.
type envelope struct {
	typ   message.Type
	mid   uint16
	token []byte
	line
}

// line is what a message travels on: two addresses, and the session between them.
// Two messages of the same Client have equal lines.
type line struct {
	local, peer netip.AddrPort
	session     *session // nil: plain CoAP
}

// answer sends what the Device responds to r.
func (sh *shard) answer(s *slot, r *request, e *sim.Effect) {
	if r.answered || r.multicast && e.Code >= uint8(codes.BadRequest) {
		return
	}
	re := reply{code: codes.Code(e.Code), format: none}
	if e.Rep.Path != "" {
		re.format = s.device.ContentFormat(e.Rep)
		if r.accept != none && re.format != none && r.accept != re.format {
			if r.accept != ocf.FormatCBOR || re.format != ocf.FormatOCFCBOR {
				sh.respond(s, r, reply{code: codes.NotAcceptable, format: none})
				return
			}
			re.format = ocf.FormatCBOR
		}
		re.payload = sh.encode(s, e.Rep)
		re.path, re.shell = e.Rep.Path, s.device.Shell()
	}
	if e.Observable && re.code == codes.Content && !r.multicast {
		re.number, re.observe = sh.observe(s, r, e.Rep)
	}
	sh.respond(s, r, re)
}

// encode returns the payload of a representation. It is valid until the next call.
func (sh *shard) encode(s *slot, rep sim.Rep) []byte {
	var endpoints []string
	if rep.Path == ocf.PathRes || rep.Path == ocf.PathCore || rep.Path == ocf.PathIntrospection {
		endpoints = sh.endpoints(int(s.index))
	}
	sh.scratch.payload = s.device.Encode(sh.scratch.payload[:0], rep, endpoints)
	return sh.scratch.payload
}

// respond sends re as the answer to r, and keeps it for duplicates of r.
func (sh *shard) respond(s *slot, r *request, re reply) {
	if r.answered || r.multicast && re.code >= codes.BadRequest {
		return
	}
	r.answered = true
	sh.asked(s, r, &re)
	re.version, re.block1, re.block2 = r.version != 0, r.block1, r.block2
	re.block1.more = re.code == codes.Continue
	how := s.device.Messages()
	re.szx = maxSZX // the answer to a POST is not kept, so that further blocks could be asked for
	if r.code == codes.GET {
		re.szx = how.SZX()
	}
	sh.stats.responses.Add(1)
	if how.Separate && r.confirmable() && !r.multicast {
		sh.answerApart(s, r, re, how.AnswerAfter)
		return
	}
	env := envelope{typ: message.NonConfirmable, token: r.token, line: r.line}
	if r.confirmable() {
		env.typ, env.mid = message.Acknowledgement, r.mid
	} else {
		env.mid = s.nextMID()
	}
	p := sh.post(env, re)
	p.Multicast = r.multicast
	if how.AnswerAfter > 0 && !r.multicast {
		sh.answerLater(s, r, p, how.AnswerAfter)
		return
	}
	sh.keep(r.memory, p.Data)
	if r.changes {
		a := &sh.scratch.out.answers[sh.scratch.out.n-1]
		a.changes, a.kept, a.exchange = true, r.memory.exchange != 0, r.memory.key()
	}
}

// acknowledge answers r with an empty ACK and nothing else.
func (sh *shard) acknowledge(r *request) {
	if r.answered || r.multicast || !r.confirmable() {
		return
	}
	r.answered = true
	sh.sendACK(r)
}

// sendACK sends an empty ACK for r, and keeps it for duplicates of r.
func (sh *shard) sendACK(r *request) {
	out := sh.add(r.line)
	out.Data = append(out.Data, 0x40|byte(message.Acknowledgement)<<4, 0, byte(r.mid>>8), byte(r.mid))
	sh.keep(r.memory, out.Data)
}

// refuseWithReset answers r with RST.
func (sh *shard) refuseWithReset(r *request) {
	if r.answered || r.multicast {
		return
	}
	r.answered = true
	sh.sendReset(r.line, r.mid)
}

// post puts a message into the outbox, cut to the block that was asked for.
func (sh *shard) post(env envelope, re reply) *Packet {
	var etag [8]byte
	blockwise := re.inBlocks()
	if blockwise {
		at := re.block2
		if !at.present || at.num == 0 {
			at = block{present: true, szx: min(at.szxOr(maxSZX), re.szx)}
		}
		h := fnv.New64a()
		_, _ = h.Write(re.payload)
		h.Sum(etag[:0])
		if re.payload, re.block2, blockwise = at.cut(re.payload); !blockwise {
			re = reply{code: codes.BadRequest, format: none, block1: re.block1, payload: []byte("no such block")}
		}
		if re.shell != nil && blockwise && !re.block2.more {
			re.payload = re.shell.Block.Decide(re.path, re.payload)
		}
	}
	p := sh.add(env.line)
	w := writer{data: appendHeader(p.Data, env, re.code)}
	if blockwise {
		w.bytes(message.ETag, etag[:])
	}
	if re.observe {
		w.uint(message.Observe, re.number)
	}
	re.block2.present = blockwise
	w.rest(&re)
	p.Data = w.payload(re.payload)
	return p
}

// inBlocks reports whether the payload is sent in blocks, or in one block because that was
// asked for.
func (re *reply) inBlocks() bool {
	return re.code < codes.BadRequest && len(re.payload) > 0 && (re.block2.present || len(re.payload) > 1<<(re.szx+4))
}

// rest appends the options of a reply that follow Observe.
func (w *writer) rest(re *reply) {
	if re.format != none && len(re.payload) > 0 {
		w.uint(message.ContentFormat, uint32(re.format))
	}
	if re.block2.present {
		w.uint(message.Block2, re.block2.value())
	}
	if re.block1.present {
		w.uint(message.Block1, re.block1.value())
	}
	if re.code == codes.RequestEntityTooLarge {
		w.uint(message.Size1, maxBody)
	}
	if re.version && re.format != none && re.format != ocf.FormatLinks && len(re.payload) > 0 {
		w.uint(ocf.OptionFormatVersion, ocf.Version100)
	}
	if re.shell != nil {
		if needed := re.shell.Needs.Decide(re.path, 0); needed > ocf.OptionFormatVersion {
			w.bytes(message.OptionID(needed), nil)
		}
	}
}
