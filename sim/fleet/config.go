package fleet

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/ocfsim/ocfsim/ocf/capture"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source"
)

// Asker answers the Devices' questions about software. The reply may come later and
// from any goroutine, but never from within Ask. After cancel was called it need not
// come at all.
type Asker interface {
	Ask(q source.Question, reply func(source.Answer)) (cancel func())
}

// Prompt is an Asker that may know an answer at once. If ok is false, the question was not
// put, and Ask puts it. AskNow does not wait, and does not call the fleet.
type Prompt interface {
	Asker
	AskNow(q source.Question) (a source.Answer, ok bool)
}

// Verifier is an Asker that fetches packages and verifies them in a Device's stead. Skip
// names the checks that a Device with a bug leaves out; it comes before the Device's first
// question.
type Verifier interface {
	Asker
	Skip(device string, checks []string) error
}

// Config says how to make a fleet. Devices, Listen and Model are required.
type Config struct {
	Devices int
	// Listen is the address of the first Device. Each further Device gets the next
	// address, or with PortPerDevice the next port. Port 0 stands for free ports.
	Listen        netip.AddrPort
	PortPerDevice bool
	// Moves has a Device come back from each restart and reset at another address, as
	// where addresses are leased: that of the Device, counted on by Devices.
	Moves  bool
	Model  func(i int) *sim.Model
	Source Asker // nil: every question fails. Conditions need a World.
	// SourceOf returns the trusted source of Device i where it is another than Source, always the
	// same; nil for Source. Conditions of such Devices' sources can't be had. Nil: all have Source.
	SourceOf func(i int) Asker
	Seed     uint64
	Store    Store // keeps the Devices' state; nil: it is not kept
	Conn     Conn  // nil: UDP sockets
	// Virtual has the fleet do without sockets and without a clock: its time passes while
	// Pass is called, and only then. There is neither a Conn nor Secure.
	Virtual bool
	// Beside says that the process does other work besides, as a harness in it does. Then
	// whoever reads a socket of many Devices waits in Go's poller and not in the kernel, where
	// it would keep one of GOMAXPROCS until the runtime takes that away: some 100 µs with each
	// packet (docs/adr/0173). The socket of sessions is always read so, since handshakes are such
	// work.
	Beside bool
	// First is the number of the first Device, where the fleet is a part of a larger one.
	// Identities and what Devices draw follow from their numbers.
	First int
	// Ranges are the addresses of the Devices, if they are not all consecutive; Listen is
	// then the first of them, and says at which port all are. Loopback and other addresses
	// of one family can't be mixed.
	Ranges []Range
	// Between puts something between the fleet and each of its Conns; nil for nothing.
	Between func(Conn) Conn
	// Stage is told in which stage of a process Device i is, after each event, and says
	// what happens to the Device right then. The fleet holds its lock meanwhile: it must be
	// quick and must not call the fleet. Nil for nobody.
	Stage func(i int, stage sim.Stage) Strike
	// Drift returns how much faster than the fleet's the clock of Device i goes, in parts
	// per million, always the same; below 0 slower. All that the Device times goes by its
	// clock. It must be quick and must not call the fleet. Nil: no clock drifts.
	Drift func(i int) float64
	// Capture takes all that the sockets carry, and the secrets of the sessions; nil for
	// nobody.
	Capture capture.Sink
	// Witness is told of what Clients do; nil for nobody.
	Witness Witness
	// Watch counts and tells what the Devices do; nil for nobody.
	Watch Watcher
	// Leisure is the time over which the answers to a multicast request are spread.
	// 0 means one millisecond for each Device, but at most 5 s.
	Leisure time.Duration
	// Dedup is how many bytes remembered requests may take: those without a session so
	// many, and those over sessions so many again. A request is remembered for 247 s (RFC
	// 7252 section 4.8.2), so that it is not carried out twice, and costs 52 bytes. If they
	// would take more, the address that has most of them gives way; Stats counts it as
	// DedupForgotten. 0 means 100 MiB, which is enough for 8,000 requests a second.
	Dedup int
	// Observers is how many observations there may be, of one Device or of several. Where
	// there are so many, a stale one gives way to a new one, or one of the address that has
	// most of them; if there is none of these, the GET is answered without Observe, and
	// Stats counts it. 0 means 131,072 and one for each Device, of 1,048,576 Devices at most.
	Observers int
	// Journal is told of all that changes a Device; nil for nobody.
	Journal Journal
	// Rerun says that the Devices do again what a Journal was told, and nothing by
	// themselves: Repeat has each of them do the next thing. Clients can read and observe; what
	// else they ask for is answered 5.03, and they can't open sessions.
	Rerun  bool
	Secure *Secure      // nil: plain CoAP only
	Replay Replay       // answers in the Devices' place what it knows; nil: nobody does
	Log    *slog.Logger // nil: silent
}

// deviceMemory is what a Device takes that has done a check and an update and is at rest,
// with what a trusted source in the same process keeps about it, in bytes.
const deviceMemory = 148

// Memory returns how much memory a fleet of plain CoAP is to take, in bytes: what its
// Devices take at rest, what remembered requests may take, and some room. It is meant as
// the limit of the garbage collector (runtime/debug.SetMemoryLimit), which is soft.
// Observations (ObserverMemory), sessions, a Store, a Witness and processes under way come
// on top.
func (c *Config) Memory() int64 {
	return 24<<20 + int64(c.Devices)*deviceMemory + int64(cmp.Or(c.Dedup, defaultDedup))
}

// observers is how many observations there may be.
func (c *Config) observers() int {
	return cmp.Or(c.Observers, defaultObservers+min(c.Devices, defaultObserved))
}

// broadcast is IPv4's address of all that are on a network.
func broadcast() netip.Addr { return netip.AddrFrom4([4]byte{255, 255, 255, 255}) }

// ConfigError is what Open returns where a field of its Config is wrong, or where fields
// do not go together. Nothing was opened then.
type ConfigError struct{ Err error }

func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap is what is wrong.
func (e *ConfigError) Unwrap() error { return e.Err }

// validate returns an error that names the field that is wrong.
func (c *Config) validate() error {
	switch {
	case c.Devices < 1 || c.Devices > 1<<24:
		return fmt.Errorf("devices: %d is not between 1 and %d", c.Devices, 1<<24)
	case !c.Listen.IsValid() || c.Listen.Addr().IsUnspecified() || c.Listen.Addr().IsMulticast() || c.Listen.Addr() == broadcast():
		return fmt.Errorf("listen: %v is not the address of a device", c.Listen)
	case c.Model == nil:
		return errors.New("model: missing")
	case c.Virtual && (c.Conn != nil || c.Secure != nil):
		return errors.New("virtual: such a fleet has no conn and no sessions")
	case c.Dedup < 0:
		return fmt.Errorf("dedup: %d is below 0", c.Dedup)
	case c.Observers < 0 || c.Observers > MaxObservers:
		return fmt.Errorf("observers: %d is not between 0 and %d", c.Observers, MaxObservers)
	case c.Leisure < 0:
		return fmt.Errorf("leisure: %v is below 0", c.Leisure)
	case c.PortPerDevice && c.Listen.Port() != 0 && int(c.Listen.Port())+c.Devices-1 > 65535:
		return fmt.Errorf("listen: there are no %d ports from %d on", c.Devices, c.Listen.Port())
	case c.First < 0:
		return fmt.Errorf("first: %d is below 0", c.First)
	case c.Secure != nil:
		return errors.Join(c.Secure.validate(c), c.checkRanges())
	}
	return c.checkRanges()
}
