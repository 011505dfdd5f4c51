package assess

import (
	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/judge"
)

// history is what is known of a Device from the scenarios before. Where several like
// Devices share the scenarios of a run, each has its own.
type history struct {
	who      acquaintance
	dead     grave
	left     judge.Left
	handover judge.Handover
	met      []int // the index of each run that handover has met
}

// histories are those of the Devices of a run, by endpoint.
type histories map[string]*history

// of is the history of the Device that run was made with.
func (h histories) of(run conformance.ScenarioRun) *history {
	at := run.Timeline.Header.Target.Endpoint
	if h[at] == nil {
		h[at] = &history{}
	}
	return h[at]
}
