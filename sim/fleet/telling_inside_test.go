package fleet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// aCrowdOf has observers of a Device begin, from a number on. The token of each is its number.
func aCrowdOf(t *testing.T, sh *shard, device, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		r := &request{accept: none, observe: observeStart}
		r.token = binary.BigEndian.AppendUint32(nil, uint32(i))
		r.line = line{local: sh.book.addr(device), peer: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 1}), uint16(i+1))}
		if _, ok := sh.observe(sh.slot(device), r, sim.Rep{Path: ocf.PathPstat}); !ok {
			t.Fatalf("observation %d is refused", i)
		}
	}
}

// ends ends the observation with that number.
func ends(sh *shard, s *slot, number int) {
	for o := range sh.observersOf(s) {
		if o.isToken(binary.BigEndian.AppendUint32(nil, uint32(number))) {
			sh.dropObserver(s, o)
		}
	}
}

// told is what each observer was told, as the values of tm, by its number. Observe numbers
// have to rise.
func told(t *testing.T, sent [][]byte) map[int][]byte {
	t.Helper()
	all, last := map[int][]byte{}, map[int]uint32{}
	for _, data := range sent {
		number := int(binary.BigEndian.Uint32(data[4:]))
		all[number] = append(all[number], data[bytes.Index(data, []byte("\x62tm"))+3])
		observe := uint32(0)
		for _, b := range data[9 : 9+data[8]&15] {
			observe = observe<<8 | uint32(b)
		}
		if observe <= last[number] {
			t.Fatalf("observer %d: Observe %d follows %d", number, observe, last[number])
		}
		last[number] = observe
	}
	return all
}

// A crowd of observers is told at once, the others a crowd at a time. Each is told every
// state in its order, who has ended is told nothing more, and who has begun meanwhile is not
// told what was before.
func TestACrowdIsToldInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const observers = 3*crowd + 17
		f, conn := deafFleet(t, Config{Devices: 2})
		sh := f.shard
		s, other := sh.slot(0), sh.slot(1)
		state := func(tm ocf.DPM) *sim.Effect {
			return &sim.Effect{Kind: sim.Notify, Rep: sim.Rep{Path: ocf.PathPstat, State: sim.State{TM: tm, DOS: ocf.RFNOP}, Told: true}}
		}
		gone := []int{crowd, crowd + 1, 2 * crowd, observers - 1}
		sh.do(func() {
			aCrowdOf(t, sh, 0, 0, observers)
			aCrowdOf(t, sh, 1, 100_000, 100_001)
			sh.notify(s, state(1))
		})
		if len(conn.noted()) != crowd {
			t.Errorf("%d are told at once, not %d", len(conn.noted()), crowd)
		}
		sh.do(func() {
			for _, number := range gone {
				ends(sh, s, number)
			}
			aCrowdOf(t, sh, 0, observers, observers+1)
			sh.notify(s, state(2))
			sh.notify(other, state(3))
		})
		if last := told(t, conn.noted()[crowd:])[100_000]; !slices.Equal(last, []byte{3}) {
			t.Errorf("the observer of another Device waits: it is told %v", last)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		want := map[int][]byte{observers: {2}, 100_000: {3}}
		for i := range observers {
			if !slices.Contains(gone, i) {
				want[i] = []byte{1, 2}
			}
		}
		if got := told(t, conn.noted()); fmt.Sprint(got) != fmt.Sprint(want) {
			for i := range observers + 1 {
				if !bytes.Equal(got[i], want[i]) {
					t.Errorf("observer %d is told %v, not %v", i, got[i], want[i])
				}
			}
		}
		conn.forget()
		sh.do(func() {
			sh.notify(s, state(4))
			sh.dropObservers(s, 0)
		})
		time.Sleep(time.Millisecond)
		synctest.Wait()
		sh.do(func() {
			if n := len(sh.tellings.list); len(conn.noted()) != crowd || n != 0 || sh.tellings.isSet() {
				t.Errorf("after the end of all observations %d are told, and %d states wait", len(conn.noted()), n)
			}
		})
		_ = f.Close()
	})
}
