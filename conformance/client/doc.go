// Package client judges Clients: controllers and onboarding tools that talk to virtual
// Devices. It is the other side of package judge, and works as that does: record first,
// judge afterwards.
//
// A Scribe writes down what one Client and one Device say to each other, as it passes at
// the Device's end of the wire: a conformance.Timeline whose Target is the Client. Rules
// are pure functions of such a Timeline. A Rule needs a witness to pass, and a trace that no
// lawful Client leaves to fail; whether a Client would have done something later is
// inconclusive where the record ends too early to tell.
//
// What passes at the Device's end is not what passes at the Client's: a message of the
// Device may be lost on its way, and arrive late or twice. No Rule blames a Client for what
// the network explains.
//
// # Where to begin
//
// Scribe, then story.go, which sorts a Timeline out, then any Rule: each has a file that is
// named for its id.
package client
