package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// EventKind says what happened to a Device.
type EventKind uint8

// The events of a Device.
const (
	Get           EventKind = iota + 1 // with Request
	Post                               // with Request
	Delete                             // with Request
	Due                                // the time of the last Wake has come
	Autonomous                         // start Bits (SVV, SSU or both) without a Client's request
	PowerCycle                         // power is lost and comes back by itself
	FactoryReset                       // back to the shipped state; an unsecured Device ships owned and in RFNOP
	SourceAnswer                       // with Answer, to the question whose number is Ask
	Arrange                            // somebody arranged that the Device's next update ends in Outcome
	SessionOpened                      // with Request.Via: a handshake that Door allowed has succeeded
	SessionClosed                      // with Request.Via: either side ended the session, but not through CloseSessions or Offline
)

// UpdateOutcome is how an update is arranged to end.
type UpdateOutcome uint8

// The outcomes of the conditions update-available, no-update and update-fails.
const (
	Succeeds UpdateOutcome = iota + 1
	FindsNone
	Fails // in the way that the behaviour scripts
)

// Event is one thing that happens to a Device. At never goes backwards.
type Event struct {
	Kind    EventKind
	At      time.Duration // since the fleet began, scaled time
	Request Request       // of Get, Post, Delete
	Bits    ocf.DPM       // of Autonomous
	Answer  Answer        // of SourceAnswer
	Outcome UpdateOutcome // of Arrange
}

// Request is a decoded CoAP request, as far as a Device needs to know it. The Event
// says which method it is. Payload is valid only during Apply.
type Request struct {
	Path      string
	Interface string // value of the if query, "" for none
	RT        string // value of the rt query, "" for none
	Owned     string // value of the owned query, "" for none
	Payload   []byte
	Format    uint16 // Content-Format of Payload; 0xffff where none was given
	Multicast bool
	Observe   bool   // the Get asks to be told of changes
	ID        uint32 // value of the credid or aceid query, 0 for none
	PIN       string // of a POST to /oic/sec/doxm: the PIN to show if it chooses Random PIN; "": the Device draws one
	Via       Via
	Way       Way // how it was sent, which the reference ignores
}

// Way is how a request was sent.
type Way uint8

// The ways to send a request. The zero value is a confirmable message without
// block-wise transfer.
const (
	Unconfirmed Way = 1 << iota // as a non-confirmable message (NON)
	InBlocks                    // block-wise, with Block1
	ByPUT                       // a PUT that the Device handles as a POST, see Shell.Takes
)

// Via is how a request came to the Device. The zero value is plain CoAP.
type Via struct {
	Session uint32   // number of the session, counted from 1 and never reused; 0: plain CoAP
	Subject ocf.UUID // the Client that the session authenticated; nil: none, as in an owner transfer
	// OTM says that the session is the Device Onboarding Connection: it was
	// opened by an owner transfer method.
	OTM bool
	// OwnerKey is the owner PSK that follows from this session and the current doxm.
	// It comes with a POST to /oic/sec/cred over the Device Onboarding Connection.
	OwnerKey [16]byte
}

// Answer is what the trusted source said to a question.
type Answer struct {
	Ask       uint32 // the number of the question; answers to earlier questions are ignored
	Available bool   // newer software is on offer (Check), or the package is (Fetch)
	Version   string // of the newest software or of the package; up to 64 characters
	Declared  int64  // size of the package in bytes
	Received  int64  // bytes received; less than Declared means a truncated package
	Failed    bool   // the source was unreachable, refused, or answered 5xx
	Flaw      Flaw   // what is wrong with the answer when the Device verifies it, 0 for nothing
}

// Flaw is what a Device finds wrong when it verifies an answer of the trusted
// source.
type Flaw uint8

// The flaws of an Answer.
const (
	BadSignature     Flaw = iota + 1 // the package lacks the vendor's signature
	StaleMetadata                    // the metadata that offers newer software has expired
	WrongCertificate                 // whoever answers is not the trusted source
)

// EffectKind says what a Device wants done.
type EffectKind uint8

// The effects of an Event.
const (
	Respond       EffectKind = iota + 1 // answer the request: Code, Rep
	Ignore                              // do not answer (a multicast request that does not match)
	SendReset                           // answer with RST; the reference never does
	Notify                              // tell the observers: Rep
	Wake                                // send Due once After has passed; this replaces an earlier Wake; After < 0 cancels it
	AskSource                           // ask the trusted source: Ask
	DropObservers                       // end every observation with Code (5.03), or silently if Code is 0
	Offline                             // unreachable from now on: drop all packets and lose RAM (observers, deduplication)
	Online                              // reachable again
	Persist                             // the Device's Saved state has changed and must be written
	CloseSessions                       // end every session of the Device with close_notify; the Device forgets them
	ShowPIN                             // show Text to whoever stands in front of the Device
	Acknowledge                         // answer with an empty ACK and nothing else; the reference never does
	LeaveSource                         // withdraw every question from the trusted source; the reference never does
)

// AskKind is what is asked of the trusted source.
type AskKind uint8

// The questions to a trusted source.
const (
	Check AskKind = iota + 1 // is there something newer than Version?
	Fetch                    // the package
)

// Ask is a question to the trusted source.
type Ask struct {
	Kind    AskKind
	Number  uint32
	Version string // of the installed software
}

// Rep is a representation for Device.Encode to encode: which resource, in which
// interface, and a snapshot of the state at the time of the Effect.
type Rep struct {
	Path      string // "" for no payload
	Interface string // as asked
	RT        string // filter of /oic/res
	State     State
	Told      bool // in a notification, not in an answer
}

// State is the observable state of a Device.
type State struct {
	TM, CM  ocf.DPM
	DOS     ocf.DOS
	Pending bool // dos.p
	ISOP    bool
	OM, SM  uint8
	Version uint16 // index into the Device's software versions
	Owned   bool   // doxm.owned

	schedule *schedule // of oic.r.softwareupdate; nil if the Device has none
}

// Effect is one thing a Device wants done, in the order of the slice.
type Effect struct {
	Kind       EffectKind
	Code       uint8         // CoAP code of Respond and DropObservers; 0x45 is 2.05
	Rep        Rep           // of Respond and Notify
	Observable bool          // Respond: the answer may carry Observe
	Confirm    bool          // Notify: as a confirmable message
	Sole       bool          // Notify: only the observer that registered first; always false for the reference
	Skew       int8          // Notify: added to the next Observe number; 0 for the reference
	After      time.Duration // of Wake
	Ask        Ask           // of AskSource
	Text       string        // of ShowPIN
}
