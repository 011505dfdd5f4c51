package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// passing is a change of a fleet's Config, whose Devices pass their messages on like m.
func passing(t *testing.T, m sim.Messages) func(*fleet.Config) {
	b := behaviour
	b.Messages = m
	made := model(t, sim.Config{Behaviour: b})
	return func(c *fleet.Config) { c.Model = func(int) *sim.Model { return made } }
}

const readPstat = "42 01 0001 0b0e" + pstat

// quiet checks that nothing arrives within the time.
func (p *peer) quiet(within time.Duration) {
	p.t.Helper()
	if got := p.receiveWithin(within); got != nil {
		p.t.Fatalf("received %x", got)
	}
}

func TestASeparateAnswer(t *testing.T) {
	inWorld(t, memnet.Impairment{}, passing(t, sim.Messages{Separate: true, AnswerAfter: 300 * time.Millisecond}), func(w *world) {
		p := w.dial("127.1.0.2:5683")
		p.want(readPstat, "60 00 0001")
		p.want(readPstat, "60 00 0001") // a duplicate is acknowledged again, and answered no second time
		p.quiet(299 * time.Millisecond)
		first := note(t, p.receive())
		if !first.con || first.code != 0x45 {
			t.Fatalf("got %x", first.raw)
		}
		p.quiet(1999 * time.Millisecond)
		if again := p.receiveWithin(time.Second); string(again) != string(first.raw) {
			t.Fatalf("sent again as %x", again)
		}
		p.send(fmt.Sprintf("60 00 %04x", first.mid))
		p.quiet(time.Minute)
		p.want("50 01 0002"+pstat, "50 45") // who asks with NON is answered with NON
	})
}

func TestASeparateAnswerIsGivenUp(t *testing.T) {
	inWorld(t, memnet.Impairment{}, passing(t, sim.Messages{Separate: true}), func(w *world) {
		p := w.dial("127.1.0.2:5683")
		p.want(readPstat, "60 00 0001")
		times := 0
		for p.receive() != nil {
			times++
		}
		if times != 5 {
			t.Errorf("sent %d times, want 5 (RFC 7252 section 4.2)", times)
		}
	})
}

func TestASlowAnswer(t *testing.T) {
	inWorld(t, memnet.Impairment{}, passing(t, sim.Messages{AnswerAfter: 3 * time.Second}), func(w *world) {
		p := w.dial("127.1.0.2:5683")
		p.send(readPstat)
		p.quiet(2 * time.Second)
		p.send(readPstat)
		p.quiet(999 * time.Millisecond)
		p.want(readPstat, "62 45 0001 0b0e")
		p.want(readPstat, "62 45 0001 0b0e") // now duplicates are answered at once
		p.quiet(time.Minute)
	})
}

func TestALateNotification(t *testing.T) {
	inWorld(t, memnet.Impairment{}, passing(t, sim.Messages{AnswerAfter: 300 * time.Millisecond, TellAfter: 80 * time.Millisecond}), func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		p.send(register)
		q.send(startV) // the answer to the registration has not left yet
		first := note(t, p.receive())
		if first.code != 0x45 || first.number < 0 {
			t.Fatalf("the registration was answered with %x", first.raw)
		}
		for last := first.number; ; {
			data := p.receiveWithin(time.Second)
			if data == nil {
				break
			}
			told := note(t, data)
			if told.number <= last {
				t.Errorf("told %x after number %d", data, last)
			}
			last = told.number
		}
		q.send("40 02 0003" + pstat + "12 2710 ff a162'tm'1840")
		p.quiet(79 * time.Millisecond)
		if told := p.receiveWithin(2 * time.Millisecond); told == nil {
			t.Error("nobody was told after 80 ms")
		}
	})
}

func TestSmallBlocks(t *testing.T) {
	inWorld(t, memnet.Impairment{}, passing(t, sim.Messages{Block: 32}), func(w *world) {
		p, q := w.dial("127.1.0.2:5683"), w.dial("127.1.0.2:5683")
		for _, asked := range []string{"", "b1 06"} { // no size, and a larger one
			got := p.want("40 01 0001"+pstat+asked, "60 45 0001")
			if len(got) < 32 || len(got) > 32+24 {
				t.Errorf("asked for %q and got %d bytes", asked, len(got))
			}
			p = w.dial("127.1.0.2:5683")
		}
		p.want(register, "62 45 0001 0b0e")
		q.want(startV, "60 44 0002")
		if told := p.receive(); len(told) > 32+24 {
			t.Errorf("told in %d bytes", len(told))
		}
	})
}

func TestADeviceAnswersBeforeItGoesOff(t *testing.T) {
	inWorld(t, memnet.Impairment{}, passing(t, sim.Messages{Separate: true, AnswerAfter: time.Hour, TellAfter: time.Hour}), func(w *world) {
		p := w.dial("127.1.0.2:5683")
		p.want(startV, "60 00 0002")
		if _, err := w.fleet.Condition("127.1.0.2", "reboot"); err != nil {
			t.Fatal(err)
		}
		if got := p.receive(); len(got) < 2 || got[1] != 0x44 {
			t.Errorf("got %x", got)
		}
		p.quiet(2 * time.Hour)
	})
}
