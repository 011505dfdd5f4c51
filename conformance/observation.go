package conformance

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Kind says what sort of entry an Observation is.
type Kind string

// The kinds of a Timeline's entries.
const (
	Request      Kind = "request"      // the harness sent a request
	Response     Kind = "response"     // the Device answered it; For is the request
	Notification Kind = "notification" // an Observe notification, also stale or repeated ones
	Lost         Kind = "lost"         // no answer within the retransmission budget; For is the request
	Message      Kind = "message"      // any other datagram: ACK, RST, ping, retransmission, garbage
	Condition    Kind = "condition"    // a condition was asked for or granted; see Outcome
	Source       Kind = "source"       // what the trusted source reports
	Step         Kind = "step"         // a Gherkin step begins; Text is its sentence
	Waiting      Kind = "waiting"      // a wait ended; Outcome is "seen" or "timeout", Text what for
	Session      Kind = "session"      // of a Client: Outcome is opened, refused or closed; Text is who it is, or why
	Note         Kind = "note"         // anything a reader should know
	State        Kind = "state"        // in the record of a Client: pstat of the Device, from here on; Frame has it as payload
)

// Outcomes of conditions and waits.
const (
	Asked       = "asked"
	Done        = "done"
	Unsupported = "unsupported"
	Failed      = "failed"
	Learned     = "learned" // nobody arranged it: the Device's own results in this run say so
	Seen        = "seen"
	Timeout     = "timeout"
	Opened      = "opened"
	Refused     = "refused"
	Closed      = "closed"
)

// The conditions of the contract, as hooks receive them.
const (
	UpdateAvailable      = "update-available"
	NoUpdate             = "no-update"
	UpdateFails          = "update-fails"
	Hold                 = "hold"
	Release              = "release"
	AutonomousValidation = "autonomous-validation"
	AutonomousUpdate     = "autonomous-update"
	Reboot               = "reboot"
	FactoryReset         = "factory-reset"
	ReportSource         = "report" // answers with a SourceReport as JSON
)

// Hex is bytes that stand in JSON as lower-case hexadecimal.
type Hex []byte

// MarshalText writes h in hexadecimal.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText reads hexadecimal.
func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

// Frame is the CoAP side of an Observation.
type Frame struct {
	Type    string  `json:"type"` // CON, NON, ACK, RST
	Code    string  `json:"code"` // GET, POST, DELETE, 2.05, 4.00, ...; 0.00 for an empty message
	MID     uint16  `json:"mid"`
	Token   Hex     `json:"token,omitempty"`
	Observe *uint32 `json:"observe,omitempty"` // 24 bits
	Path    string  `json:"path,omitempty"`    // of the request, also on its response and notifications
	Query   string  `json:"query,omitempty"`
	Format  *uint16 `json:"format,omitempty"`  // Content-Format
	Payload Hex     `json:"payload,omitempty"` // whole, after block-wise reassembly
	Raw     Hex     `json:"raw,omitempty"`     // the datagram (the last block's)
}

// SourceReport is what the trusted source, or the hook that knows it, says of
// itself. Counts are cumulative since the harness first asked.
type SourceReport struct {
	Checks  int    `json:"checks"`            // questions for the newest version
	Fetches int    `json:"fetches"`           // packages asked for
	Served  int    `json:"served"`            // packages handed over whole
	Holding int    `json:"holding"`           // questions it is withholding the answer to
	Version string `json:"version,omitempty"` // the Device's installed version, where known

	// Unanswered are questions that have no answer: they failed, or still wait for one. 0 may
	// also mean that the source does not count them.
	Unanswered int `json:"unanswered,omitempty"`

	// Derived says that the hook does not count what the source withholds. Holding is then what it
	// was asked since the gate was closed, and 0 while the gate is open.
	Derived bool `json:"holding_derived,omitempty"`

	// Unreachable says that nothing of what Devices ask reaches the source now, or not all of it: a
	// connection or a handshake comes to nothing, so that it was perhaps asked and has not heard.
	Unreachable bool `json:"unreachable,omitempty"`

	Last *Handed `json:"last,omitempty"` // the package of which bytes left last; nil: none, or it is not known
	Said string  `json:"said,omitempty"` // what the Device told the source last of an update, as a line of the source's log
}

// Handed is a package of which the trusted source has handed over bytes.
type Handed struct {
	Package string   `json:"package"` // its name
	Version string   `json:"version,omitempty"`
	Bytes   int64    `json:"bytes"`             // of it that the Device has got
	Of      int64    `json:"of"`                // bytes that it has
	Good    bool     `json:"good"`              // the Device has got all of it, and it is the source's own
	Faults  []string `json:"faults,omitempty"`  // of the source that struck it
	Number  uint64   `json:"number,omitempty"`  // of the entry in the source's log; it rises
	Claimed bool     `json:"claimed,omitempty"` // the Device has told the source that it has installed it
}

// String names the package, and what was wrong with it: "lamp.bin 1.2.0, 4096 of 65536
// bytes, truncated@4096, number 7 in the source's log".
func (h Handed) String() string {
	words := []string{strings.TrimSpace(h.Package + " " + h.Version), fmt.Sprintf("%d of %d bytes", h.Bytes, h.Of)}
	words = append(words, h.Faults...)
	if h.Number > 0 {
		words = append(words, fmt.Sprintf("number %d in the source's log", h.Number))
	}
	if h.Claimed {
		words = append(words, "installed, as the Device tells the source")
	}
	return strings.Join(words, ", ")
}

// Observation is one entry of a Timeline.
type Observation struct {
	N       int           `json:"n"`     // index in the Timeline, from 0
	At      time.Duration `json:"at_ns"` // monotonic, since the Timeline began
	Wall    time.Time     `json:"wall"`  // Started and At, to the millisecond: At tells more, and what no reader looks at takes a tenth of a packed Timeline
	Kind    Kind          `json:"kind"`
	Client  string        `json:"client,omitempty"` // whose: "privileged", "second", "unprivileged", ...
	For     *int          `json:"for,omitempty"`    // N of the request that this belongs to
	Frame   *Frame        `json:"frame,omitempty"`
	Name    string        `json:"name,omitempty"`    // the condition
	Outcome string        `json:"outcome,omitempty"` // of a condition or a wait
	Source  *SourceReport `json:"source,omitempty"`
	Text    string        `json:"text,omitempty"`

	// Packet is the number of the datagram in the capture of the run, the one that
	// Wireshark shows; 0 where there is none. Who reads a timeline may set it: it is for
	// readers, and no judge looks at it.
	Packet int `json:"-"`

	sample *sample // decoded once, from Frame.Payload
}

// Restarted reports whether o says that the Device was restarted.
func (o *Observation) Restarted() bool {
	return o.Kind == Condition && o.Name == Reboot && o.Outcome == Done
}

// sample is the decoded pstat of an Observation.
type sample struct {
	pstat    ocf.Pstat
	problems []ocf.Problem
	err      error
}
