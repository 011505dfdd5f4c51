package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// TimelineSchema is the schema of a recorded Timeline.
const TimelineSchema = "ocfsim.timeline/1"

// TimelineRevision is the newest revision of TimelineSchema that is known here.
// A revision adds fields and changes the meaning of none; of a newer one the
// fields that are not known are passed over, of a known one they are mistakes.
const TimelineRevision = 2

// ErrTruncated says that the end of a Timeline was cut off while it was
// written. The Timeline returned with it holds every line before.
var ErrTruncated = errors.New("the last line is cut off")

// maxLine bounds one line of a Timeline: a block-wise payload in hexadecimal
// twice over has ample room.
const maxLine = 16 << 20

// ReadTimeline reads what a Recorder wrote: a Header, then Observations and
// Expectations, one JSON object a line, plain or packed by gzip. An error reads
// `name:line:column: what is wrong`. Where only the last line or the end of what is packed is cut
// off, the Timeline is returned together with an error that wraps ErrTruncated.
func ReadTimeline(name string, r io.Reader) (Timeline, error) {
	var tl Timeline
	in, err := unpacked(r)
	if err != nil {
		return tl, fmt.Errorf("%s: %w", name, err)
	}
	for line := 1; ; line++ {
		text, err := readLine(in)
		whole, cut := err == nil, errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && err != io.EOF && !cut {
			return tl, LineError(name, line, err)
		}
		if len(bytes.TrimSpace(text)) > 0 {
			err := tl.add(line, text)
			if err != nil && !whole && line > 1 && !json.Valid(text) {
				return tl, LineError(name, line, ErrTruncated)
			}
			if err != nil {
				return tl, LineError(name, line, err)
			}
		}
		if cut && tl.Header.Schema != "" {
			return tl, LineError(name, line, ErrTruncated)
		}
		if !whole {
			break
		}
	}
	if tl.Header.Schema == "" {
		return tl, LineError(name, 1, fmt.Errorf("empty, expected a header with schema %q", TimelineSchema))
	}
	return tl, nil
}

// LineError is err, which line of the file name is wrong by. Where that is no JSON, or a value of
// another type, it says in which column; otherwise the whole line is meant, from column 1 on.
func LineError(name string, line int, err error) error {
	column := int64(1)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		column = syntax.Offset
	case errors.As(err, &kind):
		column = kind.Offset
	}
	return fmt.Errorf("%s:%d:%d: %w", name, line, max(column, 1), err)
}

// readLine reads up to the end of a line, which it returns too. It reads no further
// than a line can be long. The error is io.EOF where the line has no end.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, fmt.Errorf("longer than %d bytes", maxLine)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// add takes one line: the first is the Header, one with a form is an
// Expectation, every other an Observation.
func (tl *Timeline) add(line int, text []byte) error {
	if line == 1 {
		var schema struct {
			Schema   string `json:"schema"`
			Revision int    `json:"revision"`
		}
		if err := json.Unmarshal(text, &schema); err != nil {
			return fmt.Errorf("no header: %w", err)
		}
		if schema.Schema != TimelineSchema {
			return fmt.Errorf("schema %q, expected %q", schema.Schema, TimelineSchema)
		}
		if schema.Revision > TimelineRevision {
			return json.Unmarshal(text, &tl.Header)
		}
		return strict(text, &tl.Header)
	}
	read := strict
	if tl.Header.Revision > TimelineRevision {
		read = func(text []byte, into any) error { return json.Unmarshal(text, into) }
	}
	var probe struct {
		Form Form `json:"form"`
	}
	if err := json.Unmarshal(text, &probe); err != nil {
		return err
	}
	if probe.Form != "" {
		var e Expectation
		if err := read(text, &e); err != nil {
			return err
		}
		tl.Expectations = append(tl.Expectations, e)
		return nil
	}
	var o Observation
	if err := read(text, &o); err != nil {
		return err
	}
	if err := o.validate(len(tl.Observations)); err != nil {
		return err
	}
	if n := len(tl.Observations); n > 0 && o.At < tl.Observations[n-1].At {
		return fmt.Errorf("at_ns is %d, less than the %d before it: the clock of a record never goes back", o.At, tl.Observations[n-1].At)
	}
	o.Decode()
	tl.Observations = append(tl.Observations, o)
	return nil
}

// validate says what keeps o from being the Observation with index n.
func (o *Observation) validate(n int) error {
	switch {
	case o.N != n:
		return fmt.Errorf("n is %d, expected %d: a line is missing or doubled", o.N, n)
	case o.Kind == "":
		return errors.New("neither kind nor form")
	case o.At < 0:
		return fmt.Errorf("at_ns is %d, expected at least 0", o.At)
	case o.For != nil && (*o.For < 0 || *o.For >= n):
		return fmt.Errorf("for is %d, expected an earlier entry", *o.For)
	}
	return nil
}

// Write writes tl as a Recorder would: the Header, then each Expectation after
// the last Observation that it judges.
func (tl Timeline) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	if err := enc.Encode(tl.Header); err != nil {
		return err
	}
	next := 0
	expectUpto := func(n int) error {
		for ; next < len(tl.Expectations) && tl.Expectations[next].Upto <= n; next++ {
			if err := enc.Encode(tl.Expectations[next]); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range tl.Observations {
		if err := expectUpto(i); err != nil {
			return err
		}
		if err := enc.Encode(tl.Observations[i]); err != nil {
			return err
		}
	}
	if err := expectUpto(int(^uint(0) >> 1)); err != nil {
		return err
	}
	return out.Flush()
}

func strict(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}
