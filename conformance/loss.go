package conformance

import "strings"

// What the Text of a Lost begins with where the network said that nobody
// listens at the Device's port (ICMP port unreachable).
const (
	// PortClosed: it said so of every transmission of the request.
	PortClosed = "the port is closed"
	// PortCloses: it said so of all but the first transmission. That one arrived,
	// and nobody has listened since.
	PortCloses = "the port is closed since the request arrived"
)

// GivenUp is the Text of a Lost that was not waited for to the end, for the Device
// may have been restarting.
const GivenUp = "no answer while the Device may be restarting"

// Refused reports whether o is the end of a request whose last transmissions
// nobody listened for.
func (o *Observation) Refused() bool { return o.Kind == Lost && strings.HasPrefix(o.Text, PortClosed) }

// Closes reports whether o is the end of a request that arrived, and since which
// nobody listens any more.
func (o *Observation) Closes() bool { return o.Kind == Lost && strings.HasPrefix(o.Text, PortCloses) }
