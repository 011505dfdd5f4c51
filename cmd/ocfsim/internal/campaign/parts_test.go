package campaign

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// TestFleet reads what names a fleet.
func TestFleet(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	list := file("list.txt", "\ufeff127.1.0.9\n\n[::1]:5699 # one\ncoaps://127.1.0.1+2\n")
	lamp := file("lamp.yaml", "name: lamp\nendpoint: coap://127.1.0.7\nsecurity: {own: justworks}\n")
	fleet := file("fleet.yaml", "name: f\ndevices: 4\ngroups:\n  - {name: a, weight: 1, addresses: 127.9.0.1, secured: 100}\n  - {name: b, weight: 1, addresses: 127.9.1.1, secured: 0}\n")
	for name, want := range map[string]string{
		"coap://127.1.0.255:5683+2":   "coap://127.1.0.255:5683 coap://127.1.1.0:5683",
		"coap://127.1.0.1 + 2":        "coap://127.1.0.1:5683 coap://127.1.0.2:5683",
		"coaps://[fd00::f]+2":         "coaps://[fd00::f]:5684! coaps://[fd00::10]:5684!",
		list:                          "coap://127.1.0.9:5683 coap://[::1]:5699 coaps://127.1.0.1:5684! coaps://127.1.0.2:5684!",
		lamp:                          "coap://127.1.0.7:5683!",
		fleet:                         "coaps://127.9.0.1:5684!a coaps://127.9.0.2:5684!a coap://127.9.1.1:5683b coap://127.9.1.2:5683b",
		"coap://255.255.255.254+2":    `error "coap://255.255.255.254+2": 255.255.255.255 stands for all of a network, expected the address of one Device`,
		"coap://[ffff::]+2":           `error "coap://[ffff::]+2": ffff:: is a group, expected the addresses of Devices; ` + "`multicast` looks for those that are there",
		"coap://224.0.1.187":          `error "coap://224.0.1.187": 224.0.1.187 is a group, expected the addresses of Devices; ` + "`multicast` looks for those that are there",
		"coaps://223.255.255.255+2":   `error "coaps://223.255.255.255+2": 224.0.0.0 is a group, expected the addresses of Devices; ` + "`multicast` looks for those that are there",
		"coap://0.0.0.0":              `error "coap://0.0.0.0": 0.0.0.0 is not the address of a Device`,
		"coap://127.255.255.255+2":    `error "coap://127.255.255.255+2": loopback has only 1 of them from there on`,
		"coap://lamp.example:5683+2":  `error "coap://lamp.example:5683+2": a range begins at an address, such as 127.1.0.1:5683`,
		"coap://127.1.0.1/oic/d":      `error "coap://127.1.0.1/oic/d": expected coap://host[:port] or coaps://host[:port]`,
		file("none.txt", "# none\n"):  "error " + filepath.Join(dir, "none.txt") + " " + filepath.Join(dir, "none.txt") + " names no Device",
		file("bad.txt", "127.1.0.1+"): "error " + filepath.Join(dir, "bad.txt") + `:1:1: "coap://127.1.0.1+": expected a number of Devices from 1 to 10000000 after the +`,
	} {
		var got []string
		all, err := Fleet(t.Context(), []string{name, name}, time.Second)
		for _, m := range all {
			secured := ""
			if m.Secured {
				secured = "!"
			}
			got = append(got, m.Endpoint+secured+m.Group)
		}
		if err != nil {
			got = []string{"error " + err.Error()}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s\ngot  %s\nwant %s", name, strings.Join(got, " "), want)
		}
	}
}

// TestReservedClasses: a message of a class that nobody has defined is none.
func TestReservedClasses(t *testing.T) {
	var r reads
	for code, want := range map[byte]bool{2<<5 | 4: true, 4<<5 | 4: true, 5<<5 | 3: true, 0: true, 1<<5 | 4: false, 3<<5 | 4: false, 6<<5 | 4: false, 7<<5 | 4: false} {
		if _, ok := r.read([]byte{1<<6 | 2<<4, code, 0, 1}); ok != want {
			t.Errorf("code %d.%02d: %v", code>>5, code&31, ok)
		}
	}
}

// TestThrottle checks that a throttle grows by answers, is cut by losses, and once for what
// is lost at the same time; and that the line is served in its order.
func TestThrottle(t *testing.T) {
	w := newThrottle()
	for range 200 {
		w.grow()
	}
	w.cut(time.Second)
	w.cut(time.Second + cutPause/2)
	if got := int(w.size); got != (leastOpen+200)/2 {
		t.Errorf("%d requests may wait, want %d", got, (leastOpen+200)/2)
	}
	before := w.size
	w.grow()
	if w.size-before >= 1 {
		t.Error("after a loss it grows as fast as before")
	}
	for range int32(10) {
		w.cut(time.Hour)
	}
	for i := range int32(5000) {
		w.line(i)
	}
	for i := range int32(5000) {
		if got, ok := w.next(); !ok || got != i {
			t.Fatalf("Device %d is served as number %d", got, i)
		}
	}
	if _, ok := w.next(); ok {
		t.Error("there is no line, and someone is served")
	}
}

// TestAlarms checks that alarms ring in the order of their times, whatever is set and taken
// back before.
func TestAlarms(t *testing.T) {
	const n = 500
	a := newAlarms(n)
	for i := range int32(n) {
		a.set(i, time.Duration(i*7919%n)+1)
	}
	for i := range int32(n) {
		switch i % 3 {
		case 0:
			a.set(i, 0)
		case 1:
			a.set(i, time.Duration(i*104729%n)+1)
		}
	}
	last, rung := time.Duration(0), 0
	for {
		i, at, ok := a.first()
		if !ok {
			break
		}
		if at < last || i%3 == 0 {
			t.Fatalf("the alarm of Device %d rings at %d after one at %d", i, at, last)
		}
		last = at
		rung++
		a.set(i, 0)
	}
	if want := n - (n+2)/3; rung != want {
		t.Errorf("%d alarms rang, want %d", rung, want)
	}
}

// TestRecordOfADeadRun reads a record whose last line the end of the program cut short.
func TestRecordOfADeadRun(t *testing.T) {
	dir := t.TempDir()
	r, err := Create(dir, About{Fleet: []string{"x"}}, []byte("name: x\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"a", "b"} {
		if err := r.Append(Result{Device: d, Verdict: Updated}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ResultsFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a", "a c"} {
		r, about, err := Resume(dir)
		if err != nil || len(about.Fleet) != 1 {
			t.Fatal(about, err)
		}
		var got []string
		if err := r.Earlier(func(one Result) { got = append(got, one.Device) }); err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("the record has %v, want %s", got, want)
		}
		if err := r.Append(Result{Device: "c", Verdict: Lost}); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWhatAKilledRunKnew: a Device that was to be asked for an update is under way, unless a
// Result of that run, or of a later one, says what became of it; and a run that only comes to
// know that it was interrupted forgets nothing.
func TestWhatAKilledRunKnew(t *testing.T) {
	dir := t.TempDir()
	r, err := Create(dir, About{Fleet: []string{"a"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := func(device string) Result {
		return Result{Device: device, Verdict: UnderWay, From: "1.0.0", Asked: "U", Before: "tm=- cm=V dos=RFNOP"}
	}
	var errs []error
	for run, lines := range [][2][]Result{
		{{asked("a"), asked("b")}, {{Device: "b", Verdict: Failed}}}, // what is asked for, and what became of it
		{{asked("b")}, nil}, // b is done over
		{{asked("c")}, {{Device: "b", Verdict: Updated}, asked("a")}},
	} {
		if run > 0 {
			if r, _, err = Resume(dir); err != nil {
				t.Fatal(err)
			}
			errs = append(errs, r.Earlier(func(Result) {}))
		}
		for _, one := range lines[0] {
			errs = append(errs, r.Asking(one))
		}
		for _, one := range lines[1] {
			errs = append(errs, r.Append(one))
		}
		errs = append(errs, r.Flush(), r.Close())
	}
	if r, _, err = Resume(dir); err != nil {
		t.Fatal(err)
	}
	got := map[string]Result{}
	errs = append(errs, r.Earlier(func(one Result) { got[one.Device] = one }), r.Close())
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for device, want := range map[string]Verdict{"a": UnderWay, "b": Updated, "c": UnderWay} {
		if r := got[device]; r.Verdict != want || want == UnderWay && (r.Known().From != "1.0.0" || !r.Known().Before.CM.Has(ocf.SVV)) {
			t.Errorf("%s: %+v, want %s", device, r, want)
		}
	}
	again := Result{Verdict: NotBegun}
	if again.remember(got["a"].Known()); again.Known() != got["a"].Known() {
		t.Errorf("%+v is forgotten: %+v", got["a"].Known(), again.Known())
	}
}

// TestSample draws Devices from each group by its share, and adds up what was found with the
// worst first.
func TestSample(t *testing.T) {
	var all []Member
	for i := range 100 {
		m := Member{Endpoint: string(rune('A' + i)), Group: "large"}
		switch {
		case i < 3:
			m.Group = "small"
		case i < 30:
			m.Group = "middle"
		}
		all = append(all, m)
	}
	drawn, rest := Draw(all, 10, 1)
	count := map[string]int{}
	for _, m := range drawn {
		count[m.Group]++
	}
	if len(drawn) != 10 || len(rest) != 90 || count["small"] != 1 || count["middle"] < 2 || count["large"] < 6 {
		t.Errorf("%d were drawn, %d are left: %v", len(drawn), len(rest), count)
	}
	again, _ := Draw(all, 10, 1)
	for i := range again {
		if again[i] != drawn[i] {
			t.Errorf("the same seed draws %v and %v", drawn[i], again[i])
		}
	}
	judged := []Judged{
		{Member{Group: "good", Endpoint: "1"}, conformance.Pass, map[string]conformance.Verdict{"SVV-6": conformance.Pass}},
		{Member{Group: "bad", Endpoint: "2"}, conformance.Inconclusive, map[string]conformance.Verdict{"SVV-6": conformance.Inconclusive, "SVV-8": conformance.Pass}},
		{Member{Group: "worst", Endpoint: "3"}, conformance.Fail, map[string]conformance.Verdict{"SVV-6": conformance.Inconclusive, "SVV-8": conformance.Fail}},
	}
	s := SampleOf(judged)
	if s.Verdict != conformance.Fail || s.Groups[0].Group != "worst" || s.Groups[2].Group != "good" || len(s.Requirements) != 2 || s.Requirements[0].ID != "SVV-8" || s.Requirements[1].Counts[conformance.Inconclusive] != 2 {
		t.Errorf("%+v", s)
	}
}
