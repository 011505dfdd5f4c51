package campaign

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram counts durations from a microsecond to a day, each with three digits. Two of
// them add up to the histogram of all; their percentiles do not, and are never averaged.
type Histogram struct{ hdr *hdrhistogram.Histogram }

// NewHistogram is a Histogram that has counted nothing.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(1, int64(24*time.Hour/time.Microsecond), 3)}
}

// Add counts a duration; one that is longer than a day counts as a day.
func (h *Histogram) Add(d time.Duration) {
	_ = h.hdr.RecordValue(min(max(d.Microseconds(), 1), h.hdr.HighestTrackableValue()))
}

// Distribution is what a Histogram says, in seconds.
type Distribution struct {
	Count int64   `json:"count"`
	Min   float64 `json:"min_s"`
	P50   float64 `json:"p50_s"`
	P90   float64 `json:"p90_s"`
	P99   float64 `json:"p99_s"`
	P999  float64 `json:"p99_9_s"`
	Max   float64 `json:"max_s"`
	// HDR is the whole histogram in microseconds, in HdrHistogram's compressed form (V2,
	// base64), so that those of several runs can be added up.
	HDR string `json:"hdr"`
}

// Distribution returns nil where nothing was counted.
func (h *Histogram) Distribution() (*Distribution, error) {
	if h.hdr.TotalCount() == 0 {
		return nil, nil
	}
	at := func(p float64) float64 { return float64(h.hdr.ValueAtPercentile(p)) / 1e6 }
	encoded, err := h.hdr.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, err
	}
	return &Distribution{
		Count: h.hdr.TotalCount(), Min: float64(h.hdr.Min()) / 1e6, Max: float64(h.hdr.Max()) / 1e6,
		P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), HDR: string(encoded),
	}, nil
}
