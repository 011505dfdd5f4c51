//go:build strangers

package target

import (
	"bytes"
	"net"
	"os/exec"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocfsim/ocfsim/conformance"
)

// libcoap's example server is a stack that this project has no part in.
var _ = Describe("A Client before libcoap's server", Ordered, func() {
	var (
		server *exec.Cmd
		log    *tape
		c      *Client
	)
	BeforeAll(func(ctx SpecContext) {
		program, err := exec.LookPath("coap-server-notls")
		Expect(err).NotTo(HaveOccurred(), "Debian: libcoap3-bin")
		free, err := net.ListenPacket("udp4", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		host, port, _ := net.SplitHostPort(free.LocalAddr().String())
		Expect(free.Close()).To(Succeed())
		server = exec.Command(program, "-A", host, "-p", port)
		Expect(server.Start()).To(Succeed())
		DeferCleanup(func() {
			Expect(server.Process.Kill()).To(Succeed())
			server.Wait()
		})
		log = newTape()
		c, err = Dial(ctx, "coap://"+net.JoinHostPort(host, port), log)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(c.Close)
		reply, err := c.Exchange(ctx, conformance.Call{Method: "GET", Path: "/"})
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Lost).To(BeFalse())
	}, NodeTimeout(time.Minute))

	It("gathers a representation in blocks of 16 bytes", func(ctx SpecContext) {
		get := conformance.Call{Method: "GET", Path: "/.well-known/core"}
		whole, err := c.Exchange(ctx, get)
		Expect(err).NotTo(HaveOccurred())
		get.BlockSize = 16
		pieces, err := c.Exchange(ctx, get)
		Expect(err).NotTo(HaveOccurred())
		Expect(len(pieces.Frame.Payload)).To(BeNumerically(">", 64))
		Expect(string(pieces.Frame.Payload)).To(Equal(string(whole.Frame.Payload)))
	}, SpecTimeout(time.Minute))

	It("puts a representation in blocks", func(ctx SpecContext) {
		data := []byte(strings.Repeat("0123456789", 300))
		reply, err := c.Exchange(ctx, conformance.Call{Method: "PUT", Path: "/example_data", Payload: data})
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Frame.Code).To(HavePrefix("2."))
		reply, err = c.Exchange(ctx, conformance.Call{Method: "GET", Path: "/example_data"})
		Expect(err).NotTo(HaveOccurred())
		Expect(bytes.Equal(reply.Frame.Payload, data)).To(BeTrue(), "%d bytes", len(reply.Frame.Payload))
	}, SpecTimeout(time.Minute))

	It("waits for a separate answer", func(ctx SpecContext) {
		reply, err := c.Exchange(ctx, conformance.Call{Method: "GET", Path: "/async", Query: "1"})
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Frame.Type).To(Equal("CON"))
		Expect(reply.Frame.Code).To(Equal("2.05"))
	}, SpecTimeout(time.Minute))

	It("observes, deregisters, and is told that an option is not understood", func(ctx SpecContext) {
		reply, err := c.Register(ctx, conformance.Call{Path: "/time"})
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Frame.Observe).NotTo(BeNil())
		log.wait(ctx, 2, isKind(conformance.Notification))
		_, err = c.Cancel(ctx)
		Expect(err).NotTo(HaveOccurred())
		reply, err = c.Exchange(ctx, conformance.Call{Method: "GET", Path: "/time", Critical: 65001})
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Frame.Code).To(Equal("4.02"))
	}, SpecTimeout(time.Minute))
})
