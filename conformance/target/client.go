package target

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/pool"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Client is one CoAP Client at one local port. It is safe for concurrent use.
// What the Device does wrong, including silence, is an Observation. An error
// means that the harness failed, that ctx ended or that the Client was closed
// meanwhile.
type Client struct {
	s     *session
	fetch sync.WaitGroup // block-wise notifications being gathered
	// manner completes every Call; nil leaves them as they are.
	manner func(conformance.Call) conformance.Call
	// gathering counts the block-wise notifications being gathered. The session's
	// lock guards it.
	gathering int

	mu       sync.Mutex
	observed *thread // the latest observation, also after its end
}

// maxGathered is how many block-wise notifications a Client gathers at a time.
const maxGathered = 16

// newClient speaks over conn, which it owns from now on.
func newClient(conn net.Conn, name string, log Log, t timing) *Client {
	return clientOf(newSession(conn, name, log, t))
}

func clientOf(s *session) *Client {
	c := &Client{s: s}
	c.s.mu.Lock()
	c.s.gather = c.gather
	c.s.mu.Unlock()
	return c
}

// asOCF fills in what call leaves open as OCF Clients do: Accept is
// application/vnd.ocf+cbor, and the version is 1.0.0.
func asOCF(call conformance.Call) conformance.Call {
	ocfCBOR, version := uint16(ocf.FormatOCFCBOR), uint16(ocf.Version100)
	if call.Accept == nil {
		call.Accept = &ocfCBOR
	}
	other := len(call.Payload) > 0 && (call.Format == nil || *call.Format != ocfCBOR)
	if call.Version == nil && *call.Accept == ocfCBOR && !other {
		call.Version = &version
	}
	return call
}

// LocalAddr is the Client's own address.
func (c *Client) LocalAddr() net.Addr { return c.s.LocalAddr() }

// Do sends call and waits for its answer or for the end of the retransmission
// budget; n is the Observation that ended it, a Response or a Lost.
func (c *Client) Do(ctx context.Context, call conformance.Call) (n int, err error) {
	reply, err := c.Exchange(ctx, call)
	return reply.N, err
}

// Exchange is Do for a caller that wants to see the answer.
func (c *Client) Exchange(ctx context.Context, call conformance.Call) (Reply, error) {
	th, err := newThread(call.Path, call.Query)
	if err != nil {
		return Reply{N: -1}, err
	}
	return c.run(ctx, th, call, nil, nil)
}

// Observe registers on path; n is as for Do. Notifications are appended until
// Cancel or Forget. Observing the same path again refreshes the registration.
func (c *Client) Observe(ctx context.Context, path, query string) (n int, err error) {
	reply, err := c.Register(ctx, conformance.Call{Path: path, Query: query})
	return reply.N, err
}

// Register is Observe with every option of a Call, for a caller that wants to
// see the answer. Method and Payload are not used.
func (c *Client) Register(ctx context.Context, call conformance.Call) (Reply, error) {
	c.mu.Lock()
	th := c.observed
	c.mu.Unlock()
	if th == nil || th.path != call.Path || th.query != call.Query || !c.s.observes(th) {
		var err error
		if th, err = newThread(call.Path, call.Query); err != nil {
			return Reply{N: -1}, err
		}
		c.mu.Lock()
		c.observed = th
		c.mu.Unlock()
	}
	call.Method, call.Payload = "GET", nil
	register := uint32(0)
	return c.run(ctx, th, call, &register, nil)
}

// Cancel deregisters the latest observation (GET with Observe 1 and its token).
func (c *Client) Cancel(ctx context.Context) (n int, err error) {
	c.mu.Lock()
	th := c.observed
	c.mu.Unlock()
	if th == nil {
		return -1, errors.New("nothing is observed")
	}
	deregister := uint32(1)
	call := conformance.Call{Method: "GET", Path: th.path, Query: th.query}
	reply, err := c.run(ctx, th, call, &deregister, nil)
	return reply.N, err
}

// Forget stops listening to the latest observation without deregistering:
// notifications are answered with RST.
func (c *Client) Forget(context.Context) error {
	c.mu.Lock()
	th := c.observed
	c.mu.Unlock()
	if th == nil {
		return errors.New("nothing is observed")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	th.state = left
	return nil
}

// Close ends every exchange under way and lets go of the port. All that the
// Device is told is that a secured session ends.
func (c *Client) Close() error {
	err := c.s.Close()
	c.fetch.Wait()
	return err
}

// observes reports whether notifications of th are welcome.
func (s *session) observes(th *thread) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return th.state == observing
}

// newThread makes a thread with a token of its own.
func newThread(path, query string) (*thread, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("path %q, expected it to begin with /", path)
	}
	token, err := message.GetToken()
	if err != nil {
		return nil, fmt.Errorf("draw a token: %w", err)
	}
	return &thread{token: token, path: path, query: query, request: -1, registration: -1}, nil
}

// run takes one exchange through all its datagrams. rest is nil, except for the
// remaining blocks of a notification: then it holds the first block.
func (c *Client) run(ctx context.Context, th *thread, call conformance.Call, observe *uint32, rest *exchange) (Reply, error) {
	ex := rest
	if ex == nil {
		if c.manner != nil {
			call = c.manner(call)
		}
		var err error
		if ex, err = newExchange(call, observe); err != nil {
			return Reply{N: -1}, fmt.Errorf("%s %s: %w", call.Method, call.Path, err)
		}
	}
	ctx, ex.cancel = context.WithCancelCause(ctx)
	defer ex.cancel(nil)
	if err := c.s.timing.vigil.wake(ctx); err != nil {
		return Reply{N: -1}, fmt.Errorf("%s %s: %w", call.Method, call.Path, err)
	}
	if err := c.s.revive(ctx); err != nil {
		return Reply{N: -1}, fmt.Errorf("%s %s: %w", call.Method, call.Path, err)
	}
	if err := c.s.begin(th, ex); err != nil {
		return Reply{N: -1}, fmt.Errorf("%s %s: %w", call.Method, call.Path, err)
	}
	for {
		var err error
		if th, err = c.s.apart(th, ex); err == nil {
			err = c.turn(ctx, th, ex)
		}
		reply, ended := c.s.outcome(ex)
		if ended {
			return reply, nil
		}
		if err != nil {
			n := c.s.abandon(th, ex, err)
			return Reply{N: n}, fmt.Errorf("%s %s: %w", call.Method, call.Path, err)
		}
	}
}

// apart gives the further blocks of a registration's answer a token of their own
// (RFC 7959 section 3.4): from its first block on, what comes under the token of
// th is a notification. The thread that ex goes on with is returned, th for any
// other exchange.
func (s *session) apart(th *thread, ex *exchange) (*thread, error) {
	s.mu.Lock()
	begun := ex.registers() && ex.first != nil && th.registration == ex.n
	s.mu.Unlock()
	if !begun {
		return th, nil
	}
	rest, err := newThread(th.path, th.query)
	if err != nil {
		return th, err
	}
	s.mu.Lock()
	rest.request = ex.n
	th.pending = nil
	s.mu.Unlock()
	return rest, s.begin(rest, ex)
}

// turn sends the next datagram of ex and waits for what it brings.
func (c *Client) turn(ctx context.Context, th *thread, ex *exchange) error {
	c.s.mu.Lock()
	seg := ex.next
	c.s.mu.Unlock()
	req := c.s.cc.AcquireMessage(ctx)
	defer c.s.cc.ReleaseMessage(req)
	if err := build(req, th, ex, seg); err != nil {
		return err
	}
	resp, err := c.s.cc.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if c.s.ctx.Err() != nil {
			return errClosed
		}
		return err
	}
	c.s.cc.ReleaseMessage(resp)
	return nil
}

// outcome is how ex ended, if it did.
func (s *session) outcome(ex *exchange) (Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ex.reply, ex.ended
}

// abandon ends ex because nobody waits for it any more. That does not count as
// a loss.
func (s *session) abandon(th *thread, ex *exchange, why error) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(th, ex)
	if ex.n < 0 {
		return -1
	}
	n := ex.n
	return s.log.Append(conformance.Observation{
		Kind: conformance.Note, Client: s.name, For: &n, Text: "no longer waited for: " + why.Error(),
	})
}

// build fills req with what the call asks for and seg adds.
func build(req *pool.Message, th *thread, ex *exchange, seg segment) error {
	call := ex.call
	req.SetCode(ex.code)
	req.SetToken(th.token)
	req.SetType(message.Confirmable)
	if call.NON {
		req.SetType(message.NonConfirmable)
	}
	if err := req.SetPath(th.path); err != nil {
		return fmt.Errorf("path %q: %w", th.path, err)
	}
	if th.query != "" {
		for q := range strings.SplitSeq(th.query, "&") {
			req.AddQuery(q)
		}
	}
	if seg.observe != nil {
		req.SetObserve(*seg.observe)
	}
	if call.Accept != nil {
		req.SetOptionUint32(message.Accept, uint32(*call.Accept))
	}
	if call.Version != nil {
		req.SetOptionBytes(ocf.OptionAcceptVersion, binary.BigEndian.AppendUint16(nil, *call.Version))
	}
	if len(seg.payload) > 0 {
		if call.Format != nil {
			req.SetOptionUint32(message.ContentFormat, uint32(*call.Format))
		}
		if call.Version != nil {
			req.SetOptionBytes(ocf.OptionFormatVersion, binary.BigEndian.AppendUint16(nil, *call.Version))
		}
		req.SetBody(bytes.NewReader(seg.payload))
	}
	if seg.block1 != nil {
		req.SetOptionUint32(message.Block1, seg.block1.value())
	}
	if seg.block2 != nil {
		req.SetOptionUint32(message.Block2, seg.block2.value())
	}
	if seg.size1 > 0 {
		req.SetOptionUint32(message.Size1, uint32(seg.size1))
	}
	if call.Critical != 0 {
		req.SetOptionBytes(message.OptionID(call.Critical), nil)
	}
	return nil
}

// gather asks for the rest of a block-wise notification and records it as one
// (RFC 7959 section 2.6). If the rest does not come, nobody knows what the notification
// said, and it is a Message. gather is called under the session's lock.
func (c *Client) gather(th *thread, first message.Message, f *conformance.Frame) {
	b, _ := blockOption(first, message.Block2)
	etag, _ := first.Options.GetBytes(message.ETag)
	call := conformance.Call{Method: "GET", Path: th.path, Query: th.query, BlockSize: b.size}
	if c.manner != nil {
		call = c.manner(call)
	}
	ex, err := newExchange(call, nil)
	rest, errToken := newThread(th.path, th.query)
	switch {
	case err != nil || errToken != nil || b.num != 0 || len(first.Payload) != b.size:
		c.s.record(conformance.Notification, f, th, "a block that no other can follow")
		return
	case c.gathering >= maxGathered:
		c.s.record(conformance.Message, f, th, fmt.Sprintf("a notification; its other blocks are not asked for, as those of %d others are", maxGathered))
		return
	}
	c.gathering++
	ex.quiet, ex.body, ex.etag = true, first.Payload, clone(etag)
	ex.next = segment{block2: &block{num: 1, size: b.size}}
	rest.request = th.request
	waits, of := th.registering(), th.cause(conformance.Notification)
	c.fetch.Go(func() {
		reply, err := c.run(c.s.ctx, rest, call, nil, ex)
		kind, whole, text := conformance.Notification, *f, ""
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		c.gathering--
		switch {
		case err != nil:
			return
		case reply.Lost:
			kind, text = conformance.Message, "a notification; the other blocks did not come: "+reply.Reason
		case !conformance.Success(reply.Frame.Code):
			kind, text = conformance.Message, "a notification; the other blocks did not come: "+reply.Frame.Code
		case reply.Incomplete != "":
			text = reply.Incomplete
		default:
			whole.Payload, whole.Raw = reply.Frame.Payload, reply.Frame.Raw
		}
		if kind != conformance.Notification {
			c.s.record(kind, &whole, th, text)
			return
		}
		c.s.recordOf(of, kind, &whole, th, text) // the observation may have been renewed meanwhile
		if th.renews(&whole) && waits != nil && waits == th.registering() {
			waits.told = &whole
			if waits.acked { // the ACK came meanwhile, and nothing else is under way
				c.s.arm(th, waits, c.s.timing.ack)
			}
		}
	})
}
