package sim_test

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/ocfsim/ocfsim/ocf"
)

// visit is what tools did to one recorded Device, starting when it was unowned.
type visit struct {
	birth      string // its deviceuuid at that time
	certified  bool   // it has a manufacturer certificate
	recordings []string
	reset      bool // the last recording has made it unowned again
}

// meetings lists the recordings in the order in which the tools met the recorded
// Devices: each leaves a Device in the state that the next one needs.
var meetings = []struct {
	name   string
	visits []visit
	both   string // a later recording of all Devices at once
}{
	{name: "obt, Just Works", visits: []visit{{
		"7b7bf1e5-351e-4b3e-688d-8e7d1e93039a", true,
		[]string{"obt-own-justworks", "obt-ace", "obt-get-acl", "obt-get-cred", "obt-reset"},
		true,
	}}},
	{name: "obt, Random PIN", visits: []visit{{
		"e2351183-99b8-4c32-4dc9-cade7225faa7", true, []string{"obt-own-pin", "obt-reset-after-pin"}, true,
	}}},
	{name: "obt, certificate, and two Devices", visits: []visit{
		{"2e9ffb53-dac8-48fd-7bd1-f51b8bfe7bd7", true, []string{"obt-own-certificate"}, false},
		{"fd90b619-885e-4c57-4593-a87e23f6bbe5", false, []string{"obt-own-lamp"}, false},
	}, both: "obt-pairwise"},
	{name: "plgd, Just Works", visits: []visit{{
		"566c7d34-9224-4740-6b1b-eeb302aba1d2", true, []string{"plgd-own-justworks", "plgd-update", "plgd-disown"}, true,
	}}},
	{name: "plgd, certificate", visits: []visit{{
		"13fc9bb3-07f5-42f2-714c-7d6c24d91bb1", true, []string{"plgd-own-certificate", "plgd-disown-after-certificate"}, true,
	}}},
}

// exceptions say where our Devices rightly differ from the recorded one, and why the
// tools do not mind. An exception that no recording needs is an error.
var exceptions = []struct {
	edition string // "" for every edition
	what    string
	why     string
}{
	{"", "/oic/res /switch: there, here missing", "the recorded Device is a switch; these have no vertical resources"},
	{"", "/oic/res /oic/mnt: there, here missing", "maintenance is optional, and no tool asks for it"},
	{"ocf-1.0", "/oic/res /oc/wk/introspection: there, here missing", "there is no vertical resource to look into"},
	{"", "/oic/res /oc/swu: there, here missing", "these Devices are updated by pstat alone"},
	{"", "GET /oc/swu: 2.05, here 4.04", "no such resource, see its link; the tool goes on without it"},
	{"", "notifications of /oc/swu: there, here none", "no such resource"},
	{"", "GET /oc/swu: 2.03, here 4.04", "the end of an observation that there never was"},
	{"", "/oic/res /oic/res.if: oic.if.b, here missing", "batch is an optional interface of /oic/res"},
	{"", "/oic/res /oic/res.rel: there, here missing", "that a link is to itself is said by its href"},
	{"", "/oic/res /oic/sec/pstat.eps: coap+coaps, here coaps", "tools read pstat of an unowned Device over the transfer's own session"},
	{"", "/oic/sec/doxm sct: 329, here 9", "only credentials of types 1 and 8 are supported, which are those that the tools bring"},
	{"", "/oic/sec/pstat om: 3, here 4", "these Devices are provisioned by a Client only, from the start; the tool writes 4 in any case"},
	{"", "/oic/sec/pstat cm: 0, here 64", "the recorded Device forgets what an update came to; here V stays, as the standard says"},
	{"", "GET /oic/sec/pstat: 2.03, here 2.05", "the tool has an ETag from the recorded Device; these give none, and answer in full"},
	{"", "/oic/sec/cred creds.1.privatedata.data: string, here []uint8", "no data is an empty text there where the credential has none, and empty bytes here"},
	{"", "GET /oic/res: no answer, here 2.05", "in RESET the recorded Device is silent; here whoever asks may know what it is, and the tool asks again"},
	{"ocf-1.0", "POST /oic/sec/sdi: 2.04, here 4.04", "the first edition has no security domain, and the tool takes 4.04 for that"},
	{"ocf-1.0", "/oic/res /oic/sec/sdi: there, here missing", "a resource of later editions"},
	{"ocf-1.0", "/oic/res /oic/sec/sp: there, here missing", "a resource of later editions"},
	{"ocf-1.0", "/oic/res /oic/sec/ael: there, here missing", "a resource of later editions"},
}

// Real onboarding tools get from our Devices what they got from a real one. The test
// gives each recorded request to a Device that is in the state that the earlier
// requests made, and compares the answer with the recorded one.
func TestRecordedTools(t *testing.T) {
	for _, edition := range []string{"ocf-1.0", "ocf-2.2"} {
		used := map[string]bool{}
		t.Run(edition, func(t *testing.T) {
			for _, m := range meetings {
				t.Run(m.name, func(t *testing.T) {
					for i := range m.visits {
						s := enter(t, edition, &m.visits[i])
						for _, name := range m.visits[i].recordings {
							meet(t, s, edition, name, recording(t, name), used)
						}
						if m.both != "" {
							lines := slices.DeleteFunc(recording(t, m.both), func(l line) bool { return l.Device != "" && l.Device != s.device.ID().String() })
							meet(t, s, edition, m.both, lines, used)
						}
						s.compareEnd(t, &m.visits[i])
					}
				})
			}
		})
		for _, e := range exceptions {
			if !used[e.what] && (e.edition == "" || e.edition == edition) {
				t.Errorf("%s: nothing needs the exception %q", edition, e.what)
			}
		}
	}
}

// meet plays a recording and fails if the Device differs from it without an
// exception.
func meet(t *testing.T, s *stage, edition, name string, lines []line, used map[string]bool) {
	t.Helper()
	err := s.play(lines, func(difference string) {
		for _, e := range exceptions {
			if e.what == difference && (e.edition == "" || e.edition == edition) {
				used[e.what] = true
				return
			}
		}
		t.Errorf("%s: %s", name, difference)
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// compareEnd checks the Device's final state.
func (s *stage) compareEnd(t *testing.T, v *visit) {
	t.Helper()
	got := s.device.State()
	want, id := ocf.RFNOP, s.device.ID().String()
	if v.reset {
		want = ocf.RFOTM
	}
	if got.DOS != want || got.Owned == v.reset {
		t.Errorf("after %v: dos is %v and owned %v", v.recordings, got.DOS, got.Owned)
	}
	lines := recording(t, v.recordings[0])
	if known := slices.ContainsFunc(lines, func(l line) bool { return strings.Contains(l.Payload, hex.EncodeToString([]byte(id))) }); known == v.reset {
		t.Errorf("after %v: the deviceuuid is %s", v.recordings, id)
	}
}

// Each recording is replayed, and none contains a key.
func TestRecordingsAreFit(t *testing.T) {
	var replayed []string
	for i := range meetings {
		for _, v := range meetings[i].visits {
			replayed = append(replayed, v.recordings...)
		}
		if meetings[i].both != "" {
			replayed = append(replayed, meetings[i].both)
		}
	}
	files, err := filepath.Glob(recordings + "*.jsonl")
	if err != nil || len(files) != len(replayed) {
		t.Errorf("%d files, %d of them are replayed, error %v", len(files), len(replayed), err)
	}
	for _, name := range replayed {
		for i, l := range recording(t, name) {
			data, err := l.bytes()
			if err != nil {
				t.Errorf("%s: line %d: %v", name, i+1, err)
			}
			if len(data) == 0 {
				continue
			}
			var v any
			if err := cbor.Unmarshal(data, &v); err != nil {
				t.Errorf("%s: line %d: %v", name, i+1, err)
			}
			if told := secret(v); len(told) > 0 {
				t.Errorf("%s: line %d has privatedata that is not zero", name, i+1)
			}
		}
	}
}

// secret returns the bytes in the privatedata of v that are not zero.
func secret(v any) (told []byte) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			told = append(told, secret(e)...)
		}
	case map[any]any:
		for name, e := range v {
			if name != "privatedata" {
				told = append(told, secret(e)...)
				continue
			}
			data := e.(map[any]any)["data"]
			told = append(told, strings.Trim(fmt.Sprintf("%s", data), "\x00")...)
		}
	}
	return told
}
