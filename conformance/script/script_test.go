package script_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/script"
)

// A line is an event, a millisecond after the one before, of the Client that it names.
func TestPlay(t *testing.T) {
	tl, err := script.Play(`
# a check, asked for and begun
update-available
second: get tm=- cm=- dos=RFNOP
sleep 2s
post tm=V 2.04
source checks=1
`)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, o := range tl.Observations {
		kinds = append(kinds, string(o.Kind))
	}
	if got := strings.Join(kinds, " "); got != "condition condition request response request response source" {
		t.Fatalf("%s", got)
	}
	look, post, source := tl.Observations[3], tl.Observations[4], tl.Observations[6]
	if look.Client != "second" || *look.For != 2 || look.At != 4*time.Millisecond {
		t.Errorf("the look is %+v", look)
	}
	if p, _, ok := look.Pstat(); !ok || p.String() != "tm=- cm=- dos=RFNOP" {
		t.Errorf("it shows %v, %v", p, ok)
	}
	if post.Client != conformance.Privileged || post.At != 2*time.Second+5*time.Millisecond {
		t.Errorf("the write is %+v", post)
	}
	if source.Source.Checks != 1 {
		t.Errorf("the source says %+v", source.Source)
	}
}

// A line that says nothing is a mistake, and is told.
func TestMistakes(t *testing.T) {
	for line, want := range map[string]string{
		"gte tm=-":               `gte tm=-: "gte" is no word of a script`,
		"post tm=V":              "expected what is written, and the answer",
		"get tm=W":               "get tm=W: ",
		"post tm=V color=9 2.04": `update "color=9"`,
		"sleep long":             "sleep long: ",
		"source hold=1":          `source "hold=1"`,
		"target better":          `target "better"`,
		"rules -1":               "rules -1: ",
		"device me":              "device me: ",
		"notify x tm=-":          "notify x tm=-: ",
		"post hex:1 2.04":        "post hex:1 2.04: ",
	} {
		if _, err := script.Play("get tm=- cm=- dos=RFNOP\n" + line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}

func TestReadAll(t *testing.T) {
	if all, err := script.ReadAll("../judge/testdata/svv_04.txt"); err != nil || len(all) == 0 {
		t.Errorf("%d scripts: %v", len(all), err)
	}
	if _, err := script.ReadAll("testdata/none"); err == nil {
		t.Error("no file is no error")
	}
}
