package sim

import (
	"strconv"

	"github.com/ocfsim/ocfsim/ocf"
)

// encodingQuirks change how pstat is encoded on the wire.
var encodingQuirks = []quirk{
	{
		name: "modes-last", knob: "pairs", lawful: true, says: "tm and cm come last in the map; the order of a map has no meaning (RFC 8949).",
		bend: writesPairs(ocf.PropTM|ocf.PropCM, 2, func(dst []byte, p ocf.Pstat) []byte {
			dst = ocf.AppendUint(ocf.AppendText(dst, "tm"), uint64(p.TM))
			return ocf.AppendUint(ocf.AppendText(dst, "cm"), uint64(p.CM))
		}),
	},
	{
		name: "map-endless", knob: "map", lawful: true, says: "pstat is a map of indefinite length (RFC 8949 section 3.2.2).",
		bend: func(b *bends) {
			b.payload.add(func(_ *Device, w written, dst []byte) []byte {
				dst[w.at] = 0xbf
				return append(dst, 0xff)
			})
		},
	},
	{
		name: "vendor-property", knob: "more", lawful: true, says: "pstat carries a Property of the vendor's, whose name ends in tm.",
		bend: writesPairs(0, 1, func(dst []byte, _ ocf.Pstat) []byte {
			return ocf.AppendText(ocf.AppendText(dst, "x.com.example.tm"), "V")
		}),
	},
	{
		name: "answer-with-pstat", knob: "answer", lawful: true, says: "The answer to a write carries pstat.",
		bend: func(b *bends) {
			b.answer.add(func(t *turn, answer Effect) Effect {
				answer.Rep = Rep{Path: ocf.PathPstat, State: t.State()}
				return answer
			})
		},
	},
	{
		name: "pending-absent", knob: "pending", lawful: true, says: "dos has no p.",
		bend: leavesOut(ocf.PropP, always),
	},
	{
		name: "default-rw", knob: "default-interface", lawful: true,
		says: "The default interface of pstat is oic.if.rw, as later editions have it.",
		bend: func(b *bends) { b.baseline.add(func(*Device, bool) bool { return false }) },
	},
	{
		name: "interface-forbidden", knob: "wrong-interface", lawful: true,
		says: "An interface that a resource does not have is answered with 4.03.",
		bend: func(b *bends) { b.noInterface.add(func(*turn, uint8) uint8 { return forbidden }) },
	},
	{
		name: "format-omitted", knob: "format", says: "pstat comes without a Content-Format.",
		bend: labels(noFormat, func(audience) bool { return true }),
	},
	{
		name: "zeros-omitted", knob: "present", says: "The Device leaves out a Property that is 0 or false.",
		bend: writesOther(func(_ audience, p *ocf.Pstat) { p.Present = withoutZeros(p) }),
	},
	{
		name: "owner-omitted", knob: "present", says: "pstat has no rowneruuid.",
		bend: leavesOut(ocf.PropRowner, always),
	},
	{
		name: "sm-absent", knob: "present", says: "pstat has no sm.",
		bend: leavesOut(ocf.PropSM, always),
	},
	{
		name: "dos-absent", knob: "shown-dos", says: "pstat has no dos.",
		bend: leavesOut(ocf.PropDOS|ocf.PropP, always),
	},
	{
		name: "baseline-short", knob: "present", says: "On interface oic.if.baseline pstat lacks its modes and its state.",
		bend: leavesOut(ocf.PropTM|ocf.PropCM|ocf.PropDOS|ocf.PropP|ocf.PropISOP, func(to audience) bool { return to.iface == ocf.IfBaseline }),
	},
	{
		name: "told-in-part", knob: "told-what", says: "Notifications carry only tm and cm.",
		bend: leavesOut(ocf.PropRequired&^(ocf.PropTM|ocf.PropCM), toObservers),
	},
	{
		name: "modes-swapped", knob: "modes", says: "The bytes of tm and cm are swapped.",
		bend: writesOther(func(_ audience, p *ocf.Pstat) { p.TM, p.CM = p.TM<<8|p.TM>>8, p.CM<<8|p.CM>>8 }),
	},
	{
		name: "cm-progress", knob: "modes", says: "The high byte of cm says how far the process has come.",
		bend: writesOther(func(_ audience, p *ocf.Pstat) {
			if p.TM != 0 {
				p.CM |= halfway
			}
		}),
	},
	{
		name: "told-swapped", knob: "told-what", says: "cm and tm are swapped in notifications, not in answers.",
		bend: writesOther(func(to audience, p *ocf.Pstat) {
			if to.told {
				p.TM, p.CM = p.CM, p.TM
			}
		}),
	},
	{
		name: "modes-text", knob: "modes", says: "tm and cm are text.",
		bend: writesModes(func(dst []byte, m ocf.DPM) []byte { return ocf.AppendText(dst, strconv.Itoa(int(m))) }),
	},
	{
		name: "modes-float", knob: "modes", says: "tm and cm are floats.",
		bend: writesModes(func(dst []byte, m ocf.DPM) []byte { return ocf.AppendFloat(dst, float64(m)) }),
	},
	{
		name: "modes-negative", knob: "modes", says: "tm and cm are negative.",
		bend: writesModes(func(dst []byte, m ocf.DPM) []byte { return ocf.AppendInt(dst, -int64(m)-1) }),
	},
	{
		name: "modes-array", knob: "modes", says: "tm and cm are arrays.",
		bend: writesModes(func(dst []byte, m ocf.DPM) []byte { return ocf.AppendUint(ocf.AppendArray(dst, 1), uint64(m)) }),
	},
	{
		name: "cm-bignum", knob: "modes", says: "cm is a bignum.",
		bend: writesPairs(ocf.PropCM, 1, func(dst []byte, p ocf.Pstat) []byte {
			return append(ocf.AppendText(dst, "cm"), 0xc2, 0x42, byte(p.CM>>8), byte(p.CM))
		}),
	},
	{
		name: "cm-twice", knob: "modes", says: "pstat contains cm twice.",
		bend: writesPairs(ocf.PropCM, 2, func(dst []byte, p ocf.Pstat) []byte {
			for range 2 {
				dst = ocf.AppendUint(ocf.AppendText(dst, "cm"), uint64(p.CM))
			}
			return dst
		}),
	},
	{
		name: "dos-text", knob: "shown-dos", says: "dos.s is the name of a state instead of a number.",
		bend: writesPairs(ocf.PropDOS|ocf.PropP, 1, func(dst []byte, p ocf.Pstat) []byte {
			dst = ocf.AppendMap(ocf.AppendText(dst, "dos"), 2)
			dst = ocf.AppendText(ocf.AppendText(dst, "s"), p.DOS.String())
			return ocf.AppendBool(ocf.AppendText(dst, "p"), p.Pending)
		}),
	},
	{
		name: "isop-number", knob: "shown-isop", says: "isop is 0 or 1 instead of a boolean.",
		bend: writesPairs(ocf.PropISOP, 1, func(dst []byte, p ocf.Pstat) []byte {
			n := uint64(0)
			if p.ISOP {
				n = 1
			}
			return ocf.AppendUint(ocf.AppendText(dst, "isop"), n)
		}),
	},
	{
		name: "om-text", knob: "shown-om", says: "om is text.",
		bend: writesPairs(ocf.PropOM, 1, func(dst []byte, p ocf.Pstat) []byte {
			return ocf.AppendText(ocf.AppendText(dst, "om"), strconv.Itoa(int(p.OM)))
		}),
	},
	{
		name: "owner-bytes", knob: "present", says: "rowneruuid is 16 bytes instead of text.",
		bend: writesPairs(ocf.PropRowner, 1, func(dst []byte, p ocf.Pstat) []byte {
			return ocf.AppendBytes(ocf.AppendText(dst, "rowneruuid"), p.Rowner[:])
		}),
	},
	{
		name: "bytes-behind", knob: "behind", says: "A byte follows the map of pstat.",
		bend: func(b *bends) { b.payload.add(func(_ *Device, _ written, dst []byte) []byte { return append(dst, 0) }) },
	},
	{
		name: "format-wrong", knob: "format", says: "Representations of pstat are labelled as text/plain.",
		bend: labelsAsText(always),
	},
	{
		name: "told-as-text", knob: "format", says: "Notifications are labelled as text/plain.",
		bend: labelsAsText(toObservers),
	},
}

// halfway is 50 percent, in the high byte of cm.
const halfway ocf.DPM = 50 << 8

func always(audience) bool { return true }

func toObservers(to audience) bool { return to.told }

// writesOther encodes a changed copy of pstat.
func writesOther(change func(audience, *ocf.Pstat)) func(*bends) {
	return func(b *bends) {
		b.pstat.add(func(_ *Device, to audience, p ocf.Pstat) ocf.Pstat {
			change(to, &p)
			return p
		})
	}
}

// leavesOut leaves props out of the representations for which in is true.
func leavesOut(props ocf.Properties, in func(audience) bool) func(*bends) {
	return writesOther(func(to audience, p *ocf.Pstat) {
		if in(to) {
			p.Present &^= props
		}
	})
}

func withoutZeros(p *ocf.Pstat) ocf.Properties {
	set := p.Present
	for _, z := range []struct {
		zero bool
		prop ocf.Properties
	}{{p.TM == 0, ocf.PropTM}, {p.CM == 0, ocf.PropCM}, {!p.Pending, ocf.PropP}, {!p.ISOP, ocf.PropISOP}} {
		if z.zero {
			set &^= z.prop
		}
	}
	return set
}

// writesPairs leaves props out of the map and has write append that many pairs at
// its end instead.
func writesPairs(props ocf.Properties, pairs byte, write func(dst []byte, p ocf.Pstat) []byte) func(*bends) {
	return func(b *bends) {
		leavesOut(props, always)(b)
		b.pairs.add(func(_ *Device, w written, dst []byte) []byte {
			dst[w.at] += pairs // the count stays below 24, so it fits in the head
			return write(dst, w.Pstat)
		})
	}
}

// writesModes encodes cm and tm with the function one.
func writesModes(one func([]byte, ocf.DPM) []byte) func(*bends) {
	return writesPairs(ocf.PropTM|ocf.PropCM, 2, func(dst []byte, p ocf.Pstat) []byte {
		dst = one(ocf.AppendText(dst, "cm"), p.CM)
		return one(ocf.AppendText(dst, "tm"), p.TM)
	})
}

// labelsAsText labels the representations that which picks as text/plain.
func labelsAsText(which func(audience) bool) func(*bends) { return labels(0, which) }

// labels gives the representations of pstat that which picks this Content-Format.
func labels(as uint16, which func(audience) bool) func(*bends) {
	return func(b *bends) {
		b.format.add(func(_ *Device, r Rep, format uint16) uint16 {
			if r.Path == ocf.PathPstat && which(audience{r.Interface, r.Told}) {
				return as
			}
			return format
		})
	}
}
