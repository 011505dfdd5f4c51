package watch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/ocf"
)

func bold(s string) string  { return lipgloss.NewStyle().Bold(true).Render(s) }
func faint(s string) string { return lipgloss.NewStyle().Faint(true).Render(s) }
func colour(s, of string) string {
	return lipgloss.NewStyle().Foreground(lipgloss.Color(of)).Render(s)
}

// draw is the view as text, no line longer than the terminal is wide.
func (m *Model) draw() string {
	body := [tabs]func() []string{m.drawOverview, m.drawUpdates, m.drawWorst, m.drawDevice, m.drawNotes}[m.tab]()
	lines := append(m.head(), body...)
	room := max(m.height-2, 1)
	if len(lines) > room {
		lines = lines[:room]
	}
	for len(lines) < room {
		lines = append(lines, "")
	}
	lines = append(lines, "", m.foot())
	for i, line := range lines {
		lines[i] = lipgloss.NewStyle().MaxWidth(max(m.width, 1)).Render(line)
	}
	return strings.Join(lines, "\n")
}

// head is what stands above each page.
func (m *Model) head() []string {
	var names []string
	for t := range tabs {
		if t == m.tab {
			names = append(names, bold("["+t.String()+"]"))
			continue
		}
		names = append(names, faint(t.String()))
	}
	s := &m.shown.summary
	first := fmt.Sprintf("%s  %s  up %s  %s", bold(m.title), ocf.Count(s.Devices, "Device"), seconds(s.UptimeS), size(s.MemoryBytes))
	if m.paused {
		first += "  " + colour("PAUSED", "3")
	}
	return []string{first, strings.Join(names, "  "), ""}
}

// foot says which keys there are, or what is being typed.
func (m *Model) foot() string {
	if m.typing {
		return "Device (index, uuid or address): " + ocf.Visible(m.typed) + "_" + faint("   enter  esc")
	}
	return faint("q quit   tab next page   / find a Device   p pause")
}

// drawOverview shows Devices by state, rates and drops.
func (m *Model) drawOverview() []string {
	s := &m.shown.summary
	lines := []string{bold("Devices by state")}
	for _, state := range lookout.States() {
		if n := s.States[state.String()]; n > 0 {
			lines = append(lines, fmt.Sprintf("%-13s%9d  %s", state, n, m.bar(int64(n), int64(s.Devices), colourOf(state))))
		}
	}
	lines = append(lines, "", bold("a second")+faint("     now     the last minute"))
	for _, r := range []struct {
		name string
		of   func(lookout.Rates) float64
	}{
		{"requests", func(r lookout.Rates) float64 { return r.Requests }},
		{"writes", func(r lookout.Rates) float64 { return r.Writes }},
		{"notifications", func(r lookout.Rates) float64 { return r.Notifications }},
		{"drops", func(r lookout.Rates) float64 { return r.Drops }},
	} {
		lines = append(lines, fmt.Sprintf("%-13s%9.0f  %s", r.name, r.of(s.Rates), m.spark(r.of)))
	}
	lines = append(lines, "", fmt.Sprintf("observers %d   sessions %d   owned %d   restarts %d   writes refused %d",
		s.Observers, s.Sessions, s.Owned, s.Restarts, s.Writes.Refused))
	if len(s.Drops) > 0 {
		var all []string
		for _, reason := range slices.Sorted(maps.Keys(s.Drops)) {
			all = append(all, fmt.Sprintf("%s %d", reason, s.Drops[reason]))
		}
		lines = append(lines, "dropped: "+strings.Join(all, ", "))
	}
	return lines
}

// drawUpdates shows how processes ended, and how long updates took.
func (m *Model) drawUpdates() []string {
	s, took := &m.shown.summary, &m.shown.took
	var lines []string
	for _, name := range []string{"availability", "validation", "update"} {
		p, ok := s.Processes[name]
		if !ok {
			continue
		}
		line := fmt.Sprintf("%-13s%9d began", name, p.Began)
		for _, r := range lookout.Results() {
			if n := p.Ended[r.String()]; n > 0 {
				line += fmt.Sprintf(", %d %s", n, r)
			}
		}
		lines = append(lines, line)
	}
	if took.Count == 0 {
		return append(lines, "", "No update has succeeded yet.")
	}
	lines = append(lines, "", bold("How long updates took that succeeded"),
		fmt.Sprintf("%d   min %v   median %v   90 %% %v   99 %% %v   99.9 %% %v   max %v", took.Count,
			short(took.Min), short(took.P50), short(took.P90), short(took.P99), short(took.P999), short(took.Max)), "")
	most := int64(1)
	for _, b := range took.Bars {
		most = max(most, b.Count)
	}
	for _, b := range took.Bars {
		lines = append(lines, fmt.Sprintf("up to %-8v%8d  %s", short(b.To), b.Count, m.bar(b.Count, most, "4")))
	}
	return lines
}

// drawWorst shows the worst Devices.
func (m *Model) drawWorst() []string {
	s := &m.shown.summary
	lines := table("Slowest updates that succeeded", s.Slowest, func(w lookout.Worst) string { return seconds(w.TookS) })
	lines = append(lines, table("Updates that have run for longest", s.Running, func(w lookout.Worst) string { return seconds(w.TookS) })...)
	return append(lines, table("Most writes refused", s.Refused, func(w lookout.Worst) string { return fmt.Sprint(w.Refused) })...)
}

// shownWorst is how many Devices of each ranking are shown.
const shownWorst = 5

// table lists Devices with a value.
func table(title string, list []lookout.Worst, value func(lookout.Worst) string) []string {
	lines := []string{bold(title)}
	for _, w := range list[:min(len(list), shownWorst)] {
		lines = append(lines, fmt.Sprintf("%10s  %-22s %s  %s", value(w), w.Address, faint(w.ID), ocf.Visible(w.Group)))
	}
	if len(list) == 0 {
		lines = append(lines, faint("      none"))
	}
	return append(lines, "")
}

// drawDevice shows one Device.
func (m *Model) drawDevice() []string {
	switch {
	case m.looked == "":
		return []string{"Press / and type the index, a uuid or the address of a Device."}
	case m.found == nil:
		return []string{"No Device is " + ocf.Visible(m.looked) + "."}
	}
	d := m.found
	lines := []string{
		fmt.Sprintf("%s  Device %d  %s", bold(d.Address), d.Device, ocf.Visible(d.Group)),
		fmt.Sprintf("di %s   made as %s", d.DI, d.ID),
		fmt.Sprintf("%s   tm=%s cm=%s dos=%s   version %s   behaviour %s", d.State, d.TM, d.CM, d.DOS, d.Version, ocf.Visible(d.Behaviour)),
		fmt.Sprintf("last result %s   writes refused %d   observers %d   sessions %d", d.Result, d.Refused, d.Observers, d.Sessions),
	}
	switch {
	case d.Owner != "":
		lines = append(lines, "owner "+d.Owner)
	case !d.Owned:
		lines = append(lines, "nobody owns it")
	}
	if d.RunningS != nil {
		lines = append(lines, "its process has run for "+seconds(*d.RunningS))
	}
	lines = append(lines, "")
	for _, e := range slices.Backward(d.History) {
		what := strings.Join(slices.DeleteFunc([]string{e.Event, e.Process, e.Result, e.Reason}, func(s string) bool { return s == "" }), " ")
		if e.DOS != "" {
			what += fmt.Sprintf(" tm=%s cm=%s dos=%s", e.TM, e.CM, e.DOS)
		}
		lines = append(lines, e.At.Local().Format("15:04:05.000")+"  "+ocf.Visible(what))
	}
	return lines
}

// drawNotes shows PINs and the log.
func (m *Model) drawNotes() []string {
	lines := m.source.Notes.Last(m.height - 6)
	if len(lines) == 0 {
		return []string{faint("nothing")}
	}
	return lines
}

// bar is a bar for n of most.
func (m *Model) bar(n, most int64, of string) string {
	width := max(m.width-30, 10)
	long := 0
	if most > 0 {
		long = int(n * int64(width) / most)
	}
	if long == 0 && n > 0 {
		return colour("▏", of)
	}
	return colour(strings.Repeat("█", long), of)
}

// spark draws the last seconds of a rate, each against the highest.
func (m *Model) spark(of func(lookout.Rates) float64) string {
	steps := []rune("▁▂▃▄▅▆▇█")
	most := 0.0
	for _, r := range m.history {
		most = max(most, of(r))
	}
	if most == 0 {
		return ""
	}
	var b strings.Builder
	for _, r := range m.history {
		b.WriteRune(steps[int(of(r)/most*float64(len(steps)-1))])
	}
	return b.String()
}

func colourOf(s lookout.State) string {
	switch s {
	case lookout.InRFNOP:
		return "2"
	case lookout.IsDown, lookout.InReset:
		return "1"
	case lookout.Checking, lookout.Validating, lookout.Updating:
		return "4"
	}
	return "3"
}

// seconds is a number of seconds in the form 1.2s, 3m4s.
func seconds(s float64) string { return short(time.Duration(s * float64(time.Second))).String() }

// short is d without digits that nobody reads.
func short(d time.Duration) time.Duration {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second)
	case d >= time.Second:
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}

// size is a number of bytes in MB.
func size(bytes uint64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }
