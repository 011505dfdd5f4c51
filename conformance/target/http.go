package target

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/ocfsim/ocfsim/conformance"
)

// HTTP applies conditions by POST {"condition": "...", "device": "..."}: 2xx is
// done, 501 is not supported.
type HTTP struct {
	URL    string
	Device string       // the Device's di, or its address; may be empty
	Client *http.Client // nil for http.DefaultClient
}

// forDevice lets one control address serve many Devices.
func (h *HTTP) forDevice(device string) Conditions {
	if h.Device != "" {
		return h
	}
	own := *h
	own.Device = device
	return &own
}

// Apply posts the condition and waits for the answer.
func (h *HTTP) Apply(ctx context.Context, name string) (*conformance.SourceReport, error) {
	body, err := json.Marshal(struct {
		Condition string `json:"condition"`
		Device    string `json:"device,omitempty"`
	}{name, h.Device})
	if err != nil {
		return nil, fmt.Errorf("condition %s: %w", name, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("condition %s: %w", name, err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("condition %s: %w", name, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("condition %s: %s: %w", name, h.shown(), err)
	}
	switch {
	case resp.StatusCode == http.StatusNotImplemented:
		return nil, fmt.Errorf("%w: %s says that it can't bring about %s%s", ErrUnsupported, h.shown(), name, because(answer))
	case resp.StatusCode/100 != 2:
		return nil, fmt.Errorf("condition %s: %s: %s%s", name, h.shown(), resp.Status, because(answer))
	}
	report, err := readReport(name, answer)
	if err != nil {
		return nil, fmt.Errorf("condition %s: %s: %w", name, h.shown(), err)
	}
	return report, nil
}

// shown is the address without the token that it may carry.
func (h *HTTP) shown() string {
	u, err := url.Parse(h.URL)
	if err != nil {
		return "the address of the conditions"
	}
	return u.Redacted()
}
