package target

import (
	"context"
	"fmt"
)

// Dial opens a Client of the Device at "coap://host:port" without asking the
// Device anything first: for those who talk to a Device and do not test it. A
// Call is sent as it is, and everything is appended to log, nil for nowhere.
func Dial(ctx context.Context, endpoint string, log Log) (*Client, error) {
	address, secured, err := parseEndpoint(endpoint)
	if err != nil {
		return nil, err
	}
	if secured {
		return nil, fmt.Errorf("%s: %w", endpoint, ErrSecured)
	}
	conn, err := dialUDP(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", endpoint, err)
	}
	if log == nil {
		log = &counter{}
	}
	return newClient(conn, "client", log, timing{ack: defaultACKTimeout, maxRetransmit: defaultMaxRetransmit}), nil
}
