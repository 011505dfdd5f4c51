package depot_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// Under each fault a Device of ocf-2.2, whose validation downloads, goes by DDI through the
// states that it goes through over plain HTTPS, and has the same swupdateresult.
func TestByDDIADeviceEndsAsOverHTTPS(t *testing.T) {
	scheduled, err := fixtures.Variant("scheduled")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fixtures.Faults() {
		if f.Does == depot.Flaw || f.Does == depot.Address || !slices.Contains(f.Over, depot.OverHTTP) {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			var ends [2]string
			var both sync.WaitGroup
			for i, over := range []string{depot.OverHTTP, overDDI} {
				b := newBench(t, over, f, sim.Config{Edition: scheduled.Edition, Variant: scheduled})
				both.Go(func() {
					ends[i] = fmt.Sprintf("%s, then %s, %s, swupdateresult %d", b.course(ocf.SVV), b.course(ocf.SSU), b.fleet.Version(0), b.result())
				})
			}
			both.Wait()
			if ends[0] != ends[1] {
				t.Errorf("by DDI %s,\nover HTTPS %s", ends[1], ends[0])
			}
		})
	}
}

// result is the Device's swupdateresult, or -1 if that can't be read.
func (b *bench) result() int {
	conn, err := b.net.Dial(b.fleet.Addr(0))
	if err != nil {
		b.Error(err)
		return -1
	}
	defer conn.Close()
	get := message.Message{
		Type: message.Confirmable, Code: codes.GET, MessageID: 1, Token: message.Token{1},
		Options: message.Options{{ID: message.URIPath, Value: []byte("oc")}, {ID: message.URIPath, Value: []byte("swu")}},
	}
	datagram := make([]byte, 1500)
	n, err := coder.DefaultCoder.Encode(get, datagram)
	if err == nil {
		_, err = conn.Write(datagram[:n])
	}
	if err == nil {
		n, err = conn.Read(datagram)
	}
	answer := message.Message{Options: make(message.Options, 0, 8)}
	if err == nil {
		_, err = coder.DefaultCoder.Decode(datagram[:n], &answer)
	}
	x, _, read := ocf.DecodeSoftwareUpdate(answer.Payload)
	if err != nil || read != nil {
		b.Error(answer.Code, err, read)
		return -1
	}
	return int(x.Result)
}
