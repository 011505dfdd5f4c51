package suite

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// sit takes the only seat at a Device, which no other process of this machine has until
// leave is called or this one ends. The seat is a name in the abstract namespace of
// sockets, which leaves no file behind; where it can't be had for another reason, nobody
// is kept away.
func sit(endpoint string) (leave func(), err error) {
	seat, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: "@ocfsim test " + endpoint})
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("another process is testing the Device at %s: run them one after another", endpoint)
	}
	if err != nil {
		return func() {}, nil
	}
	return func() { _ = seat.Close() }, nil
}
