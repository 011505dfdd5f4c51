// Package target is the Device under test as the harness sees it: the target
// file that declares it, the conditions that bring it into a state, discovery,
// and a thin CoAP Client whose every datagram, out and in, is an Observation.
// It judges nothing.
//
// # What is here
//
// A Config says who is under test and how it is reached. Load reads it from a
// target file, whose JSON Schema is Schema; FromURI is for a Device of which only
// the address is known. Its Conditions bring the Device, and what it is told of
// updates, into a state: a hook over HTTP, a program (Exec), a person (Prompt), or
// whatever implements Apply in Go. Security is how the harness becomes privileged.
//
// Open reaches the Device, and owns and provisions it where it is secured; Close
// takes all of that back. Between the two, Client opens the Clients of a scenario
// by the names of package conformance. Discover finds Devices by multicast.
//
// Whoever runs the suite needs a Config alone and hands it to package suite.
package target
