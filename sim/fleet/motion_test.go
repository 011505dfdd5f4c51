package fleet_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
)

// motionClients is how many Clients share the Devices of a motion among them.
const motionClients = 100

// motionRate is how many requests a second they send.
const motionRate = 50_000

// What a Device may take, in bytes of heap.
const (
	idleBound = 170
	bothBound = 590
)

// motion is a fleet in virtual time whose Devices are all talked to: seven of ten have an
// update that succeeds, two have none, and one has an update that fails.
type motion struct {
	*testing.T
	fleet *fleet.Fleet
	conn  *feed
	mid   uint16
	sizes map[string]footprint
}

// footprint is the memory of the process.
type footprint struct{ heap, rss uint64 }

// ends are how the updates of a motion's Devices end, Device i as ends[i%10].
var ends = [10]string{
	"success", "success", "no-update", "success", "success", "failure", "success", "no-update", "success", "success",
}

// inMotion runs f with that many Devices in a bubble.
func inMotion(t *testing.T, devices int, change func(*fleet.Config), f func(m *motion)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		models := map[string]*sim.Model{}
		for _, end := range ends {
			b := behaviour
			b.Ends = end
			models[end] = model(t, sim.Config{Behaviour: b})
		}
		src := source.New(source.Config{})
		config := fleet.Config{
			Devices: devices, Listen: addrPort("127.1.0.1:5683"), Conn: newFeed(), Source: src, Seed: 7,
			Model: func(i int) *sim.Model { return models[ends[i%10]] },
		}
		if change != nil {
			change(&config)
		}
		m := &motion{T: t, conn: config.Conn.(*feed), sizes: map[string]footprint{}}
		m.measure("before", devices)
		fl, err := fleet.Open(config)
		if err != nil {
			t.Fatal(err)
		}
		m.fleet = fl
		served := make(chan error, 1)
		go func() { served <- fl.Serve(context.Background()) }()
		f(m)
		if err := fl.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := src.Close(); err != nil {
			t.Error(err)
		}
	})
}

// request has Clients send each Device a POST of tm, and lets the Devices come to rest.
func (m *motion) request(tm ocf.DPM) {
	m.mid++
	batch := make([]fleet.Packet, 0, 64)
	for i := range m.fleet.Len() {
		data := bytesOf(m, "44 02 0000 00000000"+pstat+"12 2710 ff a162'tm'18")
		data = append(data, byte(tm))
		binary.BigEndian.PutUint16(data[2:], m.mid)
		binary.BigEndian.PutUint32(data[4:], uint32(i))
		client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(1 + i%motionClients)}), 40000)
		batch = append(batch, fleet.Packet{Peer: client, Local: m.fleet.Addr(i), Data: data})
		if len(batch) == cap(batch) || i == m.fleet.Len()-1 {
			m.conn.handle(batch)
			time.Sleep(time.Duration(len(batch)) * time.Second / motionRate)
			batch = batch[:0]
		}
	}
	time.Sleep(3 * time.Second) // in the bubble's time
}

// expect verifies every Device.
func (m *motion) expect(cm map[string]ocf.DPM, version map[string]string) {
	m.Helper()
	for i := range m.fleet.Len() {
		end := ends[i%10]
		if s, v := m.fleet.State(i), m.fleet.Version(i); s.TM != 0 || s.CM != cm[end] || s.DOS != ocf.RFNOP || v != version[end] {
			m.Fatalf("device %d, %s: tm=%v cm=%v dos=%v version=%s", i, end, s.TM, s.CM, s.DOS, v)
		}
	}
}

// measure notes how much memory the process takes, after a garbage collection.
func (m *motion) measure(name string, devices int) {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	now := footprint{heap: stats.HeapAlloc}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		pages, _ := strconv.ParseUint(strings.Fields(string(text))[1], 10, 64)
		now.rss = pages * uint64(os.Getpagesize())
	}
	m.sizes[name] = now
	m.Logf("%s: %d Devices, heap %d MB, resident %d MB", name, devices, now.heap/1e6, now.rss/1e6)
}

// perDevice is how many bytes of heap a Device has come to take since the fleet was opened.
func (m *motion) perDevice(name string) int {
	return int(m.sizes[name].heap-m.sizes["before"].heap) / m.fleet.Len()
}

// checkAndUpdate has every Device do a check and then an update, and verifies both ends.
func (m *motion) checkAndUpdate() {
	m.measure("idle", m.fleet.Len())
	m.request(ocf.SVV)
	none := "1.0.0"
	m.expect(map[string]ocf.DPM{"success": ocf.SVV, "failure": ocf.SVV},
		map[string]string{"success": none, "no-update": none, "failure": none})
	m.measure("after a check", m.fleet.Len())
	m.request(ocf.SSU)
	m.expect(map[string]ocf.DPM{"success": ocf.SSU},
		map[string]string{"success": "1.0.1", "no-update": none, "failure": none})
	m.measure("after both", m.fleet.Len())
}

// TestMotion has Devices do a check and an update each, and verifies every end state. Their
// memory has a bound that is a third above what was measured. OCFSIM_MOTION says how many
// there are:
//
//	GOMEMLIMIT=265MiB OCFSIM_MOTION=1000000 go test -run '^TestMotion$' -v ./sim/fleet
func TestMotion(t *testing.T) {
	devices := devicesInMotion(t)
	inMotion(t, devices, nil, func(m *motion) {
		m.checkAndUpdate()
		for name, bound := range map[string]int{"idle": idleBound, "after both": bothBound} {
			t.Logf("%s: %d bytes of heap for each Device", name, m.perDevice(name))
			if got := m.perDevice(name); got > bound {
				t.Errorf("%s: a Device takes %d bytes of heap, more than %d", name, got, bound)
			}
		}
	})
}

// devicesInMotion is how many Devices a test puts in motion.
func devicesInMotion(t *testing.T) int {
	text := os.Getenv("OCFSIM_MOTION")
	if text == "" {
		return 10_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(fmt.Errorf("OCFSIM_MOTION: %w", err))
	}
	return n
}
