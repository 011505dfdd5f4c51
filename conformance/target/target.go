package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

var (
	// ErrUnreachable is the error of Open if the Device does not answer.
	ErrUnreachable = errors.New("target unreachable")
	// ErrNoClient is the error of Client for a name that no Client has at this
	// Device.
	ErrNoClient = errors.New("there is no such Client")
	// ErrOptional is the error of Client for a name that no Client has at this
	// Device because it does not offer what is optional.
	ErrOptional = errors.New("the Device does not offer what such a Client needs, which is optional")
)

// Target is the Device under test. It is safe for concurrent use.
type Target struct {
	cfg     Config
	address string // host:port without a session, "" where there is none
	coaps   string // host:port with one, "" until the Device has told
	about   About
	links   []ocf.Link
	hidden  string // the code by which it refuses to show its links to everyone

	known    atomic.Bool // reached: address, coaps and links stay as they are, and the rest is changed under mu
	where    whereabouts
	vigil    *vigil                 // nil for a Device that does not sleep
	account  account                // what is owed to the Device
	keep     func(Credential) error // by Own: keeps the owner's credential; nil for account
	managing sync.Mutex             // one at a time owns, provisions and restores
	mu       sync.Mutex
	tenancy  *tenancy // of a secured Device, nil before and after
	records  records  // what its sessions read to
}

// About is what the Device said of itself when the Target was opened.
type About struct {
	D          ocf.D
	Listed     bool // /oic/res has a link to pstat
	Observable bool // and says that it can be observed (bm)
}

// Open reaches the Device and reads who it is. If an earlier run left something at
// it, as the Ledger says, that is undone first. If the Device is secured, Open
// makes the harness its owner, or comes as its owner, and tells it about the
// test Clients; Close takes that back. Nothing else stays open.
func Open(ctx context.Context, cfg Config) (*Target, error) {
	t, err := enter(ctx, cfg)
	if err != nil || !t.cfg.Profile.Secured {
		return t, err
	}
	if err := t.settleIn(ctx, true); err != nil {
		return nil, errors.Join(t.turnedAway(ctx, err), t.account.close())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cfg.Profile.Owning = t.cfg.Security.owning()
	return t, nil
}

// reach finds the Device and reads who it is.
func reach(ctx context.Context, cfg Config) (*Target, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, withoutWay(ctx, cfg, err)
	}
	ctx, cancel := cfg.patience(ctx)
	defer cancel()
	t := &Target{cfg: cfg}
	t.vigil = newVigil(cfg.Profile.Sleep, t.doorstep)
	if err := t.locate(ctx); err != nil {
		return nil, t.unreached(err)
	}
	if err := t.introduce(ctx); err != nil {
		return nil, t.unreached(err)
	}
	if cfg.Admit != nil {
		if err := cfg.Admit(t.cfg.Profile); err != nil {
			return nil, err
		}
	}
	if t.cfg.Profile.Secured {
		if err := t.readLinks(); err != nil {
			return nil, err
		}
	}
	t.known.Store(true)
	return t, nil
}

// timing is how Clients of the Device transmit.
func (t *Target) timing() timing {
	return timing{ack: t.cfg.ACKTimeout, maxRetransmit: t.cfg.MaxRetransmit, vigil: t.vigil}
}

// conditions is what the target declares, for this Device. An address names it
// better than its identity, which a factory reset may replace.
func (t *Target) conditions() Conditions {
	many, ok := t.cfg.Conditions.(addressed)
	if !ok {
		return t.cfg.Conditions
	}
	device, _ := t.where.now(t.address)
	if _, err := netip.ParseAddrPort(device); err != nil {
		device = cmp.Or(t.Profile().DI, device)
	}
	return many.forDevice(device)
}

// Profile is what the target declares, completed by what the Device said.
func (t *Target) Profile() conformance.Profile {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cfg.Profile
}

// Identity names what is under test in words.
func (t *Target) Identity() Identity { return t.cfg.Identity }

// About is what the Device said of itself.
func (t *Target) About() About {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.about
}

// Client opens the named Client, which appends all it sends and sees to rec
// until it is closed; rec may be nil. It asks as OCF Clients do: if a Call
// leaves them out, Accept is application/vnd.ocf+cbor and the version is 1.0.0.
// With a secured Device, each Client but Anonymous has a session of its own,
// under the names of conformance/client.go. If the Device refuses the session,
// that is recorded and the error is ErrRefused. If the Device is silent, that
// is recorded too, and it is the Client's first request that fails.
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

// Tap opens a Client that sends a Call as it is, and appends to any Log, or to
// none if that is nil. Otherwise it is like Client.
func (t *Target) Tap(ctx context.Context, name string, log Log) (*Client, error) {
	if log == nil {
		log = &counter{}
	}
	if t.cfg.Profile.Secured && name != conformance.Anonymous && name != conformance.Unprivileged {
		return t.secured(ctx, name, log)
	}
	if t.address == "" {
		return nil, fmt.Errorf("open client %s of %s: %w: it has no endpoint without a session", name, t.cfg.Profile.Endpoint, ErrNoClient)
	}
	conn, err := t.dial(ctx, t.address)
	if err != nil {
		return nil, fmt.Errorf("open client %s of %s: %w", name, t.cfg.Profile.Endpoint, err)
	}
	return newClient(conn, name, log, t.timing()), nil
}

// Condition brings the Device into a state; the report is nil except for the
// condition conformance.ReportSource. Nobody is asked for what the target declares
// to be always so, nor for its opposite. If the condition can't be brought about,
// the error is ErrUnsupported.
func (t *Target) Condition(ctx context.Context, name string) (*conformance.SourceReport, error) {
	if always := t.cfg.Profile.Always; len(always) > 0 && slices.Contains(conformance.Offers(), name) {
		if slices.Contains(always, name) {
			return nil, nil
		}
		return nil, fmt.Errorf("%w: %s", ErrUnsupported, t.cfg.Profile.AlwaysSays())
	}
	if _, asks := t.cfg.Conditions.(*Prompt); !asks {
		var cancel context.CancelFunc
		limit := t.cfg.ConditionTimeout
		ctx, cancel = context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done within %v", limit))
		defer cancel()
	}
	if name == conformance.Hold {
		if err := t.account.owe(func(d *Debt) { d.Held = true }); err != nil {
			return nil, err
		}
	}
	report, err := t.conditions().Apply(ctx, name)
	if name == conformance.Release && err == nil || name == conformance.Hold && errors.Is(err, ErrUnsupported) {
		err = errors.Join(err, t.account.owe(func(d *Debt) { d.Held = false }))
	}
	return report, err
}

// Said is what the hook said beside bringing about the last condition; "" for nothing.
func (t *Target) Said() string {
	if hook, ok := t.cfg.Conditions.(interface{ Said() string }); ok {
		return hook.Said()
	}
	return ""
}

// ReadVersion reads the installed software version where the target declares
// it, "" where it declares nothing.
func (t *Target) ReadVersion(ctx context.Context) (string, error) {
	path, property, _ := strings.Cut(t.cfg.Profile.Update.Version, "#")
	if path == "" {
		return "", nil
	}
	reply, err := t.readFrom(ctx, path)
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

// Identify reads the di of the Device that answers now, without a session. It
// is "" if the Device does not answer, or shows its di to nobody without a
// session.
func (t *Target) Identify(ctx context.Context) (string, error) {
	if t.address == "" {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, t.cfg.OpenTimeout)
	defer cancel()
	reply, err := t.readAs(ctx, conformance.Anonymous, ocf.PathD)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("read di: %w", err)
	case reply.Lost || reply.Frame.Code != "2.05":
		return "", nil
	}
	d, _, err := ocf.DecodeD(reply.Frame.Payload)
	if err != nil || d.DI.IsNil() {
		return "", nil // the judges say what is wrong with it, not who it is
	}
	return d.DI.String(), nil
}

// readFrom reads what a Device shows everyone, or reads it as the owner if the
// Device shows it only to Clients with a session.
func (t *Target) readFrom(ctx context.Context, path string) (Reply, error) {
	reply, err := t.readAs(ctx, conformance.Anonymous, path)
	hidden := err == nil && !reply.Lost && reply.Frame.Code != "2.05"
	if t.cfg.Profile.Secured && (hidden || errors.Is(err, ErrNoClient)) {
		return t.readAs(ctx, conformance.Privileged, path)
	}
	return reply, err
}

func (t *Target) readAs(ctx context.Context, name, path string) (Reply, error) {
	c, err := t.Tap(ctx, name, nil)
	if err != nil {
		return Reply{}, err
	}
	defer c.Close()
	return c.Exchange(ctx, get(path, ""))
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
