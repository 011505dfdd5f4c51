package sim

// Slips are what a Device does in another way than the reference in the handling
// of messages, which is its shell's work; a deviant one does it wrong. The zero
// value is the reference's way.
type Slips uint16

// The slips. Who is told is said of every notification.
const (
	TellsLast       Slips = 1 << iota // the observer that registered last, no other
	TellsWriter                       // the Client that wrote pstat last, no other
	SparesWriter                      // every observer but that one
	WriteDropsRest                    // a write of pstat ends the observations of other Clients
	Replaces                          // an observation ends those of other Clients
	OneObserver                       // a second one is answered without Observe
	ForgetsObserver                   // after five notifications
	ClockNumbers                      // Observe numbers are the seconds of a clock
	Throttles                         // a notification within a second of the last one is not sent
	TellsAsText                       // notifications are labelled text/plain
	TakesPUT                          // PUT is taken for POST
	CutsBlocks                        // the last block of an answer lacks a byte
	NumbersJump                       // lawful: Observe numbers begin high and grow in strides, so that they wrap
)

// slipOf is the quirk behind each slip, in their order.
var slipOf = [...]quirk{
	lastTold, writerAloneTold, writerSpared, writeDropsOthers, observerReplaces, oneObserver, forgetsAfterFive, clockNumbers,
	throttled, toldAsText, putUnchecked, blocksCut, numbersJump,
}

// slipsOf are those that the model's quirks come to.
func (m *Model) slipsOf() (l Slips) {
	for i, q := range slipOf {
		if m.quirks.has(q) {
			l |= 1 << i
		}
	}
	return l
}

// Slips are what the Device's shell has to do wrong.
func (d *Device) Slips() Slips { return d.model.slips }

// Has reports whether all of b are among l.
func (l Slips) Has(b Slips) bool { return l&b == b }
