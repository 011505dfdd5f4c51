package clients

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/suite"
	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// device is where the Device of an exam is.
var device = netip.MustParseAddrPort("127.2.0.1:5683")

// candidate is a Client that is examined, with the rules that it breaks.
type candidate struct {
	name   string
	does   func(*scripted, *fleet.Fleet)
	fails  string // ids of the rules that fail
	warns  string // and of those that warn
	passes string // ids that have to pass
	// Of the Device:
	behaviour string  // "": success
	variant   string  // "": none
	speed     float64 // 0: as it is
}

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
	return slices.Concat(lawful(), careless(), hasty())
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

// careless are Clients that break a recommendation.
func careless() []candidate {
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
		{name: "does not watch its update", warns: "DOS-2", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.post(ocf.SVV))
			c.pause(time.Minute)
			c.do(c.get())
			c.do(c.post(ocf.SSU))
			c.pause(6 * time.Minute)
			c.do(c.get())
		}, speed: 0.05},
		{name: "never reads back", warns: "WRITE-4", does: func(c *scripted, _ *fleet.Fleet) {
			c.do(c.post(ocf.SVV))
			c.pause(150 * time.Second)
		}},
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

// TestEachDeviantClientIsCaught: each is caught by the rules that it is declared to break,
// and by no other; no lawful Client is blamed.
func TestEachDeviantClientIsCaught(t *testing.T) {
	for _, c := range candidates() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				results := examine(t, c)
				if len(results) != 1 {
					t.Fatalf("%d Clients, want 1", len(results))
				}
				got := verdicts(results[0])
				for verdict, want := range map[conformance.Verdict]string{conformance.Fail: c.fails, conformance.Warn: c.warns, conformance.Inconclusive: ""} {
					if is := strings.Join(got[verdict], " "); is != want {
						t.Errorf("%s: %q, want %q\n%s", verdict, is, want, reasons(results[0]))
					}
				}
				for id := range strings.FieldsSeq(c.passes) {
					if !slices.Contains(got[conformance.Pass], id) {
						t.Errorf("%s did not pass\n%s", id, reasons(results[0]))
					}
				}
			})
		})
	}
}

// verdicts are the ids of the rules by their verdict.
func verdicts(r suite.Result) map[conformance.Verdict][]string {
	all := map[conformance.Verdict][]string{}
	for _, row := range r.Report.Requirements {
		all[row.Verdict] = append(all[row.Verdict], row.ID)
	}
	return all
}

func reasons(r suite.Result) string {
	var b strings.Builder
	for _, row := range r.Report.Requirements {
		for _, f := range row.Findings {
			if f.Verdict != conformance.Pass {
				b.WriteString(row.ID + ": " + f.Reason + "\n")
			}
		}
	}
	return b.String()
}

// examine lets a Client meet a Device, in virtual time.
func examine(t *testing.T, c candidate) []suite.Result {
	network := memnet.New(1, memnet.Impairment{})
	conn, err := network.Wildcard(device.Port())
	if err != nil {
		t.Fatal(err)
	}
	model, err := sim.NewModel(modelOf(t, c))
	if err != nil {
		t.Fatal(err)
	}
	recording := New(Config{Dir: t.TempDir(), Tool: "test", Edition: "ocf-1.0"})
	from := source.New(source.Config{})
	f, err := fleet.Open(fleet.Config{
		Devices: 1, Listen: device, Conn: conn, Model: func(int) *sim.Model { return model }, Source: from, Witness: recording,
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- f.Serve(t.Context()) }()
	one := dial(t, network)
	c.does(one, f)
	_ = one.conn.Close()
	_ = f.Close()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	_ = from.Close()
	results, err := recording.Conclude("test", "")
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func modelOf(t *testing.T, c candidate) (cfg sim.Config) {
	var err error
	if cfg.Behaviour, err = fixtures.Behaviour(cmp.Or(c.behaviour, "success")); err != nil {
		t.Fatal(err)
	}
	cfg.Speed = c.speed
	if c.variant != "" {
		if cfg.Variant, err = fixtures.Variant(c.variant); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}
