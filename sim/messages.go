package sim

import (
	"math/bits"
	"time"
)

// Messages is how a Device passes its messages on, as far as CoAP leaves that to the
// Device. With the zero value the answer comes with the ACK, everything leaves at once,
// and blocks are as large as can be.
type Messages struct {
	// Separate sends an empty ACK for each confirmable request at once, and the
	// answer in a confirmable message of its own (RFC 7252 section 5.2.2).
	Separate bool `json:"separate,omitempty" yaml:"separate"`
	// AnswerAfter is the time from a request to its answer. The Device does at once
	// what the request asks for.
	AnswerAfter time.Duration `json:"answer-after,omitempty" yaml:"answer-after"`
	// TellAfter is the time from a change to its notification.
	TellAfter time.Duration `json:"tell-after,omitempty" yaml:"tell-after"`
	// Block is how many bytes of a representation one answer to a GET, or one
	// notification, carries at most: 16, 32, 64 and so on to 1024 (RFC 7959). 0 is 1024.
	Block int `json:"block,omitempty" yaml:"block"`
	// Sleep is when the Device hears nothing, to save power. The zero value is never.
	Sleep Sleep `json:"sleep,omitzero" yaml:"sleep"`
}

// Sleep is how a Device sleeps. It is awake for the time Awake after it last heard or
// sent something, and it wakes by itself every Every, for as long. In between whatever is
// sent to it is lost. A process goes on in its sleep, and it wakes to tell its observers.
type Sleep struct {
	Every time.Duration `json:"every,omitempty" yaml:"every"`
	Awake time.Duration `json:"awake,omitempty" yaml:"awake"`
}

// MaxSZX is the size exponent of the largest block, which has 2^(MaxSZX+4) bytes.
const MaxSZX = 6

// check returns an error that names the first field that is out of range.
func (m *Messages) check() error {
	switch {
	case m.AnswerAfter < 0:
		return wrong("messages.answer-after", "expected a duration of 0s or more")
	case m.TellAfter < 0:
		return wrong("messages.tell-after", "expected a duration of 0s or more")
	case m.Sleep.Every < 0 || m.Sleep.Awake < 0 || m.Sleep.Every > 0 && (m.Sleep.Awake == 0 || m.Sleep.Awake >= m.Sleep.Every):
		return wrong("messages.sleep", "expected awake to be above 0s and below every")
	case m.Block != 0 && (bits.OnesCount(uint(m.Block)) != 1 || m.Block < 16 || m.Block > 1<<(MaxSZX+4)):
		return wrong("messages.block", "expected a power of two from 16 to %d, got %d", 1<<(MaxSZX+4), m.Block)
	}
	return nil
}

// SZX is the size exponent of m.Block.
func (m *Messages) SZX() uint8 {
	if m.Block == 0 {
		return MaxSZX
	}
	return uint8(bits.TrailingZeros(uint(m.Block)) - 4)
}

// Messages is how the Device passes its messages on, in scaled time. It is shared and
// must not be changed.
func (d *Device) Messages() *Messages { return d.model.Messages() }

// Messages is how the Devices of the model pass their messages on, like Device.Messages.
func (m *Model) Messages() *Messages { return &m.script.messages }
