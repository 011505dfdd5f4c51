package fleet

import "github.com/ocfsim/ocfsim/ocf/capture"

// tapped is a Conn, with all that it carries given to a capture. A packet is given
// before it is sent, so that it stands before its answer.
type tapped struct {
	Conn
	sink capture.Sink
}

// between is conn, with what Config.Between puts in front of it.
func (c *Config) between(conn Conn) Conn {
	if conn == nil || c.Between == nil {
		return conn
	}
	return c.Between(conn)
}

// tap is conn, captured if a capture is asked for.
func tap(conn Conn, sink capture.Sink) Conn {
	if conn == nil || sink == nil {
		return conn
	}
	return tapped{conn, sink}
}

// ReadBatch gives the packets that came to the capture.
func (t tapped) ReadBatch(packets []Packet) (int, error) {
	n, err := t.Conn.ReadBatch(packets)
	for _, p := range packets[:n] {
		t.sink.Packet(capture.Packet{From: p.Peer, To: p.Local, Data: p.Data})
	}
	return n, err
}

// WriteBatch gives the packets to the capture and sends them.
func (t tapped) WriteBatch(packets []Packet) (int, error) {
	for _, p := range packets {
		t.sink.Packet(capture.Packet{From: p.Local, To: p.Peer, Data: p.Data, Sent: true})
	}
	return t.Conn.WriteBatch(packets)
}

// Losses passes on what the Conn has lost.
func (t tapped) Losses() (overflow, foreign uint64) {
	if l, ok := t.Conn.(lossy); ok {
		return l.Losses()
	}
	return 0, 0
}
