package sim

import (
	"time"

	"github.com/ocfsim/ocfsim/ocf"
)

// bends is every hook of a Device, with what the quirks of its model have added
// to them. The zero value is the reference. A model builds its bends once.
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
	shell Shell
}

// stateBends are about what can be seen of a Device.
type stateBends struct {
	state      view[State]      // what a Client could see now
	pending    view[mode]       // the processes that a Client has been told of
	observable view[bool]       // whether pstat can be observed now
	listed     view[[]ocf.Link] // what /oic/res lists
}

// startBends are about the start of a process and the answers of its source.
type startBends struct {
	own        hook[mode]             // the processes that the Device starts by itself and shows
	accepted   cueOf[mode]            // these processes are to be run
	shown      hookOf[mode, ocf.DPM]  // what tm gains with them
	cmAtCheck  hook[ocf.DPM]          // cm when a check is accepted
	cmAtUpdate hook[ocf.DPM]          // cm when an update is accepted
	begins     cue                    // run is the process that begins
	asks       hook[bool]             // whether it asks the trusted source
	patience   hook[time.Duration]    // until when the source may answer
	heard      cueOf[Answer]          // the source has answered the last question
	verified   hookOf[Answer, Answer] // what is left of an answer that was checked
	newer      hookOf[Answer, bool]   // whether the answer offers something newer
	fetches    hook[bool]             // whether the package is fetched
}

// endBends are about the end of a process.
type endBends struct {
	retries      hook[bool]    // whether a question that failed is asked again, or given up
	misses       cueOf[cause]  // run will have no result, for this cause
	concludes    hook[bool]    // whether it shows its result and then its end
	resultFirst  hook[bool]    // whether the result is shown now
	installs     hook[bool]    // whether what was fetched becomes the version
	saysResult   hook[bool]    // whether cm says what the process has come to
	checkResult  hook[bool]    // what cm.V says
	updateResult hook[bool]    // what cm.U says
	cmAtResult   hook[ocf.DPM] // cm when it says so
	pauses       hook[bool]    // whether the end follows in its time
	clears       hook[bool]    // whether the bit in tm is cleared
	endingBends
}

// endingBends are about what follows an end.
type endingBends struct {
	ends  cue         // run has ended in tm
	ended cueOf[mode] // this process is over, and the next one may begin
	over  cueOf[mode] // this process was over, and the next one has begun if there was one
	idles cue         // the time for work has come, and no process runs
}

// dosBends are about dos, power and ownership.
type dosBends struct {
	mayMove   hookOf[ocf.DOS, bool] // whether a Client may move dos there
	moved     cueOf[ocf.DOS]        // dos has moved there
	returns   hook[bool]            // whether an update takes the next step on its way back to RFNOP
	comesHome hook[bool]            // whether an update that is about to end is brought back to RFNOP
	boots     cue                   // power is back, and nothing goes on yet
	shipped   cue                   // the Device becomes as it was shipped
	disowned  cue                   // the Device has become nobody's
	renames   hook[bool]            // whether RESET gives another uuid
}

// writeBends are about a POST to pstat.
type writeBends struct {
	reads         hook[bool]                              // whether the payload is looked at
	malformed     hook[bool]                              // whether one that is no update is refused
	readOnly      hookOf[ocf.PstatUpdate, ocf.Properties] // what the Client may not write
	closedInReset hookOf[ocf.PstatUpdate, bool]           // whether RESET refuses the update
	refuses       hookOf[refusable, uint8]                // the code to refuse with what is right otherwise, 0 for none
	refusal       hook[uint8]                             // the code of a refusal
	refused       cueOf[ocf.PstatUpdate]                  // the update was refused
	applies       cueOf[ocf.PstatUpdate]                  // the update is accepted
	answer        hook[Effect]                            // the answer to an update that was accepted
}

// modeBends are about a write of tm.
type modeBends struct {
	read      hook[ocf.DPM]      // tm as the Device reads it
	undefined hook[ocf.DPM]      // those bits that this edition does not have
	starts    hookOf[plan, mode] // the processes that it starts
	requests  cueOf[plan]        // the requests are about to be made
	again     cueOf[mode]        // these processes are pending and requested again
}

// tellBends are about what observers are told.
type tellBends struct {
	tells        hookOf[occasion, bool]  // whether they are told
	news         hookOf[occasion, State] // what they are told
	times        hook[int]               // how often
	notification hook[Effect]            // by which notification
	farewell     hook[uint8]             // the code that ends an observation, 0 for none
}

// accessBends are about who may do what on a secured Device.
type accessBends struct {
	granted   hookOf[*claim, bool] // whether the claim is granted
	denial    hook[uint8]          // the code of a denial
	denied    cue                  // the request was denied
	readBy    hook[ocf.Permission] // the permissions of which one allows a GET
	honoured  view[[]ocf.Cred]     // the credentials that open sessions
	withdraws cueOf[[]ocf.Cred]    // these credentials are left after a DELETE
}

// entryBends are about what an ACE grants.
type entryBends struct {
	permits    hookOf[entry, bool] // whether it grants one of the permissions that are needed
	isFor      hookOf[entry, bool] // whether it is for the Client
	isAbout    hookOf[entry, bool] // whether it is about the resource
	connCounts hook[bool]          // whether one for a kind of connection counts
	wildcards  hook[bool]          // whether a wildcard covers the Device's resources
	holds      hook[bool]          // whether one of its times is now
}

// payloadBends are about how things are written.
type payloadBends struct {
	noInterface hook[uint8]                 // the code for an interface that a resource does not have
	format      viewOf[Rep, uint16]         // the Content-Format
	baseline    view[bool]                  // whether pstat's default interface is baseline
	pstat       viewOf[audience, ocf.Pstat] // pstat before it is written
	pairs       viewOf[written, []byte]     // pstat as a map, to which pairs may be added
	payload     viewOf[written, []byte]     // the whole payload
}

// memoryBends are about what quirks keep in mind.
type memoryBends struct {
	facts    view[uint16]  // what a power cut does not take away
	restored cueOf[uint16] // a Device was restored that had saved these facts
	kept     uint8         // what quirks that share a memory have added already
}

// cause is why a process ends without what was asked for.
type cause uint8

const (
	unanswered   cause = iota + 1 // the source did not answer in time
	noRoom                        // the script gives up
	notInstalled                  // what was fetched did not install
)
