package campaign

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
)

// Target is one Device of a fleet.
type Target struct {
	Endpoint string         // as it is told: "coap://127.1.0.1:5683"
	Plain    netip.AddrPort // where it is reached without a session; invalid where it needs one
	Group    string         // of the fleet file; "" for none
	Known    update.Known   // from an earlier run
}

// Config is a campaign to be run.
type Config struct {
	Plan    *Plan
	Targets []Target
	// Listen opens the endpoints that requests come from; nil for Listen of this package.
	Listen func(plan *Plan, like netip.Addr) ([]Conn, error)
	// Secured takes a Device that needs a session through the campaign, in a goroutine of
	// its own, and returns what became of it. It may be nil where there is no such Device.
	Secured func(ctx context.Context, device int) Result
	// Tell is told of each Device that has ended, in the order in which they end, from one
	// goroutine.
	Tell func(device int, r Result)
	// Asking, if it is not nil, is told of each Device without a session before it is asked
	// for an update: r is what a later run has to know if this one is killed.
	Asking func(device int, r Result)
	// Keep, if it is not nil, is called before anything is sent. What Tell and Asking were told
	// before has to be kept then, whatever becomes of this program.
	Keep func()
	// Silent, if it is not nil, is how many of those that Secured is called for have not answered
	// yet, and whether any has.
	Silent func() (devices int, heard bool)
	// Every, if it is not 0, is how often Progress is told how far the campaign is.
	Every    time.Duration
	Progress func(Progress)
}

// Outcome is what a whole run came to.
type Outcome struct {
	Stopped     string // why it ended before all Devices were begun, "" if it did not
	Interrupted bool
	Took        time.Duration
	RTT         *Histogram // of requests that were answered without being sent again
	Strays      int        // datagrams that came from no Device of the campaign
	Waves       int        // so many were begun
}

// run is a campaign under way. All but the readers of the sockets and the Devices with
// sessions happens in one goroutine.
type run struct {
	Config
	began    time.Time
	engine   *Engine
	schedule *schedule
	conns    []Conn
	out      []outbox
	arrivals chan arrivals
	secured  chan ended
	wave     []uint16 // by Device, from 1
	outcome  Outcome
	done     int
	broken   error // what keeps the campaign from going on
}

// arrivals are datagrams that have come to a source. Their batch goes back to its reader.
type arrivals struct {
	source int
	batch  []Datagram
	n      int
	back   chan []Datagram
	err    error
}

// ended is what became of a Device with a session.
type ended struct {
	device int
	result Result
}

// Run runs a campaign to its end, or until ctx ends: the Devices that are under way then
// are told of as UnderWay.
func Run(ctx context.Context, cfg Config) (Outcome, error) {
	r := &run{Config: cfg, began: time.Now(), arrivals: make(chan arrivals), secured: make(chan ended), wave: make([]uint16, len(cfg.Targets))}
	r.outcome.RTT = NewHistogram()
	if err := r.open(); err != nil {
		return Outcome{}, err
	}
	order := make([]int32, len(cfg.Targets))
	for i := range order {
		order[i] = int32(i)
	}
	r.schedule = newSchedule(cfg.Plan, order)
	inside, cancel := context.WithCancel(ctx)
	defer cancel()
	var readers, devices sync.WaitGroup
	for i, c := range r.conns {
		readers.Go(func() { r.read(inside, i, c) })
	}
	r.serve(ctx, inside, cancel, &devices)
	var errs []error
	for _, c := range r.conns {
		errs = append(errs, c.Close())
	}
	readers.Wait()
	devices.Wait()
	r.outcome.Took, r.outcome.Stopped, r.outcome.Strays = r.now(), r.schedule.stopped, r.engine.strays
	r.outcome.Waves = r.schedule.wave + 1
	return r.outcome, errors.Join(append(errs, r.broken)...)
}

// open makes the Engine, and its sockets if there are Devices for them.
func (r *run) open() (err error) {
	addrs := make([]netip.AddrPort, len(r.Targets))
	var like netip.Addr
	for i, t := range r.Targets {
		if addrs[i] = t.Plain; t.Plain.IsValid() && !like.IsValid() {
			like = t.Plain.Addr()
		}
	}
	r.engine, err = newEngine(r.Plan, addrs, r.send, func(i int) { r.conclude(i, r.engine.result(i)) }, r.outcome.RTT.Add)
	if err != nil || !like.IsValid() {
		return err
	}
	if r.Asking != nil {
		r.engine.asking = func(i int) {
			asked := r.engine.pending(i)
			asked.Device = r.Targets[i].Endpoint
			r.Asking(i, asked)
		}
	}
	listen := r.Listen
	if listen == nil {
		listen = Listen
	}
	if r.conns, err = listen(r.Plan, like); err != nil {
		return err
	}
	r.out = make([]outbox, len(r.conns))
	return nil
}

// now is the time since the run began.
func (r *run) now() time.Duration { return max(time.Since(r.began), 1) }

// read hands on what comes to a source. It has two batches, so that one can be filled
// while the other is read.
func (r *run) read(ctx context.Context, source int, c Conn) {
	free := make(chan []Datagram, 2)
	for range 2 {
		batch := make([]Datagram, batchSize)
		for i := range batch {
			batch[i].Data = make([]byte, 0, maxDatagram)
		}
		free <- batch
	}
	for {
		var batch []Datagram
		select {
		case batch = <-free:
		case <-ctx.Done():
			return
		}
		n, err := c.Read(batch)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		select {
		case r.arrivals <- arrivals{source, batch, n, free, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// serve runs the campaign.
func (r *run) serve(ctx, inside context.Context, cancel context.CancelFunc, devices *sync.WaitGroup) {
	defer cancel()
	var tick <-chan time.Time
	if r.Every > 0 {
		ticker := time.NewTicker(r.Every)
		defer ticker.Stop()
		tick = ticker.C
	}
	var first <-chan time.Time
	if r.Progress != nil && (r.Every == 0 || r.Every > early) {
		first = time.After(early)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for !r.schedule.over() && r.broken == nil {
		at, soon := r.step(inside, devices)
		if r.schedule.over() {
			break
		}
		wait := time.Hour
		if soon {
			wait = max(at-r.now(), 0)
		}
		timer.Reset(wait)
		select {
		case a := <-r.arrivals:
			r.take(a)
			r.takeMore()
		case e := <-r.secured:
			r.conclude(e.device, e.result)
		case <-timer.C:
		case <-tick:
			r.Progress(r.progress())
		case <-first:
			if p := r.progress(); p.Unheard && p.Active > 0 {
				r.Progress(p)
			}
		case <-ctx.Done():
			r.interrupt("the campaign was interrupted")
			r.outcome.Interrupted = true
			return
		}
	}
	if r.broken != nil {
		cancel()
		r.interrupt("the campaign broke off")
		return
	}
	for _, i := range r.schedule.left() {
		r.tell(int(i), Result{Verdict: NotBegun, Reason: cmp.Or(r.schedule.stopped, "no wave takes it")})
	}
}

// step begins Devices and does what is due. at is when it has to be called again at the
// latest, if soon is true.
func (r *run) step(ctx context.Context, devices *sync.WaitGroup) (at time.Duration, soon bool) {
	r.engine.Expire(r.now()) // first: where a Device ends, another one may begin
	var next time.Duration
	for range batchSize {
		if r.engine.Full() {
			break
		}
		i, later, ok := r.schedule.take(r.now())
		if next = later; !ok {
			break
		}
		next = r.now()
		r.begin(ctx, i, devices)
	}
	r.engine.Flush(r.now())
	r.keep()
	r.flush()
	at, soon = r.engine.Due()
	if next != 0 && (!soon || next < at) {
		at, soon = next, true
	}
	return at, soon
}

// begin begins with a Device.
func (r *run) begin(ctx context.Context, i int, devices *sync.WaitGroup) {
	r.wave[i] = uint16(r.schedule.wave + 1)
	if r.Targets[i].Plain.IsValid() {
		r.engine.Begin(i, r.Targets[i].Known, r.now())
		return
	}
	began := r.now()
	devices.Go(func() {
		result := r.Secured(ctx, i)
		result.BeganS, result.EndedS = began.Seconds(), r.now().Seconds()
		r.secured <- ended{i, result} // serve and interrupt read until no Device is under way
	})
}

// takeMore takes in what has come meanwhile, up to a bound.
func (r *run) takeMore() {
	for range 2 * len(r.conns) {
		select {
		case a := <-r.arrivals:
			r.take(a)
		default:
			return
		}
	}
}

// take takes in a batch of datagrams.
func (r *run) take(a arrivals) {
	if a.err != nil {
		r.broken = a.err
		return
	}
	now := r.now()
	for _, d := range a.batch[:a.n] {
		r.engine.Receive(a.source, d.Peer, d.Data, now)
	}
	a.back <- a.batch
}

// conclude takes note that a Device has ended.
func (r *run) conclude(i int, result Result) {
	r.schedule.conclude(result.Verdict, r.now())
	r.tell(i, result)
}

func (r *run) tell(i int, result Result) {
	r.done++
	result.Device, result.Group, result.Wave = r.Targets[i].Endpoint, r.Targets[i].Group, int(r.wave[i])
	if result.Verdict.Unfinished() && result.Asked == "" {
		result.remember(r.Targets[i].Known)
	}
	r.Tell(i, result)
}

// interrupt ends the campaign: it tells of each Device what is known of it, and waits for
// those with sessions to close them.
func (r *run) interrupt(why string) {
	r.engine.Stop(why, r.now())
	for r.schedule.active > 0 {
		e := <-r.secured
		r.conclude(e.device, e.result)
	}
	for _, i := range r.schedule.left() {
		r.tell(int(i), Result{Verdict: NotBegun, Reason: why})
	}
}

// keep has what was told be kept.
func (r *run) keep() {
	if r.Keep != nil {
		r.Keep()
	}
}

// outbox are the datagrams that are to leave from one source.
type outbox struct {
	batch []Datagram
	n     int
}

// send puts a datagram into the outbox of its source, and empties a full one.
func (r *run) send(source int, to netip.AddrPort, data []byte) {
	o := &r.out[source]
	if o.n == len(o.batch) && o.n < batchSize {
		o.batch = append(o.batch, Datagram{})
	}
	d := &o.batch[o.n]
	d.Peer, d.Data = to, append(d.Data[:0], data...)
	if o.n++; o.n == batchSize {
		r.empty(source)
	}
}

// flush sends what is in the outboxes.
func (r *run) flush() {
	for source := range r.out {
		r.empty(source)
	}
}

func (r *run) empty(source int) {
	o := &r.out[source]
	if o.n == 0 {
		return
	}
	r.keep()
	if err := r.conns[source].Write(o.batch[:o.n]); err != nil && r.broken == nil {
		r.broken = err
	}
	o.n = 0
}
