package fleet

import "net/netip"

// maxDatagram is the largest datagram that is read whole. Longer ones arrive
// cut, with Packet.Cut set.
const maxDatagram = 4096

// batchSize is how many packets are read and written with one system call.
const batchSize = 64

// Packet is one datagram of a Conn.
type Packet struct {
	Peer      netip.AddrPort // the other end
	Local     netip.AddrPort // a Device's address, or the group when Multicast
	Multicast bool           // received at a group address
	Cut       bool           // received longer than the buffer; Data is its beginning
	Data      []byte
}

// Conn carries the packets of many local addresses. ReadBatch has one caller at
// a time; WriteBatch and Close may be called by any.
type Conn interface {
	// ReadBatch blocks until there is a packet. It reads into the capacity of
	// each packet's Data and returns how many packets it filled. After Close
	// it returns an error that is net.ErrClosed.
	ReadBatch(packets []Packet) (int, error)
	// WriteBatch sends each packet from its Local to its Peer, in order, and
	// returns how many were sent. err is the first packet's that was not; the
	// others are sent all the same.
	WriteBatch(packets []Packet) (int, error)
	Close() error
}
