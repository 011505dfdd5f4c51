package fleet

import "time"

const (
	// patience is how long a handshake is left alone, though others want its place.
	// Within it a Client sends its flight again (RFC 6347 section 4.2.4.1).
	patience = time.Second
	// holdTime is how long an owner transfer whose Client has sent its last flight keeps
	// others from beginning one. The Device has read the flight by then, or never will.
	holdTime = time.Second
	// holdPause is the time from one hold of a Device to the next.
	holdPause = 10 * time.Second
)

// makeRoom reports whether there is room for h among the handshakes. All handshakes
// together have a bound, and those with one Device have a quarter of it: a Client that
// never finishes with one Device must not keep others from their Devices. At either
// bound, the stalest handshake of the address that has most gives way, if the address of
// h has fewer, or if nothing was heard of the handshake for some time.
func (d *demux) makeRoom(h *handshake) bool {
	within := d.underway
	if at := d.underwayAt(h.key.device); len(at) >= max(1, d.MaxHandshakes/4) {
		within = at
	} else if len(within) < d.MaxHandshakes {
		return true
	}
	of := make(tally, 8)
	for _, o := range within {
		of.add(o.key.peer)
	}
	first := within[0]
	for _, o := range within {
		if n := of.of(o.key.peer) - of.of(first.key.peer); n > 0 || n == 0 && o.heard.Before(first.heard) {
			first = o
		}
	}
	if !of.greedier(first.key.peer, h.key.peer) && h.heard.Sub(first.heard) < patience {
		return false
	}
	d.stats.crowdedOut.Add(1)
	d.remove(first)
	first.cancel(errReplaced)
	return true
}

// underwayAt returns the handshakes with one Device.
func (d *demux) underwayAt(device int32) (at []*handshake) {
	for _, h := range d.underway {
		if h.key.device == device {
			at = append(at, h)
		}
	}
	return at
}

// hold keeps other owner transfers from beginning while one is about to become a
// session: its Client may believe that it has the session before the Device knows of it.
// It ends early, and does not come again at once, since anybody can send what looks like
// a last flight.
type hold struct {
	by    *handshake // nil once it is known what became of the transfer
	since time.Time
}

// isTransferred reports whether an owner transfer of the Device is about to become a
// session.
func (d *demux) isTransferred(device int32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	hold := d.holds[device]
	return hold.by != nil && time.Since(hold.since) < holdTime
}

// prove notes that the Client of a handshake has sent its last flight.
func (d *demux) prove(h *handshake) {
	h.proven = true
	if !h.transfer {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	last, held := d.holds[h.key.device]
	if d.table[h.key].handshake == h && (!held || time.Since(last.since) >= holdPause) {
		d.holds[h.key.device] = hold{by: h, since: time.Now()}
	}
}

// release ends the hold of a handshake. Where the transfer has come about, nothing is
// left of it.
func (d *demux) release(h *handshake) {
	switch hold := d.holds[h.key.device]; {
	case hold.by != h:
	case h.established:
		delete(d.holds, h.key.device)
	default:
		hold.by = nil
		d.holds[h.key.device] = hold
	}
}
