package client

import (
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

func msg5() Rule {
	return Rule{
		ID: "MSG-5", Says: "a Client sends a payload in whole blocks, from the first, in their order",
		Clause: "A block with more to come is as long as its size says, the first has number 0, and each further one follows the one before.",
		Source: "RFC 7959 sections 2.2 and 2.3", Level: judge.Duty, Severity: conformance.Fail,
		Pass:   "each block was whole and followed the one before",
		Fail:   "a block with more to come was shorter or longer than its size, or a payload began in its middle",
		Silent: "the Client sent nothing in blocks", judge: blocks,
	}
}

func blocks(s *story) []conformance.Finding {
	var all []conformance.Finding
	next := map[string]int{} // by endpoint and path: where in the payload the next block begins
	for _, r := range s.requests {
		b := r.msg.block1
		if b == nil {
			continue
		}
		key := fmt.Sprint(r.from, " ", r.frame.Path)
		at := int(b.num) * b.size
		expected, begun := next[key]
		switch {
		case b.more && len(r.frame.Payload) != b.size:
			all = append(all, broken(r.n, fmt.Sprintf("%d bytes", b.size), "block %d of %s, with more to come, has %d bytes", b.num, r.frame.Path, len(r.frame.Payload)))
		case b.num > 0 && !begun:
			all = append(all, broken(r.n, "block 0", "a payload for %s began with block %d", r.frame.Path, b.num))
		case at > expected:
			all = append(all, broken(r.n, "the next block", "byte %d of a payload for %s followed byte %d", at, r.frame.Path, expected))
		default:
			all = append(all, kept(r.n))
		}
		next[key] = at + len(r.frame.Payload)
	}
	return all
}
