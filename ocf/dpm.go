package ocf

import (
	"fmt"
	"strconv"
	"strings"
)

// DPM is oic.sec.dpmtype, a 16-bit mask of device provisioning modes
// (seed.txt Table 39). The zero value has no bit set.
type DPM uint16

// The bits of the low byte (seed.txt Table 40).
const (
	Reset                DPM = 1
	TakeOwner            DPM = 2
	BootstrapService     DPM = 4
	SecurityServices     DPM = 8
	ProvisionCredentials DPM = 16
	ProvisionACLs        DPM = 32
	SVV                  DPM = 64  // Initiate Software Version Validation
	SSU                  DPM = 128 // Initiate Secure Software Update
)

// NSA is the bit of the high byte that editions from OCF 2.0.3 on define: Initiate
// Software Availability Check. In the first edition it has no meaning, so String has
// no letter for it; see Lettered.
const NSA DPM = 256

// Has reports whether every bit of b is set in m.
func (m DPM) Has(b DPM) bool { return m&b == b }

// With is m with the bits of b set.
func (m DPM) With(b DPM) DPM { return m | b }

// Without is m with the bits of b cleared.
func (m DPM) Without(b DPM) DPM { return m &^ b }

// String is the one text notation of a mask: "-" for no bit, "V" for SVV, "U"
// for SSU, every other bit together as one hexadecimal number, joined by "+":
// "V", "V+U", "0x2", "V+0x4000".
func (m DPM) String() string {
	switch m { // most are one of these
	case 0:
		return "-"
	case SVV:
		return "V"
	case SSU:
		return "U"
	}
	var parts []string
	if m.Has(SVV) {
		parts = append(parts, "V")
	}
	if m.Has(SSU) {
		parts = append(parts, "U")
	}
	if rest := m.Without(SVV | SSU); rest != 0 {
		parts = append(parts, fmt.Sprintf("0x%x", uint16(rest)))
	}
	return strings.Join(parts, "+")
}

// Lettered is text with the letter N for NSA wherever a mask in the notation of String has
// that bit: "tm=V+0x4100" becomes "tm=V+N+0x4000". It is for editions that define the bit;
// in others it is one of those without a meaning.
func Lettered(text string) string {
	const prefix = "0x"
	var b strings.Builder
	for rest := text; ; {
		at := strings.Index(rest, prefix)
		if at < 0 {
			if b.Len() == 0 {
				return text
			}
			b.WriteString(rest)
			return b.String()
		}
		end := at + len(prefix)
		for end < len(rest) && isHex(rest[end]) {
			end++
		}
		b.WriteString(rest[:at])
		n, err := strconv.ParseUint(rest[at+len(prefix):end], 16, 16)
		if word := rest[at:end]; err != nil || !DPM(n).Has(NSA) || at > 0 && isHex(rest[at-1]) {
			b.WriteString(word)
		} else {
			b.WriteString(letterN(DPM(n)))
		}
		rest = rest[end:]
	}
}

// letterN is a mask that has NSA, with its letter.
func letterN(m DPM) string {
	if rest := m.Without(NSA); rest != 0 {
		return "N+" + rest.String()
	}
	return "N"
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

// ParseDPM reads the notation of String, and "N" for NSA; it also takes a plain number from
// 0 to 65535, decimal or 0x hexadecimal, in place of any part.
func ParseDPM(s string) (DPM, error) {
	if s == "-" {
		return 0, nil
	}
	var m DPM
	for part := range strings.SplitSeq(s, "+") {
		switch part {
		case "V":
			m |= SVV
		case "U":
			m |= SSU
		case "N":
			m |= NSA
		default:
			n, err := strconv.ParseUint(part, 0, 16)
			if err != nil {
				return 0, fmt.Errorf("unknown mode %q, expected -, V, U, V+U or a number from 0 to 65535", part)
			}
			m |= DPM(n)
		}
	}
	return m, nil
}
