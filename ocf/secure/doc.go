// Package secure is what both ends need of OCF's security over DTLS 1.2: the
// cipher suite of the Just Works method, the derivation of the owner's key,
// the stretching of a PIN, identities in keys and in certificates, and a
// server's handshake that keeps nothing of a peer before that peer has shown a
// cookie.
//
// A [Server] says what a Device accepts at this moment and a [Client] who is
// calling. Client.Dial and Server.Accept run one handshake each and say who the
// [Peer] is. A Client gets a [Conn] to read and write. A server, which may have
// very many sessions, gets a [Session]: data in, data out, without a goroutine.
// Both know the [KeyBlock] that the owner's key is derived from.
//
// A server reads datagrams and knows sessions by (peer, Device):
//
//	if the handshake of (peer, Device) still runs {
//		its packet connection takes the datagram
//		return
//	}
//	if session exists and !secure.Begins(datagram) {
//		for got := range session.Open(datagram) {
//			send got.Reply, handle got.Message, forget the session if got.Over
//		}
//		return
//	}
//	verdict, reply, hello := doorman.Meet(datagram, peer, device, now)
//	switch verdict {
//	case secure.Challenge:
//		send reply from device to peer
//	case secure.Admit:
//		go server.Accept(ctx, a packet connection for (peer, device), peer, copy of hello)
//	}
//
// A peer that begins anew from the same address is met by the Doorman while its
// old session lives on; only an admitted hello replaces that session (RFC 6347
// section 4.2.8), and not when it is the very hello that began it, arriving a
// second time: Session.Began.
//
// Nothing here prints or logs, and the clock is read for certificates' validity
// only. Types that hold keys withhold them from every verb of package fmt, from
// log/slog and from encoders.
package secure
