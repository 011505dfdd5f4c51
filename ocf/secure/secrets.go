package secure

import (
	"bytes"
	"encoding/hex"
	"io"
)

// secrets takes the master secret of one handshake out of what the DTLS library logs
// in NSS key log format, the only form in which it tells it. It passes every line on to
// log, if there is one.
type secrets struct {
	log    io.Writer
	master []byte
}

// Write takes a line: a label, the ClientHello's random, the master secret.
func (s *secrets) Write(line []byte) (int, error) {
	if words := bytes.Fields(line); len(words) == 3 {
		s.master, _ = hex.DecodeString(string(words[2]))
	}
	if s.log == nil {
		return len(line), nil
	}
	return s.log.Write(line)
}
