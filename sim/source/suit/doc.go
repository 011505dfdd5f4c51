// Package suit has the software packages of a trusted source: SUIT envelopes
// (draft-ietf-suit-manifest) with a manifest inside, signed as COSE_Sign1 (RFC 9052),
// and beside them the signed metadata that says which package is the present one and
// whose signature counts for how long (roles, as The Update Framework has them).
//
// A Vendor signs a Release. A Verifier is what a Device knows: it holds the root that it
// trusts, and makes every check of a package by itself. Each check has a name, and a
// package that does not pass is refused with a *Refusal, which names the check and the
// package. Flaws lists what can be wrong with a package, each with the check that finds
// it, and makes the flawed package from a good one.
//
// Nothing here reads a clock, a file or a socket.
package suit
