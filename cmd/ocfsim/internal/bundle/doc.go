// Package bundle packs the folder of a recorded run into one signed file, and checks such a
// file: that it was signed by a given key, that no byte of it was changed since, and that
// its timelines, judged again, have the verdicts that were signed.
//
// A bundle is a .tar.gz that any tar unpacks. It consists of two gzip members:
//
//	the seal  attestation.dsse.json: a DSSE envelope around an in-toto Statement with a
//	          test-result predicate. It is stored, not compressed, so that there is only
//	          one way to write it.
//	the run   run/..., every file of the run's folder, in the order of names and with
//	          fixed times and owners.
//
// The Statement names the sum of each file, and the sum and the size of the second member
// as it stands in the bundle, compressed. So the signature covers every byte: those of the
// seal because only one way to write it is accepted, and all others by that sum. It is
// checked before anything is unpacked.
package bundle
