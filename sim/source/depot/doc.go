// Package depot is the trusted source of a bench: it keeps packages by name, tells
// which versions there are, and breaks in chosen ways at a chosen byte, block or
// request. It knows no network; packages web and coap hand over what it decides.
//
// A transport asks in three steps. Connect says what happens to a new connection.
// Versions and Fetch are questions, which wait at the gate of source.Source. Fetch
// returns a Transfer, which says for each byte whether it leaves, and what strikes
// there:
//
//	Connect --> Versions            what is on offer
//	        \-> Fetch --> Transfer  Status, then Next until nothing is left, then End
//
// A Fault is a sort of fault, as fixtures/faults declares it; a Strike is a fault at a
// place. Every answer is an Entry in the log, and the newest package that anybody got
// bytes of is in the Report that a harness asks for.
package depot
