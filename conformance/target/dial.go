package target

import (
	"context"
	"errors"
	"fmt"

	"github.com/ocfsim/ocfsim/conformance"
)

// Dial opens a Client of the Device at "coap://host:port" without asking the
// Device anything first. It is for talking to a Device rather than testing it.
// A Call is sent as it is, and everything is appended to log; if log is nil,
// nothing is kept.
func Dial(ctx context.Context, endpoint string, log Log) (*Client, error) {
	address, secured, err := parseEndpoint(endpoint)
	if err != nil {
		return nil, err
	}
	if secured {
		return nil, fmt.Errorf("%s: a session needs a credential", endpoint)
	}
	conn, err := dialUDP(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", endpoint, err)
	}
	if log == nil {
		log = &counter{}
	}
	return newClient(conn, talker, log, plainTiming()), nil
}

// DialSecure is Dial over a session that is opened with the credential who, at
// "coaps://host:port". The error is ErrRefused if the Device does not grant the
// session, and ErrUnreachable if the Device is silent. A session that ends is
// opened anew by the next request.
func DialSecure(ctx context.Context, endpoint string, who Credential, log Log) (*Client, error) {
	address, secured, err := parseEndpoint(endpoint)
	if err != nil {
		return nil, err
	}
	if !secured {
		return nil, fmt.Errorf("%s: a credential needs a coaps endpoint", endpoint)
	}
	if err := who.validate(); err != nil {
		return nil, err
	}
	if log == nil {
		log = &counter{}
	}
	d := &device{name: endpoint, caller: caller{dial: dialUDP, address: address, timing: plainTiming()}}
	a := &association{id: who.ID, open: d.caller.as(who.client())}
	conn, err := a.open(ctx)
	var no *refusal
	if errors.As(err, &no) && no.heard {
		log.Append(conformance.Observation{Kind: conformance.Session, Client: talker, Outcome: conformance.Refused, Text: no.text})
	}
	if err != nil {
		return nil, d.notOpened(who, err)
	}
	return newSecuredClient(conn, a, talker, log, plainTiming()), nil
}

// talker is the name of a Client that talks to a Device without testing it.
const talker = "client"

// plainTiming has the parameters of RFC 7252.
func plainTiming() timing {
	return timing{ack: defaultACKTimeout, maxRetransmit: defaultMaxRetransmit}
}
