// Package sim is the reference OCF Device as a pure state machine. Apply takes an
// Event and appends its Effects. The package has no goroutine, clock, socket or
// log, and no randomness beyond the Device's own seed. The fleet does the I/O.
//
// With Config.Security a Device is secured: it has an owner or waits for one,
// Door says which sessions it accepts, and access.go decides who may do what over
// them. Without Config.Security a Device grants everything to everyone.
//
// # Reading the reference
//
// The files that are not named quirk_*.go make up the whole compliant Device:
//
//   - event.go: what happens to a Device, and what it wants done
//   - device.go: a Device, what can be seen of it, and a turn: one Event being handled
//   - process.go: the version check and the update, from their start to their end
//   - write.go: what a POST to pstat asks for, and when it is refused
//   - tell.go: what observers are told, and when
//   - request.go, represent.go: which resources there are, and how they are encoded
//   - swupdate.go: what a later edition schedules through oic.r.softwareupdate
//   - dos.go, power.go: the device states, restarts, and the shipped state
//   - access.go, ace.go, roles.go: who may do what on a secured Device
//   - transfer.go, trust.go, svr.go, audit.go: owners, credentials and the other security resources
//   - behaviour.go, bounds.go: the script that a Device plays, and what its maker would declare about it
//   - saved.go: what a Device saves
//
// # Where Devices differ
//
// A decision in which Devices may differ is a line of the reference that ends in
// a hook (hook.go). bends.go lists the hooks. A hook is given the reference's
// answer; without quirks the answer stands:
//
//	t.cm = t.bent.cmAtCheck.decide(t, t.cm.Without(ocf.SVV)) // seed.txt 34-35
//
// A quirk is one declaration in the quirk_*.go that is named for what it bends:
// its name, the sentence that describes it, the knob that it turns, whether the
// standard allows it, and the hooks that it is added to. quirk.go derives every
// list from these declarations. The hooks of the shell, which handles messages, are in shell.go.
package sim
