package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// EventKind says what happened to a Device.
type EventKind uint8

// The events of a Device.
const (
	Get           EventKind = iota + 1 // Request
	Post                               // Request
	Delete                             // Request
	Due                                // the last Wake's time has come
	Autonomous                         // start Bits (SVV, SSU or both) without a Client
	PowerCycle                         // power is lost and comes back by itself
	FactoryReset                       // back to what is shipped; an unsecured Device ships owned and in RFNOP
	SourceAnswer                       // Answer to the question with its Ask number
	Arrange                            // the world around the Device changed: Outcome is what its next update is to end in
	SessionOpened                      // Request.Via: a handshake that Door allowed has ended well
	SessionClosed                      // Request.Via: by whomever, but not by CloseSessions or Offline
)

// Outcome is what an update attempt is arranged to end in.
type Outcome uint8

// The outcomes of the conditions update-available, no-update and update-fails.
const (
	Succeeds Outcome = iota + 1
	FindsNone
	Fails // in the way the behaviour scripts
)

// Event is one thing that happens to a Device. At never runs backwards.
type Event struct {
	Kind    EventKind
	At      time.Duration // since the fleet began, scaled time
	Request Request       // of Get, Post, Delete
	Bits    ocf.DPM       // of Autonomous
	Answer  Answer        // of SourceAnswer
	Outcome Outcome       // of Arrange
}

// Request is a decoded CoAP request, as far as a Device has to know it.
// Method comes from the Event. Payload is valid during Apply only.
type Request struct {
	Path      string
	Interface string // value of the if query, "" for none
	RT        string // value of the rt query, "" for none
	Owned     string // value of the owned query, "" for none
	Payload   []byte
	Format    uint16 // Content-Format of Payload; 0xffff where none was given
	Multicast bool
	Observe   bool   // a Get that asks to be told of changes
	ID        uint32 // value of the credid or aceid query, 0 for none
	Via       Via
	Way       Way // which makes no difference to the reference
}

// Way is how a request was sent.
type Way uint8

// The ways to send a request. The zero value is a CON that needed no blocks.
const (
	Unconfirmed Way = 1 << iota // as NON
	InBlocks                    // Block1
	ByPUT                       // a PUT that the Device takes for a POST, see Shell.Takes
)

// Via is how a request came to the Device. The zero value is plain CoAP.
type Via struct {
	Session uint32   // number of the session, from 1 and never again; 0: plain CoAP
	Subject ocf.UUID // whom the session authenticated; nil: nobody, as in an owner transfer
	// OTM says that the session is the Device Onboarding Connection: it was
	// opened by an owner transfer method.
	OTM bool
	// OwnerKey is the owner PSK that this session and what doxm says now give,
	// on a POST to /oic/sec/cred over the Device Onboarding Connection.
	OwnerKey [16]byte
}

// Answer is what the trusted source said to a question.
type Answer struct {
	Ask       uint32 // the number of the question; others are ignored
	Available bool   // of a Check: something newer is on offer
	Version   string // of the newest software, or of the package; up to 64 characters
	Declared  int64  // bytes, of a package
	Received  int64  // bytes, of a package; less than Declared: truncated
	Failed    bool   // unreachable, refused, 5xx
	Flaw      Flaw   // what is found by looking closer, 0 for nothing
}

// Flaw is what a Device finds when it verifies an answer of the trusted source.
type Flaw uint8

// The flaws of an Answer.
const (
	BadSignature     Flaw = iota + 1 // the package is not what the vendor signed
	StaleMetadata                    // what says that there is something newer has expired
	WrongCertificate                 // who answers is not the source that is trusted
)

// EffectKind says what a Device wants done.
type EffectKind uint8

// The effects of an Event.
const (
	Respond       EffectKind = iota + 1 // answer the request: Code, Rep
	Ignore                              // do not answer (multicast that does not match)
	SendReset                           // answer with RST; never of the reference
	Notify                              // tell the observers: Rep
	Wake                                // send Due after After; replaces an earlier Wake; After < 0 cancels
	AskSource                           // ask the trusted source: Ask
	DropObservers                       // end every observation with Code (5.03), silently where Code is 0
	Offline                             // unreachable from now on: drop all packets, lose RAM (observers, dedup)
	Online                              // reachable again
	Persist                             // the Device's Saved state changed: write it
	CloseSessions                       // end every session of the Device with close_notify; it forgets them
	ShowPIN                             // show Text to whoever stands before the Device
	Acknowledge                         // answer with an empty ACK and nothing else; never of the reference
	LeaveSource                         // withdraw every question from the trusted source; never of the reference
)

// AskKind is what is asked of the trusted source.
type AskKind uint8

// The questions to a trusted source.
const (
	Check AskKind = iota + 1 // is there something newer than Version?
	Fetch                    // the package, please
)

// Ask is a question to the trusted source.
type Ask struct {
	Kind    AskKind
	Number  uint32
	Version string // installed now
}

// Rep is a representation to be encoded by Device.Encode: which resource, in
// which interface, and the snapshot of the state at the time of the Effect.
type Rep struct {
	Path      string // "" for no payload
	Interface string // as asked
	RT        string // filter of /oic/res
	State     State
	Told      bool // for observers, not in an answer
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
}

// Effect is one thing a Device wants done, in the order of the slice.
type Effect struct {
	Kind       EffectKind
	Code       uint8         // CoAP code of Respond and DropObservers: 0x45 is 2.05
	Rep        Rep           // of Respond and Notify
	Observable bool          // Respond: may be answered with Observe
	Confirm    bool          // Notify: as CON
	Sole       bool          // Notify: the observer that registered first, no other; false of the reference
	Skew       int8          // Notify: added to the next Observe number; 0 of the reference
	After      time.Duration // of Wake
	Ask        Ask           // of AskSource
	Text       string        // of ShowPIN
}
