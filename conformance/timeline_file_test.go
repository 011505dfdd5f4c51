package conformance

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

// TestWhatIsNoTimeline: every bad form of a recorded Timeline, and where and
// what the reader says is wrong.
func TestWhatIsNoTimeline(t *testing.T) {
	const (
		header = `{"schema":"ocfsim.timeline/1"}` + "\n"
		newer  = `{"schema":"ocfsim.timeline/1","revision":3,"colour":"blue"}` + "\n"
		entry  = `{"n":0,"kind":"note","text":"x"}` + "\n"
	)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "x:1: empty"},
		{"blank lines", "\n\n", "x:1: empty"},
		{"no header", entry, `x:1: schema ""`},
		{"another schema", `{"schema":"ocfsim.timeline/2"}` + "\n", `x:1: schema "ocfsim.timeline/2"`},
		{"a header that is none", "[]\n", "x:1: no header"},
		{"a header cut off", header[:len(header)-3], "x:1: no header"},
		{"a header with more", `{"schema":"ocfsim.timeline/1","colour":"blue"}`, `x:1: json: unknown field "colour"`},
		{"a header of another type", `{"schema":"ocfsim.timeline/1","scenario":7}`, "x:1: json: cannot unmarshal number"},
		{"a newer header of another type", `{"schema":"ocfsim.timeline/1","revision":2,"scenario":7}`, "x:1: json: cannot unmarshal number"},
		{"an entry with more", header + `{"n":0,"kind":"note","colour":"blue"}` + "\n", `x:2: json: unknown field "colour"`},
		{"an expectation with more", header + `{"form":"exactly","colour":"blue"}` + "\n", `x:2: json: unknown field "colour"`},
		{"an entry that is no object", header + "7\n" + entry, "x:2: json: cannot unmarshal"},
		{"an entry that is no JSON", header + "{\n" + entry, "x:2: unexpected end"},
		{"a newer entry of another type", newer + `{"n":"0"}` + "\n", "x:2: json: cannot unmarshal string"},
		{"a newer form of another type", newer + `{"form":7}` + "\n", "x:2: json: cannot unmarshal number"},
		{"a gap", header + strings.Replace(entry, "0", "1", 1), "x:2: n is 1, expected 0"},
		{"neither kind nor form", header + `{"n":0}` + "\n", "x:2: neither kind nor form"},
		{"before the beginning", header + `{"n":0,"kind":"note","at_ns":-1}` + "\n", "x:2: at_ns is -1"},
		{"for itself", header + `{"n":0,"kind":"response","for":0}` + "\n", "x:2: for is 0, expected an earlier entry"},
		{"for none", header + entry + `{"n":1,"kind":"response","for":-1}` + "\n", "x:3: for is -1, expected an earlier entry"},
		{"a clock that goes back", header + `{"n":0,"kind":"note","at_ns":5}` + "\n" + `{"n":1,"kind":"note","at_ns":4}` + "\n", "x:3: at_ns is 4, less than the 5 before it"},
		{"too long", header + `{"n":0,"kind":"note","text":"` + strings.Repeat("x", maxLine) + `"}` + "\n", "x:2: longer than 16777216 bytes"},
		{"the last line cut off", header + entry + `{"n":1,"ki`, "x:3: the last line is cut off"},
		{"the last line wrong, and whole", header + entry + `{"n":7,"kind":"note"}`, "x:3: n is 7"},
		{"the second line cut off", header + `{"n":0,"ki`, "x:2: the last line is cut off"},
		{"a line cut off that is not the last", header + `{"n":0,"ki` + "\n", "x:2: invalid character"},

		{"a header alone", header, ""},
		{"no newline at the end", header + strings.TrimSpace(entry), ""},
		{"blank lines between", header + "\n" + entry + "\n", ""},
		{"a newer one with more", newer + `{"n":0,"kind":"note","colour":"blue"}` + "\n" + `{"form":"exactly","colour":"blue"}` + "\n", ""},
		{"two at the same time", header + `{"n":0,"kind":"note","at_ns":5}` + "\n" + `{"n":1,"kind":"note","at_ns":5}` + "\n", ""},
	} {
		tl, err := ReadTimeline("x", strings.NewReader(c.text))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(inLine.ReplaceAllString(err.Error(), "$1: "), c.want)):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		if c.name == "the last line cut off" && len(tl.Observations) != 1 {
			t.Errorf("%s: %d entries kept, want 1", c.name, len(tl.Observations))
		}
	}
	tl, err := ReadTimeline("x", strings.NewReader(strings.Replace(newer, `"colour"`, `"scenario":"s","colour"`, 1)+entry))
	if err != nil || tl.Header.Scenario != "s" || len(tl.Observations) != 1 {
		t.Errorf("what is known of a newer one is read: %+v, %v", tl, err)
	}
}

// TestAnErrorOfTheReaderHasAPlace: what went wrong while reading is said with
// the line, and is no end of the file.
func TestAnErrorOfTheReaderHasAPlace(t *testing.T) {
	_, err := ReadTimeline("x", io.MultiReader(strings.NewReader(`{"schema":"ocfsim.timeline/1"}`+"\n"), iotest.ErrReader(errors.New("the disk is gone"))))
	if err == nil || err.Error() != "x:2:1: the disk is gone" {
		t.Errorf("%v", err)
	}
}

// inLine is the place of an error, without its column in the first group.
var inLine = regexp.MustCompile(`^(x:[0-9]+):[0-9]+: `)

// TestALineThatIsNoJSONHasAColumn: where a line is no JSON, and where a value is of another type,
// the column is said.
func TestALineThatIsNoJSONHasAColumn(t *testing.T) {
	header := `{"schema":"ocfsim.timeline/1"}` + "\n"
	for text, want := range map[string]string{
		header + `{"n":0,"at_ns":1,!}` + "\n":                  "x:2:18: invalid character '!'",
		header + `{"n":0,"at_ns":"soon","kind":"note"}` + "\n": "x:2:21: ",
		header + `{"n":1,"at_ns":1,"kind":"note"}` + "\n":      "x:2:1: n is 1, expected 0",
		`{"schema":"other"}` + "\n":                            "x:1:1: schema",
		"":                                                     "x:1:1: empty, expected a header",
	} {
		if _, err := ReadTimeline("x", strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A clock that goes back in a record was not the Recorder's.
func TestARecordWhoseClockGoesBackIsRefused(t *testing.T) {
	tl := Timeline{
		Header:       Header{Schema: TimelineSchema},
		Observations: []Observation{{N: 0, At: 2, Kind: Note}, {N: 1, At: 1, Kind: Note}},
	}
	var file bytes.Buffer
	if err := tl.Write(&file); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTimeline("x.jsonl", &file); err == nil || !strings.Contains(err.Error(), "x.jsonl:3:1: at_ns is") {
		t.Errorf("%v", err)
	}
}
