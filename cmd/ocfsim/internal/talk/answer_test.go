package talk

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
	"github.com/ocfsim/ocfsim/ocf"
)

func frameOf(code, path string, format int, payload string) conformance.Frame {
	f := conformance.Frame{Type: "ACK", Code: code, Path: path, Payload: []byte(payload)}
	if format >= 0 {
		n := uint16(format)
		f.Format = &n
	}
	return f
}

func TestAnswer(t *testing.T) {
	const pstat = "\xa4btm\x18\x40bcm\x00cdos\xa2as\x03ap\xf4disop\xf5"
	for _, c := range []struct {
		name  string
		frame conformance.Frame
		want  string
	}{
		{"pstat", frameOf("2.05", ocf.PathPstat, ocf.FormatOCFCBOR, pstat), "2.05 Content\ntm=V cm=- dos=RFNOP\n{\n  \"cm\": 0,\n"},
		{"other path", frameOf("2.05", ocf.PathD, ocf.FormatCBOR, "\xa1an\x61x"), "2.05 Content\n{\n  \"n\": \"x\"\n}\n"},
		{"nothing", frameOf("2.04", ocf.PathPstat, -1, ""), "2.04 Changed\n"},
		{"diagnostic", frameOf("4.00", ocf.PathPstat, -1, "no \x1b[31m such\nbit\xff"), "4.00 Bad Request\nno \\x1b[31m such\nbit\\ufffd\n"},
		{"links", frameOf("2.05", ocf.PathCore, ocf.FormatLinks, "</a>"), "2.05 Content\n</a>\n"},
		{"no CBOR", frameOf("2.05", ocf.PathPstat, ocf.FormatOCFCBOR, "\xa1"), "2.05 Content\na1\n"},
		{"unknown format", frameOf("2.05", ocf.PathPstat, 1234, "\x01"), "2.05 Content\n01\n"},
		{"unknown code", frameOf("4.29", ocf.PathPstat, -1, ""), "4.29\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := NewAnswer(c.frame, edition.First()).Write(&b); err != nil || !strings.HasPrefix(b.String(), c.want) {
				t.Errorf("%q, %v; want %q", b.String(), err, c.want)
			}
		})
	}
}

func TestNotificationLine(t *testing.T) {
	n := uint32(7)
	f := frameOf("2.05", ocf.PathPstat, ocf.FormatOCFCBOR, "\xa3btm\x00bcm\x18\x40cdos\xa1as\x03")
	f.Observe, f.Type = &n, "NON"
	if got, want := NotificationLine(1234*time.Millisecond, f, edition.First()), "    1.234s  observe 7    NON  tm=- cm=V dos=RFNOP"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	f = frameOf("5.03", ocf.PathPstat, -1, "")
	if got, want := NotificationLine(0, f, edition.First()), "    0.000s  observe -    ACK  5.03 Service Unavailable"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// The availability check has a letter in the edition that has it.
func TestLettersOfAnEdition(t *testing.T) {
	f := frameOf("2.05", ocf.PathPstat, ocf.FormatOCFCBOR, "\xa3btm\x19\x01\x40bcm\x19\x01\x00cdos\xa1as\x03")
	for id, want := range map[string]string{"ocf-1.0": "tm=V+0x100 cm=0x100 dos=RFNOP", "ocf-2.2": "tm=V+N cm=N dos=RFNOP"} {
		by := edition.Of(id)
		if a := NewAnswer(f, by); a.Pstat != want || !strings.HasSuffix(NotificationLine(0, f, by), want) {
			t.Errorf("%s: %s, %s; want %s", id, a.Pstat, NotificationLine(0, f, by), want)
		}
	}
}

func TestLine(t *testing.T) {
	f := frameOf("GET", ocf.PathPstat, -1, "")
	f.Type, f.MID, f.Token, f.Query = "CON", 9, []byte{0xab}, "if=x"
	for want, o := range map[string]conformance.Observation{
		"> CON GET mid=9 token=ab /oic/sec/pstat?if=x": {Kind: conformance.Request, Frame: &f},
		"# note read: refused\\a":                      {Kind: conformance.Note, Text: "read: refused\a"},
		"# lost":                                       {Kind: conformance.Lost},
	} {
		if got := Line(o); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}
