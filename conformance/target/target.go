package target

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var (
	// ErrUnreachable is what Open fails with where the Device does not answer.
	ErrUnreachable = errors.New("target unreachable")
	// ErrSecured is what Open fails with where the target asks for a session.
	ErrSecured = errors.New("secured targets are not supported yet")
)

// openAttempts bounds how often Open asks anew, each with its own
// retransmissions.
const openAttempts = 3

// Target is the Device under test. It is safe for concurrent use.
type Target struct {
	cfg     Config
	address string // host:port
	about   About
}

// About is what the Device said of itself when the Target was opened.
type About struct {
	D          ocf.D
	Listed     bool // /oic/res has a link to pstat
	Observable bool // and says that it can be observed (bm)
}

// Open reaches the Device and reads who it is. Nothing stays open.
func Open(ctx context.Context, cfg Config) (*Target, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.Profile.Secured {
		return nil, fmt.Errorf("%s: %w", cfg.Profile.Name, ErrSecured)
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.OpenTimeout)
	defer cancel()
	if cfg.Profile.Endpoint == "" {
		endpoint, err := find(ctx, cfg)
		if err != nil {
			return nil, err
		}
		cfg.Profile.Endpoint = endpoint
	}
	address, secured, err := parseEndpoint(cfg.Profile.Endpoint)
	if err != nil {
		return nil, err
	}
	if secured {
		return nil, fmt.Errorf("%s: %w", cfg.Profile.Endpoint, ErrSecured)
	}
	t := &Target{cfg: cfg, address: address}
	if err := t.introduce(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// find looks for the Device that cfg names by its identity.
func find(ctx context.Context, cfg Config) (endpoint string, err error) {
	found, err := Discover(ctx, DiscoverConfig{Interface: cfg.Interface, Wait: cfg.OpenTimeout / 3})
	if err != nil {
		return "", fmt.Errorf("discover %v: %w", cfg.Find, err)
	}
	if endpoint, ok := pick(found, cfg.Find); ok {
		return endpoint, nil
	}
	return "", fmt.Errorf("%w: none of %d Devices found has di %v and an endpoint without a session", ErrUnreachable, len(found), cfg.Find)
}

// pick is where the Device di answers without a session.
func pick(found []Found, di ocf.UUID) (endpoint string, ok bool) {
	for _, f := range found {
		if f.DI != di {
			continue
		}
		for _, ep := range f.Endpoints {
			if strings.HasPrefix(ep, "coap:") {
				return ep, true
			}
		}
	}
	return "", false
}

// introduce reads /oic/d and /oic/res.
func (t *Target) introduce(ctx context.Context) error {
	c, err := t.Tap(ctx, "introduction", nil)
	if err != nil {
		return err
	}
	defer c.Close()
	reply, err := t.insist(ctx, c, ocf.PathD)
	if err != nil {
		return err
	}
	p := &t.cfg.Profile
	if d, _, err := ocf.DecodeD(reply.Frame.Payload); err == nil {
		t.about.D = d
	}
	if !t.about.D.DI.IsNil() {
		p.DI = t.about.D.DI.String()
	}
	if p.Update.Version == "" && t.about.D.SV != "" {
		p.Update.Version = ocf.PathD + "#sv"
	}
	if reply, err = t.insist(ctx, c, ocf.PathRes); err != nil {
		return err
	}
	links, _, _ := ocf.DecodeRes(reply.Frame.Payload) // what can't be read is not listed
	for _, l := range links {
		if l.Href == ocf.PathPstat {
			t.about.Listed, t.about.Observable = true, l.BM&ocf.Observable != 0
		}
	}
	t.cfg.Conditions = t.conditions()
	return nil
}

// conditions is what the target declares, for this Device. An address names it
// better than its identity, which a factory reset may replace.
func (t *Target) conditions() Conditions {
	many, ok := t.cfg.Conditions.(addressed)
	if !ok {
		return t.cfg.Conditions
	}
	device := t.address
	if _, err := netip.ParseAddrPort(device); err != nil && t.cfg.Profile.DI != "" {
		device = t.cfg.Profile.DI
	}
	return many.forDevice(device)
}

// insist reads path, several times if it must.
func (t *Target) insist(ctx context.Context, c *Client, path string) (Reply, error) {
	var reason string
	for range openAttempts {
		reply, err := c.Exchange(ctx, get(path, ""))
		switch {
		case err == nil && !reply.Lost:
			return reply, nil
		case err == nil:
			reason = reply.Reason
		case errors.Is(err, context.DeadlineExceeded):
			return Reply{}, fmt.Errorf("%w: %s: no answer to GET %s within %v", ErrUnreachable, t.cfg.Profile.Endpoint, path, t.cfg.OpenTimeout)
		default:
			return Reply{}, fmt.Errorf("%s: %w", t.cfg.Profile.Endpoint, err)
		}
	}
	return Reply{}, fmt.Errorf("%w: %s: GET %s: %s", ErrUnreachable, t.cfg.Profile.Endpoint, path, reason)
}

// get reads path as OCF Clients do.
func get(path, query string) conformance.Call {
	return asOCF(conformance.Call{Method: "GET", Path: path, Query: query})
}

// Profile is what the target declares, completed by what the Device said.
func (t *Target) Profile() conformance.Profile { return t.cfg.Profile }

// Identity names what is under test in words.
func (t *Target) Identity() Identity { return t.cfg.Identity }

// About is what the Device said of itself.
func (t *Target) About() About { return t.about }

// Client opens the named Client, which appends all it sends and sees to rec
// until it is closed; rec may be nil. It asks as OCF Clients do: where a Call
// leaves them out, Accept is application/vnd.ocf+cbor and the version is 1.0.0.
func (t *Target) Client(ctx context.Context, name string, rec *conformance.Recorder) (*Client, error) {
	var log Log
	if rec != nil {
		log = rec
	}
	c, err := t.Tap(ctx, name, log)
	if err != nil {
		return nil, err
	}
	c.manner = asOCF
	return c, nil
}

// Tap opens a Client that sends a Call as it is, and appends to any Log; nil
// for none.
func (t *Target) Tap(ctx context.Context, name string, log Log) (*Client, error) {
	if log == nil {
		log = &counter{}
	}
	conn, err := t.cfg.Dial(ctx, t.address)
	if err != nil {
		return nil, fmt.Errorf("open client %s of %s: %w", name, t.cfg.Profile.Endpoint, err)
	}
	return newClient(conn, name, log, timing{ack: t.cfg.ACKTimeout, maxRetransmit: t.cfg.MaxRetransmit}), nil
}

// Condition brings the Device into a state; the report is nil but for the
// condition conformance.ReportSource. Where it can't be had, the error is
// ErrUnsupported.
func (t *Target) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if _, asks := t.cfg.Conditions.(*Prompt); !asks {
		var cancel context.CancelFunc
		limit := t.cfg.ConditionTimeout
		ctx, cancel = context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done within %v", limit))
		defer cancel()
	}
	return t.cfg.Conditions.Apply(ctx, name)
}

// ReadVersion reads the installed software version where the target declares
// it, "" where it declares nothing.
func (t *Target) ReadVersion(ctx context.Context) (string, error) {
	path, property, _ := strings.Cut(t.cfg.Profile.Update.Version, "#")
	if path == "" {
		return "", nil
	}
	c, err := t.Tap(ctx, "version", nil)
	if err != nil {
		return "", err
	}
	defer c.Close()
	reply, err := c.Exchange(ctx, get(path, ""))
	if err != nil {
		return "", fmt.Errorf("read the software version: %w", err)
	}
	if reply.Lost {
		return "", fmt.Errorf("read the software version: GET %s: %s", path, reply.Reason)
	}
	if reply.Frame.Code != "2.05" {
		return "", fmt.Errorf("read the software version: GET %s: %s", path, reply.Frame.Code)
	}
	return version(path, property, reply.Frame.Payload)
}

// version takes a property out of a representation.
func version(path, property string, payload []byte) (string, error) {
	value := ""
	switch path + "#" + property {
	case ocf.PathD + "#sv":
		d, _, err := ocf.DecodeD(payload)
		if err != nil {
			return "", fmt.Errorf("read the software version: %s: %w", path, err)
		}
		value = d.SV
	case ocf.PathP + "#mnfv":
		p, _, err := ocf.DecodeP(payload)
		if err != nil {
			return "", fmt.Errorf("read the software version: %s: %w", path, err)
		}
		value = p.MNFV
	default:
		return "", fmt.Errorf("read the software version: %s#%s, expected /oic/d#sv or /oic/p#mnfv", path, property)
	}
	if value == "" {
		return "", fmt.Errorf("read the software version: %s has no %s", path, property)
	}
	return value, nil
}
