package sim

import "fmt"

// quirk is one way in which a Device differs from the reference. The reference
// Device has none. A lawful quirk reads an ambiguous sentence another way and
// is part of Variants; any other breaks a requirement and is part of
// Deviations. Each is looked at in one place only.
type quirk uint8

const (
	// What a write to pstat does.
	zeroRefused quirk = iota
	zeroAbortsCheck
	zeroAbortsUpdate
	zeroForcesNone
	zeroClearsCM
	zeroStartsCheck
	zeroHides
	bothRefused
	bothUpdateOnly
	bothStuck
	uncheckedRefused
	overlapRefused
	overlapAborts
	rewriteRestarts
	rewriteRunsTwice
	reservedIgnored
	reservedSticks
	reservedAliased
	highByteActs
	lowBitsRefused
	lowBitsStuck
	lowBitsAbort
	typeCoerced
	typeReset
	refusedButApplied
	cmWritable
	othersWritable
	pendingWritable
	bitsSwapped
	checkForbidden
	updateForbidden
	sameStateRefused

	// What the start of a process does.
	checkClearsNothing
	checkSetsV
	updateClearsV
	updateClearsU
	updateClearsNothing
	updateSetsU
	checkHidden
	updateHidden
	sourceNotAsked
	packageNotFetched
	processNotStarted
	autonomousHidden

	// What a process ends in.
	checkInverted
	checkAlwaysNone
	checkAlwaysFound
	checkStale
	updateAlwaysDone
	updateDoneHidden
	updateNoneDone
	updateFailedDone
	updateNotInstalled
	updateTakesV
	endInOneStep
	checkEndsFirst
	updateEndsFirst
	checkNeverEnds
	updateNeverEnds
	checkEndsTwice
	updateEndsTwice
	autonomousNeverEnds
	autonomousResultLost
	autonomousReplaces
	sourceNeverGivenUp

	// What becomes of dos, of ownership, and over a restart.
	dosClearsCM
	updateResets
	updateLeavesRFPRO
	updateVisitsRFOTM
	updateMovesLate
	updateLosesOwner
	isopAlwaysTrue
	pendingStuck
	restartStuck
	restartLosesResult
	restartLosesCheck

	// How Clients are told.
	notObservable
	oneTold
	startNotTold
	resultNotTold
	endNotTold
	toldTwice
	toldByCON
	toldByFifthCON
	toldBeforeAnswer
	numbersBack
	dropsSilently
	answerWithPstat

	// How pstat is written on the wire.
	modesText
	modesFloat
	modesNegative
	modesArray
	modesSwapped
	zerosOmitted
	ownerOmitted
	formatWrong
	pendingAbsent
	defaultRW
	interfaceForbidden

	// Whom a secured Device lets do what.
	clearWrites
	sessionWrites
	sessionChecks
	sessionUpdates
	readWrites
	notifyWrites
	ownerForbidden
	ownerUpdateForbidden
	updateNeedsRead
	wildcardOpens
	connOpens
	validityIgnored
	roleUnchecked
	clearObserves
	sessionObserves
	deletedOpens
	deniedApplied
	cmWritableRFPRO
	updateLosesACL
	updateLosesCreds
	updateLosesID
	modesInReset
	updateAddsACE
	resourceUnchecked
	permissionUnchecked
	subjectUnchecked
	movesToRFOTM
	awayWrites
	deniedForbidden
	refusedNotAcceptable
	modesNeedRFNOP
	uuidKept
	readOnlyByR

	quirkCount
)

// quirkWords is the vocabulary of fixtures. Quirks of one knob exclude each other.
var quirkWords = [quirkCount]struct {
	name   string
	knob   string
	lawful bool
}{
	zeroRefused:      {"zero-refused", "zero", true},
	zeroAbortsCheck:  {"zero-aborts-check", "zero", false},
	zeroAbortsUpdate: {"zero-aborts-update", "zero", false},
	zeroForcesNone:   {"zero-forces-none", "zero", false},
	zeroClearsCM:     {"zero-clears-cm", "zero", false},
	zeroStartsCheck:  {"zero-starts-check", "zero", false},
	zeroHides:        {"zero-hides", "zero", false},
	bothRefused:      {"both-refused", "both", true},
	bothUpdateOnly:   {"both-update-only", "both", true},
	bothStuck:        {"both-stuck", "both", false},
	uncheckedRefused: {"unchecked-refused", "unchecked", true},
	overlapRefused:   {"overlap-refused", "overlap", true},
	overlapAborts:    {"overlap-aborts", "overlap", false},
	rewriteRestarts:  {"rewrite-restarts", "rewrite", true},
	rewriteRunsTwice: {"rewrite-runs-twice", "rewrite", false},
	reservedIgnored:  {"reserved-ignored", "reserved", true},
	reservedSticks:   {"reserved-sticks", "reserved", false},
	reservedAliased:  {"reserved-aliased", "reserved", false},
	highByteActs:     {"high-byte-acts", "reserved", false},
	lowBitsRefused:   {"low-bits-refused", "low-bits", true},
	lowBitsStuck:     {"low-bits-stuck", "low-bits", false},
	lowBitsAbort:     {"low-bits-abort", "low-bits", false},

	typeCoerced:       {"type-coerced", "type", false},
	typeReset:         {"type-reset", "type", false},
	refusedButApplied: {"refused-but-applied", "type", false},
	cmWritable:        {"cm-writable", "cm-writable", false},
	othersWritable:    {"others-writable", "others-writable", false},
	pendingWritable:   {"pending-writable", "pending-writable", false},
	bitsSwapped:       {"bits-swapped", "bits", false},
	checkForbidden:    {"check-forbidden", "access", false},
	updateForbidden:   {"update-forbidden", "access", false},
	sameStateRefused:  {"same-state-refused", "same-state", true},

	checkClearsNothing:  {"check-clears-nothing", "check-clears", false},
	checkSetsV:          {"check-sets-v", "check-clears", false},
	updateClearsV:       {"update-clears-v", "update-clears", true},
	updateClearsU:       {"update-clears-u", "update-clears", true},
	updateClearsNothing: {"update-clears-nothing", "update-clears", false},
	updateSetsU:         {"update-sets-u", "update-clears", false},
	checkHidden:         {"check-hidden", "check-shown", false},
	updateHidden:        {"update-hidden", "update-shown", false},
	sourceNotAsked:      {"source-not-asked", "asks", false},
	packageNotFetched:   {"package-not-fetched", "asks", false},
	processNotStarted:   {"process-not-started", "asks", false},
	autonomousHidden:    {"autonomous-hidden", "autonomous", true},

	checkInverted:        {"check-inverted", "check-result", false},
	checkAlwaysNone:      {"check-always-none", "check-result", false},
	checkAlwaysFound:     {"check-always-found", "check-result", false},
	checkStale:           {"check-stale", "check-result", false},
	updateAlwaysDone:     {"update-always-done", "update-result", false},
	updateDoneHidden:     {"update-done-hidden", "update-result", false},
	updateNoneDone:       {"update-none-done", "update-result", false},
	updateFailedDone:     {"update-failed-done", "update-result", false},
	updateNotInstalled:   {"update-not-installed", "installs", false},
	updateTakesV:         {"update-takes-v", "takes-v", true},
	endInOneStep:         {"end-in-one-step", "end", true},
	checkEndsFirst:       {"check-ends-first", "end", false},
	updateEndsFirst:      {"update-ends-first", "end", false},
	checkNeverEnds:       {"check-never-ends", "end", false},
	updateNeverEnds:      {"update-never-ends", "end", false},
	checkEndsTwice:       {"check-ends-twice", "end", false},
	updateEndsTwice:      {"update-ends-twice", "end", false},
	autonomousNeverEnds:  {"autonomous-never-ends", "autonomous", false},
	autonomousResultLost: {"autonomous-result-lost", "autonomous", false},
	autonomousReplaces:   {"autonomous-replaces", "autonomous", false},
	sourceNeverGivenUp:   {"source-never-given-up", "timeout", false},

	dosClearsCM:        {"dos-clears-cm", "dos-clears", true},
	updateResets:       {"update-resets", "update-dos", false},
	updateLeavesRFPRO:  {"update-leaves-rfpro", "update-dos", false},
	updateVisitsRFOTM:  {"update-visits-rfotm", "update-dos", false},
	updateMovesLate:    {"update-moves-late", "update-dos", false},
	updateLosesOwner:   {"update-loses-owner", "owner", false},
	isopAlwaysTrue:     {"isop-always-true", "isop", false},
	pendingStuck:       {"pending-stuck", "pending", false},
	restartStuck:       {"restart-stuck", "restart", false},
	restartLosesResult: {"restart-loses-result", "restart", false},
	restartLosesCheck:  {"restart-loses-check", "restart", false},

	notObservable:    {"not-observable", "observable", false},
	oneTold:          {"one-told", "told-whom", false},
	startNotTold:     {"start-not-told", "told-start", false},
	resultNotTold:    {"result-not-told", "told-result", true},
	endNotTold:       {"end-not-told", "told-end", false},
	toldTwice:        {"told-twice", "told-times", true},
	toldByCON:        {"told-by-con", "told-by", true},
	toldByFifthCON:   {"told-by-fifth-con", "told-by", true},
	toldBeforeAnswer: {"told-before-answer", "order", true},
	numbersBack:      {"numbers-back", "numbers", false},
	dropsSilently:    {"drops-silently", "drops", false},
	answerWithPstat:  {"answer-with-pstat", "answer", true},

	modesText:          {"modes-text", "modes", false},
	modesFloat:         {"modes-float", "modes", false},
	modesNegative:      {"modes-negative", "modes", false},
	modesArray:         {"modes-array", "modes", false},
	modesSwapped:       {"modes-swapped", "modes", false},
	zerosOmitted:       {"zeros-omitted", "present", false},
	ownerOmitted:       {"owner-omitted", "present", false},
	formatWrong:        {"format-wrong", "format", false},
	pendingAbsent:      {"pending-absent", "pending", true},
	defaultRW:          {"default-rw", "default-interface", true},
	interfaceForbidden: {"interface-forbidden", "wrong-interface", true},

	clearWrites:          {"clear-writes", "clear-writes", false},
	sessionWrites:        {"session-writes", "session-writes", false},
	sessionChecks:        {"session-checks", "session-writes", false},
	sessionUpdates:       {"session-updates", "session-writes", false},
	readWrites:           {"read-writes", "permission", false},
	notifyWrites:         {"notify-writes", "permission", false},
	ownerForbidden:       {"owner-forbidden", "owner-writes", false},
	ownerUpdateForbidden: {"owner-update-forbidden", "owner-writes", false},
	updateNeedsRead:      {"update-needs-read", "permission", false},
	wildcardOpens:        {"wildcard-opens", "wildcard", false},
	connOpens:            {"conn-opens", "conn", false},
	validityIgnored:      {"validity-ignored", "validity", false},
	roleUnchecked:        {"role-unchecked", "role", false},
	clearObserves:        {"clear-observes", "observes", false},
	sessionObserves:      {"session-observes", "observes", false},
	deletedOpens:         {"deleted-opens", "deleted", false},
	deniedApplied:        {"denied-applied", "denied-applied", false},
	cmWritableRFPRO:      {"cm-writable-rfpro", "cm-writable", false},
	updateLosesID:        {"update-loses-id", "id", false},
	updateLosesACL:       {"update-loses-acl", "acl", false},
	updateLosesCreds:     {"update-loses-creds", "creds", false},
	modesInReset:         {"modes-in-reset", "modes-state", false},
	updateAddsACE:        {"update-adds-ace", "acl", false},
	resourceUnchecked:    {"resource-unchecked", "resource", false},
	permissionUnchecked:  {"permission-unchecked", "permission", false},
	subjectUnchecked:     {"subject-unchecked", "subject", false},
	movesToRFOTM:         {"moves-to-rfotm", "moves", false},
	awayWrites:           {"away-writes", "away-writes", false},
	deniedForbidden:      {"denied-forbidden", "denied", true},
	refusedNotAcceptable: {"refused-not-acceptable", "refused", true},
	modesNeedRFNOP:       {"modes-need-rfnop", "modes-state", true},
	uuidKept:             {"uuid-kept", "uuid", true},
	readOnlyByR:          {"read-only-by-r", "read", true},
}

// quirks is a set of quirk; the zero value is the reference Device.
type quirks [3]uint64

func (s *quirks) has(q quirk) bool { return s[q/64]&(1<<(q%64)) != 0 }

func (s *quirks) add(q quirk) { s[q/64] |= 1 << (q % 64) }

func (s *quirks) remove(q quirk) { s[q/64] &^= 1 << (q % 64) }

// LawfulQuirks lists the words that Variants are made of.
func LawfulQuirks() []string {
	var names []string
	for _, w := range quirkWords {
		if w.lawful {
			names = append(names, w.name)
		}
	}
	return names
}

// DeviantQuirks lists the words that break a requirement.
func DeviantQuirks() []string {
	var names []string
	for _, w := range quirkWords {
		if !w.lawful {
			names = append(names, w.name)
		}
	}
	return names
}

// parseQuirk finds a quirk by its name.
func parseQuirk(name string) (quirk, error) {
	for q, w := range quirkWords {
		if w.name == name {
			return quirk(q), nil
		}
	}
	return 0, fmt.Errorf("unknown quirk %q", name)
}

// merge adds the quirks named in names to s. A name takes the place of another
// quirk of the same knob that an earlier merge added; within names that is an error.
func (s *quirks) merge(names []string) error {
	var added quirks
	for _, name := range names {
		q, err := parseQuirk(name)
		if err != nil {
			return err
		}
		for other, w := range quirkWords {
			if w.knob != quirkWords[q].knob || quirk(other) == q {
				continue
			}
			if added.has(quirk(other)) {
				return fmt.Errorf("quirks %q and %q exclude each other", w.name, name)
			}
			s.remove(quirk(other))
		}
		added.add(q)
		s.add(q)
	}
	return nil
}
