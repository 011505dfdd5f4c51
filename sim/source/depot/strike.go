package depot

import (
	"fmt"
	"strconv"
	"strings"
)

// BlockSize is the size of a block, in bytes, where a fault is placed at a block of a
// transport that has none.
const BlockSize = 1024

// Strike is a fault at a place: at a byte, at a block, or at a request. Requests are
// counted from 1, since the conditions changed last; over CoAP all blocks of a
// package are one request. Faults of a connection count connections.
type Strike struct {
	Fault
	Byte    int64  // where it strikes, from 0
	Block   int64  // the same in blocks; above 0 it goes before Byte
	Request int    // the first request that it strikes; 0 is 1
	Of      string // name of the package; "" for each
	Spare   bool   // nobody asked for it: it is on under update-fails alone
}

// At is the byte where it strikes, if blocks have size bytes.
func (s Strike) At(size int64) int64 {
	if s.Block > 0 {
		return s.Block * size
	}
	return s.Byte
}

// strikes reports whether it strikes request n, of the package of that name.
func (s Strike) strikes(n int, name string) bool {
	first := max(s.Request, 1)
	return (s.Of == "" || s.Of == name) && n >= first && (s.Times == 0 || n < first+s.Times)
}

// String is the strike as ParseStrike reads it.
func (s Strike) String() string {
	var b strings.Builder
	b.WriteString(s.Name)
	switch {
	case s.Block > 0:
		fmt.Fprintf(&b, "@block:%d", s.Block)
	case s.Byte > 0:
		fmt.Fprintf(&b, "@%d", s.Byte)
	}
	if s.Request > 1 {
		fmt.Fprintf(&b, ",request=%d", s.Request)
	}
	if s.Of != "" {
		fmt.Fprintf(&b, ",of=%s", s.Of)
	}
	return b.String()
}

// ParseStrike reads NAME[@PLACE][,KEY=VALUE...]. PLACE is a byte, byte:N, block:N or
// request:N, and the keys are byte, block, request, times, rate and of:
//
//	truncated@4096
//	aborted@block:3,request=2
//	slow@1000,rate=16
//	flapping@request:2,times=4
//
// find returns the fault of a name.
func ParseStrike(text string, find func(name string) (Fault, error)) (Strike, error) {
	head, rest, _ := strings.Cut(text, ",")
	name, place, placed := strings.Cut(head, "@")
	fault, err := find(name)
	if err != nil {
		return Strike{}, err
	}
	s := Strike{Fault: fault}
	if placed {
		key, value, named := strings.Cut(place, ":")
		if !named {
			key, value = "byte", place
		}
		if err := s.set(key, value); err != nil {
			return s, fmt.Errorf("%s: %w", text, err)
		}
	}
	for pair := range strings.SplitSeq(rest, ",") {
		if key, value, _ := strings.Cut(pair, "="); pair != "" {
			if err := s.set(key, value); err != nil {
				return s, fmt.Errorf("%s: %w", text, err)
			}
		}
	}
	return s, nil
}

// set gives the strike one of its numbers.
func (s *Strike) set(key, value string) error {
	if key == "of" {
		s.Of = value
		return nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("%s: expected a number of 0 or more, not %q", key, value)
	}
	switch key {
	case "byte":
		s.Byte = n
	case "block":
		s.Block = n
	case "request":
		s.Request = int(n)
	case "times":
		s.Times = int(n)
	case "rate":
		s.Rate = n
		return s.Validate()
	default:
		return fmt.Errorf("expected byte, block, request, times, rate or of, not %q", key)
	}
	return nil
}
