package judge

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// MayChangeIdentity reports whether the Device may have another di after Observation n.
func MayChangeIdentity(tl conformance.Timeline, n int) bool {
	o := &tl.Observations[n]
	f := o.Frame
	switch {
	case o.Kind == conformance.Condition:
		return (o.Name == conformance.FactoryReset || o.Name == conformance.AutonomousUpdate) && tl.Arranges(n)
	case o.Kind == conformance.Request && f != nil && f.Code == conformance.MethodPOST:
		var w write
		w.body, w.ok = readPayload(f.Payload)
		_, moves := w.body.field("dos")
		return f.Path != ocf.PathPstat || !w.ok || moves > 0 || w.asks().Has(ocf.SSU)
	}
	p, _, ok := o.Pstat()
	return ok && (p.TM.Has(ocf.SSU) || p.DOS == ocf.RESET || p.DOS == ocf.RFOTM)
}
