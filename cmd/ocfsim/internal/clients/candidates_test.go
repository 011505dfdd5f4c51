package clients

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// compliant checks, updates and leaves, as it should be done.
func compliant(c *scripted, _ *fleet.Fleet) {
	o := c.observe()
	c.do(o)
	c.do(c.post(ocf.SVV))
	c.wait(ocf.SVV)
	c.do(c.post(ocf.SSU))
	c.wait(ocf.SSU)
	m := c.get()
	m.token, m.options = o.token, append([]anOption{{6, []byte{1}}}, pstatPath...)
	c.do(m)
	c.pause(90 * time.Second)
}

// checkAndUpdate observes, checks, and asks for the update.
func checkAndUpdate(c *scripted) {
	c.do(c.observe())
	c.do(c.post(ocf.SVV))
	c.wait(ocf.SVV)
	c.do(c.post(ocf.SSU))
}

func candidates() []candidate {
	return slices.Concat(lawful(), patient(), unchecked(), unwatchful(), unruly(), careless(), hasty(), deaf(), searching(), asked(), misled(), hurried())
}

// lawful are Clients that no rule may blame.
func lawful() []candidate {
	return []candidate{
		{name: "compliant", does: compliant, passes: "USE-1 DOS-2 WRITE-1 WRITE-3 WRITE-4 WATCH-3 MSG-2 MSG-3 MSG-4 MSG-6 MSG-7"},
		{name: "polls now and then", passes: "USE-1 DOS-2 WRITE-4", does: func(c *scripted, _ *fleet.Fleet) {
			for _, bit := range []ocf.DPM{ocf.SVV, ocf.SSU} {
				c.do(c.post(bit))
				for range 4 {
					c.pause(6 * time.Second)
					c.do(c.get())
				}
			}
			c.pause(90 * time.Second)
		}},
		{name: "sends again with patience", passes: "MSG-1", does: func(c *scripted, _ *fleet.Fleet) {
			m := c.get()
			for _, wait := range []time.Duration{2, 4, 8, 16, 32} {
				c.send(m)
				c.pause(wait * time.Second)
			}
		}},
		{name: "another checked before", passes: "USE-1", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV))
			c.wait(ocf.SVV)
			c.do(c.post(ocf.SSU))
			c.wait(ocf.SSU)
			c.do(c.post(ocf.SSU)) // the check before still was complete
			c.wait(ocf.SSU)
			c.pause(90 * time.Second)
		}},
	}
}

// patient are more of them: what ends their observations they notice.
func patient() []candidate {
	return []candidate{
		{name: "comes back after a restart", passes: "DOS-2 WRITE-4", does: func(c *scripted, f *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV))
			c.wait(ocf.SVV)
			c.do(c.post(ocf.SSU))
			f.SwitchOff(0)
			c.pause(3 * time.Second)
			f.SwitchOn(0)
			c.do(c.observe())
			c.wait(ocf.SSU)
			c.pause(90 * time.Second)
		}},
		{name: "observes again after 5.03", passes: "USE-1 DOS-2 WRITE-4", does: func(c *scripted, _ *fleet.Fleet) {
			checkAndUpdate(c)
			c.listen(time.Minute, func([]byte) bool { return c.ended })
			c.do(c.observe())
			c.wait(ocf.SSU)
			c.pause(90 * time.Second)
		}, behaviour: "catastrophic-reset"},
		{name: "rejects what it does not want", passes: "WATCH-1", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.deaf = true
			c.do(c.post(ocf.SVV))
			c.listen(10*time.Second, func(raw []byte) bool {
				if raw[0]>>4&3 != 0 {
					return false
				}
				_, _ = c.conn.Write([]byte{0x70, 0, raw[2], raw[3]})
				return true
			})
			c.pause(20 * time.Second)
			c.do(c.get())
			c.pause(90 * time.Second)
		}, variant: "told-by-con"},
	}
}

// unchecked are Clients that break a recommendation on what to write.
func unchecked() []candidate {
	return []candidate{
		{name: "U first", warns: "USE-1", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SSU))
			c.wait(ocf.SSU)
			c.pause(90 * time.Second)
		}},
		{name: "U while the check is pending", warns: "USE-1", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV))
			c.do(c.post(ocf.SSU))
			c.pause(90 * time.Second)
		}},
		{name: "both in one", warns: "USE-1", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV | ocf.SSU))
			c.pause(90 * time.Second)
		}},
	}
}

// unruly are Clients that write what they should not.
func unruly() []candidate {
	return []candidate{
		{name: "aborts with tm=0", warns: "WRITE-1", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV))
			c.do(c.post(0))
			c.wait(ocf.SVV)
			c.pause(90 * time.Second)
		}},
		{name: "asks twice", warns: "WRITE-3", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV))
			c.do(c.post(ocf.SVV))
			c.wait(ocf.SVV)
			c.pause(90 * time.Second)
		}},
		{name: "asks for more than the check", warns: "WRITE-2", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV | ocf.ProvisionACLs))
			c.wait(ocf.SVV)
			c.pause(90 * time.Second)
		}},
		{name: "reads, sets a bit and writes it back", warns: "USE-1 WRITE-3", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV))
			c.do(c.get())
			c.do(c.post(c.told[len(c.told)-1].TM | ocf.SSU))
			c.pause(90 * time.Second)
		}},
	}
}

// unwatchful are Clients that do not look, or not as they should.
func unwatchful() []candidate {
	return []candidate{
		{name: "does not watch its update", warns: "DOS-2", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.post(ocf.SVV))
			c.pause(time.Minute)
			c.do(c.get())
			c.do(c.post(ocf.SSU))
			c.pause(6 * time.Minute)
			c.do(c.get())
		}, speed: 0.05},
		{name: "does not watch an update that it asked for in blocks", warns: "DOS-2", passes: "USE-1 WRITE-4", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.post(ocf.SVV))
			c.pause(time.Minute)
			c.do(c.get())
			payload := ocf.PstatUpdate{Set: ocf.PropDOS | ocf.PropOM | ocf.PropTM, DOS: ocf.RFNOP, OM: 4, TM: ocf.SSU}.AppendCBOR(nil)
			for i, block := range [][]byte{{8}, {16}} { // 16 bytes, and the rest
				m := c.write(payload[16*i : min(len(payload), 16*i+16)])
				m.options = slices.Insert(m.options, len(m.options)-1, anOption{27, block})
				c.do(m)
			}
			c.pause(6 * time.Minute)
			c.do(c.get())
		}, speed: 0.05},
		{name: "never reads back", warns: "WRITE-4", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.post(ocf.SVV))
			c.pause(150 * time.Second)
		}},
		{name: "never comes back after a restart", warns: "DOS-2 WRITE-4", does: func(c *scripted, f *fleet.Fleet) {
			c.do(c.observe())
			c.do(c.post(ocf.SVV))
			c.wait(ocf.SVV)
			c.do(c.post(ocf.SSU))
			f.SwitchOff(0)
			c.pause(3 * time.Second)
			f.SwitchOn(0)
			c.pause(150 * time.Second)
		}},
		{name: "ignores 5.03", warns: "DOS-2", does: func(c *scripted, _ *fleet.Fleet) {
			checkAndUpdate(c)
			c.pause(150 * time.Second)
			if !c.ended {
				c.t.Error("the Device has ended no observation")
			}
		}, behaviour: "catastrophic-reset"},
		{name: "does not notice a restart", warns: "WATCH-4", does: func(c *scripted, f *fleet.Fleet) {
			c.do(c.observe())
			f.SwitchOff(0)
			c.pause(3 * time.Second)
			f.SwitchOn(0)
			for range 3 {
				c.pause(50 * time.Second)
				c.do(c.next(1, []anOption{{11, []byte("oic")}, {11, []byte("d")}}, nil))
			}
		}},
	}
}

// careless are Clients that break a recommendation on messages.
func careless() []candidate {
	return []candidate{
		{name: "hammers on refusal", warns: "ANSWER-1", does: func(c *scripted, _ *fleet.Fleet) {
			for range 5 {
				c.do(c.write([]byte{0x61}))
			}
		}},
		{name: "polls without observing", warns: "WATCH-3", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.post(ocf.SVV))
			for range 20 {
				c.pause(100 * time.Millisecond)
				c.do(c.get())
			}
			c.pause(10 * time.Second)
			c.do(c.get())
		}},
		{name: "no Content-Format", warns: "MSG-6", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			m := c.post(ocf.SVV)
			m.options = pstatPath
			c.do(m)
			c.pause(90 * time.Second)
		}},
		{name: "the token of its observation", warns: "MSG-4", does: func(c *scripted, _ *fleet.Fleet) {
			o := c.observe()
			c.do(o)
			m := c.post(ocf.SVV)
			m.token = o.token
			c.do(m)
			c.pause(90 * time.Second)
		}},
		{name: "floods", warns: "MSG-7", does: func(c *scripted, _ *fleet.Fleet) {
			for range 250 {
				c.do(c.get())
				c.pause(10 * time.Millisecond)
			}
		}},
	}
}

// hasty are Clients that break a duty of CoAP.
func hasty() []candidate {
	return []candidate{
		{name: "reuses Message IDs", fails: "MSG-2", does: func(c *scripted, _ *fleet.Fleet) {
			for range 3 {
				m := c.get()
				m.mid = 7
				c.do(m)
				c.pause(time.Second)
			}
		}},
		{name: "sends again at once", fails: "MSG-1", does: func(c *scripted, _ *fleet.Fleet) {
			m := c.get()
			for range 4 {
				c.send(m)
				c.pause(300 * time.Millisecond)
			}
		}},
		{name: "sends again without end", fails: "MSG-1", does: func(c *scripted, _ *fleet.Fleet) {
			m := c.get()
			wait := 2 * time.Second
			for range 6 {
				c.send(m)
				c.pause(wait)
				wait *= 2
			}
		}},
		{name: "waits for no answer", fails: "MSG-3", warns: "MSG-7", does: func(c *scripted, _ *fleet.Fleet) {
			for range 250 {
				m := c.get()
				m.non = true
				c.send(m)
			}
			c.pause(time.Second)
		}},
	}
}

// deaf are more of them.
func deaf() []candidate {
	return []candidate{
		{name: "acknowledges nothing", fails: "WATCH-1", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.observe())
			c.deaf = true
			c.do(c.post(ocf.SVV))
			for range 10 {
				c.pause(6 * time.Second)
				c.do(c.get())
			}
			c.pause(90 * time.Second)
		}, variant: "told-by-con"},
		{name: "a block that is cut", fails: "MSG-5", does: func(c *scripted, _ *fleet.Fleet) {
			m := c.post(ocf.SVV)
			m.options = append(slices.Clone(pstatPath), anOption{12, []byte{0x27, 0x10}}, anOption{27, []byte{8}}, anOption{2053, []byte{8, 0}})
			c.do(m)
		}},
	}
}
