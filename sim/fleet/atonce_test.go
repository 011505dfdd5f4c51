package fleet_test

import (
	"os"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// peakBound is what a Device may take while all Devices check or update at once, in bytes of
// heap.
const peakBound = 420

// TestAllAtOnce has all Devices check by themselves in one moment, and then update, and
// verifies every end state. OCFSIM_MOTION says how many there are:
//
//	OCFSIM_MOTION=1000000 go test -run '^TestAllAtOnce$' -v ./sim/fleet
func TestAllAtOnce(t *testing.T) {
	devices := devicesInMotion(t)
	inMotion(t, devices, nil, func(m *motion) {
		m.measure("idle", devices)
		m.begin("autonomous-validation")
		none := "1.0.0"
		m.expect(map[string]ocf.DPM{"success": ocf.SVV, "failure": ocf.SVV},
			map[string]string{"success": none, "no-update": none, "failure": none})
		m.begin("autonomous-update")
		m.expect(map[string]ocf.DPM{"success": ocf.SSU},
			map[string]string{"success": "1.0.1", "no-update": none, "failure": none})
		m.measure("after both", devices)
		if got := m.perDevice("autonomous-update"); got > peakBound {
			t.Errorf("while all update, a Device takes %d bytes of heap, more than %d", got, peakBound)
		}
		if r := m.fleet.Stats(); r.Drops.LateAnswers > 0 {
			t.Errorf("%d answers came too late", r.Drops.LateAnswers)
		}
	})
}

// begin brings all Devices into a condition that starts a process, and waits until they
// have come to rest.
func (m *motion) begin(condition string) {
	goroutines := runtime.NumGoroutine()
	if _, err := m.fleet.Condition("", condition); err != nil {
		m.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // in the bubble's time: the results are there, and are to be announced
	if more := runtime.NumGoroutine() - goroutines; more > 4 {
		m.Errorf("%d more goroutines while all Devices ask", more)
	}
	m.measure(condition, m.fleet.Len())
	time.Sleep(3 * time.Second)
	m.Logf("resident at most %s MB", peak(m.T))
}

// peak is the most memory that the process ever had resident, in MB; "?" where nobody knows.
func peak(t *testing.T) string {
	text, err := os.ReadFile("/proc/self/status")
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if err != nil || m == nil {
		return "?"
	}
	kB, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(kB * 1024 / 1e6)
}
