package suit

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Code is the number of a command of a manifest.
type Code int64

// The commands that a Device here carries out, and those that hold other sequences.
const (
	VendorIdentifier   Code = 1
	ClassIdentifier    Code = 2
	ImageMatch         Code = 3
	SetComponentIndex  Code = 12
	TryEach            Code = 15
	Write              Code = 18
	OverrideParameters Code = 20
	Fetch              Code = 21
	Invoke             Code = 23
	RunSequence        Code = 32
)

// Sequence is a list of commands.
type Sequence []Command

// Command is one command of a manifest with its argument.
type Command struct {
	Code       Code
	Components []uint64    // of SetComponentIndex: the indices; nil with All
	All        bool        // of SetComponentIndex: every component
	Parameters *Parameters // of OverrideParameters
	Sequences  []Sequence  // of TryEach: the alternatives; of RunSequence: one; an empty one does nothing
}

// Parameters are what commands work with. A nil field is not set.
type Parameters struct {
	VendorID []byte  `cbor:"1,keyasint,omitempty"`
	ClassID  []byte  `cbor:"2,keyasint,omitempty"`
	Digest   []byte  `cbor:"3,keyasint,omitempty"`  // CBOR of a Digest
	Size     *uint64 `cbor:"14,keyasint,omitempty"` // of the image, in bytes
	Content  []byte  `cbor:"18,keyasint,omitempty"`
	URI      string  `cbor:"21,keyasint,omitempty"`
}

// maxDepth is how deep sequences may stand in sequences.
const maxDepth = 4

// sequence reads the CBOR of a command sequence. No bytes are no commands.
func (c codec) sequence(data []byte, depth int) (Sequence, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("sequences stand in sequences more than %d deep", maxDepth)
	}
	var items []cbor.RawMessage
	if err := c.dec.Unmarshal(data, &items); err != nil {
		return nil, err
	}
	if len(items)%2 != 0 {
		return nil, errors.New("a command without its argument")
	}
	seq := make(Sequence, 0, len(items)/2)
	for i := 0; i < len(items); i += 2 {
		cmd, err := c.command(items[i], items[i+1], depth)
		if err != nil {
			return nil, err
		}
		seq = append(seq, cmd)
	}
	return seq, nil
}

func (c codec) command(code, argument cbor.RawMessage, depth int) (Command, error) {
	var cmd Command
	if err := c.dec.Unmarshal(code, &cmd.Code); err != nil {
		return cmd, fmt.Errorf("the number of a command: %w", err)
	}
	var err error
	switch cmd.Code {
	case OverrideParameters:
		cmd.Parameters = &Parameters{}
		err = c.dec.Unmarshal(argument, cmd.Parameters)
	case SetComponentIndex:
		err = c.indices(argument, &cmd)
	case TryEach:
		err = c.alternatives(argument, &cmd, depth)
	case RunSequence:
		var nested []byte
		if err = c.dec.Unmarshal(argument, &nested); err == nil {
			cmd.Sequences = make([]Sequence, 1)
			cmd.Sequences[0], err = c.sequence(nested, depth+1)
		}
	}
	if err != nil {
		return cmd, fmt.Errorf("command %d: %w", cmd.Code, err)
	}
	return cmd, nil
}

// indices reads one index, a list of them, or true for all components.
func (c codec) indices(argument cbor.RawMessage, cmd *Command) error {
	if c.dec.Unmarshal(argument, &cmd.All) == nil {
		if !cmd.All {
			return errors.New("false is no component index")
		}
		return nil
	}
	if argument[0]>>5 == 4 {
		return c.dec.Unmarshal(argument, &cmd.Components)
	}
	var i uint64
	err := c.dec.Unmarshal(argument, &i)
	cmd.Components = []uint64{i}
	return err
}

// alternatives reads the sequences of a try-each, of which the last may be null.
func (c codec) alternatives(argument cbor.RawMessage, cmd *Command, depth int) error {
	var nested [][]byte
	if err := c.dec.Unmarshal(argument, &nested); err != nil {
		return err
	}
	for _, data := range nested {
		seq, err := c.sequence(data, depth+1)
		if err != nil {
			return err
		}
		cmd.Sequences = append(cmd.Sequences, seq)
	}
	return nil
}
