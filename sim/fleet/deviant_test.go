package fleet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// deviant makes a change of Config that gives the Devices a quirk that breaks a
// requirement.
func deviant(t *testing.T, quirk string) func(*fleet.Config) {
	m := model(t, sim.Config{Deviations: []sim.Deviation{{Name: quirk, Quirks: []string{quirk}}}})
	return func(c *fleet.Config) { c.Model = func(int) *sim.Model { return m } }
}

// numbers returns the Observe numbers of the notifications of a check, and their
// codes.
func (w *world) numbers() (numbers []int, codes string) { return w.numbersAfter("61") }

// numbersAfter does the same for a registration that is answered with this Observe
// option.
func (w *world) numbersAfter(option string) (numbers []int, codes string) {
	p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
	p.want(register, "62 45 0001 0b0e "+option)
	q.want(startV, "60 44 0002")
	for data := p.receiveWithin(5 * time.Second); data != nil; data = p.receiveWithin(5 * time.Second) {
		n := note(w.T, data)
		numbers = append(numbers, n.number)
		codes += fmt.Sprintf("%x ", n.code)
	}
	return numbers, codes
}

func TestNumbersBack(t *testing.T) {
	inWorld(t, memnet.Impairment{}, deviant(t, "numbers-back"), func(w *world) {
		if numbers, _ := w.numbers(); len(numbers) != 3 || numbers[1] >= numbers[0] || numbers[2] <= numbers[0] {
			t.Errorf("numbers %v", numbers)
		}
	})
}

// Observe numbers that grow in strides wrap in the middle of a check. Each is newer
// all the same: the next number is ahead by less than half the range.
func TestNumbersJump(t *testing.T) {
	m := model(t, sim.Config{Variant: sim.Variant{Name: "x", Quirks: []string{"numbers-jump"}}})
	inWorld(t, memnet.Impairment{}, func(c *fleet.Config) { c.Model = func(int) *sim.Model { return m } }, func(w *world) {
		numbers, _ := w.numbersAfter("63 feee8e")
		if len(numbers) != 3 || numbers[0] != 1<<24-1 || numbers[1] != 70_000 || numbers[2] != 140_001 {
			t.Errorf("numbers %v", numbers)
		}
	})
}

func TestNotObservable(t *testing.T) {
	inWorld(t, memnet.Impairment{}, deviant(t, "not-observable"), func(w *world) {
		w.dial("127.1.0.2:5683").want(register, "62 45 0001 0b0e c2 2710")
		if n := w.fleet.Stats().Observers; n != 0 {
			t.Errorf("%d observers", n)
		}
	})
}

func TestAnswerByReset(t *testing.T) {
	inWorld(t, memnet.Impairment{}, deviant(t, "type-reset"), func(w *world) {
		p := w.dial("127.1.0.2:5683")
		p.want("40 02 0001"+pstat+"12 2710 ff a162'tm'6136", "70 00 0001")
		p.want("40 01 0002"+pstat, "60 45 0002")
	})
}

// A Client that loses its observation is told so by 5.03 without Observe; a deviant
// Device does not tell it at all.
func TestObserversDropped(t *testing.T) {
	for quirk, answers := range map[string]string{"": "a3 ", "drops-silently": ""} {
		t.Run("deviation="+quirk, func(t *testing.T) {
			change := deviantOrNot(t, quirk)
			inWorld(t, memnet.Impairment{}, change, func(w *world) {
				p := w.dial("127.1.0.2:5683")
				p.want(register, "62 45 0001 0b0e 61")
				w.wish("127.1.0.2", "factory-reset")
				codes := ""
				for data := p.receive(); data != nil; data = p.receive() {
					n := note(t, data)
					if n.number >= 0 {
						continue
					}
					codes += fmt.Sprintf("%x ", n.code)
				}
				if observers := w.fleet.Stats().Observers; codes != answers || observers != 0 {
					t.Errorf("codes %q, want %q; %d observers", codes, answers, observers)
				}
			})
		})
	}
}

func deviantOrNot(t *testing.T, quirk string) func(*fleet.Config) {
	if quirk == "" {
		return nil
	}
	return deviant(t, quirk)
}

// Over a bad network the last state of a Device with CON notifications arrives in
// the end, and no Observe number comes twice with different states.
func TestLastStateArrives(t *testing.T) {
	impair := memnet.Impairment{Loss: 0.3, Duplicate: 0.1, Reorder: 0.1, Delay: 5 * time.Millisecond, Jitter: 5 * time.Millisecond}
	inWorld(t, impair, confirming(t), func(w *world) {
		for round := range 50 {
			p := w.dial("127.1.0.2:5683")
			insist(p, fmt.Sprintf("42 01 %04x 0b%02x 60"+afterObserve, round, round), "62 45")
			insist(w.dial("127.1.0.2:5683"), startV, "60 44")
			states, last := map[int]string{}, ""
			newest := -1
			for data := p.receiveWithin(time.Minute); data != nil; data = p.receiveWithin(time.Minute) {
				n := note(t, data)
				if n.con {
					p.send(fmt.Sprintf("60 00 %04x", n.mid))
				}
				_, payload, _ := strings.Cut(string(data), "\xff")
				if known, ok := states[n.number]; ok && known != payload {
					t.Fatalf("number %d with two states", n.number)
				}
				states[n.number] = payload
				if n.number > newest {
					newest, last = n.number, payload
				}
			}
			if !strings.Contains(last, "btm\x00") || !strings.Contains(last, "bcm\x18\x40") {
				t.Fatalf("round %d: last state %x", round, last)
			}
			insist(p, fmt.Sprintf("42 01 %04x 0b%02x 61 01"+afterObserve, round|0x1000, round), "62 45")
			_ = p.conn.Close()
		}
	})
}

// insist sends a request again and again until it is answered.
func insist(p *peer, send, answer string) {
	p.t.Helper()
	for range 20 {
		p.send(send)
		for data := p.receiveWithin(time.Second); data != nil; data = p.receiveWithin(time.Second) {
			if begins(p.t, data, answer) {
				return
			}
		}
	}
	p.t.Fatalf("no answer to %s", send)
}
