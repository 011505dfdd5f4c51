package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/capture"
)

// What is assumed of a target that declares nothing.
const (
	defaultValidation = 30 * time.Second
	defaultUpdate     = 5 * time.Minute
	defaultSettle     = 500 * time.Millisecond
	defaultReboot     = 60 * time.Second

	defaultACKTimeout    = 2 * time.Second
	defaultMaxRetransmit = 4
	defaultOpenTimeout   = 15 * time.Second
	// answerWithin is how long the Device may be silent at first. Together with the
	// search for its port it is told within 10 s that nobody answers.
	answerWithin            = 7 * time.Second
	defaultConditionTimeout = 2 * time.Minute

	defaultPort = "5683"
)

// Config says who is under test and how it is reached. Profile must have an
// Endpoint, or Find must be set; every other zero value has a default.
type Config struct {
	Profile  conformance.Profile
	Identity Identity
	// Find is the Device to look for with multicast where Profile has no
	// Endpoint; Interface is where, loopback if empty.
	Find      ocf.UUID
	Interface string
	// Security is how the harness becomes privileged. It is needed if Profile
	// is Secured, and a target counts as Secured if Security is set.
	Security Security
	// Conditions is nil if there are none. ConditionTimeout bounds each
	// condition that is not asked of a person; 0 means two minutes, or 30 s
	// more than a reboot takes if that is longer.
	Conditions       Conditions
	ConditionTimeout time.Duration
	// Ledger keeps what has to be undone at the Device; with nil that is lost with
	// the program.
	Ledger Ledger
	// Tell is told, in a sentence, what was undone that an earlier run had left; nil
	// for nobody.
	Tell func(text string)
	// Admit is asked when the Device has said who it is, before anything is written to
	// it; an error ends Open. nil admits every Device.
	Admit func(conformance.Profile) error
	// Dial opens a datagram connection to "host:port"; nil for UDP.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Capture takes every datagram that Clients exchange with the Device, and the
	// secrets of their sessions; nil for nobody. The search for a Device by multicast
	// is not in it.
	Capture capture.Sink
	// Seek looks for Devices where the one under test no longer answers, to find it
	// again by its di or piid; nil for a search by unicast at its host, and by
	// multicast on Interface or on loopback. With Dial there is none without it.
	Seek func(ctx context.Context) ([]Found, error)
	// ACKTimeout and MaxRetransmit are ACK_TIMEOUT and MAX_RETRANSMIT of RFC
	// 7252; 0 means its 2 s and 4.
	ACKTimeout    time.Duration
	MaxRetransmit int
	// OpenTimeout bounds how long Open looks for the Device; 0 means 15 s.
	// Provisioning may take four times as long, and owning takes as long as it
	// needs.
	OpenTimeout time.Duration
}

// Identity names what is under test in words; each may be empty.
type Identity struct {
	Vendor, Product, Version, Contact string
}

// FromURI is the Config of a target of which only the address is known. It has
// no conditions, and if it is secured, Security must be set before it can be
// opened.
func FromURI(uri string) (Config, error) {
	_, secured, err := parseNamed(uri)
	if err != nil {
		return Config{}, err
	}
	c := Config{Profile: conformance.Profile{Endpoint: uri, Secured: secured}}
	c.Profile.Supports = conformance.Supports{Validation: true, Update: true}
	return c.withDefaults(), nil
}

// withDefaults fills what c leaves open.
func (c Config) withDefaults() Config {
	p := &c.Profile
	p.Secured = p.Secured || !c.Security.isZero()
	setDefault(&p.Name, p.Endpoint)
	setDefault(&p.Timing.Validation, defaultValidation)
	setDefault(&p.Timing.Update, defaultUpdate)
	setDefault(&p.Timing.Settle, defaultSettle)
	setDefault(&p.Timing.Reboot, defaultReboot)
	setDefault(&p.Policy.SSUStartClears, "either")
	setDefault(&c.ConditionTimeout, max(defaultConditionTimeout, p.Timing.Reboot+30*time.Second))
	setDefault(&c.ACKTimeout, defaultACKTimeout)
	setDefault(&c.MaxRetransmit, defaultMaxRetransmit)
	setDefault(&c.OpenTimeout, defaultOpenTimeout+3*(p.Sleep.Every+p.Sleep.Awake))
	if c.Conditions == nil {
		c.Conditions = none{}
	}
	return c
}

func setDefault[T comparable](v *T, or T) {
	var zero T
	if *v == zero {
		*v = or
	}
}

// validate names the field that is wrong.
func (c Config) validate() error {
	if err := c.reachable(); err != nil || !c.Profile.Secured {
		return err
	}
	if err := c.Security.validate(); err != nil {
		return fmt.Errorf("%s: %w", c.Profile.Name, err)
	}
	return nil
}

// reachable names what keeps the Device from being reached, whoever asks.
func (c Config) reachable() error {
	p, t := c.Profile, c.Profile.Timing
	switch {
	case c.Profile.Endpoint == "" && c.Find.IsNil():
		return errors.New("target has neither an endpoint nor a Device to discover")
	case t.Validation < 0 || t.Update < 0 || t.Settle < 0 || t.Reboot < 0 || t.Scenario < 0:
		return errors.New("target timing: expected positive durations")
	case p.Sleep != conformance.Sleep{} && (p.Sleep.Awake <= 0 || p.Sleep.Awake >= p.Sleep.Every):
		return errors.New("target sleep: expected awake to be above 0s and below every")
	case c.ACKTimeout < 0 || c.ConditionTimeout < 0 || c.OpenTimeout < 0:
		return errors.New("target timeouts: expected positive durations")
	case len(c.Profile.Always) > 1 || len(c.Profile.Always) == 1 && !slices.Contains(conformance.Offers(), c.Profile.Always[0]):
		return fmt.Errorf("target Always %q, expected one of %s", c.Profile.Always, strings.Join(conformance.Offers(), ", "))
	case c.MaxRetransmit < 0 || c.MaxRetransmit > 20:
		return fmt.Errorf("target MaxRetransmit %d, expected 0 to 20", c.MaxRetransmit)
	}
	return nil
}

// parseNamed is parseEndpoint of what a person names: it has to be whole, while the zone of what
// a Device lists follows from where it was heard.
func parseNamed(uri string) (address string, secured bool, err error) {
	address, secured, err = parseEndpoint(uri)
	if at, bad := netip.ParseAddrPort(address); err == nil && bad == nil {
		if err := ocf.CheckAddress(at.Addr()); err != nil {
			return "", false, fmt.Errorf("endpoint %q: %w", uri, err)
		}
	}
	return address, secured, err
}

// parseEndpoint splits "coap://host:port" or "coaps://host:port"; the port may
// be left out. The zone of an address may stand behind % as it is written
// everywhere else, or behind %25 as in RFC 6874.
func parseEndpoint(uri string) (address string, secured bool, err error) {
	u, err := url.Parse(strings.Replace(strings.ReplaceAll(uri, "%25", "%"), "%", "%25", 1))
	if err != nil {
		return "", false, fmt.Errorf("endpoint %q: %w", uri, err)
	}
	port := defaultPort
	switch u.Scheme {
	case "coap":
	case "coaps":
		port, secured = "5684", true
	default:
		return "", false, fmt.Errorf("endpoint %q, expected coap://host:port or coaps://host:port", uri)
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && a.IsMulticast() {
		return "", false, fmt.Errorf("endpoint %q: %v is a group, expected the address of one Device", uri, a)
	}
	if u.Hostname() == "" || u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return "", false, fmt.Errorf("endpoint %q, expected a host, a port and nothing else", uri)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	if err := ocf.CheckPort(port); err != nil {
		return "", false, fmt.Errorf("endpoint %q: %w", uri, err)
	}
	return net.JoinHostPort(u.Hostname(), port), secured, nil
}

// tardy is the end of a wait that lasted as long as it says.
type tardy time.Duration

func (t tardy) Error() string { return fmt.Sprintf("no answer within %v", time.Duration(t)) }

// Is lets a tardy be recognized as the deadline that it is.
func (tardy) Is(target error) bool { return target == context.DeadlineExceeded }

// patience bounds how long Open looks for the Device.
func (c Config) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.OpenTimeout, tardy(c.OpenTimeout))
}

// firstAnswer bounds how long the Device may say nothing at all.
func (c Config) firstAnswer(ctx context.Context) (context.Context, context.CancelFunc) {
	sleeps := c.Profile.Sleep.Every + c.Profile.Sleep.Awake
	limit := min(c.OpenTimeout, answerWithin+sleeps)
	if c.OpenTimeout > defaultOpenTimeout+3*sleeps { // over a bad network
		limit = c.OpenTimeout / 2
	}
	return context.WithTimeoutCause(ctx, limit, tardy(limit))
}

// dial is Dial, or UDP, with what passes given to Capture.
func (c Config) dial(ctx context.Context, address string) (net.Conn, error) {
	dial := c.Dial
	if dial == nil {
		dial = dialUDP
	}
	conn, err := dial(ctx, address)
	if err != nil || c.Capture == nil {
		return conn, err
	}
	return capture.Tap(conn, c.Capture), nil
}

// keyLog takes the secrets of sessions; nil for nobody.
func (c Config) keyLog() io.Writer {
	if c.Capture == nil {
		return nil
	}
	return c.Capture
}

func dialUDP(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "udp", address)
}

// Arranges reports whether the target declares a hook, so that conditions can
// be asked for. Which ones the hook supports, it says only when it is asked.
func (c Config) Arranges() bool {
	_, nothing := c.Conditions.(none)
	return c.Conditions != nil && !nothing
}
