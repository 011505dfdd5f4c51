package target

import (
	"encoding/hex"
	"testing"

	"github.com/plgd-dev/go-coap/v3/message"

	"github.com/ocfsim/ocfsim/conformance"
)

// FuzzClassify feeds two datagrams to a session that waits for an answer and
// observes. Each must be recorded, and an exchange ends at most once.
func FuzzClassify(f *testing.F) {
	add := func(first, second string) {
		a, _ := hex.DecodeString(first)
		b, _ := hex.DecodeString(second)
		f.Add(a, b)
	}
	add("61450001aa", "61450001aa")
	add("61450001aad10a08ff"+"00112233445566778899aabbccddeeff", "61450001aad10a10ff00")
	add("51450001bb6102ff00", "41450002bb6101ff00")
	add("60000001", "70000001")
	add("615f0001aad10e08", "41010002")
	f.Fuzz(func(t *testing.T, first, second []byte) {
		log := &tape{changed: make(chan struct{})}
		ex, err := newExchange(conformance.Call{Method: "POST", Path: "/a", Payload: make([]byte, 40), BlockSize: 16}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ex.cancel = func(error) {}
		ex.n, ex.mid = 0, 1
		waiting := &thread{token: message.Token{0xaa}, path: "/a", pending: ex}
		observed := &thread{token: message.Token{0xbb}, path: "/b", state: observing}
		s := &session{log: log, threads: map[string]*thread{"\xaa": waiting, "\xbb": observed}}
		s.gather = func(th *thread, _ message.Message, f *conformance.Frame) {
			s.record(conformance.Notification, f, th, "")
		}
		s.timing = timing{ack: 1 << 40}
		ended := 0
		for _, raw := range [][]byte{first, second} {
			m, err := decode(raw)
			if err != nil {
				continue
			}
			before := len(log.entries)
			s.classify(m, raw)
			if len(log.entries) == before {
				t.Fatalf("%x was not recorded", raw)
			}
		}
		for _, o := range log.entries {
			if o.Kind == conformance.Response || o.Kind == conformance.Lost {
				ended++
			}
		}
		if ended > 1 || (ended == 1) != ex.ended {
			t.Fatalf("the exchange ended %d times", ended)
		}
		ex.disarm()
	})
}
