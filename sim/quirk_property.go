package sim

import "github.com/ocfsim/ocfsim/ocf"

// propertyQuirks change which Properties of pstat a Client can write.
var propertyQuirks = []quirk{
	{
		name: "same-state-refused", knob: "same-state", lawful: true, says: "A write of the state that dos already has is refused.",
		bend: func(b *bends) {
			b.refuses.add(func(_ *turn, u refusable, code uint8) uint8 {
				if code == 0 && u.Set.Has(ocf.PropDOS) && !u.moves {
					return badRequest
				}
				return code
			})
		},
	},
	{
		name: "cm-writable", knob: "cm-writable", says: "A Client can write cm.",
		bend: writesCM(func(*turn, ocf.PstatUpdate) bool { return true }),
	},
	{
		name: "cm-clearable", knob: "cm-writable", says: "A Client can write 0 to cm.",
		bend: writesCM(func(_ *turn, u ocf.PstatUpdate) bool { return u.CM == 0 }),
	},
	{
		name: "cm-writable-rfpro", knob: "cm-writable", says: "A Client can write cm in RFPRO.",
		bend: writesCM(func(t *turn, _ ocf.PstatUpdate) bool { return t.dos == ocf.RFPRO }),
	},
	{
		name: "others-writable", knob: "others-writable", says: "A Client can write isop and sm.",
		bend: writesOdd(ocf.PropISOP|ocf.PropSM, func(ocf.PstatUpdate) bool { return true }),
	},
	{
		name: "isop-with-tm", knob: "others-writable", says: "A Client can write isop together with tm.",
		bend: writesOdd(ocf.PropISOP, func(u ocf.PstatUpdate) bool { return u.Set.Has(ocf.PropTM) }),
	},
	{
		name: "pending-writable", knob: "pending-writable", says: "A Client can write dos.p.",
		bend: writesOdd(ocf.PropP, func(ocf.PstatUpdate) bool { return true }),
	},
}

// writesCM lets a Client write cm in the updates that in picks.
func writesCM(in func(*turn, ocf.PstatUpdate) bool) func(*bends) {
	return func(b *bends) {
		b.readOnly.add(func(t *turn, u ocf.PstatUpdate, forbidden ocf.Properties) ocf.Properties {
			if in(t, u) {
				return forbidden &^ ocf.PropCM
			}
			return forbidden
		})
		b.applies.add(func(t *turn, u ocf.PstatUpdate) {
			if u.Set.Has(ocf.PropCM) {
				t.cm = u.CM
			}
		})
	}
}

// oddFor is how long the values written to isop and dos.p stay, in multiples of the
// time that a Device spends in RESET.
const oddFor = 10

// writesOdd lets a Client write those of isop, sm and dos.p that props names, in the
// updates that in picks. The values stay until the next accepted write, or for a
// while.
func writesOdd(props ocf.Properties, in func(ocf.PstatUpdate) bool) func(*bends) {
	return func(b *bends) {
		keepOddities(b)
		b.readOnly.add(func(_ *turn, u ocf.PstatUpdate, forbidden ocf.Properties) ocf.Properties {
			if in(u) {
				return forbidden &^ props
			}
			return forbidden
		})
		b.applies.add(func(t *turn, u ocf.PstatUpdate) {
			p := props.Has(ocf.PropP) && u.Set.Has(ocf.PropP) && u.P
			isop := props.Has(ocf.PropISOP) && u.Set.Has(ocf.PropISOP) && u.ISOP != (t.dos == ocf.RFNOP)
			if !p && !isop {
				return
			}
			m := t.keep()
			m.p, m.isop = m.p || p, m.isop || isop
			if t.run == 0 {
				t.work = t.now + oddFor*t.model.script.reset
			}
		})
	}
}
