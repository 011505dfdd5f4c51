package campaign

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
	"github.com/ocfsim/ocfsim/ocf"
)

// mostDevices is how many Devices a fleet may have.
const mostDevices = 10_000_000

// Member is a Device of a fleet, as it was named.
type Member struct {
	Endpoint string         // "coap://127.1.0.1:5683"
	At       netip.AddrPort // where that is; invalid for a host that has a name
	Secured  bool           // by its scheme, by its target file or by the fleet file
	Group    string         // of a fleet file; "" for others
	File     *target.Config // of a target file; nil for others
}

// Fleet reads what names a fleet, each Device once:
//
//	coap://127.1.0.1:5683          one Device
//	coap://127.1.0.1:5683+1000     so many, each at the next address
//	multicast, multicast:eth0      whoever answers within wait, on loopback or there
//	lamp.yaml                      a target file
//	fleet.yaml                     a fleet file, which `ocfsim run --fleet` takes
//	devices.txt                    an endpoint a line; # begins a comment
func Fleet(ctx context.Context, names []string, wait time.Duration) ([]Member, error) {
	var all []Member
	for _, name := range names {
		some, err := members(ctx, name, wait)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if len(all) > mostDevices {
		return nil, fmt.Errorf("%d Devices: expected at most %d", len(all), mostDevices)
	}
	seen := make(map[string]bool, len(all))
	all = slices.DeleteFunc(all, func(m Member) bool {
		known := seen[m.Endpoint]
		seen[m.Endpoint] = true
		return known
	})
	if len(all) == 0 {
		return nil, fmt.Errorf("%s names no Device", strings.Join(names, " "))
	}
	return all, nil
}

func members(ctx context.Context, name string, wait time.Duration) ([]Member, error) {
	medium, nic, _ := strings.Cut(name, ":")
	switch ext := filepath.Ext(name); {
	case strings.Contains(name, "://"):
		return endpoints(name)
	case medium == "multicast":
		return discovered(ctx, nic, wait)
	case ext == ".yaml" || ext == ".yml":
		return described(name)
	}
	data, err := bounded.ReadFile(name, 64<<20)
	if err != nil {
		return nil, fmt.Errorf("%w; a fleet is an endpoint such as coap://127.1.0.1:5683+100, multicast, a target file (.yaml), or a list of endpoints", err)
	}
	return lines(name, strings.TrimPrefix(string(data), "\ufeff")) // some editors begin a file so
}

// lines reads a list of endpoints.
func lines(name, text string) (all []Member, err error) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if !strings.Contains(line, "://") {
			line = "coap://" + line
		}
		some, err := endpoints(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d:1: %w", name, n, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// endpoints reads an endpoint, and the range that may begin there.
func endpoints(text string) ([]Member, error) {
	uri, count, isRange := strings.Cut(text, "+")
	uri, n := strings.TrimSpace(uri), 1
	if isRange {
		var err error
		if n, err = strconv.Atoi(strings.TrimSpace(count)); err != nil || n < 1 || n > mostDevices {
			return nil, fmt.Errorf("%q: expected a number of Devices from 1 to %d after the +", text, mostDevices)
		}
	}
	scheme, host, _ := strings.Cut(uri, "://")
	port, ok := map[string]string{"coap": "5683", "coaps": "5684"}[scheme]
	if !ok || host == "" || strings.ContainsAny(host, "/?#") {
		return nil, fmt.Errorf("%q: expected coap://host[:port] or coaps://host[:port]", uri)
	}
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(strings.Trim(host, "[]"), port)
	}
	at, err := netip.ParseAddrPort(host)
	switch {
	case err == nil:
	case isRange:
		return nil, fmt.Errorf("%q: a range begins at an address, such as 127.1.0.1:5683", text)
	case scheme == "coap":
		found, err := net.ResolveUDPAddr("udp", host)
		if err != nil {
			return nil, err
		}
		at = unmapped(found.AddrPort())
	default:
		return []Member{{Endpoint: scheme + "://" + host, Secured: true}}, nil
	}
	all := make([]Member, n)
	for i := range all {
		if err := ofOneDevice(at.Addr()); err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		if i > 0 && at.Addr().IsLoopback() != all[0].At.Addr().IsLoopback() {
			return nil, fmt.Errorf("%q: loopback has only %d of them from there on", text, i)
		}
		all[i] = Member{Endpoint: scheme + "://" + at.String(), At: at, Secured: scheme == "coaps"}
		at = netip.AddrPortFrom(at.Addr().Next(), at.Port())
	}
	return all, nil
}

// ofOneDevice says why a is not the address of one Device: a campaign must not go to all
// of a network.
func ofOneDevice(a netip.Addr) error {
	switch {
	case !a.IsValid():
		return errors.New("there are not so many addresses from there on")
	case a.IsMulticast():
		return fmt.Errorf("%v is a group, expected the addresses of Devices; `multicast` looks for those that are there", a)
	case a.IsUnspecified():
		return fmt.Errorf("%v is not the address of a Device", a)
	}
	return ocf.CheckAddress(a)
}

// groups is how the key of a fleet file that no target file has stands there.
var groups = regexp.MustCompile(`(?m)^["']?groups["']?\s*:`)

// described are the Devices of a target file or of a fleet file.
func described(name string) ([]Member, error) {
	data, err := bounded.ReadFile(name, bounded.Text)
	if err != nil {
		return nil, err
	}
	if groups.Match(data) {
		plan, err := fleetfile.Parse(name, data)
		if err != nil {
			return nil, err
		}
		return planned(plan), nil
	}
	cfg, err := target.Load(name)
	if err != nil {
		return nil, err
	}
	return fromFile(name, cfg)
}

// planned are the Devices of a fleet file. One that is secured takes sessions at the next
// port.
func planned(plan *fleetfile.Plan) []Member {
	all := make([]Member, plan.Len())
	for i := range all {
		d := plan.Device(i)
		all[i] = Member{Endpoint: "coap://" + d.Addr.String(), At: d.Addr, Group: d.Group}
		if d.Secured {
			at := netip.AddrPortFrom(d.Addr.Addr(), d.Addr.Port()+1)
			all[i] = Member{Endpoint: "coaps://" + at.String(), At: at, Secured: true, Group: d.Group}
		}
	}
	return all
}

// fromFile is the Device of a target file.
func fromFile(name string, cfg target.Config) ([]Member, error) {
	if cfg.Profile.Endpoint == "" {
		return nil, fmt.Errorf("%s: expected an endpoint: a Device that is to be looked for is found by multicast", name)
	}
	all, err := endpoints(cfg.Profile.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	all[0].File = &cfg
	all[0].Secured = all[0].Secured || cfg.Security.Own != "" || cfg.Security.Owner != nil
	return all, nil
}

// discovered are the Devices that answer a multicast.
func discovered(ctx context.Context, nic string, wait time.Duration) ([]Member, error) {
	found, err := target.Discover(ctx, target.DiscoverConfig{Interface: nic, Wait: wait})
	if err != nil {
		return nil, err
	}
	var all []Member
	for _, d := range found {
		some, err := endpoints(d.Endpoints[0])
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if len(all) == 0 {
		return nil, errors.New("no Device answered the multicast")
	}
	return all, nil
}
