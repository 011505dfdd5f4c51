// Package campaign is a controller at scale: it checks and updates many Devices, in waves,
// and says of each what became of it.
//
// A Plan says what is to be done; Parse reads it from a campaign file. An Engine takes
// Devices that speak plain CoAP through their course, as many at once as the Plan allows,
// without a goroutine for each: it is told of datagrams and of the time, and says what to
// send. Run opens the sockets, serves the Engine, and has Devices that need a session
// updated one by one, as `ocfsim update` does. A Record keeps what became of each Device,
// so that a run that was interrupted can be resumed.
//
// # Where to begin
//
// Plan, then course.go, which takes one Device from its first request to its last, then
// engine.go. What an update came to is judged by update.Process, as for one Device.
package campaign
