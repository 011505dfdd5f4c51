package fleet

import "net/netip"

// maxDatagram is the largest datagram that is read whole. A longer one arrives
// truncated, with Packet.Cut set.
const maxDatagram = 4096

// batchSize is how many packets are read and written with one system call.
const batchSize = 64

// Packet is one datagram that a Conn carries.
type Packet struct {
	Peer      netip.AddrPort // the Client's address
	Local     netip.AddrPort // a Device's address, or the group's if Multicast is set
	Multicast bool           // received at a group address; of a packet that is sent: it answers one that was
	Cut       bool           // the datagram was longer than the buffer; Data is its beginning
	Data      []byte
}

// Conn carries the packets of many local addresses. ReadBatch has one caller at a
// time; anybody may call WriteBatch and Close at any time.
type Conn interface {
	// ReadBatch blocks until there is a packet. It reads into the capacity of each
	// packet's Data and returns how many packets it has filled. After Close it
	// returns an error that wraps net.ErrClosed.
	ReadBatch(packets []Packet) (int, error)
	// WriteBatch sends each packet from its Local to its Peer, in order, and returns
	// how many were sent. A packet that cannot be sent does not stop the others; err
	// is the error of the first one.
	WriteBatch(packets []Packet) (int, error)
	Close() error
}

// readBeside has conn be read beside other work, if conn knows how.
func readBeside(conn Conn) error {
	if w, ok := conn.(interface{ beside() error }); ok {
		return w.beside()
	}
	return nil
}

// Fill copies what from has into p, whose Data has room for as much as may be read.
func (p *Packet) Fill(from Packet) {
	buf := p.Data[:cap(p.Data)]
	n := copy(buf, from.Data)
	from.Cut = from.Cut || n < len(from.Data)
	from.Data = buf[:n]
	*p = from
}
