package web_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp"
	"github.com/plgd-dev/go-coap/v3/udp/client"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// at is where a fault strikes in the table, unless that does not matter.
const at = "@4096"

// unread are the faults of what the reference Device does not read: the address of a
// package in the list of versions. It asks for the package where it asked for the version.
func unread() []string { return []string{"bad-url", "unsupported-scheme"} }

// TestTheReferenceDevice lets the reference Device, which asks over HTTPS, meet each
// fault: the courses of tm and cm, dos and the version have to be those of the fault's
// file. All cases run at once, since most of them wait.
func TestTheReferenceDevice(t *testing.T) {
	var wait sync.WaitGroup
	for _, f := range fixtures.Faults() {
		if !slices.Contains(f.Over, depot.OverHTTP) || slices.Contains(unread(), f.Name) || f.Compliant.Ends == depot.EndsEither {
			continue
		}
		text := f.Name
		if f.Does.Stage() == depot.AtBody && f.Does != depot.Length {
			text += at
		}
		b := serve(t, text)
		b.client.Timeout = 0 // the Device has a patience of its own, and follows no redirection
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		struck := "update-fails"
		if f.Compliant.Ends == depot.EndsSuccess {
			struck = "update-available"
		}
		d := referenceDevice(t, b)
		wait.Go(func() {
			if got := d.run(ocf.SVV, struck); f.Compliant.Check != "" && got != f.Compliant.Check {
				t.Errorf("%s: a check shows %q, want %q", text, got, f.Compliant.Check)
			}
			if got := d.run(ocf.SVV, "update-available"); got != "40,00 40,40 00,40" {
				t.Errorf("%s: a check while there is an update shows %q", text, got)
				return
			}
			before := d.fleet.Version(0)
			if got := d.run(ocf.SSU, struck); got != f.Compliant.Update {
				t.Errorf("%s: an update shows %q, want %q", text, got, f.Compliant.Update)
			}
			if changed := d.fleet.Version(0) != before; changed != (f.Compliant.Ends == depot.EndsSuccess) {
				t.Errorf("%s: the version went from %s to %s", text, before, d.fleet.Version(0))
			}
		})
	}
	wait.Wait()
}

// device is a reference Device and a Client that watches it. It watches over a socket of its
// own, in the order of arrival: go-coap hands notifications up in several goroutines.
type device struct {
	bench *bench
	fleet *fleet.Fleet
	conn  *client.Conn
	seen  chan ocf.Pstat
}

// pace divides the reference's durations: it gives its source 2 s.
const pace = 50

func referenceDevice(t *testing.T, b *bench) *device {
	t.Helper()
	behaviour, err := fixtures.Behaviour("success")
	if err != nil {
		t.Fatal(err)
	}
	model, err := sim.NewModel(sim.Config{Behaviour: behaviour, Speed: pace})
	if err != nil {
		t.Fatal(err)
	}
	remote, err := source.NewRemote(b.url, b.client)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fleet.Open(fleet.Config{
		Devices: 1, Listen: netip.MustParseAddrPort("127.0.0.1:0"), PortPerDevice: true, Source: remote,
		Model: func(int) *sim.Model { return model },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_ = remote.Close()
	})
	d := &device{bench: b, fleet: f, seen: make(chan ocf.Pstat, 64)}
	if d.conn, err = udp.Dial(f.Addr(0).String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.conn.Close() })
	d.observe(t)
	return d
}

// observe keeps the states that the Device tells, in seen, and returns once it has told the
// one it is in.
func (d *device) observe(t *testing.T) {
	t.Helper()
	socket, err := net.Dial("udp", d.fleet.Addr(0).String())
	if err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	t.Cleanup(func() {
		_ = socket.Close()
		reading.Wait()
	})
	get := message.Message{
		Type: message.Confirmable, Code: codes.GET, MessageID: 1, Token: message.Token{1},
		Options: message.Options{{ID: message.Observe}, {ID: message.URIPath, Value: []byte("oic")}, {ID: message.URIPath, Value: []byte("sec")}, {ID: message.URIPath, Value: []byte("pstat")}},
	}
	datagram := make([]byte, 1500)
	n, err := coder.DefaultCoder.Encode(get, datagram)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := socket.Write(datagram[:n]); err != nil {
		t.Fatal(err)
	}
	reading.Go(func() {
		for {
			n, err := socket.Read(datagram)
			if err != nil {
				return
			}
			d.notified(socket, datagram[:n])
		}
	})
	select {
	case <-d.seen:
	case <-time.After(30 * time.Second):
		t.Fatal("no answer to the observation")
	}
}

// notified keeps the state that a notification brings, and acknowledges it.
func (d *device) notified(socket io.Writer, datagram []byte) {
	m := message.Message{Options: make(message.Options, 0, 8)}
	if _, err := coder.DefaultCoder.Decode(slices.Clone(datagram), &m); err != nil {
		return
	}
	if m.Type == message.Confirmable {
		_, _ = socket.Write([]byte{0x60, 0, byte(m.MessageID >> 8), byte(m.MessageID)})
	}
	if p, _, err := ocf.DecodePstat(m.Payload); err == nil {
		d.seen <- p
	}
}

// run asks the Device for a process under a condition, and returns what it shows until
// the process has ended, as a fault's file writes it.
func (d *device) run(bit ocf.DPM, condition string) string {
	if _, err := d.bench.depot.Condition("", condition); err != nil {
		return err.Error()
	}
	for len(d.seen) > 0 {
		<-d.seen
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	body := []byte{0xa1, 0x62, 't', 'm', 0x18, byte(bit)}
	if _, err := d.conn.Post(ctx, ocf.PathPstat, message.AppOcfCbor, strings.NewReader(string(body))); err != nil {
		return err.Error()
	}
	var states []string
	begun := false
	for {
		select {
		case p := <-d.seen:
			begun = begun || p.TM.Has(bit)
			state := fmt.Sprintf("%02x,%02x", uint16(p.TM), uint16(p.CM))
			if p.DOS != ocf.RFNOP {
				state += fmt.Sprintf(" dos=%v", p.DOS)
			}
			if begun && (len(states) == 0 || states[len(states)-1] != state) {
				states = append(states, state)
			}
			if begun && !p.TM.Has(bit) {
				return strings.Join(states, " ")
			}
		case <-ctx.Done():
			return strings.Join(states, " ") + " and no end"
		}
	}
}
