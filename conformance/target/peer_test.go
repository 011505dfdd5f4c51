package target

import (
	"encoding/hex"
	"net"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// peer is a Device of hand-written datagrams at the other end of a Client.
type peer struct {
	net.PacketConn
	last    request
	scripts sync.WaitGroup
}

// request is a datagram that the peer received.
type request struct {
	raw  []byte
	from net.Addr
}

// newPeer listens on a free port of 127.0.0.1.
func newPeer() *peer {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	return &peer{PacketConn: conn}
}

// play runs one script of the peer beside the spec.
func (p *peer) play(script func()) {
	p.scripts.Go(func() {
		defer GinkgoRecover()
		script()
	})
}

// next receives one datagram.
func (p *peer) next() request {
	buf := make([]byte, 2048)
	n, from, err := p.ReadFrom(buf)
	Expect(err).NotTo(HaveOccurred())
	p.last = request{raw: buf[:n], from: from}
	return p.last
}

// send writes a datagram in hexadecimal; MM stands for the message ID and TT
// for the token of the last request that was received.
func (p *peer) send(text string) {
	_, err := p.WriteTo(p.last.fill(text), p.last.from)
	Expect(err).NotTo(HaveOccurred())
}

// fill replaces MM and TT.
func (r request) fill(text string) []byte {
	token := ""
	if n := int(r.raw[0] & 15); n > 0 {
		token = hex.EncodeToString(r.raw[4 : 4+n])
	}
	text = strings.NewReplacer(" ", "", "MM", hex.EncodeToString(r.raw[2:4]), "TT", token).Replace(text)
	raw, err := hex.DecodeString(text)
	Expect(err).NotTo(HaveOccurred())
	return raw
}

// after is the request's datagram behind its token, in hexadecimal.
func (r request) after() string {
	return hex.EncodeToString(r.raw[4+int(r.raw[0]&15):])
}
