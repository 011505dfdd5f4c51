// Package assess says what the findings of a whole run add up to. A Run is every
// scenario that was run against one target, its attempts and its waivers; its
// Report has a row for each requirement and each scenario, and a verdict.
//
// What one Timeline shows is judged in package judge. Here it is weighed: a
// breach that rests on silence has to come back in further attempts, a Device
// that another one stands in for is an error, a waived breach is told and not
// counted, and a record with a hole in it proves nothing.
package assess
