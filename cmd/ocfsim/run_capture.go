package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/ocfsim/ocfsim/ocf/capture"
	"github.com/ocfsim/ocfsim/sim/fleet"
)

// recordings are the files to which `ocfsim run` writes what its Devices send and
// receive, and the secrets of their sessions.
type recordings struct {
	packets *capture.Acceptor
	secrets *os.File
}

// record opens the files that the flags name, and has cfg write to them.
func record(flags runFlags, cfg *fleet.Config) (r recordings, err error) {
	if flags.capture != "" {
		w, err := capture.Create(flags.capture, "ocfsim "+version)
		if err != nil {
			return r, fmt.Errorf("--capture: %w", err)
		}
		r.packets = capture.Accepting(w)
		cfg.Capture = r.packets
	}
	if flags.keyLog != "" {
		// Other programs may append to the same file.
		if r.secrets, err = os.OpenFile(flags.keyLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return r, errors.Join(fmt.Errorf("--keylog: %w", err), r.close())
		}
		cfg.Secure.KeyLog = r.secrets
	}
	return r, nil
}

// close ends the files. Its error is the first that a file had.
func (r recordings) close() error {
	var err error
	if r.packets != nil {
		err = r.packets.Close()
	}
	if r.secrets != nil {
		err = errors.Join(err, r.secrets.Close())
	}
	return err
}
