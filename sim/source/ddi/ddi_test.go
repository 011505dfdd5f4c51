package ddi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/ddi"
)

func TestSleep(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1500 * time.Millisecond: "00:00:01", 61 * time.Minute: "01:01:00", 99*time.Hour + 59*time.Second: "99:00:59",
	} {
		if got := ddi.Sleep(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}

// The digests are those of RFC 1321, RFC 3174 and FIPS 180-4 for "abc".
func TestHashesOf(t *testing.T) {
	want := ddi.Hashes{
		MD5:    "900150983cd24fb0d6963f7d28e17f72",
		SHA1:   "a9993e364706816aba3e25717850c26c9cd0d89d",
		SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	}
	if got := ddi.HashesOf([]byte("abc")); got != want {
		t.Errorf("%+v", got)
	}
}

// What swupdate and the examples of hawkBit's documents say.
func TestParseFeedback(t *testing.T) {
	for text, want := range map[string]string{
		`{"id": 8, "time": "20140511T121314", "status": {"result": {"finished": "success"}, "execution": "closed", "details": ["a", "b"]}}`:    "closed success: a; b",
		`{"timestamp": 1627997501890, "status": {"execution": "proceeding", "result": {"finished": "none", "progress": {"cnt": 2, "of": 5}}}}`: "proceeding none 2/5",
		`{"status": {"execution": "scheduled", "result": {"finished": "none"}, "code": 200}}`:                                                  "scheduled none",
	} {
		if f, err := ddi.ParseFeedback([]byte(text)); err != nil || f.String() != want {
			t.Errorf("%s is %q, %v", text, f, err)
		}
	}
	for text, want := range map[string]string{
		`{`: "unexpected end",
		`{"status": {"execution": "done", "result": {"finished": "none"}}}`:   `status.execution: expected one of`,
		`{"status": {"execution": "closed", "result": {"finished": "good"}}}`: `status.result.finished: expected one of`,
		`{"status": {"execution": "closed"}}`:                                 `status.result.finished: expected one of`,
	} {
		if _, err := ddi.ParseFeedback([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestParseIdentity(t *testing.T) {
	if i, err := ddi.ParseIdentity([]byte(`{"id": "", "mode": "replace", "data": {"VIN": "JH4TB2H26CC000000"}}`)); err != nil || i.Mode != ddi.Replace || i.Data["VIN"] == "" {
		t.Errorf("%+v, %v", i, err)
	}
	for text, want := range map[string]string{
		`{"mode": "merge"}`: "data: missing", `{"mode": "add", "data": {}}`: "mode: expected", `{"data": {"a": 1}}`: "cannot unmarshal",
	} {
		if _, err := ddi.ParseIdentity([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
