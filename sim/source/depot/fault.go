package depot

import (
	"fmt"
	"slices"
)

// Effect is what a fault does. Some effects need more words, which Fault.With has.
type Effect string

// The effects, in the order in which a Device meets them.
const (
	Refuse Effect = "refuse" // the port is closed
	Ignore Effect = "ignore" // the port is open, and says nothing

	Certificate Effect = "certificate" // another certificate is shown: With says what is wrong with it
	WrongKey    Effect = "wrong-key"   // the source has another pre-shared key than agreed
	Hang        Effect = "hang"        // the handshake stops in its midst
	Alert       Effect = "alert"       // the handshake ends with a fatal alert

	Address Effect = "address" // the metadata names another address: With has it

	Status   Effect = "status"   // the answer is With: 404, 500 or 503, in CoAP 4.04, 5.00 or 5.03
	Redirect Effect = "redirect" // the answer sends the Device to With: same-host, elsewhere, loop or plain
	Mute     Effect = "mute"     // there is no answer
	Flaw     Effect = "flaw"     // the package has the flaw With, which its verification finds

	Close    Effect = "close"    // the connection ends; over CoAP this is the last block, though the size says more
	Shorten  Effect = "shorten"  // the package ends here, and says that it is as short as that
	Lengthen Effect = "lengthen" // the package has no end
	Slow     Effect = "slow"     // from here on Rate bytes a second leave
	Silence  Effect = "silence"  // nothing more leaves, and the connection stays
	Reset    Effect = "reset"    // TCP RST; over CoAP a RST, and the DTLS session ends with an alert
	Flip     Effect = "flip"     // one bit of this byte is another
	Replace  Effect = "replace"  // from here on it is another package, under another ETag
	Withdraw Effect = "withdraw" // from here on there is no such package

	IgnoreRange Effect = "ignore-range" // the answer begins with byte 0, wherever it was to begin
	ShiftRange  Effect = "shift-range"  // the answer begins one byte, or one block, behind where it was to
	Length      Effect = "length"       // the length that is said is With bytes off
	Encoding    Effect = "encoding"     // the content is said to be encoded as With, and is not

	NewBlock0    Effect = "new-block-0"   // instead of this block comes block 0 of another package
	SmallerBlock Effect = "smaller-block" // from this block on blocks have half the size
)

// Stage is how far a request has come when a fault strikes.
type Stage string

// The stages, in the order in which a request comes to them.
const (
	AtConnection Stage = "connection"
	AtHandshake  Stage = "handshake"
	AtMetadata   Stage = "metadata"
	AtAnswer     Stage = "answer"
	AtBody       Stage = "body"
)

// Stage is when the effect strikes; it is "" for an effect that does not exist.
func (e Effect) Stage() Stage {
	switch e {
	case Refuse, Ignore:
		return AtConnection
	case Certificate, WrongKey, Hang, Alert:
		return AtHandshake
	case Address:
		return AtMetadata
	case Status, Redirect, Mute, Flaw:
		return AtAnswer
	case Close, Shorten, Lengthen, Slow, Silence, Reset, Flip, Replace, Withdraw,
		IgnoreRange, ShiftRange, Length, Encoding, NewBlock0, SmallerBlock:
		return AtBody
	}
	return ""
}

// alters reports whether the effect changes what a Device gets, rather than when or
// whether it gets it: such a package was never handed over as it is.
func (e Effect) alters() bool {
	return slices.Contains([]Effect{Flaw, Shorten, Lengthen, Flip, Replace, NewBlock0, Encoding}, e)
}

// Ends are what an update of a compliant Device may end in under a fault.
const (
	EndsSuccess  = "success"   // the Device copes: it tries again, or takes smaller blocks
	EndsFailure  = "failure"   // the Device installs nothing
	EndsNoUpdate = "no-update" // there is nothing to install
	EndsEither   = "either"    // both are lawful: the Device copes, or installs nothing
)

// Fault is a sort of fault: what it does, and what a compliant Device makes of it.
type Fault struct {
	Name      string   `yaml:"name" json:"name"`
	Says      string   `yaml:"says" json:"says"`
	Notes     []string `yaml:"notes" json:"notes"` // ids of failure modes: F9
	Over      []string `yaml:"over" json:"over"`   // http, coap
	Does      Effect   `yaml:"does" json:"does"`
	With      string   `yaml:"with" json:"with,omitempty"`
	Rate      int64    `yaml:"rate" json:"rate,omitempty"`   // bytes a second, of Slow
	Times     int      `yaml:"times" json:"times,omitempty"` // how many requests it strikes; 0: all
	Compliant Course   `yaml:"compliant" json:"compliant"`
}

// Course is what a compliant Device makes of a fault. Check and Update are states of
// tm and cm from left to right, two hexadecimal digits each, as in "80,00 00,00"; they
// are "" where the fault does not concern the process. The states before the first one
// are 00,00 for a check, and 00,40 for an update.
type Course struct {
	Ends    string `yaml:"ends" json:"ends"` // an update
	Check   string `yaml:"check" json:"check,omitempty"`
	Update  string `yaml:"update" json:"update,omitempty"`
	Results []int  `yaml:"results" json:"results,omitempty"` // swupdateresult of an update, any of these
}

// The words of Fault.Over.
const (
	OverHTTP = "http"
	OverCoAP = "coap"
)

// Validate checks what a schema can't: that the effect exists and has the words it needs.
func (f Fault) Validate() error {
	switch {
	case f.Does.Stage() == "":
		return fmt.Errorf("does: no effect is called %q", f.Does)
	case f.Does == Slow && f.Rate <= 0:
		return fmt.Errorf("rate: expected bytes a second, above 0")
	}
	if known := f.Does.words(); known != nil && !slices.Contains(known, f.With) {
		return fmt.Errorf("with: %s expects one of %q, not %q", f.Does, known, f.With)
	}
	return nil
}

// words are what With may be for an effect; nil is anything.
func (e Effect) words() []string {
	switch e {
	case Certificate:
		return []string{"other-ca", "expired", "not-yet-valid", "other-name", "no-intermediate", "self-signed"}
	case Status:
		return []string{"404", "500", "503"}
	case Redirect:
		return []string{"same-host", "elsewhere", "loop", "plain"}
	case Length:
		return []string{"1", "-1"}
	}
	return nil
}

// Speaks reports whether the fault can happen over a transport: "https" and "http"
// are HTTP, "coaps" and "coap" are CoAP.
func (f Fault) Speaks(over string) bool {
	if over == "https" {
		over = OverHTTP
	}
	if over == "coaps" {
		over = OverCoAP
	}
	return slices.Contains(f.Over, over)
}
