package lab_test

import (
	"context"
	"encoding/binary"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/steps"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// chatty is a connection to a Device that, besides what it does, sends a
// million notifications a second of an observation that nobody asked for.
type chatty struct {
	net.Conn
	heard chan []byte
	ends  chan struct{}
	end   sync.Once
	busy  sync.WaitGroup
}

func newChatty(conn net.Conn) *chatty {
	c := &chatty{Conn: conn, heard: make(chan []byte), ends: make(chan struct{})}
	c.busy.Go(func() {
		buf := make([]byte, 64*1024)
		for {
			n, err := conn.Read(buf)
			if err != nil || !c.pass(append([]byte(nil), buf[:n]...)) {
				return
			}
		}
	})
	c.busy.Go(func() {
		tick := time.NewTicker(100 * time.Microsecond)
		defer tick.Stop()
		for n := uint32(0); ; n++ {
			if n%100 == 0 {
				select {
				case <-tick.C:
				case <-c.ends:
					return
				}
			}
			// NON, 2.05, a message id, the token 0xee, Observe n, and a payload
			datagram := []byte{0x51, 0x45, byte(n >> 8), byte(n), 0xee, 0x63, byte(n >> 16), byte(n >> 8), byte(n), 0xff}
			if !c.pass(binary.BigEndian.AppendUint64(datagram, uint64(n))) {
				return
			}
		}
	})
	return c
}

// pass hands a datagram on; it is false where the connection ended.
func (c *chatty) pass(datagram []byte) bool {
	select {
	case c.heard <- datagram:
		return true
	case <-c.ends:
		return false
	}
}

func (c *chatty) Read(p []byte) (int, error) {
	select {
	case datagram := <-c.heard:
		return copy(p, datagram), nil
	case <-c.ends:
		return 0, net.ErrClosed
	}
}

func (c *chatty) Close() error {
	var err error
	c.end.Do(func() {
		close(c.ends)
		err = c.Conn.Close()
		c.busy.Wait()
	})
	return err
}

// A compliant Device that floods at a million datagrams a second is neither passed nor
// failed, the scenario says why, and little memory is needed for it.
func TestACompliantDeviceThatFloodsIsLeftOpen(t *testing.T) {
	specimens, err := lab.Specimens([]string{"success"})
	if err != nil {
		t.Fatal(err)
	}
	var scenarios []steps.Scenario
	for _, s := range catalogue(t) {
		if s.ID == oneID || s.ID == otherID {
			scenarios = append(scenarios, s)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		l, err := lab.OpenVirtual(lab.Config{Specimens: specimens, Unsecured: true}, memnet.New(1, memnet.Impairment{}))
		if err != nil {
			t.Fatal(err)
		}
		under := l.Targets()[0]
		dial := under.Dial
		under.Dial = func(ctx context.Context, address string) (net.Conn, error) {
			conn, err := dial(ctx, address)
			if err != nil {
				return nil, err
			}
			return newChatty(conn), nil
		}
		res := runOne(t.Context(), t, suite.Config{Targets: []target.Config{under}, Selection: selected(scenarios)})
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		t.Logf("heap %d MB: %s", m.HeapAlloc>>20, res.Report.Verdict)
		if m.HeapAlloc > 128<<20 {
			t.Errorf("the heap has %d MB", m.HeapAlloc>>20)
		}
		if res.Report.Verdict != conformance.Inconclusive {
			t.Errorf("%s: %s%s", res.Report.Verdict, res.Report.Reason, explain(res.Report, conformance.Fail, conformance.Error, conformance.Pass))
		}
		for _, s := range res.Report.Scenarios {
			if s.Verdict != conformance.Inconclusive || !strings.Contains(s.Reason, "more than a record has room for") {
				t.Errorf("%s: %s: %s", s.ID, s.Verdict, s.Reason)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}
