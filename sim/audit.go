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

// The room in ael. When it is full, a new event replaces the oldest one.
const (
	maxEvents  = 16
	eventSpace = 128 // bytes for one event
)

// audit logs an event. A power cut clears the log.
func (t *turn) audit(category uint16, message string) {
	events := t.trust.events
	if len(events) >= maxEvents {
		events = events[1:]
	}
	t.remember().events = append(slices.Clone(events), ocf.AuditEvent{
		Category: category, Priority: 4, Time: t.clock().Format(time.RFC3339), Message: message,
	})
}

// log is ael with every event in it. Its filters are for Clients to apply; the
// Device reports all of its events.
func (tr *trust) log() ocf.AEL {
	return ocf.AEL{
		Events: tr.events, UsedSpace: uint32(len(tr.events)) * eventSpace, MaxSpace: maxEvents * eventSpace,
		CategoryFilter: 0xff, PriorityFilter: 4,
	}
}

// writeAEL accepts only the filters that the log already has.
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

// deny refuses a request that the Client has no right to make. Only refusals of
// Clients with a session are logged, because strangers could fill the log.
func (t *turn) deny(r *Request, code uint8) {
	if t.claim.kind != Get && !t.claim.subject.IsNil() {
		t.audit(auditAccess, "denied to "+t.claim.subject.String()+": "+t.claim.path)
	}
	t.refuse(r, code)
	t.bent.denied.happens(t)
}
