package lookout

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ocfsim/ocfsim/sim/fleet"
)

// Metrics shows the counts of a fleet in Prometheus' format. It is a Sink for the
// durations of updates; everything else is read when somebody asks, from counts that are
// kept anyway, so that a scrape of a million Devices costs what one of ten costs.
type Metrics struct {
	took     *prometheus.HistogramVec
	registry *prometheus.Registry
}

// NewMetrics makes the Metrics of a program of that version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ocfsim_update_duration_seconds",
			Help: "How long updates took, from when the Device turned to one until tm no longer asked for it, by result.",
			// Classic buckets from 10 ms to 3 hours, for those who scrape text.
			Buckets:                        prometheus.ExponentialBuckets(0.01, 2, 21),
			NativeHistogramBucketFactor:    1.1,
			NativeHistogramMaxBucketNumber: 160,
		}, []string{"result"}),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ocfsim_build_info", Help: "The version of ocfsim; the value is 1."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	m.registry.MustRegister(info, m.took, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Takes is the ends of processes.
func (m *Metrics) Takes() KindSet { return 1 << ProcessEnded }

// Take observes how long an update took.
func (m *Metrics) Take(h *Happening) {
	if h.Process == Update && h.Took > 0 {
		m.took.WithLabelValues(h.Result.String()).Observe(h.Took.Seconds())
	}
}

// Begin begins to show the counts of a fleet.
func (m *Metrics) Begin(r *Roster, b *Board) {
	m.registry.MustRegister(&collector{roster: r, board: b})
}

// Handler answers a scrape.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// collector reads the counts of a fleet for a scrape.
type collector struct {
	roster *Roster
	board  *Board
}

// Describe says nothing, so that Collect decides what there is.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect reads all counts.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	stats, counts := c.roster.Stats(), c.board.Counts()
	s := samples{to}
	for _, state := range States() {
		s.gauge("ocfsim_devices", "Devices at present, by state: the process that runs, down, or else dos.", float64(counts.States[state]), "state", state.String())
	}
	s.gauge("ocfsim_devices_owned", "Devices that have an owner at present.", float64(counts.Owned))
	s.gauge("ocfsim_observers", "Observations of all Devices at present.", float64(stats.Observers))
	s.gauge("ocfsim_sessions", "DTLS sessions at present.", float64(stats.Secure.Sessions))
	s.gauge("ocfsim_handshakes_underway", "DTLS handshakes at present.", float64(stats.Secure.Underway))
	s.messages(&stats)
	s.processes(&counts)
	for _, d := range dropsOf(&stats) {
		s.counter("ocfsim_drops_total", "What was dropped, by reason.", d.Count, "reason", d.Reason)
	}
}

// samples sends the values of a scrape.
type samples struct{ to chan<- prometheus.Metric }

// messages sends the counts of messages and sessions.
func (s samples) messages(stats *fleet.Stats) {
	for _, c := range []struct {
		name, help string
		n          uint64
	}{
		{"requests", "Requests of Clients, without duplicates.", stats.Requests},
		{"responses", "Responses to Clients.", stats.Responses},
		{"notifications", "Notifications to observers, without retransmissions.", stats.Notifications},
		{"retransmissions", "Retransmissions of confirmable notifications.", stats.Retransmissions},
		{"duplicates", "Requests that had been seen before.", stats.Duplicates},
		{"resets", "RSTs sent.", stats.Resets},
	} {
		s.counter("ocfsim_"+c.name+"_total", c.help, c.n)
	}
	const handshakes = "DTLS handshakes that are over, by what they became."
	s.counter("ocfsim_handshakes_total", handshakes, stats.Secure.Handshakes, "result", "session")
	s.counter("ocfsim_handshakes_total", handshakes, stats.Secure.Failures, "result", "failed")
}

// processes sends the counts of writes, processes, restarts and owners.
func (s samples) processes(c *Counts) {
	const writes = "POSTs and DELETEs, by whether the Device accepted them."
	s.counter("ocfsim_writes_total", writes, c.Accepted, "result", "accepted")
	s.counter("ocfsim_writes_total", writes, c.Refused, "result", "refused")
	for p := range processCount {
		s.counter("ocfsim_processes_begun_total", "Processes that began.", c.Began[p], "process", p.String())
		for _, r := range Results() {
			if p == Update == (r == Updated || r == NotUpdated) || r == Aborted {
				s.counter("ocfsim_processes_ended_total", "Processes that ended, by result.", c.Ended[p][r], "process", p.String(), "result", r.String())
			}
		}
	}
	s.counter("ocfsim_restarts_total", "Times that a Device lost its power or restarted.", c.Restarts)
	const owners = "Changes of doxm.owned."
	s.counter("ocfsim_owner_changes_total", owners, c.Gained, "change", "gained")
	s.counter("ocfsim_owner_changes_total", owners, c.Lost, "change", "lost")
}

// counter sends a count. Labels are names and values by turns.
func (s samples) counter(name, help string, n uint64, labels ...string) {
	s.send(prometheus.CounterValue, name, help, float64(n), labels)
}

// gauge sends a value that may fall.
func (s samples) gauge(name, help string, v float64, labels ...string) {
	s.send(prometheus.GaugeValue, name, help, v, labels)
}

func (s samples) send(kind prometheus.ValueType, name, help string, v float64, labels []string) {
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	s.to <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, names, nil), kind, v, values...)
}
