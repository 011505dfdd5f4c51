package lookout

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// Text is the summary for a person who reads it when the run is over.
func (s *Summary) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s for %s: %s, %s, %s accepted and %d refused\n",
		ocf.Count(s.Devices, "Device"), brief(s.UptimeS), ocf.Count(s.Requests, "request"), ocf.Count(s.Notifications, "notification"), ocf.Count(s.Writes.Accepted, "write"), s.Writes.Refused)
	for _, name := range slices.Sorted(maps.Keys(s.Processes)) {
		p := s.Processes[name]
		fmt.Fprintf(&b, "  %-13s%d began", name, p.Began)
		for _, r := range Results() {
			if n := p.Ended[r.String()]; n > 0 {
				fmt.Fprintf(&b, ", %d %s", n, r)
			}
		}
		b.WriteString("\n")
	}
	if u := &s.Updates; u.Count > 0 {
		fmt.Fprintf(&b, "  updates took  median %s, 90 %% %s, 99 %% %s, 99.9 %% %s, at most %s\n", brief(u.P50), brief(u.P90), brief(u.P99), brief(u.P999), brief(u.Max))
	}
	if s.Restarts > 0 {
		fmt.Fprintf(&b, "  restarts      %d\n", s.Restarts)
	}
	list(&b, "slowest", s.Slowest, func(w Worst) string { return brief(w.TookS) })
	list(&b, "still running", s.Running, func(w Worst) string { return brief(w.TookS) })
	list(&b, "most refused", s.Refused, func(w Worst) string { return fmt.Sprint(w.Refused) })
	for _, reason := range slices.Sorted(maps.Keys(s.Drops)) {
		fmt.Fprintf(&b, "  dropped       %d %s\n", s.Drops[reason], reason)
	}
	return b.String()
}

// named is how many of the worst Devices a text names.
const named = 3

// list names the worst Devices in a line.
func list(b *strings.Builder, title string, all []Worst, value func(Worst) string) {
	if len(all) == 0 {
		return
	}
	var parts []string
	for _, w := range all[:min(len(all), named)] {
		parts = append(parts, value(w)+" "+w.Address)
	}
	fmt.Fprintf(b, "  %-13s %s\n", title, strings.Join(parts, ", "))
}

// brief is a number of seconds in the form 1.234s or 3m4s.
func brief(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d >= time.Minute {
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}
