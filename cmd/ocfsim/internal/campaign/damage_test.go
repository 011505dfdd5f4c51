package campaign_test

import (
	"bytes"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/campaign"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/clients"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// retyped is the damage that makes a RST of an ACK, and a CON of a NON.
const retyped = "an answer's type"

// damages are ways in which a datagram is damaged, and whether that happens to answers or to requests.
var damages = map[string]struct {
	in     bool
	change func(data []byte)
}{
	"an answer's payload": {true, func(data []byte) {
		if at := bytes.IndexByte(data, 0xff); at > 0 && at+1 < len(data) {
			data[at+1] ^= 0x20 // no map any more
		}
	}},
	"an answer's code":                {true, func(data []byte) { data[1] &^= 0x40 }}, // 2.05 becomes 0.05
	retyped:                           {true, func(data []byte) { data[0] ^= 0x10 }},  // an ACK becomes a RST
	"an answer's token":               {true, func(data []byte) { data[5] ^= 0x01 }},  // of somebody else
	"a request's token":               {false, func(data []byte) { data[5] ^= 0x01 }},
	"a request's length of the token": {false, func(data []byte) { data[0] ^= 0x02 }},
	"a request's type":                {false, func(data []byte) { data[0] ^= 0x10 }}, // a CON becomes a NON
	"a request's code":                {false, func(data []byte) { data[1] ^= 0x01 }},
	"a request's message id":          {false, func(data []byte) { data[2] ^= 0x01 }},
	"an answer's message id":          {true, func(data []byte) { data[2] ^= 0x01 }},
	"a request's path":                {false, func(data []byte) { data[10] ^= 0x01 }}, // 4.04
	"a request's option": {false, func(data []byte) {
		if at := bytes.Index(data, []byte("\x27\x10")); at > 0 { // Accept or Content-Format: 4.06 or 4.15
			data[at+1] ^= 0x40
		}
	}},
}

// TestADamagedDatagramIsALostOne damages one datagram after another of a campaign, in each way, be
// it a request or an answer: each Device is updated nonetheless, and the controller keeps the
// rules of Clients.
func TestADamagedDatagramIsALostOne(t *testing.T) {
	for name, d := range damages {
		t.Run(name, func(t *testing.T) {
			var recording *clients.Recording
			// For a damaged request a Client would be blamed, and where it acknowledges a NON
			// that came as a CON.
			if d.in && name != retyped {
				recording = clients.New(clients.Config{Dir: t.TempDir(), Tool: "test", Edition: suite.Edition})
			}
			at(t, named(t, "success"), memnet.Impairment{}, recording, func(s *stand) {
				for nth := range 10 {
					n := 0
					s.between = func(data []byte, in bool) {
						if in != d.in || len(data) < 11 {
							return
						}
						if n == nth {
							d.change(data)
						}
						n++
					}
					results, _ := s.drive(s.t.Context(), "do: update\n")
					if r := results[0]; r.Verdict != campaign.Updated {
						s.t.Errorf("datagram %d: %s %s", nth, r.Verdict, r.Reason)
					}
				}
			})
		})
	}
}
