package source

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// Errors of what applies a condition.
var (
	ErrUnsupported = errors.New("condition not supported")
	ErrNoDevice    = errors.New("no such device")
)

// Report is what a trusted source says about one Device, or about all together.
type Report struct {
	Checks  int     `json:"checks"`
	Fetches int     `json:"fetches"`
	Served  int     `json:"served"`
	Holding int     `json:"holding"`
	Version string  `json:"version,omitempty"` // installed version; empty if several Devices differ
	Last    *Handed `json:"last,omitempty"`    // the package of which bytes left last; nil for none

	Unanswered int `json:"unanswered,omitempty"` // as in Counts

	Said string `json:"said,omitempty"` // what a Device said last of an update; "" for nothing

	// Unreachable says that a fault keeps connections or handshakes from the source: it may have
	// been asked, and not have heard it.
	Unreachable bool `json:"unreachable,omitempty"`
}

// Handed is a package of which a Device has got bytes.
type Handed struct {
	Package string    `json:"package"` // its name
	Version string    `json:"version"`
	Bytes   int64     `json:"bytes"` // of it that the Device has got
	Of      int64     `json:"of"`    // bytes that it has
	Good    bool      `json:"good"`  // the Device has got all of it, and it is the source's own
	Faults  []string  `json:"faults,omitempty"`
	Number  uint64    `json:"number"` // of the entry in the source's log
	At      time.Time `json:"at"`
	Claimed bool      `json:"claimed,omitempty"` // the Device says that it has installed it
}

// wish is the body of a POST to Control.
type wish struct {
	Condition string `json:"condition"`
	Device    string `json:"device"`
}

// maxWish bounds the body of a POST to Control.
const maxWish = 64 << 10

// Control accepts conditions over HTTP: POST {"condition": "hold", "device": ""},
// where device is a di or an address, or empty for all Devices. It answers 200 with
// the report as JSON; 400 if it cannot read the body; 404 if there is no such Device,
// which apply says by ErrNoDevice; 405 for another method; 501 if the condition is not
// supported, which apply says by ErrUnsupported.
func Control(apply func(device, condition string) (Report, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, `expected POST {"condition": "hold", "device": ""}`, http.StatusMethodNotAllowed)
			return
		}
		var body wish
		dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxWish))
		dec.DisallowUnknownFields()
		err := dec.Decode(&body)
		if err == nil && dec.Decode(&struct{}{}) != io.EOF {
			err = errors.New("more than one value")
		}
		if err == nil && body.Condition == "" {
			err = errors.New("no condition")
		}
		if err != nil {
			http.Error(w, `expected {"condition": "hold", "device": ""}: `+err.Error(), http.StatusBadRequest)
			return
		}
		report, err := apply(body.Device, body.Condition)
		switch {
		case errors.Is(err, ErrUnsupported):
			http.Error(w, err.Error(), http.StatusNotImplemented)
		case errors.Is(err, ErrNoDevice):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(report)
		}
	})
}
