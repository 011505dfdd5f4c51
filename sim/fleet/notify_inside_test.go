package fleet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
)

// deaf is a Conn on which nothing comes, and what is sent is noted.
type deaf struct {
	mu   sync.Mutex
	sent [][]byte
}

func (d *deaf) ReadBatch([]Packet) (int, error) { return 0, nil }

func (d *deaf) WriteBatch(packets []Packet) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range packets {
		d.sent = append(d.sent, bytes.Clone(p.Data))
	}
	return len(packets), nil
}

func (d *deaf) Close() error { return nil }

// noted returns what was sent, for a test in which timers ring.
func (d *deaf) noted() [][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.sent)
}

// forget forgets what was sent.
func (d *deaf) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent = nil
}

// deafFleet is a fleet on such a Conn.
func deafFleet(t testing.TB, c Config) (*Fleet, *deaf) {
	t.Helper()
	m, err := sim.NewModel(sim.Config{Behaviour: sim.Behaviour{Name: "success", Ends: "success", Source: sim.Patience{Timeout: time.Minute}}})
	if err != nil {
		t.Fatal(err)
	}
	conn := new(deaf)
	c.Devices, c.Listen, c.Conn = max(c.Devices, 1), netip.MustParseAddrPort("127.1.0.1:5683"), conn
	c.Model = func(int) *sim.Model { return m }
	f, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, conn
}

// asked is what the observers of a test ask for.
var asked = []struct {
	iface   string
	accept  uint16
	version uint16
	format  uint32
}{
	{iface: string(ocf.IfBaseline), accept: none, format: ocf.FormatOCFCBOR},
	{iface: string(ocf.IfRW), accept: ocf.FormatOCFCBOR, version: ocf.Version100, format: ocf.FormatOCFCBOR},
	{accept: ocf.FormatCBOR, format: ocf.FormatCBOR},
	{accept: ocf.FormatCBOR, version: ocf.Version100, format: ocf.FormatCBOR},
}

// asking is what observer i of a test asks for, and its token.
func asking(i int) (what int, token []byte) {
	return i / 2 % len(asked), []byte{byte(i), 1, 2, 3, 4, 5, 6, 7}[:i%9]
}

// observedBy has observers ask for what asked says, two after another for the same.
func observedBy(t *testing.T, sh *shard, observers int) {
	t.Helper()
	for i := range observers {
		what, token := asking(i)
		r := &request{accept: asked[what].accept, version: asked[what].version, observe: observeStart}
		r.token = token
		r.line = line{local: sh.book.addr(0), peer: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 5683)}
		if _, ok := sh.observe(sh.slot(0), r, sim.Rep{Path: ocf.PathPstat, Interface: asked[what].iface}); !ok {
			t.Fatalf("observation %d is refused", i)
		}
	}
}

// fromCodec is the notification with that message id and Observe number that go-coap's codec
// makes for observer i.
func fromCodec(t *testing.T, s *slot, i int, mid uint16, number uint32, state sim.State) string {
	t.Helper()
	at, token := asking(i)
	what := asked[at]
	rep := sim.Rep{Path: ocf.PathPstat, Interface: what.iface, State: state, Told: true}
	m := message.Message{
		Type: message.NonConfirmable, Code: codes.Content, MessageID: int32(mid), Token: token, Payload: s.device.Encode(nil, rep, nil),
	}
	values := make([]byte, 12)
	m.Options, _, _ = m.Options.SetUint32(values, message.Observe, number)
	m.Options, _, _ = m.Options.SetUint32(values[4:], message.ContentFormat, what.format)
	if what.version != 0 {
		m.Options, _, _ = m.Options.SetUint32(values[8:], ocf.OptionFormatVersion, ocf.Version100)
	}
	out := make([]byte, 1024)
	n, err := coder.DefaultCoder.Encode(m, out)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", out[:n])
}

// However many observers are told of a change, each is sent the message that go-coap's codec
// makes for it alone, byte by byte.
func TestNotificationsAreThoseOfTheCodec(t *testing.T) {
	const observers = 40
	rng := rand.New(rand.NewPCG(5, 6))
	f, conn := deafFleet(t, Config{})
	sh := f.shard
	s := sh.slot(0)
	for _, last := range []uint32{0, 1, 0xfe, 0xff, 0x100, 0xffff, 0x10000, observeMask - 1, observeMask} {
		conn.sent = nil
		var want []string
		sh.do(func() {
			sh.dropObservers(s, 0)
			observedBy(t, sh, observers)
			s.setObserved(last)
			for o := range sh.observersOf(s) {
				o.last = last
			}
			state := sim.State{TM: ocf.DPM(rng.Uint32()), CM: ocf.SVV, DOS: ocf.RFNOP, OM: uint8(rng.Uint32())}
			for i := range observers {
				want = append(want, fromCodec(t, s, i, s.mid+1+uint16(i), (last+1)&observeMask, state))
			}
			sh.notify(s, &sim.Effect{Kind: sim.Notify, Rep: sim.Rep{Path: ocf.PathPstat, State: state, Told: true}})
		})
		var got []string
		for _, data := range conn.sent {
			got = append(got, fmt.Sprintf("%x", data))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after number %#x (-codec +sent):\n%s", last, diff)
		}
	}
}
