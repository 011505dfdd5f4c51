package sim

import "fmt"

// quirk is one way in which a Device differs from the reference. The reference
// Device has none. A lawful quirk reads an ambiguous sentence another way and
// is part of Variants; any other breaks a requirement and is part of
// Deviations. Each is looked at in one place only.
type quirk uint16

const (
	// What a write to pstat does.
	zeroRefused quirk = iota
	zeroAbortsCheck
	zeroAbortsUpdate
	zeroForcesNone
	zeroClearsCM
	zeroStartsCheck
	zeroHides
	zeroAbortsTwice
	zeroAbortsMalformed
	zeroAbortsRefused
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
	requestLosesOwner
	boolTaken
	nullTaken
	bytesTaken
	lowByteKept
	negativeWraps
	floatTaken
	arrayTaken
	bareTaken
	cutMapTaken
	prefixTaken
	unknownSpoils
	appliedUntilBad
	dosAppliedFirst
	absentAborts
	oddAborts
	isopWithTM
	cmClearable
	laterBitStarts
	lowBitsStart
	unconfirmedIgnored

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
	isopFalseInUpdate
	pendingStuck
	restartStuck
	restartLosesResult
	restartLosesCheck

	// What goes wrong in some courses only, see lapses.
	retryStuck
	exhaustedStuck
	checkFades
	updateFades
	slowCheckLate
	slowUpdateLate
	eighthCheckLost
	eighthCheckUnstarted
	eighthCheckEndsFirst
	thirdCheckCached
	secondCheckRemembers
	secondCheckBusy
	failedCheckRestores

	unansweredCheckFinds
	secondUpdateHidden
	secondUpdateIdle
	secondUpdateUnstarted
	updateBelievesCheck
	failureKeepsSuccess
	unansweredDone
	unreachableDone
	truncatedDone
	withdrawnDone
	noRoomDone
	installFailedDone
	bothNoneDone
	bothResultLost
	overlapEndsFirst
	overlapUpdateLost
	overlapUpdateHidden
	checkShowsUpdate
	checkSetsU
	checkChains
	rewriteLosesCheck
	rewriteLosesUpdate
	zeroClearsU
	lowBitsClearCM
	ownUpdateLost
	ownFailureDone
	ownUpdateStuck
	nextBitChecks
	restartRestoresCM
	restartLosesVersion
	restartClaimsUpdate
	excursionStays
	failedExcursionStays
	ownExcursionStays
	excursionEndsLate
	excursionISOP
	updateLeavesPending
	moveStopsCheck

	// What of the trusted source's answers is not looked at.
	signatureUnchecked
	olderInstalled
	truncatedInstalled
	ageUnchecked
	certificateUnchecked

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
	numbersJump
	modesLast
	mapEndless
	vendorProperty
	answerWithPstat
	lastTold
	writerAloneTold
	writerSpared
	writeDropsOthers
	observerReplaces
	oneObserver
	forgetsAfterFive
	blindWhilePending
	clockNumbers
	toldStateBefore
	toldStaleCM
	throttled
	answersByACK

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
	cmBignum
	cmTwice
	cmProgress
	dosText
	dosAbsent
	isopNumber
	smAbsent
	omText
	ownerBytes
	bytesBehind
	baselineShort
	blocksCut
	toldSwapped
	toldInPart
	toldAsText

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
	putUnchecked
	queryUnchecked
	unconfirmedUnchecked
	blocksUnchecked
	strangerClears
	strangerMoves
	permissionExact
	ownerWritesAlone
	hrefByPrefix
	roleObserves

	quirkCount
)

// quirks is a set of quirk; the zero value is the reference Device.
type quirks [(quirkCount + 63) / 64]uint64

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

// Compatible reports whether one Device can have all of the quirks named.
func Compatible(names []string) bool { return new(quirks).merge(names) == nil }

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
