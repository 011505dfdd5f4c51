package conformance

import "strings"

// What the Text of a Message says of a block (RFC 7959).
const (
	// FirstBlock: it is the first one of a notification, and the rest is asked for.
	FirstBlock = "first block of a notification"
	// ChangedBetween: it is one of another representation than the block before, so that
	// all of them are asked for again.
	ChangedBetween = "representation changed between blocks"
	// Outrun is what the Text of an answer or a notification begins with that never became
	// whole: each time a block was asked for, the representation was another one by then.
	Outrun = "incomplete: the representation changed between blocks"
)

// Outran reports whether o is an answer or a notification without a representation, for that
// changed faster than it could be fetched. The Device has done nothing wrong by it.
func (o *Observation) Outran() bool { return strings.HasPrefix(o.Text, Outrun) }

// optionETag is the number of the option that names a representation (RFC 7252 section
// 5.10.6).
const optionETag = 4

// blocks follows what comes in blocks. Such a notification has the Observe number of its first block, and the
// rest is fetched later: what it shows may be newer than its number says, where the
// representation changed meanwhile, or where no ETag would tell that it did. The zero
// value has seen nothing yet.
type blocks struct {
	first   map[blockKey]firstBlock
	changed map[string]int // by Client: the last Message that is of another representation than the block before
}

// blockKey tells the notifications of all Clients apart.
type blockKey struct {
	client, token string
	mid           uint16
}

// firstBlock is the first block of a notification.
type firstBlock struct {
	n      int
	tagged bool // it has an ETag
}

// take takes note of Observation n.
func (b *blocks) take(n int, o *Observation) {
	if o.Kind != Message || o.Frame == nil {
		return
	}
	switch o.Text {
	case FirstBlock:
		if b.first == nil {
			b.first = map[blockKey]firstBlock{}
		}
		b.first[keyOf(o)] = firstBlock{n, HasOption(o.Frame.Raw, func(number int, _ []byte) bool { return number == optionETag })}
	case ChangedBetween:
		if b.changed == nil {
			b.changed = map[string]int{}
		}
		b.changed[o.Client] = n
	}
}

func keyOf(o *Observation) blockKey { return blockKey{o.Client, string(o.Frame.Token), o.Frame.MID} }

// later reports whether o, a notification or the answer to a registration, may show a later
// state than the one that its Observe number was given to.
func (b *blocks) later(o *Observation) bool {
	if o.Kind == Response {
		return o.For != nil && b.changed[o.Client] > *o.For
	}
	first, ok := b.first[keyOf(o)]
	return ok && (!first.tagged || b.changed[o.Client] > first.n)
}

// Later reports whether Observation n, a notification, may show a later state than the one
// that its Observe number was given to: it came in blocks, and what they show changed
// before the last of them was fetched, or may have.
func (tl Timeline) Later(n int) bool {
	var b blocks
	for i := range n {
		b.take(i, &tl.Observations[i])
	}
	return b.later(&tl.Observations[n])
}
