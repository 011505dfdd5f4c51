package conformance

import "slices"

// Lossy reports whether the network is seen to lose datagrams: a request that
// was answered in the end had to be sent again, or an acknowledgement did not arrive.
// What was not seen then need not have been unsent.
func (tl Timeline) Lossy() bool { return tl.repeated() || tl.unacknowledged() }

// datagram is what tells a request from others, and what is sent again of it.
type datagram struct {
	client, code string
	mid          uint16
}

// repeated reports whether a request was sent again and answered.
func (tl Timeline) repeated() bool {
	if !tl.repeats() {
		return false // nearly always
	}
	sent := map[datagram]int{}
	again := map[int]bool{}
	for i := range tl.Observations {
		o := &tl.Observations[i]
		if o.Frame == nil {
			continue
		}
		key := datagram{o.Client, o.Frame.Code, o.Frame.MID}
		switch o.Kind {
		case Request:
			sent[key] = i
		case Message:
			n, ok := sent[key]
			again[n] = again[n] || ok && o.sentAgain()
		case Response:
			if o.For != nil && again[*o.For] {
				return true
			}
		}
	}
	return false
}

// repeats reports whether any request of tl may have been sent once more.
func (tl Timeline) repeats() bool {
	for i := range tl.Observations {
		if tl.Observations[i].sentAgain() {
			return true
		}
	}
	return false
}

// sentAgain reports whether o may be a request that was sent once more.
func (o *Observation) sentAgain() bool {
	return o.Kind == Message && o.Frame != nil && (o.Frame.Code == MethodGET || o.Frame.Code == MethodPOST)
}

// unacknowledged reports whether an Acknowledgement of the Device is missing: a Confirmable
// request was answered by a message of its own, and the empty message that has to
// acknowledge it (RFC 7252 4.2) came neither before nor until after the answer to a later
// request. Of a Device that acknowledges none so, that says nothing of the network.
func (tl Timeline) unacknowledged() bool {
	var acknowledged map[datagram]bool
	var apart []datagram // the requests that were answered so, in the order of their answers
	for i := range tl.Observations {
		o := &tl.Observations[i]
		switch {
		case o.Frame == nil:
		case o.Kind == Response && o.For != nil && (o.Frame.Type == "CON" || o.Frame.Type == "NON"):
			if asked := &tl.Observations[*o.For]; asked.Frame != nil && asked.Frame.Type == "CON" {
				apart = append(apart, datagram{client: asked.Client, mid: asked.Frame.MID})
			}
		case o.Kind == Message && o.Frame.Type == "ACK" && o.Frame.Code == CodeEmpty:
			if acknowledged == nil {
				acknowledged = map[datagram]bool{}
			}
			acknowledged[datagram{client: o.Client, mid: o.Frame.MID}] = true
		}
	}
	if !slices.ContainsFunc(apart, func(d datagram) bool { return acknowledged[d] }) {
		return false
	}
	return slices.ContainsFunc(apart[:len(apart)-1], func(d datagram) bool { return !acknowledged[d] })
}
