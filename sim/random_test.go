package sim_test

import (
	"cmp"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// compliant returns a model for every compliant behaviour with every variant.
func compliant(t testing.TB) []*sim.Model {
	t.Helper()
	var models []*sim.Model
	variants := append(fixtures.Variants(), sim.Variant{})
	for _, b := range fixtures.Behaviours() {
		if len(b.Breaks) > 0 {
			continue
		}
		b.Autonomous = nil // with a schedule it would never come to rest
		for _, v := range variants {
			m, err := sim.NewModel(sim.Config{Behaviour: b, Variant: v})
			if err != nil {
				t.Fatal(err)
			}
			models = append(models, m)
		}
	}
	return models
}

// TestRandom plays random events on every compliant Device.
func TestRandom(t *testing.T) {
	models := compliant(t)
	source := rand.New(rand.NewPCG(1, 2))
	for _, m := range models {
		for range 4 {
			data := make([]byte, 60)
			for i := range data {
				data[i] = byte(source.Uint32())
			}
			exercise(t, m, data)
		}
	}
}

// TestRandomDeviants plays random events on every deviant Device. It may do
// anything, except get stuck or crash.
func TestRandomDeviants(t *testing.T) {
	source := rand.New(rand.NewPCG(3, 4))
	for _, d := range fixtures.Deviations() {
		b, err := fixtures.Behaviour(cmp.Or(d.Behaviour, "success"))
		if err != nil {
			t.Fatal(err)
		}
		m, err := sim.NewModel(sim.Config{Behaviour: b, Deviations: []sim.Deviation{d}})
		if err != nil {
			t.Fatal(err)
		}
		for range rounds {
			p := &player{t: t, model: m, device: m.Device(ocf.UUID{1}, 1), due: -1, deviant: true}
			p.watch(p.device.Start(0, nil))
			for range 60 {
				p.play(byte(source.Uint32()), byte(source.Uint32()))
			}
		}
	}
}

// FuzzApply looks for events after which a compliant Device does something that no
// compliant Device may do.
func FuzzApply(f *testing.F) {
	models := compliant(f)
	f.Add(uint16(0), []byte{0, 0, 1, 1, 2, 2, 3, 3, 4, 4})
	f.Fuzz(func(t *testing.T, which uint16, data []byte) {
		exercise(t, models[int(which)%len(models)], data)
	})
}

// exercise takes two bytes for each event, and then lets everything end.
func exercise(t *testing.T, m *sim.Model, data []byte) {
	t.Helper()
	p := &player{t: t, model: m, device: m.Device(ocf.UUID{1}, 1), due: -1}
	p.last = p.device.State()
	p.watch(p.device.Start(0, nil))
	for i := 0; i+1 < len(data) && i < 400; i += 2 {
		p.play(data[i], data[i+1])
	}
	for range 200 {
		if p.due < 0 {
			break
		}
		p.now, p.due = p.due, -1
		p.apply(sim.Event{Kind: sim.Due})
	}
	s := p.device.State()
	if p.due >= 0 || s.TM&(ocf.SVV|ocf.SSU) != 0 || s.DOS == ocf.RESET {
		t.Fatalf("%s does not come to rest: tm=%v cm=%v dos=%v", m.Behaviour().Name, s.TM, s.CM, s.DOS)
	}
}

// player plays events and checks what holds for every compliant Device.
type player struct {
	t      *testing.T
	model  *sim.Model
	device sim.Device
	now    time.Duration
	due    time.Duration
	asked  uint32
	last   sim.State

	deviant bool // nothing is expected of the Device
}

// play makes the event that the bytes kind and detail stand for.
func (p *player) play(kind, detail byte) {
	masks := [...]ocf.DPM{0, ocf.SVV, ocf.SSU, ocf.SVV | ocf.SSU, 0x100, 0x4000, 1, 0x3f | ocf.SVV}
	write := ocf.PstatUpdate{Set: ocf.PropTM, TM: masks[detail%8]}
	switch kind % 16 {
	case 0, 1, 2:
		p.post(write.AppendCBOR(nil))
	case 3:
		write.Set |= ocf.PropDOS
		write.DOS = ocf.DOS(detail>>3) % 5
		p.post(write.AppendCBOR(nil))
	case 4:
		write.Set = ocf.PropDOS
		write.DOS = ocf.DOS(detail) % 5
		p.post(write.AppendCBOR(nil))
	case 5:
		p.post([]byte{0xa1, 0x62, 't', 'm', kind, detail})
	case 6, 7, 8:
		p.apply(sim.Event{Kind: sim.SourceAnswer, Answer: p.answer(detail)})
	case 9:
		p.apply(sim.Event{Kind: sim.Autonomous, Bits: masks[detail%4]})
	case 10:
		p.apply(sim.Event{Kind: [...]sim.EventKind{sim.PowerCycle, sim.FactoryReset, sim.Get, sim.Delete}[detail%4]})
	case 11:
		p.apply(sim.Event{Kind: sim.Arrange, Outcome: sim.UpdateOutcome(detail%3 + 1)})
	case 12:
		p.now += time.Duration(detail) * 10 * time.Millisecond // an early Due does no harm
		if p.due >= 0 {
			p.now = min(p.now, p.due)
		}
		p.apply(sim.Event{Kind: sim.Due})
	default:
		if p.due >= 0 {
			p.now, p.due = p.due, -1
			p.apply(sim.Event{Kind: sim.Due})
		}
	}
}

// fatalf fails the test if the Device is meant to be compliant.
func (p *player) fatalf(format string, args ...any) {
	p.t.Helper()
	if !p.deviant {
		p.t.Fatalf(format, args...)
	}
}

func (p *player) post(payload []byte) {
	p.apply(sim.Event{Kind: sim.Post, Request: sim.Request{Path: ocf.PathPstat, Payload: payload, Format: ocf.FormatOCFCBOR}})
}

func (p *player) answer(detail byte) sim.Answer {
	a := sim.Answer{Ask: p.asked - uint32(detail>>7), Available: detail&1 != 0, Failed: detail&6 == 6, Declared: 10, Received: 10}
	if detail&8 != 0 {
		a.Received = 5
	}
	a.Version = [...]string{"", "1.0.0", "1.0.77", "nonsense"}[detail>>4&3]
	return a
}

func (p *player) apply(ev sim.Event) {
	p.t.Helper()
	ev.At = p.now
	before := p.device.State()
	effects := p.device.Apply(&ev, nil)
	if ev.Kind == sim.Get && p.device.State() != before {
		p.fatalf("a GET changed the state from %+v to %+v", before, p.device.State())
	}
	for _, e := range effects {
		if e.Kind == sim.Respond && e.Code >= 0x80 && ev.Kind == sim.Post && p.device.State() != before {
			p.fatalf("a refused write changed the state from %+v to %+v", before, p.device.State())
		}
	}
	if ev.Kind == sim.FactoryReset {
		p.last = p.device.State()
	}
	p.watch(effects)
	p.saved()
}

// watch checks the effects, each state that is told, and the last state.
func (p *player) watch(effects []sim.Effect) {
	p.t.Helper()
	for _, e := range effects {
		switch e.Kind {
		case sim.Notify:
			p.state(e.Rep.State)
		case sim.AskSource:
			p.asked = e.Ask.Number
		case sim.Wake:
			if p.due = -1; e.After >= 0 {
				p.due = p.now + e.After
			} else if e.After != -1 {
				p.t.Fatalf("wake after %v", e.After)
			}
		}
	}
	p.state(p.device.State())
}

// legal lists the states that dos can move to from each state.
var legal = map[ocf.DOS][]ocf.DOS{
	ocf.RESET:  {ocf.RFOTM},
	ocf.RFOTM:  {ocf.RESET, ocf.RFPRO},
	ocf.RFPRO:  {ocf.RESET, ocf.RFNOP, ocf.SRESET},
	ocf.RFNOP:  {ocf.RESET, ocf.RFPRO, ocf.SRESET},
	ocf.SRESET: {ocf.RESET, ocf.RFPRO},
}

// state checks one state, and how it was reached.
func (p *player) state(s sim.State) {
	p.t.Helper()
	from := p.last
	p.last = s
	moved := from.DOS == s.DOS
	for _, to := range legal[from.DOS] {
		moved = moved || to == s.DOS
	}
	switch low := s.TM &^ (ocf.SVV | ocf.SSU); {
	case !moved:
		p.fatalf("dos moved from %v to %v", from.DOS, s.DOS)
	case s.ISOP != (s.DOS == ocf.RFNOP), s.Pending != (s.DOS == ocf.RESET):
		p.fatalf("isop=%v p=%v in %v", s.ISOP, s.Pending, s.DOS)
	case low != 0 && (low != ocf.TakeOwner || s.DOS != ocf.RESET):
		p.fatalf("tm=%v in %v", s.TM, s.DOS)
	case s.Version < from.Version:
		p.fatalf("the software went back from %d to %d", from.Version, s.Version)
	}
}

// saved checks that the Device can be saved and read again.
func (p *player) saved() {
	p.t.Helper()
	data, err := p.device.Save().MarshalJSON()
	if err != nil {
		p.t.Fatal(err)
	}
	var saved sim.Saved
	if err := saved.UnmarshalJSON(data); err != nil {
		p.t.Fatalf("%s: %v", data, err)
	}
	if restored := p.model.Restore(saved); restored.Save() != p.device.Save() {
		p.t.Fatalf("saved %+v, restored %+v", p.device.Save(), restored.Save())
	}
}
