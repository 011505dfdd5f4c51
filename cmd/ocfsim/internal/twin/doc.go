// Package twin makes a virtual Device of a recording: it answers as the recorded Device
// did, so that a bug can be looked at without that Device.
//
// A recorded scenario is a chapter: the datagrams that the harness sent, the conditions it
// asked for, and the datagrams that the Device sent, each with its time. A request that
// reaches the twin is looked for in the chapters. While the requests and conditions come in
// the order in which a chapter has them, the twin says what the chapter says, byte by byte
// and after the same delays. Only what belongs to this conversation alone is changed:
// tokens, message ids, and the uuids of the Device and its owner.
//
// What asks and changes nothing, a GET without Observe, may come more or less often than it
// was recorded. What no chapter holds is answered by the reference Device beneath the twin,
// and said to whoever listens (docs/adr/0094).
package twin
