package fleet

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sort"
	"sync"
)

// Range is Devices at consecutive addresses.
type Range struct {
	First   netip.Addr
	Devices int
}

// placed is a Range with the index of its first Device.
type placed struct {
	Range
	index int
}

// ranges says which Device has which address, where the addresses are several ranges.
type ranges struct {
	order  []placed // by index
	sorted []placed // by address
}

// checkRanges returns an error that names the field that is wrong.
func (c *Config) checkRanges() error {
	total := 0
	for _, r := range c.Ranges {
		if r.Devices < 1 || !r.First.IsValid() {
			return fmt.Errorf("ranges: %v has %d devices", r.First, r.Devices)
		}
		if r.First.Is4() == c.Ranges[0].First.Is4() && r.First.IsLoopback() != c.Ranges[0].First.IsLoopback() {
			return fmt.Errorf("ranges: %v and %v: loopback and other addresses can't be mixed", c.Ranges[0].First, r.First)
		}
		total += r.Devices
	}
	switch {
	case len(c.Ranges) == 0:
		return nil
	case total != c.Devices:
		return fmt.Errorf("ranges: they are for %d devices, not for %d", total, c.Devices)
	case c.PortPerDevice || c.Moves:
		return errors.New("ranges: such devices neither move nor have ports of their own")
	}
	return nil
}

// rangesBook gives the Devices the addresses of c.Ranges at the port of c.Listen.
func rangesBook(c *Config) (*addressBook, error) {
	b := &addressBook{base: c.Listen, count: c.Devices, ranges: new(ranges)}
	index := 0
	for _, r := range c.Ranges {
		r.First = r.First.Unmap()
		if _, err := newBook(netip.AddrPortFrom(r.First, c.Listen.Port()), r.Devices); err != nil {
			return nil, err
		}
		b.ranges.order = append(b.ranges.order, placed{r, index})
		index += r.Devices
	}
	b.ranges.sorted = append([]placed(nil), b.ranges.order...)
	sorted := b.ranges.sorted
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].First.Less(sorted[j].First) })
	return b, nil
}

// addr is the address of Device i.
func (r *ranges) addr(i int) netip.Addr {
	k := sort.Search(len(r.order), func(k int) bool { return r.order[k].index > i }) - 1
	a, _ := plus(r.order[k].First, i-r.order[k].index)
	return a
}

// find is the Device that has an address.
func (r *ranges) find(at netip.Addr) (int, bool) {
	k := sort.Search(len(r.sorted), func(k int) bool { return at.Less(r.sorted[k].First) }) - 1
	if k < 0 {
		return 0, false
	}
	n, ok := minus(at, r.sorted[k].First)
	return r.sorted[k].index + n, ok && n < r.sorted[k].Devices
}

// connectRanges is connect for Devices whose addresses are several ranges: one socket for
// each address family.
func connectRanges(c *Config) (Conn, *addressBook, error) {
	b, err := rangesBook(c)
	if err != nil || c.Conn != nil {
		return c.Conn, b, err
	}
	return listenRanges(b, c.Log)
}

// families are the first addresses of b in each family, that of Device 0 first.
func (b *addressBook) families() []netip.Addr {
	first := b.ranges.order[0].First
	for _, p := range b.ranges.order {
		if p.First.Is4() != first.Is4() {
			return []netip.Addr{first, p.First}
		}
	}
	return []netip.Addr{first}
}

// bothFamilies is two Conns as one: IPv4 and IPv6.
type bothFamilies struct {
	four, six Conn
	log       *slog.Logger

	once   sync.Once // starts the readers
	end    sync.Once
	queue  chan Packet
	closed chan struct{}
	failed chan error
	done   sync.WaitGroup
}

func newBothFamilies(four, six Conn, log *slog.Logger) *bothFamilies {
	return &bothFamilies{
		four: four, six: six, log: log,
		queue: make(chan Packet, batchSize), closed: make(chan struct{}), failed: make(chan error, 2),
	}
}

// beside has both be read beside other work.
func (p *bothFamilies) beside() error {
	return errors.Join(readBeside(p.four), readBeside(p.six))
}

// ReadBatch waits for a packet of either family, and then takes what else has arrived.
func (p *bothFamilies) ReadBatch(packets []Packet) (int, error) {
	p.once.Do(func() {
		for _, c := range []Conn{p.four, p.six} {
			p.done.Go(func() { p.read(c) })
		}
	})
	select {
	case got := <-p.queue:
		fill(&packets[0], got)
	case err := <-p.failed:
		return 0, err
	case <-p.closed:
		return 0, net.ErrClosed
	}
	for n := 1; n < len(packets); n++ {
		select {
		case got := <-p.queue:
			fill(&packets[n], got)
		default:
			return n, nil
		}
	}
	return len(packets), nil
}

// fill copies a packet into the buffer of to.
func fill(to *Packet, p Packet) {
	buf := to.Data[:0]
	*to = p
	to.Data = append(buf, p.Data...)
}

// read moves the packets of one Conn into the queue.
func (p *bothFamilies) read(c Conn) {
	packets := make([]Packet, batchSize)
	buffers := make([]byte, batchSize*maxDatagram)
	for failures := 0; ; {
		for i := range packets {
			packets[i] = Packet{Data: buffers[i*maxDatagram : i*maxDatagram : (i+1)*maxDatagram]}
		}
		n, err := c.ReadBatch(packets)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			if failures++; failures > maxFailures {
				p.failed <- err
				return
			}
			p.log.Warn("read", "error", err)
			continue
		}
		failures = 0
		for _, got := range packets[:n] {
			got.Data = append([]byte(nil), got.Data...)
			select {
			case p.queue <- got:
			case <-p.closed:
				return
			}
		}
	}
}

// WriteBatch sends each packet through the Conn of its family, in order.
func (p *bothFamilies) WriteBatch(packets []Packet) (int, error) {
	sent := 0
	var first error
	for len(packets) > 0 {
		is4, n := packets[0].Local.Addr().Is4(), 1
		for n < len(packets) && packets[n].Local.Addr().Is4() == is4 {
			n++
		}
		conn := p.six
		if is4 {
			conn = p.four
		}
		k, err := conn.WriteBatch(packets[:n])
		sent += k
		if first == nil {
			first = err
		}
		packets = packets[n:]
	}
	return sent, first
}

// Losses adds up what the two Conns have lost.
func (p *bothFamilies) Losses() (overflow, foreign uint64) {
	for _, c := range []Conn{p.four, p.six} {
		if l, ok := c.(lossy); ok {
			o, f := l.Losses()
			overflow, foreign = overflow+o, foreign+f
		}
	}
	return overflow, foreign
}

// Close closes both Conns and waits for their readers.
func (p *bothFamilies) Close() error {
	var err error
	p.end.Do(func() {
		close(p.closed)
		err = errors.Join(p.four.Close(), p.six.Close())
	})
	p.done.Wait()
	return err
}
