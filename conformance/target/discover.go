package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/message/pool"
	coapnet "github.com/plgd-dev/go-coap/v3/net"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

const (
	defaultWait  = 3 * time.Second
	typeDevice   = "oic.wk.d"
	maxFound     = 100_000
	inspections  = 16      // Devices that are asked at a time
	answerBuffer = 4 << 20 // bytes; a small datagram is charged 832 of them
)

// DiscoverConfig says where to look for Devices, and for which. The zero value
// asks every Device on the loopback interface, and nobody else.
type DiscoverConfig struct {
	Interface string        // to multicast on; loopback if empty, and never any but the one named
	Unicast   string        // "host:port" or a coap URI to ask instead of multicasting
	RT        string        // only Devices that have a resource of this type
	Owned     *bool         // only Devices that have an owner, or that have none
	Wait      time.Duration // for answers, 0 for 3 s
	Port      uint16        // to multicast to, 0 for 5683

	// Again is how often to multicast again while Wait lasts: a request may be lost, and a
	// Device that sleeps hears none. 0 for never. For is the Device whose answer ends the
	// search a second later, before Wait is over; nil for none.
	Again time.Duration
	For   ocf.UUID

	// Unasked, if it is not nil, is told why nobody was asked over one version of IP, where
	// others were: an interface without addresses of it, or a network that can't be reached.
	Unasked func(error)
}

// Found is a Device that answered.
type Found struct {
	DI        ocf.UUID
	PIID      ocf.UUID // piid of /oic/d, which stays where the di changes; nil if it shows none
	Name      string   // n of /oic/d
	Endpoints []string // "coap://192.0.2.1:5683", the one that answered first
	Types     []string // resource types of /oic/d
	Owned     *bool    // nil where the Device does not say
}

// Discover asks for Devices and gathers the answers until Wait is over. Each
// Device is listed once, in the order of di.
func Discover(ctx context.Context, cfg DiscoverConfig) ([]Found, error) {
	setDefault(&cfg.Wait, defaultWait)
	setDefault(&cfg.Port, 5683)
	s := &search{cfg: cfg, slots: make(chan struct{}, inspections), asked: map[netip.AddrPort]bool{}}
	var err error
	if cfg.Unicast != "" {
		err = s.unicast(ctx)
	} else {
		err = s.multicast(ctx)
	}
	s.inspecting.Wait()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	return s.result(), nil
}

// search is one discovery under way.
type search struct {
	cfg        DiscoverConfig
	slots      chan struct{}
	enough     func() // the Device that the search is for was found; nil where nobody multicasts
	inspecting sync.WaitGroup

	mu    sync.Mutex
	asked map[netip.AddrPort]bool
	found []Found
}

// unicast asks one address.
func (s *search) unicast(ctx context.Context) error {
	address := s.cfg.Unicast
	if host, secured, err := parseEndpoint(address); err == nil {
		if secured {
			return fmt.Errorf("discover %s: expected a coap endpoint, since a Device says who it is without a session", address)
		}
		address = host
	}
	udp, err := net.ResolveUDPAddr("udp", address)
	if err == nil {
		err = ocf.CheckAddress(udp.AddrPort().Addr().Unmap())
	}
	if err != nil {
		return fmt.Errorf("discover %s: %w", address, err)
	}
	request, err := encode(get(ocf.PathRes, s.links()))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Wait)
	defer cancel()
	doors, err := knock(ctx, udp.AddrPort(), request)
	if err != nil {
		return fmt.Errorf("discover %s: %w", address, err)
	}
	for _, at := range doors {
		s.inspecting.Go(func() { s.inspect(ctx, at) })
	}
	s.inspecting.Wait()
	return nil
}

// multicast asks every Device that listens on the interface.
func (s *search) multicast(ctx context.Context) error {
	ifi, err := multicastInterface(s.cfg.Interface)
	if err != nil {
		return err
	}
	request, err := s.request()
	if err != nil {
		return err
	}
	var askers []asker
	var problems []error
	for _, family := range families() {
		a, err := family.open(ifi, s.cfg.Port)
		if err == nil {
			if err = a.ask(ctx, request); err != nil {
				_ = a.conn.Close()
			}
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		askers = append(askers, a)
	}
	if len(askers) > 0 && len(problems) > 0 && s.cfg.Unasked != nil {
		s.cfg.Unasked(errors.Join(problems...))
	}
	if len(askers) == 0 {
		return fmt.Errorf("discover on %s: %w", ifi.Name, errors.Join(problems...))
	}
	listening, cancel := context.WithTimeout(ctx, s.cfg.Wait)
	defer cancel()
	s.enough = sync.OnceFunc(func() { time.AfterFunc(afterFound, cancel) })
	var open sync.WaitGroup
	for _, a := range askers {
		open.Go(func() { s.listen(ctx, listening, a.conn) })
	}
	if s.cfg.Again > 0 {
		open.Go(func() { s.askAgain(listening, askers) })
	}
	open.Wait()
	return nil
}

// request is the NON that is multicast.
func (s *search) request() ([]byte, error) {
	path, query := ocf.PathRes, s.links()
	switch {
	case s.cfg.Owned == nil:
	case *s.cfg.Owned: // an owned Device hides its doxm, but its links tell
		query = "rt=" + ocf.RTDoxm
	default:
		path, query = ocf.PathDoxm, "owned=FALSE"
	}
	call := get(path, query)
	call.NON = true
	return encode(call)
}

// links is the query on /oic/res that the wanted Devices answer.
func (s *search) links() string { return "rt=" + cmp.Or(s.cfg.RT, typeDevice) }

// encode is the datagram of a request that is sent without a Client.
func encode(call conformance.Call) ([]byte, error) {
	th, err := newThread(call.Path, call.Query)
	if err != nil {
		return nil, err
	}
	ex, err := newExchange(call, nil)
	if err != nil {
		return nil, err
	}
	req := pool.NewMessage(context.Background())
	if err := build(req, th, ex, ex.next); err != nil {
		return nil, err
	}
	req.SetMessageID(message.GetMID())
	raw, err := req.MarshalWithEncoder(coder.DefaultCoder)
	return clone(raw), err
}

// listen takes answers until listening ends; ctx bounds what is then asked of
// those who answered.
func (s *search) listen(ctx, listening context.Context, conn *coapnet.UDPConn) {
	stop := context.AfterFunc(listening, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	buf := make([]byte, 64*1024)
	for listening.Err() == nil {
		n, from, err := conn.ReadWithContext(listening, buf)
		if err != nil {
			continue // conn is closed when listening ends; an ICMP error is no answer
		}
		m, err := decode(buf[:n])
		if err == nil && m.Code == codes.Empty && m.Type == message.Confirmable { // a ping, RFC 7252 section 4.3
			_ = conn.WriteWithContext(listening, from, empty(message.Reset, uint16(m.MessageID)))
		}
		if err != nil || !isSuccess(m.Code) {
			continue
		}
		if m.Type == message.Confirmable { // as some Devices answer a multicast request
			_ = conn.WriteWithContext(listening, from, empty(message.Acknowledgement, uint16(m.MessageID)))
		}
		s.inspecting.Go(func() { s.inspect(ctx, from.AddrPort()) })
	}
}

// inspect asks the Device at an address who it is, once, or until it says so.
func (s *search) inspect(ctx context.Context, at netip.AddrPort) {
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	s.mu.Lock()
	known := s.asked[at] || len(s.asked) >= maxFound
	s.asked[at] = true
	s.mu.Unlock()
	if known {
		return
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return
	}
	f, ok := s.introduce(ctx, at)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !ok {
		s.asked[at] = s.cfg.Again == 0 // else it is asked once more when it answers again
		return
	}
	s.found = append(s.found, f)
	if f.DI == s.cfg.For && s.enough != nil {
		s.enough()
	}
}

// introduce asks one Device for its links, its name and its owner; ok is false
// if it is not a Device that was looked for.
func (s *search) introduce(ctx context.Context, at netip.AddrPort) (f Found, ok bool) {
	conn, err := dialUDP(ctx, at.String())
	if err != nil {
		return Found{}, false
	}
	c := newClient(conn, "discovery", &counter{}, timing{ack: time.Second, maxRetransmit: 2})
	defer c.Close()
	reply, err := c.Exchange(ctx, get(ocf.PathRes, s.links()))
	if err != nil || reply.Lost {
		return Found{}, false
	}
	links, _, err := ocf.DecodeRes(reply.Frame.Payload)
	if err != nil || len(links) == 0 {
		return Found{}, false
	}
	f.DI = links[0].DI
	for _, l := range links {
		for _, ep := range l.Endpoints {
			if len(f.Endpoints) < mostListed {
				f.Endpoints = addEndpoint(f.Endpoints, zoned(ocf.Short(ep, mostShown), at.Addr()))
			}
		}
	}
	if own := "coap://" + at.String(); !slices.Contains(f.Endpoints, own) {
		f.Endpoints = append([]string{own}, f.Endpoints...)
	}
	if reply, err = c.Exchange(ctx, get(ocf.PathD, "if=oic.if.baseline")); err == nil && reply.Frame.Code == "2.05" {
		if d, _, err := ocf.DecodeD(reply.Frame.Payload); err == nil {
			f.Name, f.Types, f.PIID = ocf.Short(d.Name, mostShown), shortened(d.RT), d.PIID
			if f.DI.IsNil() {
				f.DI = d.DI
			}
		}
	}
	f.Owned = ownedBy(ctx, c)
	return f, s.cfg.Owned == nil || (f.Owned != nil && *f.Owned == *s.cfg.Owned)
}

// mostListed is how many endpoints, and how many types, a Found has.
const mostListed = 32

// shortened is list with no more, and no longer, texts than a Found has.
func shortened(list []string) []string {
	var out []string
	for _, s := range list[:min(len(list), mostListed)] {
		out = append(out, ocf.Short(s, mostShown))
	}
	return out
}

// ownedBy reports whether the Device has an owner; it is nil if the Device does
// not say. A Device with an owner hides doxm from anyone without a session.
func ownedBy(ctx context.Context, c *Client) *bool {
	reply, err := c.Exchange(ctx, get(ocf.PathDoxm, ""))
	if err != nil || reply.Lost {
		return nil
	}
	owned := reply.Frame.Code == "4.01" || reply.Frame.Code == "4.03"
	if x, _, err := ocf.DecodeDoxm(reply.Frame.Payload); err == nil && reply.Frame.Code == "2.05" {
		owned = x.Owned
	} else if !owned {
		return nil
	}
	return &owned
}

// result merges what several addresses of one Device answered.
func (s *search) result() []Found {
	var out []Found
	for _, f := range s.found {
		i := slices.IndexFunc(out, func(o Found) bool { return o.DI == f.DI && !f.DI.IsNil() })
		if i < 0 {
			out = append(out, f)
			continue
		}
		for _, ep := range f.Endpoints {
			out[i].Endpoints = addEndpoint(out[i].Endpoints, ep)
		}
	}
	slices.SortFunc(out, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.DI.String(), b.DI.String()), cmp.Compare(a.Endpoints[0], b.Endpoints[0]))
	})
	return out
}

// zoned is ep with the zone of near, if both have the same address: a Device
// does not know the zones of its Clients.
func zoned(ep string, near netip.Addr) string {
	scheme, at, ok := splitEndpoint(ep)
	if !ok || near.Zone() == "" || at.Addr() != near.WithZone("") {
		return ep
	}
	return scheme + netip.AddrPortFrom(near, at.Port()).String()
}

// addEndpoint adds ep to endpoints unless it is there already. An endpoint with
// a zone replaces the same endpoint without one.
func addEndpoint(endpoints []string, ep string) []string {
	for i, other := range endpoints {
		switch {
		case other == ep, unzoned(other) == ep:
			return endpoints
		case other == unzoned(ep):
			endpoints[i] = ep
			return endpoints
		}
	}
	return append(endpoints, ep)
}

// unzoned is ep without its zone.
func unzoned(ep string) string {
	scheme, at, ok := splitEndpoint(ep)
	if !ok {
		return ep
	}
	return scheme + netip.AddrPortFrom(at.Addr().WithZone(""), at.Port()).String()
}

// splitEndpoint takes "coap://[fe80::7%eth0]:5683" apart; ok is false if ep has
// no address in it.
func splitEndpoint(ep string) (scheme string, at netip.AddrPort, ok bool) {
	scheme, address, ok := strings.Cut(ep, "://")
	if !ok {
		return "", at, false
	}
	at, err := netip.ParseAddrPort(address)
	return scheme + "://", at, err == nil
}
