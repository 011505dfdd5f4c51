package talk

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestParseURI(t *testing.T) {
	for _, c := range []struct {
		in   string
		want URI
	}{
		{"coap://127.1.0.7", URI{"coap://127.1.0.7:5683", "/oic/sec/pstat", ""}},
		{"coap://127.1.0.7:61616/oic/d", URI{"coap://127.1.0.7:61616", "/oic/d", ""}},
		{"coap://[::1]:5700/oic/sec/pstat?if=oic.if.baseline&x=%41", URI{"coap://[::1]:5700", "/oic/sec/pstat", "if=oic.if.baseline&x=A"}},
		{"coaps://127.1.0.7", URI{"coaps://127.1.0.7:5684", "/oic/sec/pstat", ""}},
		{"coaps://127.1.0.7:61617/oic/p", URI{"coaps://127.1.0.7:61617", "/oic/p", ""}},
		{"coap://[fe80::1%25lo]/oic/res", URI{"coap://[fe80::1%lo]:5683", "/oic/res", ""}},
	} {
		got, err := ParseURI(c.in)
		if err != nil || got != c.want || got.Secured() != strings.HasPrefix(c.in, "coaps:") {
			t.Errorf("ParseURI(%q) = %+v, %v; want %+v", c.in, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "127.0.0.1", "http://x/", "coaps://", "coap+tcp://127.0.0.1", "coap://", "coap://u@h/", "coap://h/#f", "coap://h:x/", "coap://127.0.0.1:99999", "coap://127.0.0.1:0/oic/d", "coap:///p"} {
		if got, err := ParseURI(bad); err == nil {
			t.Errorf("ParseURI(%q) = %+v, want an error", bad, got)
		}
	}
}

// TestFromJSON compares with bytes that were written by hand, following RFC 8949.
func TestFromJSON(t *testing.T) {
	for _, c := range []struct{ json, cbor string }{
		{`{"tm":64}`, "a162746d1840"},
		{`{"tm":0,"om":0}`, "a262746d00626f6d00"},
		{`{"tm":0,"tm":64}`, "a262746d0062746d1840"},
		{`{"dos":{"s":3,"p":false}}`, "a163646f73a26173036170f4"},
		{`{}`, "a0"},
		{`{"tm":-1}`, "a162746d20"},
		{`{"tm":65536}`, "a162746d1a00010000"},
		{`{"tm":9223372036854775808}`, "a162746d1b8000000000000000"},
		{`{"tm":64.0}`, "a162746dfb4050000000000000"},
		{`{"tm":"64"}`, "a162746d623634"},
		{`{"tm":[64,null,true]}`, "a162746d831840f6f5"},
		{` 64 `, "1840"},
	} {
		got, err := FromJSON([]byte(c.json))
		if err != nil || hex.EncodeToString(got) != c.cbor {
			t.Errorf("FromJSON(%s) = %x, %v; want %s", c.json, got, err, c.cbor)
		}
	}
	for _, bad := range []string{"", "{", `{"tm":}`, `{"tm":64} x`, `{tm:64}`, `{"tm":1e999}`, `{"tm":18446744073709551616}`, "[1", `{"a":1,}`} {
		if got, err := FromJSON([]byte(bad)); err == nil {
			t.Errorf("FromJSON(%s) = %x, want an error", bad, got)
		}
	}
}

func TestFromJSONLongContainers(t *testing.T) {
	text := []byte("[0")
	for range 299 {
		text = append(text, ",0"...)
	}
	got, err := FromJSON(append(text, ']'))
	if err != nil || len(got) != 303 || hex.EncodeToString(got[:3]) != "99012c" {
		t.Fatalf("300 elements: % x..., %v", got[:3], err)
	}
}

func TestFromNotation(t *testing.T) {
	for _, c := range []struct{ text, cbor string }{
		{"tm=V", "a162746d1840"},
		{"tm=-", "a162746d00"},
		{"tm=V+U", "a162746d18c0"},
		{"dos=RFPRO", "a163646f73a1617302"},
	} {
		got, err := FromNotation([]string{c.text})
		if err != nil || hex.EncodeToString(got) != c.cbor {
			t.Errorf("FromNotation(%s) = %x, %v; want %s", c.text, got, err, c.cbor)
		}
	}
	for _, bad := range []string{"tm", "tm=W", "x=1", "tm=V tm=U", "isop=1", "om=256", "dos=rfnop", "rowneruuid=1"} {
		if got, err := FromNotation([]string{bad}); err == nil {
			t.Errorf("FromNotation(%s) = %x, want an error", bad, got)
		}
	}
}

func TestToJSON(t *testing.T) {
	for _, c := range []struct{ cbor, json string }{
		{"a162746d1840", `{"tm":64}`},
		{"bf62746d00ff", `{"tm":0}`},
		{"a16164420102", `{"d":"h'0102'"}`},
		{"a1014101", `{"1":"h'01'"}`},
		{"a16166f97e00", `{"f":"NaN"}`},
		{"8261ff00", `["\ufffd",0]`},
		{"a2626162f4626162f5", `{"ab":true}`},
		{"c11a514b67b0", `"2013-03-21T20:04:00Z"`},
	} {
		payload, err := hex.DecodeString(c.cbor)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ToJSON(payload)
		if err != nil || string(got) != c.json {
			t.Errorf("ToJSON(%s) = %s, %v; want %s", c.cbor, got, err, c.json)
		}
	}
	for _, bad := range []string{"", "bf", "a1", "ff", "184000"} {
		payload, err := hex.DecodeString(bad)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ToJSON(payload); err == nil {
			t.Errorf("ToJSON(%s) = %s, want an error", bad, got)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for in, want := range map[string]uint16{"ocf": 10000, "10000": 10000, "cbor": 60, "application/cbor": 60, "text": 0, "65535": 65535} {
		if got, err := ParseFormat(in); err != nil || got != want {
			t.Errorf("ParseFormat(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, bad := range []string{"", "xml", "-1", "65536"} {
		if got, err := ParseFormat(bad); err == nil {
			t.Errorf("ParseFormat(%q) = %d, want an error", bad, got)
		}
	}
}
