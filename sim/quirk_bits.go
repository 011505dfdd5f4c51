package sim

import "github.com/ocfsim/ocfsim/ocf"

// bitQuirks change how a Device reads the bits of tm in a write.
var bitQuirks = []quirk{
	{
		name: "reserved-ignored", knob: "reserved", lawful: true, says: "Bits that this edition does not define are ignored.",
		bend: func(b *bends) { b.undefined.add(func(*turn, ocf.DPM) ocf.DPM { return 0 }) },
	},
	{
		name: "reserved-sticks", knob: "reserved", says: "Reserved bits are stored and read back for ever.",
		bend: func(b *bends) {
			misreads(func(tm ocf.DPM) ocf.DPM { return tm &^ reserved })(b)
			b.requests.add(func(t *turn, p plan) { t.tm |= p.tm & reserved })
		},
	},
	{
		name: "undefined-aborts", knob: "reserved", says: "Bits of tm that the edition does not define are refused, yet they abort what is pending.",
		bend: abortsAtRefusal(func(t *turn, u ocf.PstatUpdate) bool { return u.Set.Has(ocf.PropTM) && u.TM&t.undefined() != 0 }),
	},
	{
		name: "reserved-aliased", knob: "reserved", says: "The high byte acts as the low byte does.",
		bend: misreads(func(tm ocf.DPM) ocf.DPM { return tm&^reserved | tm>>8 }),
	},
	{
		name: "high-byte-acts", knob: "reserved", says: "The Device looks for the bits in the high byte.",
		bend: misreads(func(tm ocf.DPM) ocf.DPM { return tm >> 8 }),
	},
	{
		name: "next-bit-checks", knob: "reserved", says: "0x100 in tm, the bit after those of this edition, starts a check.",
		bend: misreads(func(tm ocf.DPM) ocf.DPM {
			if tm.Has(laterBit) {
				tm |= ocf.SVV
			}
			return tm &^ reserved
		}),
	},
	{
		name: "later-bit-starts", knob: "reserved", says: "Bit 256 of tm, which later editions define, starts a check.",
		bend: misreads(func(tm ocf.DPM) ocf.DPM {
			if tm.Has(laterBit) {
				return tm&^laterBit | ocf.SVV
			}
			return tm
		}),
	},
	{
		name: "low-bits-refused", knob: "low-bits", lawful: true, says: "Requests for provisioning are refused.",
		bend: refusesModes(badRequest, func(_ *turn, p plan) bool { return lowOf(p) != 0 }),
	},
	{
		name: "low-bits-stuck", knob: "low-bits", says: "A request with another bit of the low byte is accepted and stays in tm.",
		bend: sticks(func(p plan) bool { return lowOf(p) != 0 }),
	},
	{
		name: "low-bits-abort", knob: "low-bits", says: "A write of bits 1 to 32 aborts what is pending.",
		bend: func(b *bends) {
			b.requests.add(func(t *turn, p plan) {
				if p.tm&lowBits != 0 {
					t.abort(t.pending())
				}
			})
		},
	},
	{
		name: "low-bits-clear-cm", knob: "low-bits", says: "A write of bits 1 to 32 clears cm of an idle Device.",
		bend: func(b *bends) {
			b.requests.add(func(t *turn, p plan) {
				if p.tm&lowBits != 0 && t.pending() == 0 {
					t.cm = 0
				}
			})
		},
	},
	{
		name: "low-bits-start", knob: "low-bits", says: "The bits for onboarding start a check.",
		bend: misreads(func(tm ocf.DPM) ocf.DPM {
			if tm&lowBits != 0 {
				tm |= ocf.SVV
			}
			return tm
		}),
	},
	{
		name: "bits-swapped", knob: "bits", says: "64 starts an update and 128 a check.",
		bend: misreads(func(tm ocf.DPM) ocf.DPM {
			return tm&^(ocf.SVV|ocf.SSU) | tm&ocf.SVV<<1 | tm&ocf.SSU>>1
		}),
	},
}

const (
	// laterBit is the bit that later editions have in tm for an update on offer.
	laterBit ocf.DPM = 0x100
	// lowBits are the bits of Table 40 that are about onboarding.
	lowBits ocf.DPM = 0x3f
)

// misreads has the Device read another value than the tm that was written.
func misreads(as func(tm ocf.DPM) ocf.DPM) func(*bends) {
	return func(b *bends) { b.read.add(func(_ *turn, tm ocf.DPM) ocf.DPM { return as(tm) }) }
}

// lowOf is the part of a written tm that asks for something other than processes.
func lowOf(p plan) ocf.DPM { return p.read &^ reserved &^ (ocf.SVV | ocf.SSU) }
