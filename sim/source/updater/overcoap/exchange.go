package overcoap

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"time"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"
)

// exchange asks one question after the other over a connection.
type exchange struct {
	ctx      context.Context
	conn     net.Conn
	release  func() bool // of what ends the connection with ctx
	ackAfter time.Duration
	mid      uint16
	token    uint64
}

// retries is how often a question is sent again (RFC 7252, section 4.8).
const retries = 4

// maxPacket is larger than any message with a block.
const maxPacket = 2048

func newExchange(ctx context.Context, conn net.Conn, ackAfter time.Duration) *exchange {
	x := &exchange{ctx: ctx, conn: conn, ackAfter: ackAfter, mid: uint16(rand.Uint32()), token: rand.Uint64()}
	x.release = context.AfterFunc(ctx, func() { _ = conn.Close() })
	return x
}

// Close ends the connection.
func (x *exchange) Close() error {
	x.release()
	return x.conn.Close()
}

// ask sends GET with a Block2 option and waits for the answer. A question that is not
// acknowledged is sent again, each time after twice as long.
func (x *exchange) ask(path string, block2 uint32) (message.Message, error) {
	x.mid++
	x.token++
	question, err := x.question(path, block2)
	if err != nil {
		return message.Message{}, err
	}
	wait := x.ackAfter
	for range 1 + retries {
		if _, err := x.conn.Write(question); err != nil {
			return message.Message{}, x.fault(err)
		}
		m, err := x.answer(time.Now().Add(wait))
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return m, x.fault(err)
		}
		wait *= 2
	}
	return message.Message{}, errors.New("the source does not answer")
}

// fault is err, or why the context ended.
func (x *exchange) fault(err error) error {
	if err != nil && x.ctx.Err() != nil {
		return x.ctx.Err()
	}
	return err
}

func (x *exchange) question(path string, block2 uint32) ([]byte, error) {
	m := message.Message{
		Type: message.Confirmable, Code: codes.GET, MessageID: int32(x.mid),
		Token: binary.BigEndian.AppendUint64(nil, x.token),
	}
	var err error
	if m.Options, _, err = m.Options.SetPath(make([]byte, len(path)+16), path); err != nil {
		return nil, fmt.Errorf("path %s: %w", path, err)
	}
	option := bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, block2), "\x00")
	m.Options = m.Options.Add(message.Option{ID: message.Block2, Value: option})
	return encode(m)
}

func encode(m message.Message) ([]byte, error) {
	data := make([]byte, maxPacket)
	n, err := coder.DefaultCoder.Encode(m, data)
	if err != nil {
		return nil, err
	}
	return data[:n], nil
}

// answer waits for the answer to the latest question, until a time unless the source has
// acknowledged it: then for as long as the context lasts.
func (x *exchange) answer(until time.Time) (message.Message, error) {
	for {
		if err := x.conn.SetReadDeadline(until); err != nil {
			return message.Message{}, err
		}
		data := make([]byte, maxPacket)
		n, err := x.conn.Read(data)
		if err != nil {
			return message.Message{}, err
		}
		m := message.Message{Options: make(message.Options, 0, 16)}
		if _, err := coder.DefaultCoder.Decode(data[:n], &m); err != nil {
			continue // as RFC 7252, section 4.2 has it: what can't be read is ignored
		}
		mine := m.MessageID == int32(x.mid)
		switch {
		case m.Type == message.Reset && mine:
			return m, errors.New("the source resets the exchange")
		case m.Type == message.Acknowledgement && m.Code == codes.Empty && mine:
			until = time.Time{} // the answer comes in a message of its own
		case !bytes.Equal(m.Token, binary.BigEndian.AppendUint64(nil, x.token)):
			// an answer to an earlier question, once more
		case m.Type == message.Acknowledgement && !mine:
		default:
			return m, x.acknowledge(m)
		}
	}
}

// acknowledge acknowledges an answer that wants it.
func (x *exchange) acknowledge(m message.Message) error {
	if m.Type != message.Confirmable {
		return nil
	}
	data, err := encode(message.Message{Type: message.Acknowledgement, Code: codes.Empty, MessageID: m.MessageID})
	if err != nil {
		return err
	}
	_, err = x.conn.Write(data)
	return err
}
