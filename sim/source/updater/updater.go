// Package updater is the update client of virtual Devices that really update: it fetches
// the signed metadata and the package of package suit from a source, verifies, installs,
// boots, confirms, and tells the Device how that went. An update then fails because its
// package is bad, and not because a script says so.
//
//	Check: roots, timestamp, targets, envelope --> is something newer on offer?
//	Fetch: image, in pieces if the connection breaks --> verify --> install --> boot --> confirm
//
// The answer to Fetch comes after the boot and says which version has booted, so a Device
// that is told of a package has it running. After a refusal the Device runs what it ran
// before. What a Device has in its flash is kept as far as it matters: the beginning of the
// image, which says what boots, and its SHA-256. If a transfer breaks off, the next question
// for the same image goes on behind what has come, also in another process if there is a
// Flash. What has come is trusted as little as the rest: the digest is that of the whole.
package updater

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
)

// SkipCertificate is the check of the source's certificate, which a Device with a bug
// leaves out, beside those of suit.Checks.
const SkipCertificate = "certificate"

// Defaults of Config.
const (
	DefaultTries    = 4
	DefaultPatience = 5 * time.Minute
	DefaultAsking   = 256
)

// Config is how an Updater is set up. Transport or DDI, Root and Model are required.
type Config struct {
	Transport Transport
	Careless  Transport                   // of Devices that skip SkipCertificate; nil: Transport
	DDI       *DDI                        // gives Devices actions and files, in place of Transport; nil: it does not
	Root      []byte                      // the vendor's root, with which the Devices were made
	Model     suit.Model                  // what the Devices are
	Now       func() time.Time            // the Devices' clock; nil: time.Now
	Sequence  func(version string) uint64 // the sequence number of the software that a Device begins with; nil: 0
	Tries     int                         // how often a transfer that breaks is begun or resumed; 0 is DefaultTries
	Patience  time.Duration               // how long one question may take, with the wait for its turn; 0 is DefaultPatience
	Asking    int                         // questions that are under way at once, each in a goroutine; 0 is DefaultAsking
	Flash     Flash                       // keeps images that are not whole beyond this process; nil: none are
	Log       *slog.Logger                // nil: none
	Tell      func(Report)                // is told what became of each question; nil: nobody
}

// Report is what became of one question.
type Report struct {
	Question source.Question
	Package  string // the file that decided: the package on offer, or what was refused
	Version  string // that is on offer, or that has booted; "" if there is none
	Refusal  *suit.Refusal
	Failed   error // why the source could not be asked
	Requests int   // for the image; more than one if its transfer was resumed
	Resumed  int64 // bytes of the image that an earlier question had left
}

// Updater answers the questions of many Devices. It is an Asker of package fleet. Its
// methods may be called from any goroutine.
type Updater struct {
	config Config

	mu      sync.Mutex
	devices map[string]*device
	skips   map[string][]string // by Device
	waiting *list.List          // *errand, in the order of asking
	busy    int                 // errands under way
	closed  bool
	ctx     context.Context
	stop    context.CancelFunc
	asking  sync.WaitGroup
}

// New checks the root that Devices trust. The caller must Close the Updater.
func New(c Config) (*Updater, error) {
	if (c.Transport == nil) == (c.DDI == nil) {
		return nil, errors.New("updater: transport: expected one, or DDI in its place")
	}
	if _, err := suit.NewVerifier(suit.Trust{Root: c.Root, Model: c.Model}); err != nil {
		return nil, fmt.Errorf("updater: root: %w", err)
	}
	if c.Careless == nil {
		c.Careless = c.Transport
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sequence == nil {
		c.Sequence = func(string) uint64 { return 0 }
	}
	if c.Tries <= 0 {
		c.Tries = DefaultTries
	}
	if c.Patience <= 0 {
		c.Patience = DefaultPatience
	}
	if c.Asking <= 0 {
		c.Asking = DefaultAsking
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Tell == nil {
		c.Tell = func(Report) {}
	}
	u := &Updater{config: c, devices: map[string]*device{}, skips: map[string][]string{}, waiting: list.New()}
	u.ctx, u.stop = context.WithCancel(context.Background())
	return u, nil
}

// Skippable are the names of the checks that a Device may leave out: those of suit.Checks,
// and SkipCertificate.
func Skippable() []string {
	var names []string
	for _, check := range suit.Checks() {
		names = append(names, string(check))
	}
	return append(names, SkipCertificate)
}

// Skip has a Device leave out checks, of those in Skippable. It is called before the
// Device's first question.
func (u *Updater) Skip(device string, checks []string) error {
	for _, check := range checks {
		if !slices.Contains(Skippable(), check) {
			return fmt.Errorf("updater: %q is no check that a Device can leave out", check)
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.skips[device] = checks
	return nil
}

// device is the Device of a name. Whoever calls it has u.mu.
func (u *Updater) device(name string) *device {
	d := u.devices[name]
	if d == nil {
		d = &device{config: &u.config, name: name, transport: u.config.Transport}
		if server := u.config.DDI; server != nil {
			d.desk = &desk{server: server, web: server.web, device: name}
			d.transport = d.desk
		}
		for _, check := range u.skips[name] {
			switch {
			case check != SkipCertificate:
				d.skips = append(d.skips, suit.Check(check))
			case d.desk != nil:
				d.desk.web = d.desk.server.careless
			default:
				d.transport = u.config.Careless
			}
		}
		u.devices[name] = d
	}
	return d
}

// tell logs what became of a question.
func (u *Updater) tell(r Report) {
	log := u.config.Log.With("device", r.Question.Device, "kind", r.Question.Kind, "version", r.Question.Version)
	switch {
	case r.Failed != nil:
		log.Warn("the source could not be asked", "error", r.Failed)
	case r.Refusal != nil:
		log.Warn("refused", "package", r.Package, "check", r.Refusal.Check, "why", r.Refusal.Why)
	default:
		log.Debug("answered", "package", r.Package, "offered", r.Version, "requests", r.Requests)
	}
	u.config.Tell(r)
}

// Close ends every question without an answer and waits until none is under way.
func (u *Updater) Close() error {
	u.mu.Lock()
	u.closed = true
	u.waiting.Init()
	u.mu.Unlock()
	u.stop()
	u.asking.Wait()
	if u.config.DDI != nil {
		u.config.DDI.Close()
		return nil
	}
	u.config.Transport.Close()
	u.config.Careless.Close()
	return nil
}
