package target

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ocfsim/ocfsim/fixtures/seeds"
)

// atPlace is how a mistake in a target file is reported.
var atPlace = regexp.MustCompile(`^t\.yaml:[1-9][0-9]*:[1-9][0-9]*: .`)

// FuzzTargetFile reads random target files. What is refused is refused with
// line and column; what is accepted names a Device, gives every wait a bound
// and says the same when it is read again.
func FuzzTargetFile(f *testing.F) {
	files, err := filepath.Glob("../../fixtures/targets/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no target files: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		contractExample,
		"name: x\ndiscover: {di: 5e3f1c7a-9b1d-4c77-8a5e-0d6f2b9c4e11, interface: lo}\nsecurity: {own: justworks}\n",
		"name: x\nendpoint: coaps://[::1%25lo]:7\nsecurity: {psk: {identity: 5e3f1c7a-9b1d-4c77-8a5e-0d6f2b9c4e11, key: 000102030405060708090a0b0c0d0e0f}}\n",
		"name: x\nendpoint: coaps://h\nsecurity: {identity: {certificate: a.pem, key: b.pem, trust: c.pem}}\n",
		"name: x\nendpoint: coap://a\ntransmission: {ack_timeout: 1ns, max_retransmit: 20}\nupdate: {dos: any}\npolicy: {ssu_start_clears: literal}\n",
	} {
		f.Add(text)
	}
	dir := f.TempDir()
	found, err := seeds.Read("testdata/seeds/FuzzTargetFile")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range found {
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "/dev") { // a key file without an end is not what this is about
			return
		}
		c, err := parse("t.yaml", dir, []byte(text))
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if atPlace.MatchString(line) {
					return
				}
			}
			t.Fatalf("an error without a place: %v", err)
		}
		if err := c.validate(); err != nil {
			t.Fatalf("accepted, but %v", err)
		}
		p := c.Profile
		if p.Name == "" || p.Timing.Validation <= 0 || p.Timing.Update <= 0 || p.Timing.Settle <= 0 || p.Timing.Reboot <= 0 ||
			c.ConditionTimeout <= 0 || c.ACKTimeout <= 0 || c.OpenTimeout <= 0 {
			t.Errorf("accepted: %+v", c)
		}
		again, err := parse("t.yaml", dir, []byte(text))
		if err != nil {
			t.Fatalf("read again: %v", err)
		}
		if diff := cmp.Diff(c.Profile, again.Profile, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("read again (-first +second):\n%s", diff)
		}
	})
}
