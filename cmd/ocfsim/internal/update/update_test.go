package update_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lab"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/talk"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/update"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/sim/memnet"
)

// bench is one virtual Device with a Client, in virtual time.
type bench struct {
	lab    *lab.Lab
	answer time.Duration
	// version is where the version is read, as Config has it
	version string
	events  []update.Line
	react   func(update.Line)
}

// on runs test with a Device of this behaviour, over a network that may be bad.
func on(t *testing.T, behaviour string, bad memnet.Impairment, test func(t *testing.T, b *bench, run func(context.Context) (string, error))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New(1, bad)
		conn, err := network.Wildcard(5683)
		if err != nil {
			t.Fatal(err)
		}
		specimens, err := lab.Specimens([]string{behaviour})
		if err != nil {
			t.Fatal(err)
		}
		specimens[0].Speed = 1
		l, err := lab.Open(lab.Config{Specimens: specimens, Unsecured: true, Listen: netip.MustParseAddrPort("127.2.0.1:5683"), Conn: conn})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		cfg := l.Targets()[0]
		cfg.Dial = func(context.Context, string) (net.Conn, error) { return network.Dial(l.Fleet().Addr(0)) }
		device, err := target.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		inbox := talk.NewFullInbox()
		client, err := device.Tap(t.Context(), "updater", inbox)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		b := &bench{lab: l, answer: time.Minute, react: func(update.Line) {}}
		test(t, b, func(ctx context.Context) (string, error) {
			return update.Run(ctx, update.Config{
				Client: client, Inbox: inbox, Answer: b.answer, Validation: time.Minute, Update: 10 * time.Minute, Version: b.version,
				Tell: func(e update.Line) {
					b.events = append(b.events, e)
					b.react(e)
				},
			})
		})
	})
}

// course is all that was told, a few words for each event.
func (b *bench) course() string {
	var words []string
	for _, e := range b.events {
		words = append(words, strings.TrimSpace(strings.TrimSuffix(e.Pstat, " dos=RFNOP")+e.Write+e.Code+e.Note+e.Verdict))
	}
	return strings.Join(words, "; ")
}

func TestRun(t *testing.T) {
	const found = "tm=- cm=-; tm=V; 2.04; tm=V cm=-; tm=V cm=V; tm=- cm=V; "
	const none = "tm=- cm=-; tm=V; 2.04; tm=V cm=-; tm=- cm=-; "
	for behaviour, want := range map[string]string{
		"success":   found + "tm=U; 2.04; tm=U cm=-; tm=U cm=U; tm=- cm=U; updated",
		"failure":   found + "tm=U; 2.04; tm=U cm=-; tm=- cm=-; failed",
		"no-update": none + "no-update",
	} {
		t.Run(behaviour, func(t *testing.T) {
			on(t, behaviour, memnet.Impairment{}, func(t *testing.T, b *bench, run func(context.Context) (string, error)) {
				verdict, err := run(t.Context())
				if err != nil || b.course() != want || !strings.HasSuffix(want, verdict) {
					t.Errorf("%q, %v\n got %s\nwant %s", verdict, err, b.course(), want)
				}
			})
		})
	}
}

// TestWhatProvesAnUpdate: a Device whose version stays has proven nothing, unless it is known
// that the version is elsewhere, or does not tell.
func TestWhatProvesAnUpdate(t *testing.T) {
	for version, want := range map[string]string{"": update.Unproven, "undeclared": update.Updated} {
		on(t, "version-undeclared", memnet.Impairment{}, func(t *testing.T, b *bench, run func(context.Context) (string, error)) {
			b.version = version
			if verdict, err := run(t.Context()); err != nil || verdict != want {
				t.Errorf("version %q: %s, %v, want %s", version, verdict, err, want)
			}
		})
	}
}

// TestLossyNetwork checks that what the network loses is found out when the
// observation is renewed.
func TestLossyNetwork(t *testing.T) {
	on(t, "success", memnet.Impairment{Loss: 0.1}, func(t *testing.T, b *bench, run func(context.Context) (string, error)) {
		if verdict, err := run(t.Context()); err != nil || verdict != update.Updated {
			t.Errorf("%q, %v: %s", verdict, err, b.course())
		}
	})
}

// TestRestart checks that Run waits for a Device that restarts during the update.
func TestRestart(t *testing.T) {
	on(t, "reboot-success", memnet.Impairment{}, func(t *testing.T, b *bench, run func(context.Context) (string, error)) {
		b.answer = 2 * time.Second
		verdict, err := run(t.Context())
		if err != nil || verdict != update.Updated || !strings.Contains(b.course(), "the Device does not answer; ") {
			t.Errorf("%q, %v: %s", verdict, err, b.course())
		}
	})
}

// TestSilence checks that a Device which falls silent for good is an error, and that
// there is no verdict.
func TestSilence(t *testing.T) {
	on(t, "success", memnet.Impairment{}, func(t *testing.T, b *bench, run func(context.Context) (string, error)) {
		b.react = func(e update.Line) {
			if strings.HasPrefix(e.Pstat, "tm=V cm=-") {
				b.lab.Fleet().SwitchOff(0)
			}
		}
		verdict, err := run(t.Context())
		if verdict != "" || !errors.Is(err, update.ErrNoAnswer) || !strings.HasSuffix(b.course(), "the Device does not answer") {
			t.Errorf("%q, %v: %s", verdict, err, b.course())
		}
	})
}

func TestInterrupted(t *testing.T) {
	on(t, "success", memnet.Impairment{}, func(t *testing.T, b *bench, run func(context.Context) (string, error)) {
		ctx, interrupt := context.WithCancel(t.Context())
		b.react = func(e update.Line) {
			if e.Write == "tm=U" {
				interrupt()
			}
		}
		if verdict, err := run(ctx); verdict != "" || !errors.Is(err, context.Canceled) {
			t.Errorf("%q, %v: %s", verdict, err, b.course())
		}
	})
}
