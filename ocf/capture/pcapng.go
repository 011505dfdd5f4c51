package capture

import (
	"encoding/binary"
	"time"
)

// The blocks of a pcapng file that are used, and their options.
const (
	blockSection   = 0x0A0D0D0A
	blockInterface = 1
	blockPacket    = 6 // Enhanced Packet Block
	blockSecrets   = 10

	optionEnd        = 0
	optionComment    = 1
	optionProgram    = 4 // of a section: shb_userappl
	optionName       = 2 // of an interface
	optionFlags      = 2 // of a packet: epb_flags
	optionResolution = 9 // of an interface

	flagReceived, flagSent = 1, 2

	byteOrder   = 0x1A2B3C4D
	linkRaw     = 101
	nanoseconds = 9
	keyLogType  = 0x544c534b // "TLSK"

	packetHeader = 20 // bytes of a packet's block before its data
	maxOption    = 1<<16 - 1
)

var order = binary.LittleEndian

// encode makes a block: its type, its length, the body, and the length again.
func encode(kind uint32, body []byte) []byte {
	length := uint32(12 + len(body))
	out := make([]byte, 0, length)
	out = order.AppendUint32(out, kind)
	out = order.AppendUint32(out, length)
	out = append(out, body...)
	return order.AppendUint32(out, length)
}

// padded fills b up to a multiple of four bytes.
func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// option appends an option. What a comment has too much is cut off.
func option(b []byte, code uint16, value []byte) []byte {
	value = value[:min(len(value), maxOption)]
	b = order.AppendUint16(b, code)
	b = order.AppendUint16(b, uint16(len(value)))
	return padded(append(b, value...))
}

func sectionBody(program string) []byte {
	b := order.AppendUint32(nil, byteOrder)
	b = order.AppendUint16(b, 1) // version 1.0
	b = order.AppendUint16(b, 0)
	b = order.AppendUint64(b, 1<<64-1) // the section's length is not told
	b = option(b, optionProgram, []byte(program))
	return option(b, optionEnd, nil)
}

func interfaceBody() []byte {
	b := order.AppendUint16(nil, linkRaw)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, 0) // no limit to a packet's length
	b = option(b, optionName, []byte("sockets"))
	b = option(b, optionResolution, []byte{nanoseconds})
	return option(b, optionEnd, nil)
}

func secretsBody(keyLog []byte) []byte {
	b := order.AppendUint32(nil, keyLogType)
	b = order.AppendUint32(b, uint32(len(keyLog)))
	return padded(append(b, keyLog...))
}

// packetBody returns false where p can't be an IP packet.
func packetBody(p Packet) ([]byte, bool) {
	datagram, ok := wrap(p.From, p.To, p.Data)
	if !ok {
		return nil, false
	}
	at := uint64(p.At.UnixNano())
	b := order.AppendUint32(nil, 0) // the interface
	b = order.AppendUint32(b, uint32(at>>32))
	b = order.AppendUint32(b, uint32(at))
	b = order.AppendUint32(b, uint32(len(datagram)))
	b = order.AppendUint32(b, uint32(len(datagram)))
	b = padded(append(b, datagram...))
	flags := uint32(flagReceived)
	if p.Sent {
		flags = flagSent
	}
	b = option(b, optionFlags, order.AppendUint32(nil, flags))
	for _, text := range p.Comments {
		b = option(b, optionComment, []byte(text))
	}
	return option(b, optionEnd, nil), true
}

// moment is the time in a packet's block.
func moment(body []byte) time.Time {
	return time.Unix(0, int64(uint64(order.Uint32(body[4:]))<<32|uint64(order.Uint32(body[8:]))))
}
