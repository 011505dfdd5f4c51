package capture

import (
	"encoding/binary"
	"net/netip"
)

const (
	protocolUDP = 17
	udpHeader   = 8
	ip4Header   = 20
	ip6Header   = 40
	hops        = 64
)

// wrap puts the headers of UDP and IP before data. It returns false where the addresses
// are not both of IPv4 or both of IPv6, or where data is too long for UDP.
func wrap(from, to netip.AddrPort, data []byte) ([]byte, bool) {
	src, dst := from.Addr().Unmap(), to.Addr().Unmap()
	length := udpHeader + len(data)
	if !src.IsValid() || !dst.IsValid() || src.Is4() != dst.Is4() || length > 1<<16-1-ip4Header {
		return nil, false
	}
	b := ip6(src, dst, length)
	if src.Is4() {
		b = ip4(src, dst, length)
	}
	begin := len(b)
	b = binary.BigEndian.AppendUint16(b, from.Port())
	b = binary.BigEndian.AppendUint16(b, to.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(length))
	b = binary.BigEndian.AppendUint16(b, 0)
	b = append(b, data...)
	pseudo := binary.BigEndian.AppendUint32(append(src.AsSlice(), dst.AsSlice()...), uint32(length))
	pseudo = binary.BigEndian.AppendUint32(pseudo, protocolUDP)
	sum := checksum(pseudo, b[begin:])
	if sum == 0 {
		sum = 0xffff // 0 would mean that there is none
	}
	binary.BigEndian.PutUint16(b[begin+6:], sum)
	return b, true
}

// ip4 is the header of RFC 791 before length bytes.
func ip4(src, dst netip.Addr, length int) []byte {
	b := []byte{0x45, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(ip4Header+length))
	b = append(b, 0, 0, 0x40, 0, hops, protocolUDP, 0, 0) // don't fragment
	b = append(append(b, src.AsSlice()...), dst.AsSlice()...)
	binary.BigEndian.PutUint16(b[10:], checksum(b))
	return b
}

// ip6 is the header of RFC 8200 before length bytes.
func ip6(src, dst netip.Addr, length int) []byte {
	b := []byte{0x60, 0, 0, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(length))
	b = append(b, protocolUDP, hops)
	return append(append(b, src.AsSlice()...), dst.AsSlice()...)
}

// checksum is that of RFC 1071 over the parts; only the last may have an odd length.
func checksum(parts ...[]byte) uint16 {
	var sum uint32
	for _, b := range parts {
		for ; len(b) > 1; b = b[2:] {
			sum += uint32(binary.BigEndian.Uint16(b))
		}
		if len(b) == 1 {
			sum += uint32(b[0]) << 8
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// unwrap takes the headers off that wrap made.
func unwrap(b []byte) (from, to netip.AddrPort, data []byte, ok bool) {
	header, size := ip4Header, 4
	if len(b) > 0 && b[0]>>4 == 6 {
		header, size = ip6Header, 16
	}
	if len(b) < header+udpHeader {
		return from, to, nil, false
	}
	src, _ := netip.AddrFromSlice(b[header-2*size : header-size])
	dst, _ := netip.AddrFromSlice(b[header-size : header])
	ports := b[header:]
	return netip.AddrPortFrom(src, binary.BigEndian.Uint16(ports)),
		netip.AddrPortFrom(dst, binary.BigEndian.Uint16(ports[2:])), b[header+udpHeader:], true
}
