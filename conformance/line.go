package conformance

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
)

// A Timeline is written an Observation at a time, while it is recorded, and a run may have a
// million of them. encoding/json would find out each time what an Observation consists of,
// so this file says it. The line is the same to the byte; a test holds each field to that.

// appendLine appends o as it stands in a Timeline, in JSON, without the end of the line.
func (o *Observation) appendLine(b []byte) ([]byte, error) {
	b = strconv.AppendInt(append(b, `{"n":`...), int64(o.N), 10)
	b = strconv.AppendInt(append(b, `,"at_ns":`...), int64(o.At), 10)
	b = append(b, `,"wall":`...)
	if year := o.Wall.Year(); year < 1 || year > 9999 { // what JSON does with these, json.Marshal knows
		var err error
		if b, err = appendValue(b, o.Wall); err != nil {
			return b, err
		}
	} else {
		b = append(o.Wall.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	}
	b = appendText(append(b, `,"kind":`...), string(o.Kind))
	b = appendSaid(b, "client", o.Client)
	if o.For != nil {
		b = strconv.AppendInt(append(b, `,"for":`...), int64(*o.For), 10)
	}
	if o.Frame != nil {
		b = o.Frame.appendLine(append(b, `,"frame":`...))
	}
	b = appendSaid(b, "name", o.Name)
	b = appendSaid(b, "outcome", o.Outcome)
	if o.Source != nil {
		var err error
		if b, err = appendValue(append(b, `,"source":`...), o.Source); err != nil {
			return b, err
		}
	}
	return append(appendSaid(b, "text", o.Text), '}'), nil
}

func (f *Frame) appendLine(b []byte) []byte {
	b = appendText(append(b, `{"type":`...), f.Type)
	b = appendText(append(b, `,"code":`...), f.Code)
	b = strconv.AppendUint(append(b, `,"mid":`...), uint64(f.MID), 10)
	b = appendBytes(b, "token", f.Token)
	if f.Observe != nil {
		b = strconv.AppendUint(append(b, `,"observe":`...), uint64(*f.Observe), 10)
	}
	b = appendSaid(b, "path", f.Path)
	b = appendSaid(b, "query", f.Query)
	if f.Format != nil {
		b = strconv.AppendUint(append(b, `,"format":`...), uint64(*f.Format), 10)
	}
	b = appendBytes(b, "payload", f.Payload)
	return append(appendBytes(b, "raw", f.Raw), '}')
}

// appendSaid appends a member that is left out where it says nothing.
func appendSaid(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendText(appendName(b, name), value)
}

// appendBytes appends a member in hexadecimal that is left out where it is empty.
func appendBytes(b []byte, name string, value Hex) []byte {
	if len(value) == 0 {
		return b
	}
	b = hex.AppendEncode(append(appendName(b, name), '"'), value)
	return append(b, '"')
}

// appendName appends the name of a member that is not the first.
func appendName(b []byte, name string) []byte {
	return append(append(append(b, `,"`...), name...), `":`...)
}

// appendText appends a string. One with anything that JSON, or HTML, may want escaped is
// left to encoding/json.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			b, _ = appendValue(b, s) // a string always has a form in JSON
			return b
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendValue appends what encoding/json makes of v.
func appendValue(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	return append(b, text...), err
}
