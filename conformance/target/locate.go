package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// locate finds where the Device answers without a session, and where with one.
// The latter may have to be learned from its links.
func (t *Target) locate(ctx context.Context) error {
	p := &t.cfg.Profile
	if p.Endpoint == "" {
		return t.discover(ctx)
	}
	address, secured, err := parseEndpoint(p.Endpoint)
	switch {
	case err != nil:
		return err
	case !secured:
		t.address = t.behind(ctx, address)
		return nil
	}
	t.coaps = address
	if t.cfg.Security.Own == "" {
		return nil
	}
	// An owner transfer begins without a session. Nobody has a session yet over
	// which to ask for the coap port.
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("endpoint %q: %w", p.Endpoint, err)
	}
	t.address = t.behind(ctx, net.JoinHostPort(host, defaultPort))
	return nil
}

// behind is the address from which the Device answers that is asked at address.
// It may be another if address has the port where OCF Devices listen for
// multicast (see knock).
func (t *Target) behind(ctx context.Context, address string) string {
	if _, port, err := net.SplitHostPort(address); err != nil || port != defaultPort || t.cfg.Dial != nil {
		return address
	}
	ctx, cancel := context.WithTimeout(ctx, min(t.cfg.ACKTimeout, defaultACKTimeout))
	defer cancel()
	return answering(ctx, address)
}

// answering is the address from which requests to address are answered; address
// itself if nobody answers.
func answering(ctx context.Context, address string) string {
	request, err := encode(get(ocf.PathRes, "rt="+typeDevice))
	if err != nil {
		return address
	}
	at, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return address
	}
	doors, err := knock(ctx, at.AddrPort(), request)
	if err != nil || len(doors) == 0 || int(doors[0].Port()) == at.Port {
		return address
	}
	return doors[0].String()
}

// discover looks for the Device that the target names by its identity.
func (t *Target) discover(ctx context.Context) error {
	cfg := t.cfg
	unasked := ""
	found, err := Discover(ctx, DiscoverConfig{
		Interface: cfg.Interface, Wait: cfg.OpenTimeout / 3, Again: askedAgain(cfg.Profile.Sleep), For: cfg.Find,
		Unasked: func(err error) { unasked = fmt.Sprintf(" (%v)", err) },
	})
	if err != nil {
		return fmt.Errorf("discover %v: %w", cfg.Find, err)
	}
	plain, secured := pick(found, cfg.Find)
	switch {
	case plain != "":
		t.cfg.Profile.Endpoint = plain
		t.address, _, err = parseEndpoint(plain)
	case secured == "" || cfg.Security.Owner == nil:
		err = fmt.Errorf("%w: none of %d Devices found has di %v and an endpoint without a session%s", ErrUnreachable, len(found), cfg.Find, unasked)
	default:
		t.cfg.Profile.Endpoint = secured
		t.coaps, _, err = parseEndpoint(secured)
	}
	return err
}

// pick is where the Device di answers without a session, and with one.
func pick(found []Found, di ocf.UUID) (plain, secured string) {
	for _, f := range found {
		if f.DI != di {
			continue
		}
		for _, ep := range f.Endpoints {
			switch {
			case strings.HasPrefix(ep, "coap://") && plain == "":
				plain = ep
			case strings.HasPrefix(ep, "coaps://") && secured == "":
				secured = ep
			}
		}
	}
	return plain, secured
}

// readLinks fills in what only the links of a secured Device tell.
func (t *Target) readLinks() error {
	if t.address == "" {
		t.address = endpointOf(t.links, "coap://", t.coaps)
	}
	if t.coaps == "" {
		t.coaps = endpointOf(t.links, "coaps://", t.address)
	}
	if t.coaps == "" && t.hidden != "" {
		return fmt.Errorf("%s: GET /oic/res: %s: it is in RESET, or in an owner transfer that nobody goes on with; power it off and on, or wait until it gives that up", t.cfg.Profile.Endpoint, t.hidden)
	}
	if t.coaps == "" {
		return fmt.Errorf("%s: /oic/res lists no coaps endpoint; ask the Device at another of its addresses, or write `endpoint: coaps://HOST:PORT`", t.cfg.Profile.Endpoint)
	}
	return nil
}

// endpointOf is the address under scheme that links list: the one at the host
// of near if there is one, otherwise the first.
func endpointOf(links []ocf.Link, scheme, near string) string {
	first := ""
	for _, l := range links {
		for _, ep := range l.Endpoints {
			if !strings.HasPrefix(ep, scheme) {
				continue
			}
			address, _, err := parseEndpoint(ep)
			if err != nil {
				continue
			}
			if at, ok := sameHost(address, near); ok {
				return at
			}
			if first == "" {
				first = address
			}
		}
	}
	return first
}

// sameHost reports whether two addresses are of one host, and returns the
// first with the zone of the second: a Device does not know its Clients' zones.
func sameHost(address, near string) (string, bool) {
	host, port, err := net.SplitHostPort(address)
	nearHost, _, errNear := net.SplitHostPort(near)
	if errors.Join(err, errNear) != nil {
		return "", false
	}
	bare, _, _ := strings.Cut(nearHost, "%")
	if a, b := net.ParseIP(host), net.ParseIP(bare); host != nearHost && (a == nil || !a.Equal(b)) {
		return "", false
	}
	return net.JoinHostPort(nearHost, port), true
}
