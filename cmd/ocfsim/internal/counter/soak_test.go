package counter_test

import (
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

var (
	soak   = flag.Duration("soak", 5*time.Second, "how long TestSoak goes on")
	faults = flag.String("faults", "loss=0.1,duplicate=0.1,reorder=0.1,delay=5ms,jitter=10ms", "what TestSoak does to datagrams; \"\" for nothing")
)

// soakFrom is the first seed of TestSoak: one that the counter-exam does not reach.
const soakFrom = 1 << 20

// growth is how much more memory, in bytes, may be in use at the end of TestSoak than
// after its first runs. What the program keeps on purpose is in use by then.
const growth = 32 << 20

// TestSoak tests one compliant Device after the other over a network that does what the
// flag -faults says, for as long as -soak says. None may fail, and nothing is left of any
// of them: no goroutine and no memory.
func TestSoak(t *testing.T) {
	network, err := faultsOf(*faults)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := urn(t)
	all := newTally(t)
	const warm = 10 // runs
	var before uint64
	goroutines, runs := runtime.NumGoroutine(), 0
	for began := time.Now(); runs <= warm || time.Since(began) < *soak; runs++ {
		d, err := u.Draw(soakFrom + *from + uint64(runs))
		if err != nil {
			t.Fatal(err)
		}
		o, err := d.Over(network, "")
		all.enter(d, network, o, err)
		if runs == warm {
			before = inUse()
		}
	}
	t.Logf("%d runs over %+v: %v", runs, network, all)
	if after := inUse(); after > before+growth {
		t.Errorf("%d runs leave %d MB in use, where there were %d after the first %d", runs, after>>20, before>>20, warm)
	}
	if left := runtime.NumGoroutine(); left > goroutines {
		t.Errorf("%d runs leave %d goroutines, where there were %d", runs, left, goroutines)
	}
	if all.scenarios[conformance.Pass] == 0 {
		t.Error("nothing passed")
	}
}

// inUse is how much memory is in use once all garbage is collected.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// faultsOf reads the network that the flag -faults describes.
func faultsOf(text string) (network memnet.Impairment, err error) {
	for fault := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(fault, "=")
		switch name {
		case "":
		case "loss":
			network.Loss, err = strconv.ParseFloat(value, 64)
		case "duplicate":
			network.Duplicate, err = strconv.ParseFloat(value, 64)
		case "reorder":
			network.Reorder, err = strconv.ParseFloat(value, 64)
		case "delay":
			network.Delay, err = time.ParseDuration(value)
		case "jitter":
			network.Jitter, err = time.ParseDuration(value)
		default:
			err = fmt.Errorf("expected loss, duplicate, reorder, delay or jitter")
		}
		if err != nil {
			return network, fmt.Errorf("-faults %s: %w", fault, err)
		}
	}
	return network, nil
}
