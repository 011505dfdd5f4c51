package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// bends is every hook of a Device, each with what the quirks of its model have added
// to it. The zero value is the reference. A model builds its bends once.
type bends struct {
	stateBends
	startBends
	endBends
	dosBends
	writeBends
	modeBends
	tellBends
	accessBends
	entryBends
	payloadBends
	memoryBends
	scheduleBends
	shell Shell
}

// stateBends are hooks for what can be seen of a Device.
type stateBends struct {
	state      view[State]      // what a Client could see now
	pending    view[mode]       // the processes that a Client has been told about
	observable view[bool]       // whether pstat can be observed now
	listed     view[[]ocf.Link] // what /oic/res lists
	scheduler  bool             // an edition that has oic.r.softwareupdate shows it
	absent     []string         // the paths of resources that the Device does not have
	versionAt  view[string]     // the resource and the Property that show the installed version, "" for none
}

// startBends are hooks for the start of a process and for the answers of its source.
type startBends struct {
	own              hook[mode]             // the processes that the Device starts by itself and shows
	accepted         cueOf[mode]            // the Device has accepted these processes
	shown            hookOf[mode, ocf.DPM]  // the bits that tm gains for these processes
	cmAtCheck        hook[ocf.DPM]          // cm when a check is accepted
	cmAtAvailability hook[ocf.DPM]          // cm when an availability check is accepted
	cmAtUpdate       hook[ocf.DPM]          // cm when an update is accepted
	begins           cue                    // the process in run begins
	asks             hook[bool]             // whether the process asks the trusted source
	downloads        hook[bool]             // whether the process fetches the package
	patience         hook[time.Duration]    // the time until which the Device waits for the source
	heard            cueOf[Answer]          // the source has answered the last question
	verified         hookOf[Answer, Answer] // what the Device makes of an answer after checking it
	newer            hookOf[Answer, bool]   // whether the answer offers newer software
	fetches          hook[bool]             // whether the Device fetches the package
}

// endBends are hooks for the end of a process.
type endBends struct {
	retries      hook[bool]    // whether the Device deals with a failed question at all, by asking again or giving up
	misses       cueOf[cause]  // run will have no result, for this cause
	concludes    hook[bool]    // whether the process shows its result and then its end
	resultFirst  hook[bool]    // whether the result is shown before the end
	installs     hook[bool]    // whether what was fetched becomes the installed version
	saysResult   hook[bool]    // whether cm gets the result of the process
	checkResult  hook[bool]    // what cm.V says
	updateResult hook[bool]    // what cm.U says
	cmAtResult   hook[ocf.DPM] // cm once it has the result
	pauses       hook[bool]    // whether the end follows after the usual pause
	clears       hook[bool]    // whether the bit in tm is cleared
	endingBends
}

// endingBends are hooks for what follows the end of a process.
type endingBends struct {
	ends  cue         // run has ended in tm
	ended cueOf[mode] // this process has ended, and the next one has not begun yet
	over  cueOf[mode] // this process has ended, and the next one, if any waited, has begun
	idles cue         // the Device had something scheduled, and no process runs
}

// dosBends are hooks for dos, power and ownership.
type dosBends struct {
	mayMove   hookOf[ocf.DOS, bool] // whether a Client may move dos to this state
	cmAtMove  hook[ocf.DPM]         // cm when dos moves, in an edition whose moves clear it
	moved     cueOf[ocf.DOS]        // dos has moved to this state
	returns   hook[bool]            // whether an update takes the next step on its way back to RFNOP
	comesHome hook[bool]            // whether an update that is about to end is brought back to RFNOP
	boots     cue                   // power is back, and the Device has not resumed anything yet
	shipped   cue                   // the Device is being restored to its shipped state
	disowned  cue                   // the Device has lost its owner
	renames   hook[bool]            // whether RESET gives the Device a new uuid
}

// writeBends are hooks for a POST to pstat.
type writeBends struct {
	reads         hook[bool]                              // whether the Device looks at the payload
	malformed     hook[bool]                              // whether a payload that is not a valid update is refused
	readOnly      hookOf[ocf.PstatUpdate, ocf.Properties] // the Properties that the Client may not write
	closedInReset hookOf[ocf.PstatUpdate, bool]           // whether RESET refuses the update
	refuses       hookOf[refusable, uint8]                // the code to refuse an otherwise acceptable update with, 0 to accept it
	refusal       hook[uint8]                             // the code of a refusal
	refused       cueOf[ocf.PstatUpdate]                  // the update was refused
	applies       cueOf[ocf.PstatUpdate]                  // the update is accepted
	answer        hook[Effect]                            // the answer to an accepted update
}

// modeBends are hooks for a write of tm.
type modeBends struct {
	read      hook[ocf.DPM]      // tm as the Device reads it
	undefined hook[ocf.DPM]      // the bits that this edition does not define
	starts    hookOf[plan, mode] // the processes that the write starts
	requests  cueOf[plan]        // the Device is about to make the requests of this write
	again     cueOf[mode]        // these processes are pending and were requested again
}

// tellBends are hooks for what observers are told.
type tellBends struct {
	tells        hookOf[occasion, bool]  // whether observers are told
	news         hookOf[occasion, State] // what observers are told
	times        hook[int]               // how often they are told
	notification hook[Effect]            // the notification that tells them
	farewell     hook[uint8]             // the code that ends an observation, 0 for none
}

// accessBends are hooks for who may do what on a secured Device.
type accessBends struct {
	granted   hookOf[*claim, bool]    // whether the claim is granted
	denial    hook[uint8]             // the code of a denial
	denied    cue                     // the request was denied
	readBy    hook[ocf.Permission]    // the permissions that allow a GET, any one of which suffices
	honoured  view[[]ocf.Cred]        // the credentials that open sessions
	takes     hookOf[[]ocf.ACE, bool] // whether the Device takes these ACEs
	withdraws cueOf[[]ocf.Cred]       // the credentials that are left after a DELETE
}

// entryBends are hooks for what an ACE grants.
type entryBends struct {
	permits    hookOf[entry, bool] // whether it grants one of the needed permissions
	isFor      hookOf[entry, bool] // whether it is for the Client
	isAbout    hookOf[entry, bool] // whether it is about the resource
	connCounts hook[bool]          // whether an ACE for a kind of connection counts
	wildcards  hook[bool]          // whether a wildcard covers the Device's resources
	holds      hook[bool]          // whether one of its times is now
}

// payloadBends are hooks for how representations are encoded.
type payloadBends struct {
	hasInterface hookOf[*Request, bool]      // whether the resource has the interface on which it is asked for
	resource     viewOf[encoded, []byte]     // the payload of introspection, or of a security resource other than pstat
	noInterface  hook[uint8]                 // the code that answers a request for an interface that the resource does not have
	format       viewOf[Rep, uint16]         // the Content-Format
	baseline     view[bool]                  // whether pstat's default interface is baseline
	pstat        viewOf[audience, ocf.Pstat] // pstat before it is encoded
	pairs        viewOf[written, []byte]     // pstat encoded as a map, to which pairs may be added
	payload      viewOf[written, []byte]     // the whole payload
}

// memoryBends are hooks for what quirks remember.
type memoryBends struct {
	facts    view[uint16]  // the facts that survive a power cut
	restored cueOf[uint16] // a Device was restored whose saved facts were these
	kept     uint8         // what quirks that share a memory have already added to the hooks
}

// scheduleBends are hooks for oic.r.softwareupdate.
type scheduleBends struct {
	scheduleRead   hookOf[[]byte, reading]           // what the Device makes of the payload of a POST
	schedules      hookOf[ocf.SoftwareUpdate, bool]  // whether the Device does as the POST says
	scheduled      hookOf[string, mode]              // what this action is to begin at its time
	runs           hook[mode]                        // what begins at its time
	tellsSchedule  hook[bool]                        // whether its observers are told
	softwareUpdate viewOf[State, ocf.SoftwareUpdate] // the representation
}

// cause is the reason why a process ends without its result.
type cause uint8

const (
	unanswered   cause = iota + 1 // the source did not answer in time
	noRoom                        // the script gives up
	notInstalled                  // the package that was fetched could not be installed
)
