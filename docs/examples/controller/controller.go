// Package controller is a small Client that updates Devices, as an app or a hub
// has one. It stands for yours: its test shows how virtual Devices try it.
package controller

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/message/pool"
	"github.com/plgd-dev/go-coap/v3/udp"
	"github.com/plgd-dev/go-coap/v3/udp/client"

	"github.com/ocfsim/ocfsim/ocf"
)

// Outcome is what became of an update.
type Outcome string

// The outcomes of Update.
const (
	UpToDate Outcome = "up to date" // the check found nothing
	Updated  Outcome = "updated"    // the Device has another version than before
	Failed   Outcome = "failed"     // it has the same
)

// Update has the Device at address, HOST:PORT, look for an update and install it.
func Update(ctx context.Context, address string) (Outcome, error) {
	conn, err := udp.Dial(address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	before, err := version(ctx, conn)
	if err != nil {
		return "", err
	}
	states := newStates()
	observation, err := conn.Observe(ctx, ocf.PathPstat, func(m *pool.Message) { states.tell(ctx, m, time.Now()) })
	if err != nil {
		return "", fmt.Errorf("observe pstat: %w", err)
	}
	defer func() { _ = observation.Cancel(context.WithoutCancel(ctx)) }()
	if _, err := states.next(ctx); err != nil { // as it was when the observation began
		return "", fmt.Errorf("observe pstat: %w", err)
	}
	state, err := process(ctx, conn, ocf.SVV, states)
	switch {
	case err != nil:
		return "", err
	case !state.CM.Has(ocf.SVV):
		return UpToDate, nil
	}
	if _, err := process(ctx, conn, ocf.SSU, states); err != nil {
		return "", err
	}
	after, err := version(ctx, conn)
	switch {
	case err != nil:
		return "", err
	case after == before:
		return Failed, nil
	}
	return Updated, nil
}

// process asks for a check (SVV) or an update (SSU) and waits for its end.
func process(ctx context.Context, conn *client.Conn, asked ocf.DPM, states *states) (ocf.Pstat, error) {
	payload := ocf.PstatUpdate{Set: ocf.PropTM, TM: asked}.AppendCBOR(nil)
	// OCF's own format has a version, which stands in an option of its own.
	version := message.Option{ID: ocf.OptionFormatVersion, Value: binary.BigEndian.AppendUint16(nil, ocf.Version100)}
	answer, err := conn.Post(ctx, ocf.PathPstat, message.MediaType(ocf.FormatOCFCBOR), bytes.NewReader(payload), version)
	if err != nil {
		return ocf.Pstat{}, fmt.Errorf("ask for %v: %w", asked, err)
	}
	if answer.Code() != codes.Changed {
		return ocf.Pstat{}, fmt.Errorf("ask for %v: the Device answers %v", asked, answer.Code())
	}
	for {
		state, err := states.next(ctx)
		switch {
		case err != nil:
			return state, fmt.Errorf("wait for the end of %v: %w", asked, err)
		case !state.TM.Has(asked):
			return state, nil
		}
	}
}

// version is that of the Device's software.
func version(ctx context.Context, conn *client.Conn) (string, error) {
	answer, err := conn.Get(ctx, ocf.PathD)
	if err != nil {
		return "", fmt.Errorf("read the version: %w", err)
	}
	payload, err := answer.ReadBody()
	if err != nil {
		return "", fmt.Errorf("read the version: %w", err)
	}
	d, _, err := ocf.DecodeD(payload)
	return d.SV, err
}
