package watch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/watch"
)

// fleet is what a view in a test looks at.
type fleet struct {
	samples int
	notes   watch.Notes
}

func (f *fleet) source() watch.Source {
	return watch.Source{
		Sample: func() lookout.Summary {
			f.samples++
			return lookout.Summary{
				Devices: 100, UptimeS: float64(f.samples), MemoryBytes: 42e6, States: map[string]int{"RFNOP": 60, "update": 40},
				Rates: lookout.Rates{Requests: 1000 * float64(f.samples)}, Drops: map[string]uint64{"unreachable": 7},
				Processes: map[string]lookout.ProcessSummary{"update": {Began: 50, Ended: map[string]uint64{"updated": 9, "not-updated": 1}}},
				Slowest:   []lookout.Worst{{Device: 3, ID: "an-id", Address: "127.1.0.4:5683", TookS: 61, Group: "hall\x1b[31m"}},
				Refused:   []lookout.Worst{{Device: 8, ID: "other-id", Address: "127.1.0.9:5683", Refused: 5}},
			}
		},
		Took: func() lookout.Durations {
			return lookout.Durations{Count: 9, P50: time.Second, P99: 2 * time.Second, Bars: []lookout.Bar{{To: time.Second, Count: 6}, {To: 2 * time.Second, Count: 3}}}
		},
		Find: func(name string) (lookout.Seen, bool) {
			return lookout.Seen{Address: "127.1.0.4:5683", Device: 3, State: "update", TM: "U", History: []lookout.Moment{{Event: "process-began", Process: "update"}}}, name == "3"
		},
		Notes: &f.notes,
	}
}

// user is whoever sits at the terminal.
type user struct {
	*testing.T
	model tea.Model
	left  bool // the view has ended
}

// do carries out a command and what follows from it, but the wait for the next look.
func (u *user) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	select {
	case msg := <-done:
		switch msg := msg.(type) {
		case tea.BatchMsg:
			u.do(msg[0]) // the look; the rest waits
		case tea.QuitMsg:
			u.left = true
		default:
			u.tell(msg)
		}
	case <-time.After(10 * time.Second):
		u.Fatal("a command does not end")
	}
}

func (u *user) tell(msg tea.Msg) {
	var cmd tea.Cmd
	u.model, cmd = u.model.Update(msg)
	u.do(cmd)
}

// types presses keys.
func (u *user) types(keys ...string) {
	for _, k := range keys {
		switch k {
		case "tab":
			u.tell(tea.KeyPressMsg{Code: tea.KeyTab})
		case "enter":
			u.tell(tea.KeyPressMsg{Code: tea.KeyEnter})
		case "esc":
			u.tell(tea.KeyPressMsg{Code: tea.KeyEscape})
		case "backspace":
			u.tell(tea.KeyPressMsg{Code: tea.KeyBackspace})
		case "ctrl+c":
			u.tell(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
		default:
			u.tell(tea.KeyPressMsg{Code: rune(k[0]), Text: k})
		}
	}
}

// sees checks what stands on the screen and what does not.
func (u *user) sees(want ...string) {
	u.Helper()
	shown := u.model.View().Content
	text := ansi.Strip(shown)
	for _, w := range want {
		w, hidden := strings.CutPrefix(w, "not:")
		if strings.Contains(text, w) == hidden {
			u.Errorf("sees %q: %v, want %v:\n%s", w, hidden, !hidden, text)
		}
	}
	lines := strings.Split(text, "\n")
	for _, line := range lines {
		if n := ansi.StringWidth(line); n > 80 {
			u.Errorf("a line is %d columns wide: %s", n, line)
		}
	}
	if len(lines) != 24 {
		u.Errorf("%d lines", len(lines))
	}
}

func sit(t *testing.T, f *fleet) *user {
	m := watch.New("ocfsim", f.source())
	u := &user{T: t, model: m}
	u.do(m.Init())
	u.tell(tea.WindowSizeMsg{Width: 80, Height: 24})
	return u
}

// TestPages: each page shows what it is about.
func TestPages(t *testing.T) {
	f := &fleet{}
	u := sit(t, f)
	u.sees("100 Devices", "42 MB", "[overview]", "RFNOP               60", "update              40", "1000", "dropped: unreachable 7", "q quit")
	u.types("tab")
	u.sees("[updates]", "50 began, 9 updated, 1 not-updated", "median 1s", "99 % 2s", "up to 2s")
	u.types("tab")
	u.sees("[worst Devices]", "1m1s  127.1.0.4:5683", `hall\x1b[31m`, "5  127.1.0.9:5683", "none")
	u.types("tab")
	u.sees("[one Device]", "Press /")
	fmt.Fprint(&f.notes, "PIN of Device 3: 1234\nhalf a li")
	u.types("tab")
	u.sees("[notes]", "PIN of Device 3: 1234", "not:half")
	u.types("tab")
	u.sees("[overview]")
}

// TestFind: a Device is found by what is typed after /.
func TestFind(t *testing.T) {
	u := sit(t, &fleet{})
	u.types("/", "4", "q", "backspace")
	u.sees("Device (index, uuid or address): 4_")
	u.types("enter")
	u.sees("No Device is 4.")
	u.types("/", "3", "enter")
	u.sees("127.1.0.4:5683  Device 3", "tm=U", "process-began update")
	u.types("/", "9", "esc")
	u.sees("127.1.0.4:5683  Device 3", "q quit")
}

// TestPause: nothing changes while the view is paused.
func TestPause(t *testing.T) {
	f := &fleet{}
	u := sit(t, f)
	u.types("p")
	u.sees("PAUSED", "up 1s")
	u.tell(f.look())
	u.sees("up 1s")
	u.types("p")
	u.tell(f.look())
	u.sees("not:PAUSED", "up 3s")
}

// look is what the view would see now.
func (f *fleet) look() tea.Msg {
	return watch.New("ocfsim", f.source()).Init()().(tea.BatchMsg)[0]()
}

// TestQuit: q and Ctrl-C end the view, though not while a name is typed that has a q.
func TestQuit(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"ctrl+c"}, {"/", "q", "ctrl+c"}} {
		u := sit(t, &fleet{})
		u.types(keys...)
		if !u.left {
			t.Errorf("%q does not end the view", keys)
		}
	}
	u := sit(t, &fleet{})
	if u.types("/", "q"); u.left {
		t.Error("a q within a name ends the view")
	}
}

// TestNotesAreBounded: the last lines are kept.
func TestNotesAreBounded(t *testing.T) {
	var n watch.Notes
	for i := range 1000 {
		fmt.Fprintln(&n, i)
	}
	if last := n.Last(2); strings.Join(last, " ") != "998 999" || len(n.Last(1000)) != 200 || len(n.Last(-1)) != 0 {
		t.Errorf("last %q of %d", last, len(n.Last(1000)))
	}
}
