package clients

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// searching are Clients that talk to all Devices at once.
func searching() []candidate {
	res := []anOption{{11, []byte("oic")}, {11, []byte("res")}}
	return []candidate{
		{name: "searches by multicast", passes: "MSG-8 MSG-9 MSG-10 MSG-11", does: func(c *scripted, _ *fleet.Fleet) {
			all := c.toAll()
			for range 3 {
				m := all.next(1, res, nil)
				m.non = true
				all.send(m)
				all.pause(2 * time.Second)
			}
		}},
		{name: "searches by confirmable requests", fails: "MSG-8", does: func(c *scripted, _ *fleet.Fleet) {
			all := c.toAll()
			all.send(all.next(1, res, nil))
			all.pause(5 * time.Second)
		}},
		{name: "searches for two things at a time", passes: "MSG-4 MSG-10", does: func(c *scripted, _ *fleet.Fleet) {
			all := c.toAll()
			for _, path := range [][]anOption{res, {{11, []byte("oic")}, {11, []byte("d")}}} {
				m := all.next(1, path, nil)
				m.non = true
				all.send(m)
			}
			all.pause(6 * time.Second)
		}},
		{name: "searches with one token for two things", passes: "MSG-10", warns: "MSG-4", does: func(c *scripted, _ *fleet.Fleet) {
			all := c.toAll()
			for _, path := range [][]anOption{res, {{11, []byte("oic")}, {11, []byte("d")}}} {
				m := all.next(1, path, nil)
				m.non, m.token = true, []byte{7}
				all.send(m)
				all.pause(time.Second)
			}
			all.pause(5 * time.Second)
		}},
		{name: "rejects what members of a group answer", passes: "MSG-8 MSG-11", warns: "MSG-10", does: answering(0x70)},
		{name: "acknowledges what members of a group answer", passes: "MSG-8 MSG-10", fails: "MSG-11", does: answering(0x60)},
		{name: "acknowledges each notification", passes: "USE-1", fails: "MSG-11", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.send(c.post(ocf.SVV))
			c.listen(time.Minute, func(raw []byte) bool {
				if raw[0]>>4&3 == 1 {
					c.reply(0x60, raw)
				}
				return len(c.told) > 0 && c.told[len(c.told)-1].CM.Has(ocf.SVV) && !c.told[len(c.told)-1].TM.Has(ocf.SVV)
			})
			c.do(c.post(ocf.SSU))
			c.wait(ocf.SSU)
			c.pause(90 * time.Second)
		}},
		{name: "floods by multicast", warns: "MSG-9", does: func(c *scripted, _ *fleet.Fleet) {
			all := c.toAll()
			for range 60 {
				m := all.next(1, res, nil)
				m.non = true
				all.send(m)
				all.pause(100 * time.Millisecond)
			}
		}},
	}
}

// answering is a Client that searches, and sends an empty message of a type for each answer.
func answering(head byte) func(*scripted, *fleet.Fleet) {
	return func(c *scripted, _ *fleet.Fleet) {
		all := c.toAll()
		m := all.next(1, []anOption{{11, []byte("oic")}, {11, []byte("res")}}, nil)
		m.non = true
		all.send(m)
		all.listen(6*time.Second, func(raw []byte) bool {
			all.reply(head, raw)
			return false
		})
	}
}

// search is a Client that asks a group, and takes what comes.
func search(c *scripted, _ *fleet.Fleet) {
	all := c.toAll()
	m := all.next(1, []anOption{{11, []byte("oic")}, {11, []byte("res")}}, nil)
	m.non = true
	all.send(m)
	all.pause(6 * time.Second)
}

// asked are Clients that a Device asks whether they are there.
func asked() []candidate {
	return []candidate{
		{name: "rejects an empty CON", passes: "MSG-12 USE-1 WRITE-4", far: true, does: func(c *scripted, f *fleet.Fleet) {
			compliant(c, f)
			if c.pings == 0 {
				c.t.Error("the Device has sent no empty CON")
			}
		}},
		{name: "acknowledges an empty CON", passes: "USE-1 WRITE-4", fails: "MSG-12", far: true, does: func(c *scripted, f *fleet.Fleet) {
			c.meek = true
			compliant(c, f)
		}},
		{name: "searches and rejects an empty CON", passes: "MSG-8 MSG-10 MSG-12", far: true, does: search},
		{name: "searches and acknowledges an empty CON", passes: "MSG-8 MSG-10", fails: "MSG-12", far: true, does: func(c *scripted, f *fleet.Fleet) {
			c.meek = true
			search(c, f)
		}},
	}
}

// misled are Clients of a Device that numbers the end of a check lower than its start.
func misled() []candidate {
	return []candidate{
		{name: "acts by what arrived last", warns: "WATCH-2", variant: "end-in-one-step", deviation: "numbers-back", does: func(c *scripted, _ *fleet.Fleet) {
			checkAndUpdate(c)
			c.wait(ocf.SSU)
			c.pause(90 * time.Second)
		}},
		{name: "acts by the newest", passes: "WATCH-2 USE-1", variant: "end-in-one-step", deviation: "numbers-back", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV))
			c.pause(10 * time.Second)
			c.do(c.get())
			c.do(c.post(ocf.SSU))
			c.wait(ocf.SSU)
			c.pause(90 * time.Second)
		}},
	}
}

// busy answers every POST with 5.03 until its time is over, and says for how long.
type busy struct {
	until  time.Duration // since the fleet began
	maxAge byte          // in seconds; 0: it does not say
}

// Hears answers a POST.
func (b busy) Hears(h fleet.Heard) fleet.Played {
	if h.Data[1] != 2 || h.At >= b.until {
		return fleet.Played{}
	}
	token := h.Data[4 : 4+h.Data[0]&15]
	answer := append([]byte{0x60 | byte(len(token)), 0xa3, h.Data[2], h.Data[3]}, token...)
	if b.maxAge > 0 {
		answer = append(answer, 0xd1, 1, b.maxAge)
	}
	return fleet.Played{Known: true, Withheld: true, Says: []fleet.Saying{{Line: h.Line, Data: answer, Answers: true}}}
}

// Meets leaves sessions to the Device.
func (busy) Meets(fleet.Met) fleet.Admission { return fleet.AsTheDevice }

// Arranges leaves conditions to the fleet.
func (busy) Arranges(fleet.Arranged) fleet.Played { return fleet.Played{} }

// insist asks for a check until it may have one, with a pause between the tries.
func insist(pause time.Duration) func(*scripted, *fleet.Fleet) {
	return func(c *scripted, _ *fleet.Fleet) {
		c.do(c.observe())
		for c.do(c.post(ocf.SVV)) != 0x44 {
			c.pause(pause)
		}
		c.wait(ocf.SVV)
		c.pause(90 * time.Second)
	}
}

// hurried are Clients of a Device that is busy.
func hurried() []candidate {
	return []candidate{
		{name: "waits as long as Max-Age says", passes: "ANSWER-2", replay: busy{8 * time.Second, 10}, does: insist(11 * time.Second)},
		{name: "waits some seconds", passes: "ANSWER-2", replay: busy{14 * time.Second, 0}, does: insist(3 * time.Second)},
		{name: "comes again before Max-Age", warns: "ANSWER-2", replay: busy{8 * time.Second, 10}, does: insist(5 * time.Second)},
		{name: "hammers on 5.03", warns: "ANSWER-2", replay: busy{8 * time.Second, 0}, does: insist(time.Second)},
	}
}
