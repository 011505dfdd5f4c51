// Package genuine is a trusted source in process whose packages are real. It has the offers,
// the gate and the log of package source; what it offers is signed by a vendor, with what is
// wrong according to the offer, and the Devices' update clients fetch and verify it from
// memory. So a Device that leaves a check out shows what comes of it, without a network.
package genuine

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/suit"
	"github.com/ocfsim/ocfsim/sim/source/updater"
)

// Config is how a Source is set up. The zero value will do.
type Config struct {
	Size  int                  // of an image in bytes; 0 is 4 KiB
	Every bool                 // every Device has an update client; else those with something to skip
	Log   *slog.Logger         // nil: none
	Tell  func(updater.Report) // is told what became of each question to a client; nil: nobody
}

// defaultSize is the size of an image in bytes.
const defaultSize = 4 << 10

// fresh is how long metadata counts: longer than any run in virtual time.
const fresh = 1000 * time.Hour

// Source is a trusted source with real packages, and the update clients of its Devices. Its
// methods may be called from any goroutine.
type Source struct {
	*source.Source // offers, gate, log and counts
	config         Config

	mu      sync.Mutex
	vendor  *suit.Vendor
	root    []byte // that Devices are made with
	offer   source.Offer
	offers  map[string]source.Offer // by Device
	clients map[string]*client
}

// client is the update client of one Device, and the files that it can get.
type client struct {
	*updater.Updater
	shelf *shelf
}

// New makes a source, and a vendor whose packages need two signatures. The caller must Close
// it.
func New(c Config) (*Source, error) {
	if c.Size <= 0 {
		c.Size = defaultSize
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	vendor, err := suit.NewVendor(suit.VendorConfig{Model: suit.Virtual(), Threshold: 2, Fresh: fresh}, time.Now())
	if err != nil {
		return nil, fmt.Errorf("vendor: %w", err)
	}
	return &Source{
		Source: source.New(source.Config{Log: c.Log}), config: c, vendor: vendor, root: vendor.Root(),
		offers: map[string]source.Offer{}, clients: map[string]*client{},
	}, nil
}

// Set says what the source has for device, as source.Source.Set does.
func (s *Source) Set(device string, o source.Offer) {
	s.mu.Lock()
	if device == "" {
		s.offer = o
		clear(s.offers)
	} else {
		s.offers[device] = o
	}
	s.mu.Unlock()
	s.Source.Set(device, o)
}

// Skip gives a Device an update client that leaves checks out. It is called before the
// Device's first question.
func (s *Source) Skip(device string, checks []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.newClient()
	if err != nil {
		return err
	}
	s.clients[device] = c
	return c.Skip(device, checks)
}

func (s *Source) newClient() (*client, error) {
	shelf := &shelf{}
	u, err := updater.New(updater.Config{
		Transport: shelf, Root: s.root, Model: s.vendor.Model(), Log: s.config.Log, Tell: s.config.Tell,
		Sequence: sequenceOf,
	})
	return &client{u, shelf}, err
}

// client returns the Device's update client, nil if it has none.
func (s *Source) client(device string) *client {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clients[device]
	if c == nil && s.config.Every {
		c, _ = s.newClient() // New has made one like it
		s.clients[device] = c
	}
	return c
}

// Ask puts a question as source.Source.Ask does. The gate holds the answer of the source
// back; once it is there, the Device's client goes through the files that were offered.
func (s *Source) Ask(q source.Question, reply func(source.Answer)) (cancel func()) {
	c := s.client(q.Device)
	if c == nil {
		return s.Source.Ask(q, reply)
	}
	asked := &asked{}
	asked.by(s.Source.Ask(q, func(a source.Answer) {
		if played(a) {
			reply(a)
			return
		}
		if err := s.stock(c, q); err != nil {
			s.config.Log.Error("no package", "device", q.Device, "error", err)
			reply(source.Answer{Version: q.Version, Failed: true})
			return
		}
		asked.by(c.Ask(q, reply))
	}))
	return asked.cancel
}

// AskNow answers at once as source.Source.AskNow does, if the Device has no update client.
func (s *Source) AskNow(q source.Question) (a source.Answer, ok bool) {
	if s.client(q.Device) != nil {
		return a, false
	}
	return s.Source.AskNow(q)
}

// played reports whether an answer is of a fault of the way, which the source plays: there
// are no files behind it.
func played(a source.Answer) bool {
	return a.Failed || !a.Available || a.Received < a.Declared || a.Flaw == source.WrongCertificate
}

// stock puts on the client's shelf what the source has for it.
func (s *Source) stock(c *client, q source.Question) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.publish(q, s.offerTo(q.Device))
	if err == nil {
		c.shelf.put(st)
	}
	return err
}

// Handed is the package that a Device has taken last, nil if it has taken none.
func (s *Source) Handed(device string) *source.Handed {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[device]; c != nil {
		return c.shelf.last()
	}
	return nil
}

func (s *Source) offerTo(device string) source.Offer {
	if o, ok := s.offers[device]; ok {
		return o
	}
	return s.offer
}

// publish has the vendor sign what follows the version that is installed.
func (s *Source) publish(q source.Question, o source.Offer) (stock, error) {
	st := stock{version: source.Newer(q.Version), flaw: flawOf(o)}
	// A Device that is reset may install the same version again, so sequence numbers
	// follow the version.
	r, err := suit.NewRelease(s.vendor.Model(), "ocfsim-"+st.version, st.version, sequenceOf(st.version), s.config.Size)
	if err != nil {
		return st, err
	}
	st.image = r.ImageFile()
	if st.flaw == "" {
		st.files, err = s.vendor.Publish(time.Now(), r)
		return st, err
	}
	f, err := suit.FlawNamed(st.flaw)
	if err != nil {
		return st, err
	}
	st.files, err = s.vendor.PublishFlawed(f, time.Now(), r)
	return st, err
}

// sequenceOf is the sequence number of a version's release: a number that rises with it.
func sequenceOf(version string) uint64 {
	v, err := suit.ParseVersion(version)
	if err != nil {
		return 0
	}
	n := uint64(0)
	for _, part := range v {
		n = n<<16 + uint64(part)&0xffff
	}
	return n
}

// flawOf is what is wrong with an offer's package, "" for nothing.
func flawOf(o source.Offer) string {
	switch {
	case o.Package != "":
		return o.Package
	case o.Fault == source.BadSignature:
		return "bad-signature"
	case o.Fault == source.Rollback:
		return "rollback"
	case o.Fault == source.StaleMetadata:
		return "freeze"
	}
	return ""
}

// Close ends every question without an answer.
func (s *Source) Close() error {
	err := s.Source.Close()
	s.mu.Lock()
	clients := s.clients
	s.clients = map[string]*client{}
	s.config.Every = false
	s.mu.Unlock()
	for _, c := range clients {
		_ = c.Close() // it can't fail
	}
	return err
}
