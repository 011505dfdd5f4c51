package update

import "github.com/ocfsim/ocfsim/ocf"

// Known is what an earlier run came to know of a Device that it did not end with. The zero
// value is of a Device that nothing is known of.
type Known struct {
	From   string    // software version before the update, "" where the Device shows none
	Asked  ocf.DPM   // what the Device was asked for last, 0 for nothing
	Before ocf.Pstat // before it was asked for an update; the zero Pstat is not known
}

// Pending reports whether the update that the earlier run asked for still goes on.
func (k Known) Pending(now ocf.Pstat) bool { return k.Asked == ocf.SSU && now.TM.Has(ocf.SSU) }

// Over reports whether the update that the earlier run asked for has ended well: cm says so, and
// either the software is another one, or cm did not say so before.
func (k Known) Over(now ocf.Pstat, version string) bool {
	if k.Asked != ocf.SSU || !now.CM.Has(ocf.SSU) {
		return false
	}
	moved := k.From != "" && version != "" && version != k.From
	return moved || k.Before.Present.Has(ocf.PropCM) && !k.Before.CM.Has(ocf.SSU)
}

// Home is the dos to which the Device returns after its update: what it was before the earlier
// run asked for it, or what it is now.
func (k Known) Home(now ocf.DOS) ocf.DOS {
	if k.Asked == ocf.SSU && k.Before.Present.Has(ocf.PropDOS) {
		return k.Before.DOS
	}
	return now
}

// Before is the last pstat before the process was asked for.
func (p *Process) Before() ocf.Pstat { return p.before }
