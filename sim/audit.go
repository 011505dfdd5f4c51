package sim

import (
	"slices"
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// The categories of ael that these Devices log.
const (
	auditAccess     = 0x01
	auditOnboarding = 0x02
)

// What ael has room for. The oldest event makes room for a new one.
const (
	maxEvents  = 16
	eventSpace = 128 // bytes, of one event
)

// audit logs an event. The log is lost with the power.
func (t *turn) audit(category uint16, message string) {
	events := t.trust.events
	if len(events) >= maxEvents {
		events = events[1:]
	}
	t.remember().events = append(slices.Clone(events), ocf.AuditEvent{
		Category: category, Priority: 4, Time: t.clock().Format(time.RFC3339), Message: message,
	})
}

// log is ael: every event, for the filters are the Client's to ask for and
// not ours to apply.
func (tr *trust) log() ocf.AEL {
	return ocf.AEL{
		Events: tr.events, UsedSpace: uint32(len(tr.events)) * eventSpace, MaxSpace: maxEvents * eventSpace,
		CategoryFilter: 0xff, PriorityFilter: 4,
	}
}

// writeAEL accepts the filters that the log has, and no others.
func (t *turn) writeAEL(u *ocf.AELUpdate) (code uint8) {
	log := t.trust.log()
	switch {
	case t.dos == ocf.RFNOP,
		u.Set.Has(ocf.AELCategoryFilter) && u.CategoryFilter != log.CategoryFilter,
		u.Set.Has(ocf.AELPriorityFilter) && u.PriorityFilter != log.PriorityFilter:
		return badRequest
	}
	return 0
}

// deny refuses a request that the Client has no right to. That of someone
// with a session is logged; strangers could fill the log.
func (t *turn) deny(r *Request, code uint8) {
	if t.claim.kind != Get && !t.claim.subject.IsNil() {
		t.audit(auditAccess, "denied to "+t.claim.subject.String()+": "+t.claim.path)
	}
	t.refuse(r, code)
	t.bent.denied.happens(t)
}
