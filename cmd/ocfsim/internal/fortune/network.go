package fortune

import (
	"net/netip"

	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/impair"
)

// trips counts the datagrams of a Device, by their way.
type trips [4]uint32

// The ways of a datagram, as a record names them.
func ways() []string { return []string{"in", "out", "secured-in", "secured-out"} }

// Between puts a bad network before a Conn of the fleet, if the plan has one.
func (c *Fortune) Between(conn fleet.Conn) fleet.Conn {
	bad := c.faults != nil && len(c.faults.fates) > 0
	for _, o := range c.groups {
		bad = bad || o.network
	}
	if !bad {
		return conn
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.network == nil {
		c.network = make([]trips, c.count)
	}
	return impair.Over(conn, c)
}

// Fate is what becomes of a packet. It follows from the Device, the way, and how many
// packets have gone this way before.
func (c *Fortune) Fate(p *fleet.Packet, in bool) impair.Fate {
	number, ok := c.plan.Find(p.Local.Addr())
	i := number - c.first
	if !ok || i < 0 || i >= c.count { // to a group, or to nobody
		return impair.Intact()
	}
	way := 0
	if !in {
		way = 1
	}
	if p.Local.Port() != c.fleet.Addr(i).Port() {
		way += 2
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.network[i][way]
	c.network[i][way]++
	peer := p.Peer.Addr()
	fate, kind := c.fate(i, way, n, peer)
	if !fate.IsIntact() {
		l := datagramLine(c.now(), i, way, n, fate, kind)
		if kind == "partition" {
			l.Peer = peer.Unmap().String()
		}
		c.note(l)
	}
	return fate
}

// fate decides what becomes of the n-th datagram on a way, from or to a peer. kind is how a
// loss is called.
func (c *Fortune) fate(i, way int, n uint32, peer netip.Addr) (fate impair.Fate, kind string) {
	if c.faults != nil {
		return c.faults.fate(datagram{c.first + i, way, n})
	}
	g, o, within := c.groupOf(i)
	if !o.network {
		return impair.Intact(), ""
	}
	at := c.now()
	for k := range o.profiles {
		p := &o.profiles[k]
		if p.Holds(at) && p.partition.hold(at) && p.partition.Between(peer) && p.Cuts(g, within) {
			return impair.Fate{}, "partition"
		}
	}
	draw := o.draw(g, within)
	return o.impairment(at).Fate(&stream{draw: fleetfile.Draw(draw.At(uint64(n)*uint64(len(trips{})) + uint64(way)))}), "loss"
}

// draw is what the fates of a Device's datagrams are drawn from.
func (o *odds) draw(g *fleetfile.Group, within int) fleetfile.Draw {
	return g.Draw("network").Of(within)
}

// stream is random numbers one after another, from a Draw of its own.
type stream struct {
	draw fleetfile.Draw
	n    uint64
}

var _ impair.Rand = (*stream)(nil)

// Float64 is a number from 0 to less than 1.
func (s *stream) Float64() float64 {
	s.n++
	return float64(s.draw.At(s.n)>>11) / (1 << 53)
}

// Int64N is a number from 0 to less than n.
func (s *stream) Int64N(n int64) int64 {
	s.n++
	return int64(s.draw.At(s.n) % uint64(n))
}
