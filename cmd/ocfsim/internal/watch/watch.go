// Package watch shows what a fleet does in a terminal, as it does it: Devices by state,
// rates, how long updates take, the worst Devices, and any one Device.
package watch

import (
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
)

// every is how often the view looks at the fleet.
const every = time.Second

// kept is how many seconds of rates the view keeps.
const kept = 60

// Source is what the view is about. All may take a while.
type Source struct {
	Sample func() lookout.Summary
	Took   func() lookout.Durations
	Find   func(name string) (lookout.Seen, bool) // by index, uuid or address
	Notes  *Notes                                 // what would otherwise be printed
}

// tab is one of the pages of the view.
type tab int

const (
	overview tab = iota
	updates
	worst
	device
	notes
	tabs
)

func (t tab) String() string {
	return [tabs]string{"overview", "updates", "worst Devices", "one Device", "notes"}[t]
}

// Model is the view. Its Update and View do what Bubble Tea asks for.
type Model struct {
	source Source
	title  string

	shown         glance
	history       []lookout.Rates // the last seconds
	tab           tab
	paused        bool
	typing        bool   // a name is being typed after /
	typed         string // the name, as far as it was typed
	looked        string // the name of the Device that is shown
	found         *lookout.Seen
	width, height int
}

// glance is what was seen at a moment.
type glance struct {
	summary lookout.Summary
	took    lookout.Durations
	device  *lookout.Seen
	looked  string
}

// tick says that it is time to look again.
type tick struct{}

// New makes the view. Title stands in its first line.
func New(title string, s Source) *Model {
	return &Model{source: s, title: title, width: 80, height: 24}
}

// Init looks for the first time.
func (m *Model) Init() tea.Cmd { return tea.Batch(m.look(), soon()) }

// soon waits until it is time to look again.
func soon() tea.Cmd { return tea.Tick(every, func(time.Time) tea.Msg { return tick{} }) }

// look looks at the fleet, beside what the view does.
func (m *Model) look() tea.Cmd {
	source, looked := m.source, m.looked
	return func() tea.Msg {
		g := glance{summary: source.Sample(), took: source.Took(), looked: looked}
		if looked != "" {
			if seen, ok := source.Find(looked); ok {
				g.device = &seen
			}
		}
		return g
	}
}

// Update takes a key, the size of the terminal, or what was seen.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if msg.Width > 0 && msg.Height > 0 { // some terminals don't know
			m.width, m.height = msg.Width, msg.Height
		}
	case tea.KeyPressMsg:
		return m, m.key(msg)
	case tick:
		if m.paused {
			return m, soon()
		}
		return m, tea.Batch(m.look(), soon())
	case glance:
		m.see(msg)
	}
	return m, nil
}

// see takes what was seen, unless the view is paused.
func (m *Model) see(g glance) {
	if g.looked == m.looked {
		m.found = g.device
	}
	if m.paused {
		return
	}
	m.shown = g
	if m.history = append(m.history, g.summary.Rates); len(m.history) > kept {
		m.history = m.history[1:]
	}
}

// key does what a key says.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "ctrl+c" {
		return tea.Quit
	}
	if m.typing {
		return m.typeName(k)
	}
	switch k.String() {
	case "q":
		return tea.Quit
	case "tab", "right":
		m.tab = (m.tab + 1) % tabs
	case "shift+tab", "left":
		m.tab = (m.tab + tabs - 1) % tabs
	case "p", "space":
		m.paused = !m.paused
	case "/":
		m.typing, m.typed = true, ""
	}
	return nil
}

// typeName takes a key of the name of a Device.
func (m *Model) typeName(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		m.typing = false
	case "enter":
		m.typing, m.looked, m.tab, m.found = false, strings.TrimSpace(m.typed), device, nil
		return m.look()
	case "backspace":
		_, last := utf8.DecodeLastRuneInString(m.typed)
		m.typed = m.typed[:len(m.typed)-last]
	default:
		if text := k.Key().Text; utf8.ValidString(text) && len(m.typed) < 64 {
			m.typed += text
		}
	}
	return nil
}

// View draws the view on the whole terminal.
func (m *Model) View() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen, v.WindowTitle = true, m.title
	return v
}
