package assess

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAFindingLikeAnotherIsARow of five numbers, or of six where it has a request.
func TestAFindingLikeAnotherIsARow(t *testing.T) {
	for text, want := range map[string]Alike{
		"[1,2,3,0.5,4]":   {Position: 1, Finding: 2, Scenario: 3, AtS: 0.5, Witness: 4},
		"[1,2,3,0.5,4,1]": {Position: 1, Finding: 2, Scenario: 3, AtS: 0.5, Witness: 4, Request: 1},
		"[0,0,0,0,-1,7]":  {Witness: -1, Request: 7},
	} {
		written, err := json.Marshal(want)
		if err != nil || string(written) != text {
			t.Errorf("%+v is written as %s, %v, want %s", want, written, err, text)
		}
		got := Alike{Request: 9} // whatever was there before
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is read as %+v, %v, want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"[1,2,3,4]":       "alike: a row of 4 numbers, expected 5 or 6",
		"[1,2,3,4,5,6,7]": "alike: a row of 7 numbers, expected 5 or 6",
		`[1,2,"x",4,5]`:   "alike: json: cannot unmarshal string",
		`{"position":1}`:  "json: cannot unmarshal object",
	} {
		var got Alike
		if err := json.Unmarshal([]byte(text), &got); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
