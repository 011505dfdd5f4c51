package lookout

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/pprof"
	"time"
)

// Server shows a fleet over HTTP.
type Server struct {
	roster  *Roster
	board   *Board
	meter   *Meter
	metrics *Metrics
	history *History
}

// NewServer makes the Server of a fleet. history may be nil.
func NewServer(r *Roster, b *Board, m *Metrics, h *History) *Server {
	return &Server{roster: r, board: b, meter: NewMeter(r, b), metrics: m, history: h}
}

// index is what / says.
const index = `ocfsim run

/healthz       whether the fleet answers
/metrics       counts, in Prometheus' format
/summary       counts, rates, durations of updates and the worst Devices, as JSON
/devices       Devices, as JSON: ?state= &result= &behaviour= &group= &owner= &limit= &cursor=
/devices/ID    one Device, by its index, a uuid or its address
`

// Handler answers all paths, and those below /debug/pprof/ if profiling.
func (s *Server) Handler(profiling Profiling) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(index))
	})
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.HandleFunc("GET /summary", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.meter.Sample()) })
	mux.HandleFunc("GET /devices", s.listDevices)
	mux.HandleFunc("GET /devices/{name}", s.oneDevice)
	if profiling == WithProfiles {
		mux.Handle("/debug/pprof/", unhurried(http.HandlerFunc(pprof.Index)))
		mux.Handle("/debug/pprof/cmdline", http.HandlerFunc(pprof.Cmdline))
		mux.Handle("/debug/pprof/profile", unhurried(http.HandlerFunc(pprof.Profile)))
		mux.Handle("/debug/pprof/symbol", http.HandlerFunc(pprof.Symbol))
		mux.Handle("/debug/pprof/trace", unhurried(http.HandlerFunc(pprof.Trace)))
	}
	return mux
}

// Profiling says whether profiles of the program are shown.
type Profiling uint8

// Whether profiles are shown. They slow the fleet down while they are taken.
const (
	NoProfiles Profiling = iota
	WithProfiles
)

// unhurried lets a handler take longer than requests may in general: a profile of 30 s is
// one request.
func unhurried(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // then it ends sooner
		h.ServeHTTP(w, r)
	})
}

// alive is how long a healthy fleet may take to say what it has counted.
const alive = 2 * time.Second

// health says whether the fleet answers.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	answered := make(chan struct{})
	go func() {
		s.roster.Stats()
		s.board.Counts()
		close(answered)
	}()
	status, says := http.StatusOK, "ok"
	select {
	case <-answered:
	case <-time.After(alive):
		status, says = http.StatusServiceUnavailable, "the fleet has not answered for "+alive.String()
	}
	reply(w, status, map[string]any{"status": says, "devices": s.roster.Len(), "uptime_s": time.Since(s.roster.Began()).Seconds()})
}

// listDevices answers /devices.
func (s *Server) listDevices(w http.ResponseWriter, r *http.Request) {
	f, err := parseFilter(r.URL.Query(), s.roster.Len())
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	reply(w, http.StatusOK, s.devices(&f))
}

// oneDevice answers /devices/ID.
func (s *Server) oneDevice(w http.ResponseWriter, r *http.Request) {
	seen, ok := s.Show(r.PathValue("name"))
	if !ok {
		refuse(w, http.StatusNotFound, fmt.Errorf("no Device is %q: expected an index, a uuid or an address", r.PathValue("name")))
		return
	}
	reply(w, http.StatusOK, seen)
}

// refuse answers with an error.
func refuse(w http.ResponseWriter, status int, err error) {
	reply(w, status, map[string]string{"error": err.Error()})
}

// reply answers with v as JSON.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // whoever asked is gone
}

// Show describes the Device that an index, a uuid or an address names.
func (s *Server) Show(name string) (Seen, bool) {
	i, ok := s.find(name)
	if !ok {
		return Seen{}, false
	}
	seen := s.describe(i, s.board.Device(i))
	if s.history != nil {
		seen.History = s.history.Device(i, s.roster)
	}
	return seen, true
}
