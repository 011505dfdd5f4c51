// Package secure is what both ends need of OCF's security over DTLS 1.2: the
// cipher suite of the Just Works method, the derivation of the owner's key,
// the stretching of a PIN, identities in keys and in certificates, and a
// server's handshake that keeps nothing of a peer before that peer has shown a
// cookie.
//
// A [Server] says what a Device accepts at this moment and a [Client] who is
// calling; each builds the options of exactly one handshake. Server.Accept and
// Client.Dial run it and return a [Conn], which knows the [Peer] and the
// [KeyBlock] the owner's key is derived from. A [Doorman] stands before
// Server.Accept and answers first flights without remembering them.
//
// Nothing here prints, logs, or reads a clock it was not given, except
// certificate validity and cookies, which use the time of the call. Types that
// hold keys withhold them from every verb of package fmt, from log/slog and
// from encoders.
package secure
