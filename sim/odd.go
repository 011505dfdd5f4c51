package sim

import (
	"strconv"

	"github.com/ocfsim/ocfsim/ocf"
)

// halfway is 50 percent, in the high byte of cm.
const halfway ocf.DPM = 50 << 8

// leavesOut are the Properties that a deviant Device's pstat lacks.
func (d *Device) leavesOut(r Rep) ocf.Properties {
	switch q := &d.model.quirks; {
	case q.has(ownerOmitted):
		return ocf.PropRowner
	case q.has(smAbsent):
		return ocf.PropSM
	case q.has(dosAbsent):
		return ocf.PropDOS | ocf.PropP
	case q.has(baselineShort) && r.Interface == ocf.IfBaseline:
		return ocf.PropTM | ocf.PropCM | ocf.PropDOS | ocf.PropP | ocf.PropISOP
	case q.has(toldInPart) && r.Told:
		return ocf.PropRequired &^ (ocf.PropTM | ocf.PropCM)
	}
	return 0
}

// oddities are the pairs that a Device writes in another way than the reference:
// a deviant one in another way than the standard has it.
var oddities = [...]struct {
	quirk quirk
	props ocf.Properties
	pairs int
	write func(dst []byte, p *ocf.Pstat) []byte
}{
	{modesLast, ocf.PropTM | ocf.PropCM, 2, func(dst []byte, p *ocf.Pstat) []byte {
		dst = ocf.AppendUint(ocf.AppendText(dst, "tm"), uint64(p.TM))
		return ocf.AppendUint(ocf.AppendText(dst, "cm"), uint64(p.CM))
	}},
	{vendorProperty, 0, 1, func(dst []byte, _ *ocf.Pstat) []byte {
		return ocf.AppendText(ocf.AppendText(dst, "x.com.example.tm"), "V")
	}},
	{modesText, ocf.PropTM | ocf.PropCM, 2, modes(func(dst []byte, m ocf.DPM) []byte { return ocf.AppendText(dst, strconv.Itoa(int(m))) })},
	{modesFloat, ocf.PropTM | ocf.PropCM, 2, modes(func(dst []byte, m ocf.DPM) []byte { return ocf.AppendFloat(dst, float64(m)) })},
	{modesNegative, ocf.PropTM | ocf.PropCM, 2, modes(func(dst []byte, m ocf.DPM) []byte { return ocf.AppendInt(dst, -int64(m)-1) })},
	{modesArray, ocf.PropTM | ocf.PropCM, 2, modes(func(dst []byte, m ocf.DPM) []byte { return ocf.AppendUint(ocf.AppendArray(dst, 1), uint64(m)) })},
	{cmBignum, ocf.PropCM, 1, func(dst []byte, p *ocf.Pstat) []byte {
		return append(ocf.AppendText(dst, "cm"), 0xc2, 0x42, byte(p.CM>>8), byte(p.CM))
	}},
	{cmTwice, ocf.PropCM, 2, func(dst []byte, p *ocf.Pstat) []byte {
		for range 2 {
			dst = ocf.AppendUint(ocf.AppendText(dst, "cm"), uint64(p.CM))
		}
		return dst
	}},
	{dosText, ocf.PropDOS | ocf.PropP, 1, func(dst []byte, p *ocf.Pstat) []byte {
		dst = ocf.AppendMap(ocf.AppendText(dst, "dos"), 2)
		dst = ocf.AppendText(ocf.AppendText(dst, "s"), p.DOS.String())
		return ocf.AppendBool(ocf.AppendText(dst, "p"), p.Pending)
	}},
	{isopNumber, ocf.PropISOP, 1, func(dst []byte, p *ocf.Pstat) []byte {
		n := uint64(0)
		if p.ISOP {
			n = 1
		}
		return ocf.AppendUint(ocf.AppendText(dst, "isop"), n)
	}},
	{omText, ocf.PropOM, 1, func(dst []byte, p *ocf.Pstat) []byte {
		return ocf.AppendText(ocf.AppendText(dst, "om"), strconv.Itoa(int(p.OM)))
	}},
	{ownerBytes, ocf.PropRowner, 1, func(dst []byte, p *ocf.Pstat) []byte {
		return ocf.AppendBytes(ocf.AppendText(dst, "rowneruuid"), p.Rowner[:])
	}},
}

// modes writes tm and cm, each by one.
func modes(one func([]byte, ocf.DPM) []byte) func([]byte, *ocf.Pstat) []byte {
	return func(dst []byte, p *ocf.Pstat) []byte {
		dst = one(ocf.AppendText(dst, "cm"), p.CM)
		return one(ocf.AppendText(dst, "tm"), p.TM)
	}
}

// appendOdd is p as the Device writes it. What is odd is left out of the map
// and added at its end.
func (d *Device) appendOdd(dst []byte, p ocf.Pstat, iface ocf.Interface) []byte {
	start, whole := len(dst), p.Present
	for i := range oddities {
		if o := &oddities[i]; d.model.quirks.has(o.quirk) && whole.Has(o.props) {
			p.Present &^= o.props
		}
	}
	dst = p.AppendCBOR(dst, iface)
	for i := range oddities {
		if o := &oddities[i]; d.model.quirks.has(o.quirk) && whole.Has(o.props) {
			dst[start] += byte(o.pairs) // still fewer than 24
			dst = o.write(dst, &p)
		}
	}
	if d.model.quirks.has(mapEndless) {
		dst[start] = 0xbf // a map of indefinite length, RFC 8949 section 3.2.2
		dst = append(dst, 0xff)
	}
	if d.model.quirks.has(bytesBehind) {
		dst = append(dst, 0)
	}
	return dst
}
