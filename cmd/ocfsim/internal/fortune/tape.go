package fortune

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ocfsim/ocfsim/conformance"
)

// longestLine is how long a line of a record may be, in bytes.
const longestLine = 1 << 20

// Tape is a record that is read line by line.
type Tape struct {
	Head Head
	Tail *Tail // the end of the run, once it was read; a run that was killed has none

	name string // stands in errors
	n    int    // of the last line, counted from 1
	in   *bufio.Reader
}

// TapeLine is one line of a record between its Head and its Tail. One of the two is not nil.
type TapeLine struct {
	Fault *Line
	Deed  *Deed
}

// OpenTape reads the Head of a record; name stands in errors.
func OpenTape(name string, r io.Reader) (*Tape, error) {
	t := &Tape{name: name, in: bufio.NewReaderSize(r, longestLine)}
	data, err := t.read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: it is empty", name)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &t.Head); err != nil || t.Head.Event != "run" || t.Head.Schema != Schema {
		return nil, t.at(fmt.Errorf("expected the head of a record of form %s", Schema))
	}
	return t, nil
}

// read returns the next line, or io.EOF. A last line that is not whole is no line: the run was
// killed while it wrote it.
func (t *Tape) read() ([]byte, error) {
	data, err := t.in.ReadSlice('\n')
	if errors.Is(err, io.EOF) && !json.Valid(data) {
		return nil, io.EOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, conformance.LineError(t.name, t.n+1, err)
	}
	t.n++
	return bytes.TrimSuffix(data, []byte("\n")), nil
}

// at says of an error in which line it is. Of nil it is nil.
func (t *Tape) at(err error) error {
	if err == nil {
		return nil
	}
	return conformance.LineError(t.name, t.n, err)
}

// Next returns the next line. When there is no more, it returns io.EOF, and Tail is how the run
// ended.
func (t *Tape) Next() (TapeLine, error) {
	data, err := t.read()
	if err != nil {
		return TapeLine{}, err
	}
	if t.Tail != nil {
		return TapeLine{}, t.at(errors.New("expected nothing behind the end of the run"))
	}
	event, err := eventOf(data)
	if err != nil {
		return TapeLine{}, t.at(fmt.Errorf("expected a fault, a deed or the end of the run: %w", err))
	}
	var l TapeLine
	switch event {
	case "fault":
		l.Fault = new(Line)
		err = json.Unmarshal(data, l.Fault)
	case "deed":
		l.Deed = new(Deed)
		err = json.Unmarshal(data, l.Deed)
	case "end":
		t.Tail = new(Tail)
		if err = json.Unmarshal(data, t.Tail); err == nil {
			return t.Next()
		}
	default:
		err = fmt.Errorf("expected a fault, a deed or the end of the run, got %q", event)
	}
	return l, t.at(err)
}

// eventOf says of what a line is. It stands in front where the line was written by a Writer.
func eventOf(data []byte) (string, error) {
	for _, event := range []string{"deed", "fault"} {
		if bytes.HasPrefix(data, []byte(`{"event":"`+event+`",`)) {
			return event, nil
		}
	}
	var is struct{ Event string }
	err := json.Unmarshal(data, &is)
	return is.Event, err
}
