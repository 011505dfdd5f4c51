package fortune_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/fortune"
	"github.com/ocfsim/ocfsim/fixtures/fleetfile"
)

// apart cuts the Devices of one group off from some Clients, by name, by prefix and by
// address. The Client of Device n is at 10.0.0.n.
const apart = `
clients: {controllers: [10.0.0.0/30, 10.0.0.9]}
profiles:
  split: {partition: {at: [0s], for: 1h, from: [controllers, 10.0.0.12]}}
groups:
  - {name: cut, count: 14, secured: 0, faults: [split]}
  - {name: whole, count: 4, secured: 0}
`

// TestAPartitionStandsBetweenDevicesAndClients checks that Devices hear nothing from the
// Clients that they are cut off from, that they hear all others, and that a record replays.
func TestAPartitionStandsBetweenDevicesAndClients(t *testing.T) {
	first := play(t, apart, fleetfile.Shard{}, "")
	away := []int{0, 1, 2, 3, 9, 12}
	for i, end := range first.ends {
		if updated := strings.HasSuffix(end, "1.0.1"); updated == slices.Contains(away, i) {
			t.Errorf("Device %d ended as %q", i, end)
		}
	}
	cut := map[string]int{}
	for line := range strings.Lines(first.record) {
		var l fortune.Line
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Event != "fault" {
			continue
		}
		if at := netip.MustParseAddr(l.Peer); l.Kind != "partition" || l.Group != "cut" || at != clientAddr(l.Device, true) {
			t.Errorf("recorded: %s", line)
		}
		cut[l.Peer]++
	}
	if len(cut) != len(away) {
		t.Errorf("these were cut off: %v", cut)
	}
	again := play(t, apart, fleetfile.Shard{}, first.record)
	if !slices.Equal(first.ends, again.ends) || first.tail.Faults["partition"] != again.tail.Faults["partition"] {
		t.Errorf("the replay ends\n%v and the run did\n%v", again.tail, first.tail)
	}
}
