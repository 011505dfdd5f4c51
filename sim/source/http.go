package source

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// The headers of a package, beside Content-Length.
const (
	headerVersion = "Package-Version"
	headerDigest  = "Repr-Digest"  // RFC 9530: sha-256=:base64:
	headerFlaw    = "Package-Flaw" // stands for a signature: what verifying it would find
)

// Bounds on what comes over HTTP.
const (
	maxText    = 64      // bytes of a device or a version
	maxDevices = 1 << 20 // Devices that a source counts for
)

// Handler serves the source to Devices in other processes: GET
// check?device=D&version=V answers {"available": true, "version": "1.0.1"},
// and GET package, with the same query, the package, or 404 where there is
// none. A withheld answer is a response that does not begin; the question of a
// client that goes away is cancelled. Faults happen on the wire: an
// unreachable source closes the connection, a stalled one says nothing, a
// truncated package is shorter than its Content-Length, and one that flaps
// answers 500.
func (s *Source) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /check", s.serve(Check, s.writeCheck))
	mux.HandleFunc("GET /package", s.serve(Fetch, s.writePackage))
	return mux
}

// serve asks the source what a request asks for, and writes the answer.
func (s *Source) serve(kind Kind, write func(w http.ResponseWriter, device string, a Answer)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := Question{Device: r.FormValue("device"), Kind: kind, Version: r.FormValue("version")}
		if q.Device == "" || len(q.Device) > maxText || q.Version == "" || len(q.Version) > maxText {
			http.Error(w, fmt.Sprintf("device and version must have 1 to %d bytes", maxText), http.StatusBadRequest)
			return
		}
		if !s.room(q.Device) {
			http.Error(w, "too many devices", http.StatusServiceUnavailable)
			return
		}
		a, fault, ok := s.await(r.Context(), q)
		switch {
		case !ok || fault == Unreachable:
			hangUp(w)
		case a.Failed:
			http.Error(w, "try again", http.StatusInternalServerError)
		default:
			write(w, q.Device, a)
		}
	}
}

// room reports whether the source can count for device.
func (s *Source) room(device string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sheets.find(device) != nil || int(s.sheets.count) < maxDevices
}

// Await is Ask that waits for the answer. It does not count what is served: whoever
// hands the package over calls Served. ok is false if the source was closed, or if ctx
// ended, before there was an answer, and if too many Devices have asked.
func (s *Source) Await(ctx context.Context, q Question) (a Answer, ok bool) {
	if !s.room(q.Device) {
		return a, false
	}
	a, _, ok = s.await(ctx, q)
	return a, ok
}

// await is the answer to q; ok is false if the source was closed, or if whoever
// asked went away, before there was one.
func (s *Source) await(ctx context.Context, q Question) (a Answer, fault Fault, ok bool) {
	replies := make(chan said, 1)
	cancel := s.ask(q, func(a Answer, f Fault) { replies <- said{a, f} })
	defer cancel()
	select {
	case r := <-replies:
		return r.Answer, r.Fault, true
	case <-ctx.Done():
	case <-s.done:
	}
	return Answer{}, "", false
}

// hangUp closes the connection without a response.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "unreachable", http.StatusBadGateway)
		return
	}
	_ = conn.Close() // that is the answer
}

func (s *Source) writeCheck(w http.ResponseWriter, _ string, a Answer) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(check{a.Available, a.Version, a.Flaw}) // a client may go away
}

// check is the body of an answer to a check.
type check struct {
	Available bool   `json:"available"`
	Version   string `json:"version"`
	Flaw      Fault  `json:"flaw,omitempty"`
}

func (s *Source) writePackage(w http.ResponseWriter, device string, a Answer) {
	if !a.Available {
		http.Error(w, "no package", http.StatusNotFound)
		return
	}
	sum := digest(a.Version, a.Declared)
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.FormatInt(a.Declared, 10))
	h.Set(headerVersion, a.Version)
	if a.Flaw != "" {
		h.Set(headerFlaw, string(a.Flaw))
	}
	h.Set(headerDigest, "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
	if a.whole() {
		// Counted before the last byte leaves, so that whoever has the whole
		// package finds it counted.
		s.served(device, 1)
	}
	_, err := io.Copy(w, io.LimitReader(content(a.Version, a.Declared), a.Received))
	if err != nil && a.whole() {
		s.served(device, -1)
	}
}
