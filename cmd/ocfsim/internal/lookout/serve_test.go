package lookout_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/lookout"
	"github.com/ocfsim/ocfsim/ocf"
)

// served runs f against Devices that a Server shows, with a history of 3 entries.
func served(t *testing.T, devices int, behaviours []string, f func(w *world, h http.Handler)) {
	t.Helper()
	var metrics *lookout.Metrics
	var history *lookout.History
	inWorld(t, devices, behaviours, func() []lookout.Sink {
		metrics, history = lookout.NewMetrics("v1"), lookout.NewHistory(3)
		return []lookout.Sink{metrics, history}
	}, func(w *world) {
		metrics.Begin(w.roster, w.board)
		f(w, lookout.NewServer(w.roster, w.board, metrics, history).Handler(lookout.NoProfiles))
	})
}

// get asks for a path and reads the answer into v, unless v is nil.
func get(t *testing.T, h http.Handler, path string, v any) (int, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	if v != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), v); err != nil {
			t.Fatalf("%s: %v: %s", path, err, rec.Body)
		}
	}
	return rec.Code, rec.Body.String()
}

// TestMetrics: the names keep to Prometheus' conventions, and the values are what happened.
func TestMetrics(t *testing.T) {
	served(t, 3, []string{"success", "failure", "success"}, func(w *world, h http.Handler) {
		w.request(0, ocf.SVV, time.Minute)
		w.request(0, ocf.SSU, time.Hour)
		w.request(1, ocf.SSU, time.Hour)
		w.write(1, ocf.PstatUpdate{Set: ocf.PropCM})
		w.request(2, ocf.SVV, 0)
		code, text := get(t, h, "/metrics", nil)
		problems, err := promlint.New(strings.NewReader(text)).Lint()
		if code != http.StatusOK || err != nil {
			t.Fatal(code, err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		if _, err := parser.TextToMetricFamilies(strings.NewReader(text)); err != nil {
			t.Error(err)
		}
		for _, want := range []string{
			`ocfsim_devices{state="RFNOP"} 2`, `ocfsim_devices{state="validation"} 1`, `ocfsim_devices{state="update"} 0`, "ocfsim_devices_owned 3",
			"ocfsim_requests_total 5", "ocfsim_responses_total 5", `ocfsim_writes_total{result="accepted"} 4`, `ocfsim_writes_total{result="refused"} 1`,
			`ocfsim_processes_begun_total{process="update"} 2`, `ocfsim_processes_ended_total{process="update",result="updated"} 1`,
			`ocfsim_processes_ended_total{process="update",result="not-updated"} 1`, `ocfsim_drops_total{reason="malformed"} 0`,
			`ocfsim_update_duration_seconds_count{result="updated"} 1`, `ocfsim_build_info{version="v1"} 1`, "ocfsim_sessions 0", "ocfsim_observers 0",
			"process_resident_memory_bytes ",
		} {
			if !strings.Contains(text, "\n"+want) {
				t.Errorf("no line %q", want)
			}
		}
	})
}

// TestDevices: pages follow each other without a gap, and filters let pass what they say.
func TestDevices(t *testing.T) {
	served(t, 7, []string{"success", "failure"}, func(w *world, h http.Handler) {
		w.request(2, ocf.SSU, time.Hour)
		w.request(3, ocf.SSU, time.Hour)
		w.request(4, ocf.SSU, time.Millisecond)
		w.write(5, ocf.PstatUpdate{Set: ocf.PropDOS, DOS: ocf.RESET})
		time.Sleep(time.Second)
		for query, want := range map[string]string{
			"":                               "[0 1 2 3 4 5 6]",
			"?limit=3":                       "[0 1 2] 3",
			"?limit=3&cursor=3":              "[3 4 5] 6",
			"?limit=3&cursor=6":              "[6]",
			"?limit=7":                       "[0 1 2 3 4 5 6]",
			"?cursor=7":                      "[]",
			"?result=updated":                "[2]",
			"?result=not-updated":            "[3]",
			"?result=none&behaviour=failure": "[1 5]",
			"?state=update":                  "[4]",
			"?group=stairs":                  "[1 3 5]",
			"?owner=none":                    "[5]",
			"?group=nowhere":                 "[]",
		} {
			var page lookout.Page
			code, text := get(t, h, "/devices"+query, &page)
			var found []int
			for _, d := range page.Devices {
				found = append(found, d.Device)
			}
			got := strings.TrimSpace(fmt.Sprintf("%v %s", found, page.Next))
			if code != http.StatusOK || got != want {
				t.Errorf("%s: %d, %s, want %s\n%s", query, code, got, want, text)
			}
		}
		for _, query := range []string{"?state=nonsense", "?result=x", "?limit=0", "?limit=1001", "?cursor=8", "?cursor=x", "?owner=x", "?sort=1"} {
			if code, text := get(t, h, "/devices"+query, nil); code != http.StatusBadRequest || !strings.Contains(text, "expected") {
				t.Errorf("%s: %d %s", query, code, text)
			}
		}
	})
}

// TestOneDevice: a Device is found by each of its names, with what it did last.
func TestOneDevice(t *testing.T) {
	served(t, 3, []string{"success"}, func(w *world, h http.Handler) {
		w.request(1, ocf.SVV, time.Minute)
		w.request(1, ocf.SSU, 10*time.Millisecond)
		for _, name := range []string{"1", w.roster.ID(1).String(), "127.1.0.2", "127.1.0.2:5683"} {
			var d lookout.Seen
			if code, text := get(t, h, "/devices/"+name, &d); code != http.StatusOK || d.Device != 1 {
				t.Fatalf("%s: %d %s", name, code, text)
			}
			if d.State != "update" || d.TM != "U" || d.Result != "available" || d.Group != "stairs" || d.RunningS == nil || *d.RunningS != 0.01 {
				t.Errorf("%+v", d)
			}
			var did []string
			for _, m := range d.History {
				did = append(did, strings.TrimSpace(m.Event+" "+m.Process+m.TM))
			}
			if got, want := strings.Join(did, ", "), "process-ended validation, state U, process-began update"; got != want {
				t.Errorf("history: %s, want %s", got, want)
			}
		}
		for _, name := range []string{"3", "-1", "x", "127.1.0.9", "00000000-0000-4000-8000-000000000001"} {
			if code, text := get(t, h, "/devices/"+name, nil); code != http.StatusNotFound || !strings.Contains(text, "expected an index") {
				t.Errorf("%s: %d %s", name, code, text)
			}
		}
	})
}

// TestOtherPaths: health, summary and index are there, and profiles only where they were
// asked for.
func TestOtherPaths(t *testing.T) {
	served(t, 3, []string{"success"}, func(w *world, h http.Handler) {
		w.request(1, ocf.SSU, time.Hour)
		var health struct {
			Status  string
			Devices int
		}
		if code, text := get(t, h, "/healthz", &health); code != http.StatusOK || health.Status != "ok" || health.Devices != 3 {
			t.Errorf("%d %s", code, text)
		}
		var s lookout.Summary
		if code, text := get(t, h, "/summary", &s); code != http.StatusOK || s.Updates.Count != 1 || len(s.Slowest) != 1 || s.Slowest[0].Address != "127.1.0.2:5683" {
			t.Errorf("%d %s", code, text)
		}
		if code, text := get(t, h, "/", nil); code != http.StatusOK || !strings.Contains(text, "/devices/ID") {
			t.Errorf("%d %s", code, text)
		}
		if code, _ := get(t, h, "/debug/pprof/", nil); code != http.StatusNotFound {
			t.Errorf("profiles that nobody asked for: %d", code)
		}
		open := lookout.NewServer(w.roster, w.board, lookout.NewMetrics("v1"), nil).Handler(lookout.WithProfiles)
		if code, text := get(t, open, "/debug/pprof/", nil); code != http.StatusOK || !strings.Contains(text, "goroutine") {
			t.Errorf("profiles: %d", code)
		}
	})
}
