package target

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// A Device that restarts may come back elsewhere: at another port, which many choose
// anew, or at another address, which DHCP gave it. It is then looked for by its
// identity, and every Client goes on there:
//
//	answers --silent for a moment, or the port is closed--> sought
//	sought --answers where it was--> answers
//	sought --the same di or piid answers elsewhere, and where it was no more--> answers, there
//
// A Device under a new di, as after a reset, is known by its piid, which it keeps for
// its life.

const (
	// silence is how long a Device may leave a datagram unanswered before it is sought.
	silence = 500 * time.Millisecond
	// seekEvery is how long a search is the last one, and seekFor how long it takes
	// at most.
	seekEvery = time.Second
	seekFor   = 2 * time.Second
)

// whereabouts is where a Device is now. It is safe for concurrent use.
type whereabouts struct {
	mu      sync.Mutex
	moved   map[string]string // from host:port as it was at first to where that is now
	times   int               // how often it has moved
	seeking bool
	sought  time.Time // when the latest search ended
}

// now is where that is what was at address at first.
func (w *whereabouts) now(address string) (at string, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at, ok := w.moved[address]; ok {
		return at, w.times
	}
	return address, w.times
}

// settled notes where a Device was found.
func (w *whereabouts) settled(moved map[string]string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moved, w.times = moved, w.times+1
}

// roams reports whether the Device is looked for where it does not answer. In memory,
// where nobody can be asked by multicast, it is if the Config says how.
func (t *Target) roams() bool { return t.cfg.Dial == nil || t.cfg.Seek != nil }

// dial opens a connection to what was at address when the target was opened, where it
// is now. A connection without a session follows the Device when it moves; a session
// ends with the restart, and the next one is opened in the new place.
func (t *Target) dial(ctx context.Context, address string) (net.Conn, error) {
	at, times := t.where.now(address)
	conn, err := t.vigil.over(t.cfg.dial(ctx, at))
	if err != nil || !t.roams() {
		return conn, err
	}
	return &roamer{target: t, address: address, follows: address == t.address, conn: conn, times: times}, nil
}

// seek looks for the Device, unless that is being done or has just been done, or
// nobody knows who it is, as before it has introduced itself.
func (t *Target) seek() {
	if !t.known.Load() || t.Profile().DI == "" {
		return
	}
	w := &t.where
	w.mu.Lock()
	busy := w.seeking || time.Since(w.sought) < seekEvery
	w.seeking = w.seeking || !busy
	w.mu.Unlock()
	if busy {
		return
	}
	go func() { // it ends by itself, within seekFor
		ctx, cancel := context.WithTimeout(context.Background(), seekFor)
		defer cancel()
		found, err := t.search(ctx)
		if err == nil {
			t.recognize(found)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seeking, w.sought = false, time.Now()
	}()
}

// search asks who is there: as the Config says, or the host where the Device was, at
// the port where OCF Devices listen for multicast. A target that names its Device by
// the di, and not by an endpoint, is looked for by multicast too, where it was at first.
func (t *Target) search(ctx context.Context) ([]Found, error) {
	if t.cfg.Seek != nil {
		return t.cfg.Seek(ctx)
	}
	at, _ := t.where.now(cmp.Or(t.address, t.coaps))
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, err
	}
	var all []Found
	var mu sync.Mutex
	var asking sync.WaitGroup
	ask := func(cfg DiscoverConfig) {
		asking.Go(func() {
			cfg.Wait = seekFor / 2
			found, _ := Discover(ctx, cfg)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, found...)
		})
	}
	ask(DiscoverConfig{Unicast: net.JoinHostPort(host, defaultPort)})
	if !t.cfg.Find.IsNil() {
		ask(DiscoverConfig{Interface: t.cfg.Interface})
	}
	asking.Wait()
	return all, nil
}

// recognize goes to where the Device is found, if it is not found where it was. Two
// that answer to its name are none.
func (t *Target) recognize(found []Found) {
	var it []Found
	for _, f := range found {
		if t.isIt(f) && !slices.ContainsFunc(it, func(o Found) bool { return o.Endpoints[0] == f.Endpoints[0] }) {
			it = append(it, f)
		}
	}
	if len(it) != 1 {
		return
	}
	was, _ := t.where.now(t.address)
	secure, _ := t.where.now(t.coaps)
	plain, sessions := pick(it, it[0].DI)
	if slices.Contains(it[0].Endpoints, "coap://"+was) || t.address == "" && slices.Contains(it[0].Endpoints, "coaps://"+secure) {
		return
	}
	moved := map[string]string{}
	if plain != "" && t.address != "" {
		moved[t.address] = strings.TrimPrefix(plain, "coap://")
	}
	if sessions != "" && t.coaps != "" {
		moved[t.coaps] = strings.TrimPrefix(sessions, "coaps://")
	}
	if len(moved) > 0 {
		t.where.settled(moved)
	}
}

// isIt reports whether f is this Device.
func (t *Target) isIt(f Found) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	di := t.cfg.Profile.DI
	return di != "" && f.DI.String() == di || f.PIID != ocf.UUID{} && f.PIID == t.about.D.PIID
}

// roamer is a connection to a Device that may move.
type roamer struct {
	target  *Target
	address string // where the Device was at first
	follows bool   // goes on at the Device's new place

	mu      sync.Mutex
	conn    net.Conn
	times   int // how often the Device had moved when conn was opened
	closed  bool
	sent    int         // datagrams since one came
	waiting *time.Timer // set while a request without a session is unanswered
}

// asks reports whether a datagram is a confirmable request, which is answered at once.
func asks(p []byte) bool {
	return len(p) >= 4 && p[0]>>4&3 == 0 && p[1] != 0
}

// errMoved is what Read returns once after the Device was found elsewhere; it stands
// as a note in the Timeline.
type errMoved string

func (e errMoved) Error() string { return "the Device is found again at " + string(e) }

// Write sends to where the Device is now. It has the Device sought if nothing came
// since the datagram before, and if a request is not answered soon.
func (r *roamer) Write(p []byte) (int, error) {
	r.mu.Lock()
	if r.follows && !r.closed {
		if at, times := r.target.where.now(r.address); times != r.times {
			r.follow(at, times)
		}
	}
	r.sent++
	if r.waiting == nil && !r.closed && r.follows && asks(p) {
		r.waiting = time.AfterFunc(silence, r.unanswered)
	}
	conn, again := r.conn, r.sent > 1
	r.mu.Unlock()
	n, err := conn.Write(p)
	if again || errors.Is(err, syscall.ECONNREFUSED) {
		r.target.seek()
	}
	return n, err
}

// follow goes to the Device's new place. The lock is held.
func (r *roamer) follow(at string, times int) {
	ctx, cancel := context.WithTimeout(context.Background(), seekFor)
	defer cancel()
	next, err := r.target.vigil.over(r.target.cfg.dial(ctx, at))
	if err != nil {
		return // the next datagram tries again
	}
	old := r.conn
	r.conn, r.times = next, times
	_ = old.Close()
}

// unanswered has the Device sought, again and again as long as nothing comes.
func (r *roamer) unanswered() {
	r.mu.Lock()
	on := r.waiting != nil && !r.closed
	if on {
		r.waiting = time.AfterFunc(seekEvery, r.unanswered)
	}
	r.mu.Unlock()
	if on {
		r.target.seek()
	}
}

// heard takes note that the Device is there.
func (r *roamer) heard() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = 0
	if r.waiting != nil {
		r.waiting.Stop()
		r.waiting = nil
	}
}

// Read takes what comes from where the Device is.
func (r *roamer) Read(p []byte) (int, error) {
	r.mu.Lock()
	conn := r.conn
	r.mu.Unlock()
	n, err := conn.Read(p)
	if err == nil {
		r.heard()
		return n, nil
	}
	r.mu.Lock()
	next, closed := r.conn, r.closed
	r.mu.Unlock()
	if next != conn && !closed {
		return 0, errMoved(next.RemoteAddr().String())
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		r.target.seek()
	}
	return n, err
}

// Close ends it for good.
func (r *roamer) Close() error {
	r.heard()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return r.conn.Close()
}

// now is the connection to where the Device is.
func (r *roamer) now() net.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.conn
}

// LocalAddr is the Client's own address.
func (r *roamer) LocalAddr() net.Addr { return r.now().LocalAddr() }

// RemoteAddr is the Device's.
func (r *roamer) RemoteAddr() net.Addr { return r.now().RemoteAddr() }

// SetDeadline is of the present connection.
func (r *roamer) SetDeadline(at time.Time) error { return r.now().SetDeadline(at) }

// SetReadDeadline is of the present connection.
func (r *roamer) SetReadDeadline(at time.Time) error { return r.now().SetReadDeadline(at) }

// SetWriteDeadline is of the present connection.
func (r *roamer) SetWriteDeadline(at time.Time) error { return r.now().SetWriteDeadline(at) }
