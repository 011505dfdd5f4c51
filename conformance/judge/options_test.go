package judge

import (
	"encoding/hex"
	"slices"
	"testing"
)

// The datagrams are written by hand: POST, message id 1, no token.
func TestWhatARequestDemands(t *testing.T) {
	const head, pstat = "40020001", "b3" + "6f6963" + "03" + "736563" + "05" + "7073746174" // Uri-Path oic, sec, pstat
	for name, c := range map[string]struct {
		raw  string
		want bool
	}{
		"nothing":                    {head + pstat, false},
		"OCF's CBOR":                 {head + pstat + "62" + "2710", false}, // Accept 10000
		"any CBOR":                   {head + pstat + "61" + "3c", false},
		"links":                      {head + pstat + "61" + "28", true},
		"plain text":                 {head + pstat + "60", true},
		"OCF's version":              {head + pstat + "62" + "2710" + "e2" + "06e3" + "0800", false}, // 2049
		"an option of nobody":        {head + pstat + "e0" + "fcd1", true},                           // 65001
		"an elective one of nobody":  {head + pstat + "e0" + "fcd2", false},
		"links, behind a payload":    {head + pstat + "ff" + "6128", false},
		"a token":                    {"42020001" + "6128" + pstat, false},
		"a token that is cut off":    {"48020001" + "6128", false},
		"an option that is cut off":  {head + "b9" + "6f6963", false},
		"a length that is cut off":   {head + "bd", false},
		"a delta that is cut off":    {head + "e0" + "fc", false},
		"a delta that is reserved":   {head + "f0", false},
		"no header":                  {"4002", false},
		"a block and another option": {head + pstat + "d101" + "0e" + "e0" + "fcc1", true}, // Block1, 65001
	} {
		raw, err := hex.DecodeString(c.raw)
		if err != nil {
			t.Fatal(name, err)
		}
		if got := demanding(raw); got != c.want {
			t.Errorf("%s: demanding is %v", name, got)
		}
	}
}

// The critical options that CoAP (RFC 7252, 7959, 8613 apart) and OCF have; all
// other critical ones are of nobody.
func TestOptionsThatAreKnown(t *testing.T) {
	var critical []int
	for number := range 3000 {
		if number%2 == 0 && !familiar(number) {
			t.Errorf("%d is elective and not passed over", number)
		}
		if number%2 == 1 && familiar(number) {
			critical = append(critical, number)
		}
	}
	want := []int{1, 3, 5, 7, 11, 15, 17, 23, 27, 35, 39, 2049, 2053}
	if !slices.Equal(critical, want) {
		t.Errorf("%v are known, want %v", critical, want)
	}
}
