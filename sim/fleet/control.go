package fleet

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// wish is the body of a POST to Control.
type wish struct {
	Condition string `json:"condition"`
	Device    string `json:"device"`
}

// maxWish bounds the body of a POST to Control.
const maxWish = 64 << 10

// Control accepts conditions over HTTP: POST {"condition": "hold", "device": ""},
// where device is a di or an address, or empty for all Devices. It answers 200 with
// the source's report as JSON; 400 if it cannot read the body; 404 if there is no
// such Device; 405 for another method; 501 if the condition is not supported.
func (f *Fleet) Control() http.Handler {
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
		report, err := f.Condition(body.Device, body.Condition)
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
