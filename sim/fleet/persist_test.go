package fleet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// A fleet that opens a state directory has the state that an earlier fleet left
// there.
func TestState(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	keep := func(c *fleet.Config) { c.StateDir = dir }
	inWorld(t, memnet.Impairment{}, keep, func(w *world) {
		w.wish("127.1.0.1", "update-available")
		w.wish("127.1.0.1", "autonomous-update")
		w.expect(0, time.Minute, "tm=- cm=U")
		w.wish("127.1.0.2", "hold")
		w.dial("127.1.0.2:5683").want(startV, "60 44 0002")
		w.expect(1, time.Second, "tm=V cm=-")
	})
	inWorld(t, memnet.Impairment{}, keep, func(w *world) {
		w.expect(0, 0, "tm=- cm=U")
		if v := w.fleet.Version(0); v != "1.0.1" {
			t.Errorf("version %s", v)
		}
		w.expect(1, 0, "tm=V cm=-") // it starts again
		w.expect(1, time.Minute, "tm=- cm=V")
		w.expect(2, 0, "tm=- cm=-")
	})
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("%d files, %v", len(files), err)
	}
}

// A damaged file causes an error that names the file, and the fleet does not open.
func TestDamagedState(t *testing.T) {
	dir := t.TempDir()
	keep := func(c *fleet.Config) { c.StateDir = dir }
	inWorld(t, memnet.Impairment{}, keep, func(w *world) { w.wish("", "autonomous-validation") })
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(files) != 3 {
		t.Fatalf("%d files", len(files))
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []string{"", "{", string(whole[:len(whole)/2]), string(other), `{"schema": "x"}`, "null"} {
		if err := os.WriteFile(files[0], []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		conn, err := memnet.New(1, memnet.Impairment{}).Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		c := smallConfig(t, conn)
		c.StateDir = dir
		fl, err := fleet.Open(c)
		if err == nil {
			_ = fl.Close()
			t.Errorf("%q was taken", damaged)
		} else if !strings.Contains(err.Error(), files[0]) {
			t.Errorf("%q: %v", damaged, err)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*fleet.Config){
		"devices: 0 is not between 1 and 16777216": func(c *fleet.Config) { c.Devices = 0 },
		"listen: 0.0.0.0:5683 is not the address":  func(c *fleet.Config) { c.Listen = addrPort("0.0.0.0:5683") },
		"listen: [::]:5683 is not the address":     func(c *fleet.Config) { c.Listen = addrPort("[::]:5683") },
		"listen: 224.0.1.187:5683 is not":          func(c *fleet.Config) { c.Listen = addrPort("224.0.1.187:5683") },
		"listen: there are no 3 ports from 65534":  func(c *fleet.Config) { c.PortPerDevice, c.Listen = true, addrPort("127.0.0.1:65534") },
		"IPv6 has one loopback address":            func(c *fleet.Config) { c.Listen = addrPort("[::1]:5683") },
		"model: missing":                           func(c *fleet.Config) { c.Model = nil },
		"leisure: -1s is below 0":                  func(c *fleet.Config) { c.Leisure = -time.Second },
		"state: mkdir":                             func(c *fleet.Config) { c.StateDir = file },
	} {
		conn, err := memnet.New(1, memnet.Impairment{}).Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		c := smallConfig(t, conn)
		change(&c)
		if fl, err := fleet.Open(c); err == nil {
			_ = fl.Close()
			t.Errorf("no error, want %s", want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
