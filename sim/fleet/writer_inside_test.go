package fleet

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/udp/coder"
)

// Whatever the options are, the message is the one that go-coap's codec makes of them.
func TestMessagesAreThoseOfTheCodec(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	random := func(n int) []byte {
		out := make([]byte, n)
		for i := range out {
			out[i] = byte(rng.Uint32())
		}
		return out
	}
	for range 5000 {
		want := message.Message{
			Type: message.Type(rng.IntN(4)), Code: codes.Content, MessageID: int32(rng.IntN(1 << 16)),
			Token: random(rng.IntN(9)), Payload: random(rng.IntN(40)),
		}
		ids := []message.OptionID{
			message.ETag, message.Observe, message.ContentFormat, message.Block2, message.Block1, message.Size1,
			message.OptionID(rng.IntN(65000)), message.OptionID(rng.IntN(300)),
		}
		slices.Sort(ids)
		w := writer{data: appendHeader(nil, envelope{typ: want.Type, mid: uint16(want.MessageID), token: want.Token}, want.Code)}
		for _, id := range ids {
			if rng.IntN(2) == 0 {
				continue
			}
			value := random(rng.IntN(5))
			want.Options = append(want.Options, message.Option{ID: id, Value: value})
			w.bytes(id, value)
		}
		encoded := make([]byte, 4096)
		n, err := coder.DefaultCoder.Encode(want, encoded)
		if got := w.payload(want.Payload); err != nil || !bytes.Equal(got, encoded[:n]) {
			t.Fatalf("%v: %v\n got %x\nwant %x", want, err, got, encoded[:n])
		}
	}
}
