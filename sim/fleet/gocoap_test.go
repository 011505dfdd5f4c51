package fleet_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/message/pool"
	"github.com/plgd-dev/go-coap/v3/net/blockwise"
	"github.com/plgd-dev/go-coap/v3/options"
	"github.com/plgd-dev/go-coap/v3/udp"
	"github.com/plgd-dev/go-coap/v3/udp/client"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// goCoAP makes a Client of Device i from another CoAP stack, with blocks of 16
// bytes.
func goCoAP(t *testing.T, fl *fleet.Fleet, i int) *client.Conn {
	t.Helper()
	cc, err := udp.Dial(fl.Addr(i).String(),
		options.WithBlockwise(true, blockwise.SZX16, 10*time.Second),
		options.WithErrors(func(error) {}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cc.Close()
		<-cc.Done()
	})
	return cc
}

func bodyOf(t *testing.T, m *pool.Message) []byte {
	t.Helper()
	data, err := m.ReadBody()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGoCoAP(t *testing.T) {
	fl := onLoopback(t, nil)
	cc := goCoAP(t, fl, 3)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)

	if err := cc.Ping(ctx); err != nil {
		t.Error("ping:", err)
	}
	whole, err := cc.Get(ctx, ocf.PathRes)
	if err != nil || whole.Code() != codes.Content || !bytes.Contains(bodyOf(t, whole), []byte(fl.ID(3).String())) {
		t.Fatalf("get in blocks: %v, %v", whole, err)
	}
	seen := make(chan []byte, 16)
	obs, err := cc.Observe(ctx, ocf.PathPstat, func(m *pool.Message) {
		if data, err := m.ReadBody(); err == nil {
			seen <- data
		}
	})
	if err != nil {
		t.Fatal("observe:", err)
	}
	post, err := cc.Post(ctx, ocf.PathPstat, message.AppOcfCbor, bytes.NewReader([]byte("\xa2btm\x18\x40cdos\xa1as\x03")))
	if err != nil || post.Code() != codes.Changed {
		t.Fatalf("post in blocks: %v, %v", post, err)
	}
	// go-coap hands notifications up in several goroutines and drops one that a newer has
	// overtaken, so only the newest is sure to be seen.
	for end := false; !end; {
		select {
		case data := <-seen:
			end = bytes.Contains(data, []byte("btm\x00")) && bytes.Contains(data, []byte("bcm\x18\x40"))
		case <-ctx.Done():
			t.Fatal("no notification of the end of the check")
		}
	}
	if err := obs.Cancel(ctx); err != nil {
		t.Error("cancel:", err)
	}
	if n := fl.Stats().Observers; n != 0 {
		t.Errorf("%d observers are left", n)
	}
}
