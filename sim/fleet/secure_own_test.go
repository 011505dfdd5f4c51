package fleet_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/ocfsim/ocfsim/sim"
	"github.com/ocfsim/ocfsim/sim/fleet"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// caller makes requests one after the other, plain or over a session.
type caller struct {
	conn net.Conn
	mid  int32
}

// do makes one exchange. payload is encoded as a CBOR map; nil means no payload.
func (c *caller) do(code codes.Code, path string, payload map[string]any) (answer codes.Code, body []byte, err error) {
	path, query, _ := strings.Cut(path, "?")
	c.mid++
	m := message.Message{Type: message.Confirmable, Code: code, MessageID: c.mid, Token: message.Token{byte(c.mid >> 8), byte(c.mid)}}
	for _, part := range strings.Split(path[1:], "/") {
		m.Options = append(m.Options, message.Option{ID: message.URIPath, Value: []byte(part)})
	}
	if payload != nil {
		m.Options = append(m.Options, message.Option{ID: message.ContentFormat, Value: []byte{0x27, 0x10}})
		if m.Payload, err = cbor.Marshal(payload); err != nil {
			return 0, nil, err
		}
	}
	if query != "" {
		m.Options = append(m.Options, message.Option{ID: message.URIQuery, Value: []byte(query)})
	}
	buf := make([]byte, 4096)
	n, err := coder.DefaultCoder.Encode(m, buf)
	if err != nil {
		return 0, nil, err
	}
	if _, err := c.conn.Write(buf[:n]); err != nil {
		return 0, nil, err
	}
	for {
		_ = c.conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		n, err := c.conn.Read(buf)
		if err != nil {
			return 0, nil, err
		}
		got := message.Message{Options: make(message.Options, 0, 16)}
		if _, err := coder.DefaultCoder.Decode(buf[:n], &got); err != nil {
			return 0, nil, err
		}
		if bytes.Equal(got.Token, m.Token) && binary.BigEndian.Uint16(buf[2:]) == uint16(c.mid) {
			return got.Code, got.Payload, nil
		}
	}
}

// want makes exchanges. Each must be answered with a code of class 2.
func (c *caller) want(steps ...step) error {
	for _, s := range steps {
		answer, body, err := c.do(s.code, s.path, s.payload)
		if err != nil {
			return fmt.Errorf("%v %s: %w", s.code, s.path, err)
		}
		if answer >= codes.BadRequest {
			return fmt.Errorf("%v %s: %v %s", s.code, s.path, answer, body)
		}
	}
	return nil
}

type step struct {
	code    codes.Code
	path    string
	payload map[string]any
}

func post(path string, payload map[string]any) step { return step{codes.POST, path, payload} }

// owning plays an onboarding tool that becomes the owner of a Device, message by
// message as IoTivity-Lite's tool does.
type owning struct {
	w      *world
	method secure.OTM
	client secure.Client // OTM and PIN are filled in later
	device ocf.UUID      // the new deviceuuid
}

// dial makes a connection, for plain CoAP or for a session.
func (o *owning) dial(addr netip.AddrPort) (*memnet.Conn, error) { return o.w.net.Dial(addr) }

// take makes the tool the owner of Device i and returns the owner's key.
func (o *owning) take(i int) (key secure.Key, err error) {
	plain, err := o.dial(o.w.fleet.Addr(i))
	if err != nil {
		return nil, err
	}
	defer func() { _ = plain.Close() }()
	first := &caller{conn: plain}
	err = first.want(step{codes.GET, ocf.PathDoxm, nil}, post(ocf.PathDoxm, map[string]any{"oxmsel": int(o.method)}))
	if err != nil {
		return nil, err
	}
	o.client.OTM = &o.method
	if o.method == secure.RandomPIN {
		o.client.PIN = secure.PIN(o.w.fleet.PIN(i))
	}
	raw, err := o.dial(o.w.fleet.SecureAddr(i))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := o.client.Dial(ctx, raw, raw.RemoteAddr())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if err := (&caller{conn: conn}).want(o.transfer()...); err != nil {
		return nil, err
	}
	block, err := conn.KeyBlock()
	if err != nil {
		return nil, err
	}
	return secure.OwnerPSK(block, o.method, owner, o.device), nil
}

// transfer lists what the tool sends over the Device Onboarding Connection.
func (o *owning) transfer() []step {
	me := owner.String()
	read := func(path string, permission int) map[string]any {
		return map[string]any{"subject": map[string]any{"uuid": me}, "resources": []any{map[string]any{"href": path}}, "permission": permission}
	}
	public := map[string]any{
		"subject":   map[string]any{"conntype": "anon-clear"},
		"resources": []any{map[string]any{"href": "/oic/d"}, map[string]any{"href": "/oic/p"}, map[string]any{"href": "/oic/res"}}, "permission": 2,
	}
	return []step{
		post(ocf.PathPstat, map[string]any{"om": 4}),
		post(ocf.PathDoxm, map[string]any{"devowneruuid": me}),
		post(ocf.PathDoxm, map[string]any{"deviceuuid": o.device.String()}),
		post(ocf.PathDoxm, map[string]any{"rowneruuid": me}),
		post(ocf.PathACL, map[string]any{"rowneruuid": me}),
		post(ocf.PathPstat, map[string]any{"rowneruuid": me}),
		post(ocf.PathCred, map[string]any{"rowneruuid": me, "creds": []any{map[string]any{
			"credtype": 1, "subjectuuid": me, "privatedata": map[string]any{"encoding": ocf.EncodingRaw, "data": []byte{}},
		}}}),
		post(ocf.PathDoxm, map[string]any{"owned": true}),
		post(ocf.PathPstat, map[string]any{"dos": map[string]any{"s": 2}}),
		{codes.DELETE, ocf.PathACL, nil},
		post(ocf.PathACL, map[string]any{"aclist2": []any{read(ocf.PathSP, 14), read(ocf.PathCSR, 2), public}}),
		post(ocf.PathPstat, map[string]any{"dos": map[string]any{"s": 3}}),
	}
}

// use opens a session of the owner, reads pstat, writes tm and resets the Device.
func (o *owning) use(i int, key secure.Key) error {
	raw, err := o.dial(o.w.fleet.SecureAddr(i))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := secure.Client{Identity: owner[:], Key: key, Device: o.device}.Dial(ctx, raw, raw.RemoteAddr())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return (&caller{conn: conn}).want(
		step{codes.GET, ocf.PathPstat, nil},
		post(ocf.PathPstat, map[string]any{"tm": 0}),
		step{codes.GET, ocf.PathCred, nil},
		post(ocf.PathPstat, map[string]any{"dos": map[string]any{"s": 0}}))
}

// certified makes what both sides need for a transfer by certificate.
func certified(t testing.TB) (device, tool *tls.Certificate, roots *x509.CertPool, anchor []byte) {
	t.Helper()
	ca, err := secure.NewCA("ocfsim tests")
	if err != nil {
		t.Fatal(err)
	}
	if device, err = ca.Manufacturer("ocfsim device"); err != nil {
		t.Fatal(err)
	}
	if tool, err = ca.Manufacturer("ocfsim tool"); err != nil {
		t.Fatal(err)
	}
	return device, tool, ca.Roots(), ca.PEM()
}

// unowned is the security of Devices without an owner.
func unowned(t testing.TB, device *tls.Certificate, anchor []byte) *sim.Security {
	t.Helper()
	return &sim.Security{Shipped: []ocf.Cred{
		{Type: ocf.Certificate, Usage: ocf.UsageMfgCert, Subject: "*", Public: ocf.Key{Encoding: ocf.EncodingPEM, Data: secure.EncodeChain(device.Certificate)}},
		{Type: ocf.Certificate, Usage: ocf.UsageMfgTrustCA, Subject: "*", Public: ocf.Key{Encoding: ocf.EncodingPEM, Data: anchor}},
	}}
}

// A Device gets an owner by each method, is used, and is reset to where it was.
func TestOwning(t *testing.T) {
	device, tool, roots, anchor := certified(t)
	for _, method := range []secure.OTM{secure.JustWorks, secure.RandomPIN, secure.ManufacturerCertificate} {
		t.Run(method.String(), func(t *testing.T) {
			shown := make(chan string, 1)
			change := func(c *fleet.Config) {
				c.Secure.Certificate, c.Secure.Roots = device, roots
				c.Secure.ShowPIN = func(_ int, pin string) { shown <- pin }
			}
			inSecureWorld(t, unowned(t, device, anchor), memnet.Impairment{}, change, func(w *world) {
				born := w.fleet.DI(1)
				o := &owning{w: w, method: method, device: ocf.UUID{0xaa, 6: 0x40, 8: 0x80, 15: 1}}
				if method == secure.ManufacturerCertificate {
					o.client = secure.Client{Certificate: tool, Roots: roots}
				}
				key, err := o.take(1)
				if err != nil {
					w.Fatal(err)
				}
				if method == secure.RandomPIN && <-shown != w.fleet.PIN(1) {
					t.Error("another PIN was shown")
				}
				if w.fleet.DI(1) != o.device || w.fleet.State(1).DOS != ocf.RFNOP || w.fleet.ID(1) != born {
					t.Errorf("it is %v, %+v", w.fleet.DI(1), w.fleet.State(1))
				}
				if found, err := w.fleet.Find(o.device.String()); err != nil || found[0] != 1 {
					t.Errorf("%v, %v", found, err)
				}
				if err := o.use(1, key); err != nil {
					w.Fatal(err)
				}
				time.Sleep(time.Minute) // in the bubble's time; RESET is over
				if now := w.fleet.DI(1); now == o.device || w.fleet.State(1).DOS != ocf.RFOTM || w.fleet.Sessions() != 0 {
					t.Errorf("it is %v, %+v, with %d sessions", now, w.fleet.State(1), w.fleet.Sessions())
				}
				if err := o.use(1, key); err == nil {
					t.Error("the owner's key is good for ever")
				}
				if _, err := o.take(1); err != nil {
					t.Errorf("again: %v", err)
				}
			})
		})
	}
}

// A PIN can't be foreseen: two fleets of one seed show different ones, and so does one
// Device in two transfers. A PIN that was asked for is always the same.
func TestPINsCannotBeForeseen(t *testing.T) {
	const choose = "40 02 %04x b3'oic' 03'sec' 04'doxm' 12 2710 ff a166'oxmsel'01"
	for asked, want := range map[string]int{"": 4, "12345678": 1} {
		pins := make(map[string]bool)
		for range 2 {
			inSecureWorld(t, &sim.Security{PIN: asked}, memnet.Impairment{}, nil, func(w *world) {
				p := w.dial("127.1.0.2:5683")
				for mid := range 2 {
					p.want(fmt.Sprintf(choose, mid), fmt.Sprintf("60 44 %04x", mid))
					pin := w.fleet.PIN(1)
					if pins[pin] = true; len(pin) != 8 || strings.Trim(pin, "0123456789") != "" {
						t.Errorf("%q is no PIN", pin)
					}
				}
			})
		}
		if len(pins) != want {
			t.Errorf("the PINs are %v, want %d different ones", pins, want)
		}
	}
}

// A wrong PIN opens no session; afterwards the right one does.
func TestWrongPIN(t *testing.T) {
	inSecureWorld(t, &sim.Security{PIN: "12345678"}, memnet.Impairment{}, nil, func(w *world) {
		plain := &caller{conn: w.dial("127.1.0.2:5683").conn}
		if err := plain.want(post(ocf.PathDoxm, map[string]any{"oxmsel": 1})); err != nil {
			w.Fatal(err)
		}
		if _, err := w.call(secure.Client{OTM: new(secure.RandomPIN), PIN: "87654321"}, w.fleet.SecureAddr(1)); err == nil {
			t.Error("the wrong PIN was taken")
		}
		p := w.session(secure.Client{OTM: new(secure.RandomPIN), PIN: "12345678"}, 1)
		synctest.Wait() // the Device knows of it too: after a wrong PIN it holds nothing for a Client's last flight
		if _, err := w.call(secure.Client{OTM: new(secure.RandomPIN), PIN: "12345678"}, w.fleet.SecureAddr(1)); err == nil {
			t.Error("there are two Device Onboarding Connections")
		}
		_ = p.conn.Close()
		synctest.Wait()
		if s := w.fleet.State(1); s.DOS != ocf.RESET {
			t.Errorf("the Device Onboarding Connection has ended, and it is %+v", s)
		}
	})
}

// While no transfer method is chosen, every Client is refused and told so.
func TestDoorClosed(t *testing.T) {
	inSecureWorld(t, &sim.Security{}, memnet.Impairment{}, nil, func(w *world) {
		if _, err := w.call(secure.Client{OTM: new(secure.JustWorks)}, w.fleet.SecureAddr(1)); err == nil || !strings.Contains(err.Error(), "HandshakeFailure") {
			t.Errorf("%v", err)
		}
		if s := w.fleet.Stats().Secure; s.Closed != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// Many Devices get owners one after another, and then as many at once.
// OCFSIM_TORTURE is their number, up to 1,000.
func TestOwningMany(t *testing.T) {
	n := min(packets(t, 100), 1000)
	many := func(c *fleet.Config) { c.Devices = 2 * n }
	inSecureWorld(t, &sim.Security{}, memnet.Impairment{}, many, func(w *world) {
		own := func(i int) error {
			o := &owning{w: w, method: secure.OTM(i % 2), device: ocf.UUID{0xaa, 6: 0x40, 8: 0x80, 12: byte(i >> 16), 13: byte(i >> 8), 14: byte(i)}}
			_, err := o.take(i)
			return err
		}
		for i := range n {
			if err := own(i); err != nil {
				w.Fatalf("device %d: %v", i, err)
			}
		}
		errs := make([]error, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { errs[i] = own(n + i) })
		}
		all.Wait()
		synctest.Wait()
		for i := range 2 * n {
			if s := w.fleet.State(i); s.DOS != ocf.RFNOP || !s.Owned {
				t.Errorf("device %d: %+v, %v", i, s, errs[i%n])
			}
		}
		if s := w.fleet.Stats().Secure; s.Handshakes != uint64(2*n) || s.Sessions+s.Underway != 0 {
			t.Errorf("%+v", s)
		}
	})
}
