package impair

import (
	"container/heap"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

const (
	// batch is how many packets are read at a time.
	batch = 64
	// longest is the largest datagram that a Conn carries whole, in bytes.
	longest = 4096
	// queueLength is how many datagrams can wait for the fleet, and how many can be on
	// their way in each direction. Further ones are lost and counted.
	queueLength = 1 << 16
)

// Judge says what becomes of each packet. It is called by any goroutine.
type Judge interface {
	// Fate is that of a packet: with in, one that comes to a Device, else one that leaves.
	Fate(p *fleet.Packet, in bool) Fate
}

// Conn is a Conn of a fleet on the far side of a bad network.
type Conn struct {
	under fleet.Conn
	judge Judge

	start    sync.Once // of the reader
	end      sync.Once
	in, out  delays
	arrived  queue
	closed   chan struct{}
	failed   chan error
	done     sync.WaitGroup
	overflow atomic.Uint64
}

var _ fleet.Conn = (*Conn)(nil)

// Over puts a bad network before conn.
func Over(conn fleet.Conn, judge Judge) *Conn {
	c := &Conn{under: conn, judge: judge, arrived: newQueue(), closed: make(chan struct{}), failed: make(chan error, 1)}
	c.in.deliver = c.arrive
	c.out.deliver = func(p fleet.Packet) { _, _ = conn.WriteBatch([]fleet.Packet{p}) } // a datagram that can't leave is lost
	return c
}

// ReadBatch waits for a packet that has come through the network, and then takes what
// else has.
func (c *Conn) ReadBatch(packets []fleet.Packet) (int, error) {
	c.start.Do(func() { c.done.Go(c.read) })
	for {
		select {
		case <-c.closed:
			return 0, net.ErrClosed
		default:
		}
		if n := c.arrived.take(packets); n > 0 {
			return n, nil
		}
		select {
		case <-c.arrived.ready:
		case err := <-c.failed:
			return 0, err
		case <-c.closed:
		}
	}
}

// read sends what comes through the network.
func (c *Conn) read() {
	packets := make([]fleet.Packet, batch)
	buffers := make([]byte, batch*longest)
	for {
		for i := range packets {
			packets[i] = fleet.Packet{Data: buffers[i*longest : i*longest : (i+1)*longest]}
		}
		n, err := c.under.ReadBatch(packets)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			select {
			case c.failed <- err:
			case <-c.closed:
				return
			}
		}
		for i := range packets[:n] {
			c.pass(&packets[i], c.judge.Fate(&packets[i], true), &c.in)
		}
	}
}

// pass sends p by its fate to what delivers it.
func (c *Conn) pass(p *fleet.Packet, fate Fate, way *delays) {
	for _, copied := range fate.Copies[:fate.N] {
		q := *p
		q.Data = append([]byte(nil), p.Data...)
		copied.Apply(q.Data)
		if !way.send(q, copied.Delay) {
			c.overflow.Add(1)
		}
	}
}

// arrive hands a packet to the fleet.
func (c *Conn) arrive(p fleet.Packet) {
	if !c.arrived.put(p) {
		c.overflow.Add(1)
	}
}

// WriteBatch sends the packets through the network, in order. Those that it loses count as
// sent.
func (c *Conn) WriteBatch(packets []fleet.Packet) (int, error) {
	sent := 0
	for len(packets) > 0 {
		// What the network leaves alone goes at once, as one batch.
		n, fate := 0, Intact()
		for ; n < len(packets); n++ {
			if fate = c.judge.Fate(&packets[n], false); !fate.IsIntact() || c.out.busy() {
				break
			}
		}
		if n > 0 {
			k, err := c.under.WriteBatch(packets[:n])
			if sent += k; err != nil {
				return sent, err
			}
		}
		if packets = packets[n:]; len(packets) > 0 {
			c.pass(&packets[0], fate, &c.out)
			packets, sent = packets[1:], sent+1
		}
	}
	return sent, nil
}

// Losses are what the sockets have lost, and what there was no room for here.
func (c *Conn) Losses() (overflow, foreign uint64) {
	if l, ok := c.under.(interface {
		Losses() (overflow, foreign uint64)
	}); ok {
		overflow, foreign = l.Losses()
	}
	return overflow + c.overflow.Load(), foreign
}

// Close closes the Conn underneath. What is on its way is lost.
func (c *Conn) Close() error {
	var err error
	c.end.Do(func() {
		close(c.closed)
		c.in.stop()
		c.out.stop()
		err = c.under.Close()
	})
	c.done.Wait()
	return err
}

// delays holds packets back, and delivers each when its time has come.
type delays struct {
	deliver func(fleet.Packet)

	mu      sync.Mutex
	waiting waiting
	order   uint64
	timer   *time.Timer
	stopped bool
}

// late is a packet that is on its way.
type late struct {
	at     time.Time
	order  uint64
	packet fleet.Packet
}

// waiting is a heap, ordered by time and then by the order of sending.
type waiting []late

func (w waiting) Len() int      { return len(w) }
func (w waiting) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w waiting) Less(i, j int) bool {
	if !w[i].at.Equal(w[j].at) {
		return w[i].at.Before(w[j].at)
	}
	return w[i].order < w[j].order
}
func (w *waiting) Push(x any) { *w = append(*w, x.(late)) }

// Pop takes the last element, as package heap asks for.
func (w *waiting) Pop() any {
	last := len(*w) - 1
	x := (*w)[last]
	(*w)[last] = late{}
	*w = (*w)[:last]
	return x
}

// busy reports whether packets are on their way that were sent earlier.
func (d *delays) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.waiting) > 0
}

// send delivers p after a while, and at once if nothing is on its way. It reports whether
// there is room for p.
func (d *delays) send(p fleet.Packet, after time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.stopped || len(d.waiting) >= queueLength:
		return d.stopped
	case after == 0 && len(d.waiting) == 0:
		d.deliver(p)
		return true
	}
	d.order++
	heap.Push(&d.waiting, late{time.Now().Add(after), d.order, p})
	d.arm()
	return true
}

// arm sets the timer to the time of the first packet.
func (d *delays) arm() {
	if len(d.waiting) == 0 || d.stopped {
		return
	}
	wait := max(time.Until(d.waiting[0].at), 0)
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.land)
		return
	}
	d.timer.Reset(wait)
}

// land delivers the packets whose time has come, in order.
func (d *delays) land() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for len(d.waiting) > 0 && !d.waiting[0].at.After(now) && !d.stopped {
		d.deliver(heap.Pop(&d.waiting).(late).packet)
	}
	d.arm()
}

// stop drops everything that is on its way.
func (d *delays) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	d.waiting = nil
	if d.timer != nil {
		d.timer.Stop()
	}
}
