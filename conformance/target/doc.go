// Package target is the Device under test as the harness sees it: the target
// file that declares it, the conditions that bring it into a state, discovery,
// and a thin CoAP Client whose every datagram, out and in, is an Observation.
// It judges nothing.
package target
