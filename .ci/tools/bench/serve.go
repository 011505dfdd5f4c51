//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/mux"
	coapnet "github.com/plgd-dev/go-coap/v3/net"
	"github.com/plgd-dev/go-coap/v3/options"
	"github.com/plgd-dev/go-coap/v3/udp"
	"golang.org/x/sys/unix"
)

// serve is one of the programs that the product is measured against: the program runs
// itself with "serve NAME PORT SIZE". It says "ready" on its standard output, and does not
// return by itself.
func serve(args []string) error {
	if len(args) != 3 {
		return errors.New("expected NAME PORT SIZE")
	}
	port, err := strconv.Atoi(args[1])
	size, errSize := strconv.Atoi(args[2])
	if err = errors.Join(err, errSize); err != nil {
		return err
	}
	switch args[0] {
	case "echo":
		return serveEcho(port, size)
	case "blast":
		return serveBlast(port, size)
	case "go-coap":
		return serveGoCoAP(port, size)
	}
	return fmt.Errorf("there is no server %q", args[0])
}

// serveEcho answers each datagram with one of that size, which begins with what came.
func serveEcho(port, size int) error {
	w, err := openWire(port, time.Hour)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		n, err := w.receive(unix.MSG_WAITFORONE)
		if err != nil {
			return err
		}
		for i := range n {
			data := w.buffers[i][:size]
			data[0] = data[0]&0xcf | typeACK<<4
			w.out.add(w.in.local(i), w.in.peer(i), data)
		}
		if err := w.flush(); err != nil {
			return err
		}
	}
}

// serveBlast sends as many datagrams of that size as a request asks for in its last 4
// bytes, each from an address of its own, to the Clients in turn. It is what notifications
// would cost if they were nothing but sendmmsg.
func serveBlast(port, size int) error {
	w, err := openWire(port, time.Hour)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	buffers := make([][]byte, vectorSize)
	for i := range buffers {
		buffers[i] = make([]byte, max(size, 8))
	}
	from := endpoint{addr: [4]byte{127, 1, 0, 1}}
	for {
		n, err := w.receive(unix.MSG_WAITFORONE)
		if err != nil || n == 0 {
			return err
		}
		data := w.data(0)
		count, to := int(binary.BigEndian.Uint32(data[len(data)-4:])), w.in.peer(0)
		for k := range count {
			buf := buffers[k%vectorSize]
			copy(buf, []byte{nonHead, content, byte(k >> 8), byte(k)})
			binary.BigEndian.PutUint32(buf[4:], observing|uint32(k))
			w.out.add(from.plus(k).addr, endpoint{firstClient.plus(k % clientCount).addr, to.port}, buf)
			if w.out.n == vectorSize {
				if err := w.flush(); err != nil {
					return err
				}
			}
		}
		if err := w.flush(); err != nil {
			return err
		}
	}
}

// serveGoCoAP answers a GET of pstat with that many bytes, by go-coap's own server.
func serveGoCoAP(port, size int) error {
	payload := bytes.Repeat([]byte{0xf6}, size)
	router := mux.NewRouter()
	err := router.Handle("/oic/sec/pstat", mux.HandlerFunc(func(w mux.ResponseWriter, _ *mux.Message) {
		_ = w.SetResponse(codes.Content, message.AppOcfCbor, bytes.NewReader(payload))
	}))
	if err != nil {
		return err
	}
	l, err := coapnet.NewListenUDP("udp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	s := udp.NewServer(options.WithMux(router))
	fmt.Println("ready")
	return errors.Join(s.Serve(l), l.Close())
}
