package fleet_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// A repeated request is answered with the same bytes, and changes nothing.
func TestDuplicates(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		first := string(p.want(startV, "60 44 0002"))
		time.Sleep(time.Minute) // in the bubble's time; the check has ended
		if again := string(p.want(startV, "60 44 0002")); again != first {
			t.Errorf("%x, then %x", first, again)
		}
		if s := w.fleet.State(1); s.TM != 0 {
			t.Errorf("the duplicate started a check: %+v", s)
		}
		if s := w.fleet.Stats(); s.Requests != 1 || s.Duplicates != 1 || s.Responses != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// A request from another peer, to another Device or at another time is a new
// request.
func TestNoDuplicates(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		p.want("40 01 0001"+pstat, "60 45 0001")
		w.dial("127.1.0.2:5683").want("40 01 0001"+pstat, "60 45 0001")
		w.dial("127.1.0.3:5683").want("40 01 0001"+pstat, "60 45 0001")
		time.Sleep(fleet.ExchangeLifetime) // in the bubble's time
		p.want("40 01 0001"+pstat, "60 45 0001")
		w.fleet.SwitchOff(1)
		w.fleet.SwitchOn(1) // switched off and on, it has forgotten the request
		p.want("40 01 0001"+pstat, "60 45 0001")
		if s := w.fleet.Stats(); s.Requests != 5 || s.Duplicates != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A NON request is answered only once.
func TestDuplicateNON(t *testing.T) {
	inWorld(t, memnet.Impairment{}, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		p.want("50 01 0001"+pstat, "50 45")
		p.want("50 01 0001"+pstat, "")
	})
}

// Even if every datagram comes twice, late and out of order, a POST is carried out
// once.
func TestDuplicatingNetwork(t *testing.T) {
	impair := memnet.Impairment{Duplicate: 1, Reorder: 0.5, Delay: 10 * time.Millisecond, Jitter: 20 * time.Millisecond}
	inWorld(t, impair, nil, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		for i := range 20 {
			p.send(fmt.Sprintf("40 02 %04x"+pstat+"12 2710 ff a162'tm'00", i))
		}
		answers := 0
		for p.receive() != nil {
			answers++
		}
		if s := w.fleet.Stats(); s.Requests != 20 || s.Duplicates != 20 || answers != 80 {
			t.Errorf("%d answers, %+v", answers, s)
		}
	})
}

// Where requests would take more than their bytes, some are forgotten: Stats counts each,
// and the log says it once.
func TestForgottenRequestsAreTold(t *testing.T) {
	var log bytes.Buffer
	change := func(c *fleet.Config) {
		c.Dedup, c.Log = 4096, slog.New(slog.NewTextHandler(&log, nil))
	}
	inWorld(t, memnet.Impairment{}, change, func(w *world) {
		p := w.dial("127.1.0.2:5683")
		for mid := range 200 {
			p.want(fmt.Sprintf("40 01 %04x"+pstat, mid), fmt.Sprintf("60 45 %04x", mid))
		}
		p.want("40 01 00c7"+pstat, "60 45 00c7")
		s := w.fleet.Stats()
		if s.Drops.DedupForgotten < 100 || s.Drops.DedupForgotten >= 200 || s.Duplicates != 1 {
			t.Errorf("%+v", s)
		}
	})
	if n := strings.Count(log.String(), "requests are forgotten"); n != 1 {
		t.Errorf("the log says it %d times:\n%s", n, log.String())
	}
}
