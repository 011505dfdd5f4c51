package fleet

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// codesTold counts for each observer what it was sent, by code.
func codesTold(sent [][]byte) map[int]map[codes.Code]int {
	all := map[int]map[codes.Code]int{}
	for _, data := range sent {
		number := int(binary.BigEndian.Uint32(data[4:]))
		if all[number] == nil {
			all[number] = map[codes.Code]int{}
		}
		all[number][codes.Code(data[1])]++
	}
	return all
}

// All observations of a Device end, a crowd at a time. Those that wait for that count as
// ended: they are told nothing else, and exactly once that it is over. Who begins meanwhile
// stays, also where it had observed before.
func TestACrowdPartsInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const observers, again, fresh = 3*crowd + 17, 2*crowd + 5, 100_000
		f, conn := deafFleet(t, Config{})
		sh := f.shard
		s := sh.slot(0)
		notify := func(tm ocf.DPM) {
			sh.notify(s, &sim.Effect{Kind: sim.Notify, Rep: sim.Rep{Path: ocf.PathPstat, State: sim.State{TM: tm, DOS: ocf.RFNOP}, Told: true}})
		}
		sh.do(func() {
			aCrowdOf(t, sh, 0, 0, observers)
			sh.dropObservers(s, codes.ServiceUnavailable)
			aCrowdOf(t, sh, 0, again, again+1)
			aCrowdOf(t, sh, 0, fresh, fresh+1)
			if n := sh.observersAt(s); n != 2 || sh.audience.count != observers-crowd+1 {
				t.Errorf("%d observe and %d are kept", n, sh.audience.count)
			}
			notify(1)
		})
		if len(conn.noted()) != crowd {
			t.Errorf("%d are told at once, not %d", len(conn.noted()), crowd)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		all := codesTold(conn.noted())
		for i := range observers {
			ended, told := 1, 0
			if i == again {
				ended, told = 0, 1
			}
			if got := all[i]; got[codes.ServiceUnavailable] != ended || got[codes.Content] != told {
				t.Errorf("observer %d: %v", i, got)
			}
		}
		if got := all[fresh]; got[codes.Content] != 1 || len(got) != 1 {
			t.Errorf("who began meanwhile: %v", got)
		}
		sh.do(func() {
			if n := len(sh.tellings.list); n != 0 || sh.audience.count != 2 {
				t.Errorf("%d wait, and %d are kept", n, sh.audience.count)
			}
		})
		_ = f.Close()
	})
}

// Where the power goes while observers are to be told that it is over, and those before them
// that a CON notification was lost, nobody is sent anything more.
func TestThePowerGoesWhileACrowdParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const observers = 4 * crowd
		f, conn := deafFleet(t, Config{})
		sh := f.shard
		s := sh.slot(0)
		sh.do(func() {
			aCrowdOf(t, sh, 0, 0, observers)
			sh.notify(s, &sim.Effect{Kind: sim.Notify, Confirm: true, Rep: sim.Rep{Path: ocf.PathPstat, State: sim.State{TM: 1, DOS: ocf.RFNOP}, Told: true}})
		})
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if got := len(conn.noted()); got != observers {
			t.Fatalf("%d are told", got)
		}
		sh.do(func() {
			sh.dropObservers(s, codes.ServiceUnavailable)
			sh.switchOff(s)
		})
		conn.forget()
		time.Sleep(time.Minute)
		synctest.Wait()
		sh.do(func() {
			if len(conn.noted()) != 0 || sh.audience.count != 0 || len(sh.audience.unconfirmed) != 0 {
				t.Errorf("%d datagrams are sent; %d observations and %d confirmations are kept", len(conn.noted()), sh.audience.count, len(sh.audience.unconfirmed))
			}
		})
		_ = f.Close()
	})
}
