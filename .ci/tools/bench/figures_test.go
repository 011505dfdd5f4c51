//go:build linux

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestNumber(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "7": 7, "0.572": 0.5721, "4.91": 4.9149, "12.3": 12.345, "999": 999.4, "1,000": 1000, "160,249": 160249.4, "10,000,000": 1e7, "-1,234": -1234, "0.0665": 0.06651,
	} {
		if got := number(v); got != want {
			t.Errorf("%v is written %s instead of %s", v, got, want)
		}
	}
}

// TestComparing checks that ratios are taken round by round, and that less is better where
// it is said so.
func TestComparing(t *testing.T) {
	var r results
	for round, v := range [][2]float64{{10, 5}, {40, 10}, {90, 30}} {
		r.add("a", round, 1, map[string]float64{"x": v[0]})
		r.add("b", round, 1, map[string]float64{"x": v[1]})
	}
	r.add("c", 0, 1, map[string]float64{"y": 1})
	if got, ok := r.median("a", "x"); got != 40 || !ok {
		t.Errorf("median %v, %v", got, ok)
	}
	if got, ok := r.compare("a", ratio{unit: "x", base: "b"}); got != 3 || !ok {
		t.Errorf("a is %v times b, %v", got, ok)
	}
	if got, ok := r.compare("b", ratio{unit: "x", base: "a", less: true}); got != 3 || !ok {
		t.Errorf("b is %v times better than a, %v", got, ok)
	}
	if got, ok := r.compare("c", ratio{unit: "x", base: "a"}); ok {
		t.Errorf("c has no x and is %v times a", got)
	}
	if got, ok := middle([]float64{4, 1}); got != 2.5 || !ok {
		t.Errorf("the middle of two is %v, %v", got, ok)
	}
}

func TestGoals(t *testing.T) {
	for _, c := range []struct {
		g    goal
		v    float64
		want bool
	}{
		{goal{least: 2}, 2, true},
		{goal{least: 2}, 1.9, false},
		{goal{most: 2}, 2, true},
		{goal{most: 2}, 2.1, false},
		{goal{none: true}, 0, true},
		{goal{none: true}, 1, false},
	} {
		if got := c.g.reached(c.v); got != c.want {
			t.Errorf("%+v by %v: %v", c.g, c.v, got)
		}
	}
}

// TestDoubtIsShown checks that the page says of which figures there is doubt: those of a
// machine that others had, those of a subject that lost something, and what is missing.
func TestDoubtIsShown(t *testing.T) {
	m := measured{row: row{
		title: "T", units: []unit{{name: "x", head: "X"}},
		goals: []goal{{what: "much", subject: "a", unit: "x", least: 1}, {what: "more", subject: "b", unit: "x", least: 1}},
	}}
	m.results.add("a", 0, 1, map[string]float64{"x": 3})
	m.results.distrust("a", "2 were lost")
	m.results.skip("b", errMissing{"b"})
	m.results.crowd = crowd{others: 0.3}
	p := report{machine: machine{load: 3}, rows: []measured{m}}
	var out bytes.Buffer
	p.markdown(&out)
	for _, want := range []string{
		"| much | at least 1 | 3 | invalid, loaded |", "| more | at least 1 | not measured | - |", "| a (invalid) | 3 |", "* **Invalid**: a: 2 were lost.",
		"* **Not measured**: b: b is not installed.", "**Loaded**: other programs had 30 % of the processors", "**the machine was not quiet**",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the page does not say %q:\n%s", want, &out)
		}
	}
}

// TestOthersOnTheMachine checks what is left of the processors' time without this program's.
func TestOthersOnTheMachine(t *testing.T) {
	var before usage
	after := usage{at: before.at.Add(10 * time.Second), busy: 12 * time.Second, own: 10 * time.Second, stolen: time.Second, dropped: 4}
	c := after.since(before, 2)
	if c.others != 0.1 || c.stolen != 0.05 || c.dropped != 4 || !c.loaded() {
		t.Errorf("%+v", c)
	}
	if u := usageNow(); u.busy == 0 || u.own == 0 {
		t.Errorf("/proc says %+v", u)
	}
}

// TestCourses checks that a course that no behaviour has is found, and one that too few have.
func TestCourses(t *testing.T) {
	found, none := course{updated: state{cm: 128}}, course{}
	percent := map[course]int{found: 70, none: 30}
	for _, c := range []struct {
		courses map[course]int
		wrong   string
	}{
		{map[course]int{found: 690, none: 310}, ""},
		{map[course]int{found: 500, none: 500}, "should have"},
		{map[course]int{found: 699, none: 300, {checked: state{tm: 64}}: 1}, "no behaviour has"},
	} {
		m := motion{courses: c.courses}
		if err := m.verify(1000, percent); err == nil && c.wrong != "" || err != nil && (c.wrong == "" || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%v: %v", c.courses, err)
		}
	}
}

// TestMessages reads what the generator sends and what Devices answer.
func TestMessages(t *testing.T) {
	if got := datagram(nil, conHead, post, 0x0102, 0xa0000001, setTM(64)); string(payloadOf(got)) != "\xa1\x62tm\x18\x40" || typeOf(got) != typeCON {
		t.Errorf("a POST: %x", got)
	}
	notification := []byte("\x54\x45\x00\x01\xff\x00\x00\x02\x63abc\x21\x05\x62\x27\x10\xffxyz") // with an option 6 of 3 bytes
	token, ok := tokenOf(notification)
	if !ok || token != observing|2 || !observed(notification) || string(payloadOf(notification)) != "xyz" || typeOf(notification) != typeNON {
		t.Errorf("a notification: token %x, observed %v, payload %q", token, observed(notification), payloadOf(notification))
	}
	for _, short := range []string{"", "\x44", "\x44\x45\x00\x01", "\x44\x45\x00\x01\x01\x02\x03\x04\xd0", "\x44\x45\x00\x01\x01\x02\x03\x04\x6f\x00"} {
		if payload := payloadOf([]byte(short)); len(payload) > 0 {
			t.Errorf("%x has the payload %x", short, payload)
		}
		if observed([]byte(short)) && short[len(short)-2] != 0x6f {
			t.Errorf("%x has an Observe number", short)
		}
	}
}

func TestChoosing(t *testing.T) {
	chosen, err := choose(rows(), "post,get")
	if err != nil || len(chosen) != 2 || chosen[0].name != "get" {
		t.Errorf("%d rows, error %v", len(chosen), err)
	}
	if _, err := choose(rows(), "get,pots"); err == nil || !strings.Contains(err.Error(), `"pots"`) {
		t.Errorf("a row that there is not: %v", err)
	}
	if err := command([]string{"-docs", "-only", "get"}); err == nil {
		t.Error("a page of some rows is written to docs")
	}
	var s settings
	if err := s.readSizes("2000,10"); err != nil || len(s.sizes) != 2 || s.sizes[0] != 10 {
		t.Errorf("%v, error %v", s.sizes, err)
	}
	if err := s.readSizes("many"); err == nil {
		t.Error("many is a number of Devices")
	}
}
