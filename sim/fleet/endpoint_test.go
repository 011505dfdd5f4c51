package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/sim/memnet"
)

// exchange is a datagram and the beginning of its answer; "" means that no answer
// comes. .... stands for the message id of a NON answer.
type exchange struct{ name, send, answer string }

// sendEach sends each message to a fresh Device.
func sendEach(t *testing.T, messages []exchange) {
	for _, m := range messages {
		t.Run(m.name, func(t *testing.T) {
			inWorld(t, memnet.Impairment{}, nil, func(w *world) {
				p := w.dial("127.1.0.2:5683")
				p.send(m.send)
				if got := p.receiveWithin(time.Second); !begins(t, got, m.answer) {
					t.Errorf("sent %s\n got %x\nwant %s...", m.send, got, m.answer)
				}
			})
		})
	}
}

// TestMessages covers the message layer, RFC 7252 3 and 4.
func TestMessages(t *testing.T) {
	sendEach(t, []exchange{
		{"ping", "40 00 1234", "70 00 1234"},
		{"empty NON", "50 00 1234", ""},
		{"empty ACK", "60 00 1234", ""},
		{"empty RST", "70 00 1234", ""},
		{"ping with a token", "41 00 1234 aa", "70 00 1234"},
		{"ping with more behind it", "40 00 1234 ff", "70 00 1234"},
		{"nothing", "", ""},
		{"shorter than a header", "40 01 12", ""},
		{"version 0", "02 01 1234", ""},
		{"version 2", "82 01 1234 aabb", ""},
		{"version 3", "ffffffffff", ""},
		{"token of 9 bytes", "49 01 1234 000102030405060708", "70 00 1234"},
		{"token of 15 bytes", "4f 01 1234 000102030405060708090a0b0c0d0e", "70 00 1234"},
		{"token of 15 bytes in NON", "5f 01 1234 000102030405060708090a0b0c0d0e", ""},
		{"token cut", "48 01 1234 00", "70 00 1234"},
		{"marker without payload", "40 01 1234 b3'oic' ff", "70 00 1234"},
		{"marker alone", "40 01 1234 ff", "70 00 1234"},
		{"option delta 15", "40 01 1234 f0", "70 00 1234"},
		{"option length 15", "40 01 1234 bf", "70 00 1234"},
		{"option cut", "40 01 1234 b5'oic'", "70 00 1234"},
		{"option delta cut", "40 01 1234 d0", "70 00 1234"},
		{"option number above 65535", "40 01 1234 e0 ffff", "70 00 1234"},
		{"response in CON", "40 45 1234", "70 00 1234"},
		{"response in NON", "50 45 1234", ""},
		{"response in ACK", "60 45 1234", ""},
		{"request in ACK", "60 01 1234" + pstat, ""},
		{"request in RST", "70 01 1234" + pstat, ""},
		{"code of class 1", "40 21 1234", "70 00 1234"},
		{"code of class 7", "40 e1 1234", "70 00 1234"},
	})
}

// TestRequests covers methods and paths.
func TestRequests(t *testing.T) {
	sendEach(t, []exchange{
		{"get", "40 01 1234" + pstat, "60 45 1234 c2 2710 ff"},
		{"get in NON", "52 01 1234 aabb" + pstat, "52 45 .... aabb c2 2710 ff"},
		{"get with a token of 8 bytes", "48 01 1234 0102030405060708" + pstat, "68 45 1234 0102030405060708 c2 2710 ff"},
		{"no such path", "40 01 1234 b3'oic' 01'x'", "60 84 1234"},
		{"no path", "40 01 1234", "60 84 1234"},
		{"slash inside of a segment", "41 01 1234 07 bd00'oic/sec/pstat'", "61 84 1234 07"},
		{"slash that ends a segment", "40 01 1234 b4'oic/' 01'd'", "60 84 1234"},
		{"empty segment", "40 01 1234 b3'oic' 01'd' 00", "60 84 1234"},
		{"empty segment within", "40 01 1234 b3'oic' 00 01'd'", "60 84 1234"},
		{"empty segment alone", "40 01 1234 b0", "60 84 1234"},
		{"segment of a dot", "40 01 1234 b3'oic' 01'.' 01'd'", "60 84 1234"},
		{"segment of two dots", "40 01 1234 b3'oic' 01'x' 02'..' 01'd'", "60 84 1234"},
		{"escaped segment", "40 01 1234 b3'oic' 03'%64'", "60 84 1234"},
		{"slash inside of core", "40 01 1234 bd03'.well-known/core'", "60 84 1234"},
		{"put", "40 03 1234" + pstat, "60 85 1234"},
		{"fetch", "40 05 1234" + pstat, "60 85 1234"},
		{"method 0.31", "40 1f 1234" + pstat, "60 85 1234"},
		{"delete", "40 04 1234" + pstat, "60 85 1234"},
		{"post where nothing is written", "40 02 1234 b3'oic' 01'd' 12 2710 ff a0", "60 85 1234"},
		{"core", "40 01 1234 bb'.well-known' 04'core'", "60 45 1234 c1 28 ff '</oic'"},
	})
}

// TestOptions covers the options of RFC 7252 5.4 and 5.10 and of OCF.
func TestOptions(t *testing.T) {
	sendEach(t, []exchange{
		{"Uri-Host and Uri-Port", "40 01 1234 39'localhost' 42 1633 43'oic' 01'd'", "60 45 1234 c2 2710"},
		{"Uri-Host of no length", "40 01 1234 30 83'oic' 01'd'", "60 82 1234"},
		{"two of Uri-Host", "40 01 1234 31'a' 01'b' 83'oic' 01'd'", "60 82 1234"},
		{"unknown elective option", "40 01 1234 b3'oic' 01'd' 31 00", "60 45 1234"},
		{"unknown critical option", "40 01 1234 91 00 23'oic' 01'd'", "60 82 1234"},
		{"unknown critical option in NON", "50 01 1234 91 00 23'oic' 01'd'", "70 00 1234"},
		{"If-Match", "40 01 1234 10 a3'oic' 01'd'", "60 82 1234"},
		{"Proxy-Uri", "40 01 1234 d6 16 'coap:/'", "60 a5 1234"},
		{"Accept 10000", "40 01 1234 b3'oic' 01'd' 62 2710", "60 45 1234 c2 2710"},
		{"Accept 60", "40 01 1234 b3'oic' 01'd' 61 3c", "60 45 1234 c1 3c"},
		{"Accept 50", "40 01 1234 b3'oic' 01'd' 61 32", "60 86 1234"},
		{"Accept 65535, which is reserved", "40 01 1234 b3'oic' 01'd' 62 ffff", "60 86 1234"},
		{"Accept of 3 bytes", "40 01 1234 b3'oic' 01'd' 63 002710", "60 82 1234"},
		{"two of Accept", "40 01 1234 b3'oic' 01'd' 62 2710 01 3c", "60 82 1234"},
		{"Accept 40 of core", "40 01 1234 bb'.well-known' 04'core' 61 28", "60 45 1234 c1 28"},
		{"Accept 50 where there is nothing", "40 01 1234 b3'oic' 01'x' 61 32", "60 84 1234"},
		{"version option", "40 01 1234 b3'oic' 01'd' 62 2710 e2 06e3 0800", "60 45 1234 c2 2710 e2 06ec 0800 ff"},
		{"version option, OIC 1.1", "40 01 1234 b3'oic' 01'd' 62 2710 e2 06e3 0840", "60 45 1234 c2 2710 e2 06ec 0800 ff"},
		{"version option of another major", "40 01 1234 b3'oic' 01'd' 62 2710 e2 06e3 1000", "60 86 1234"},
		{"version option 0", "40 01 1234 b3'oic' 01'd' 62 2710 e0 06e3", "60 86 1234"},
		{"version option on an error", "40 01 1234 b3'oic' 01'x' 62 2710 e2 06e3 0800", "60 84 1234"},
		{"Observe of a value that means nothing", "40 01 1234 61 05" + afterObserve, "60 45 1234 c2 2710"},
		{"Observe of 4 bytes", "40 01 1234 64 00000000" + afterObserve, "60 45 1234 c2 2710"},
		{"two of Observe", "40 01 1234 60 01 01" + afterObserve, "60 45 1234 61"},
		{"If-None-Match", "40 01 1234 50 63'oic' 01'd'", "60 82 1234"},
		{"ETag, which is elective", "40 01 1234 41 aa 73'oic' 01'd'", "60 45 1234"},
		{"Content-Format of a GET", "40 01 1234 b3'oic' 01'd' 11 32", "60 45 1234"},
	})
}

func TestQueries(t *testing.T) {
	sendEach(t, []exchange{
		{"baseline", "40 01 1234" + pstat + "4d05'if=oic.if.baseline'", "60 45 1234"},
		{"wrong interface", "40 01 1234" + pstat + "48'if=oic.x'", "60 80 1234"},
		{"query that nobody knows", "40 01 1234" + pstat + "43'a=b'", "60 45 1234"},
		{"res by rt", "40 01 1234 b3'oic' 03'res' 4d00'rt=oic.r.doxm'", "60 45 1234"},
		{"owned", "40 01 1234 b3'oic' 03'sec' 04'doxm' 4a'owned=true'", "60 45 1234"},
		{"ampersand inside of an option", "40 01 1234" + pstat + "4d04'if=oic.if.rw&a=b_'", "60 80 1234"},
		{"ampersand that hides a wrong interface", "40 01 1234" + pstat + "4a'a=b&if=oic'", "60 45 1234"},
		{"empty query", "40 01 1234" + pstat + "40", "60 45 1234"},
	})
}

// TestPost covers what a POST may carry.
func TestPost(t *testing.T) {
	sendEach(t, []exchange{
		{"post", "40 02 1234" + pstat + "12 2710 ff a162'tm'1840", "60 44 1234"},
		{"post in NON", "50 02 1234" + pstat + "12 2710 ff a162'tm'1840", "50 44 ...."},
		{"post as plain CBOR", "40 02 1234" + pstat + "11 3c ff a162'tm'1840", "60 44 1234"},
		{"post without a format", "40 02 1234" + pstat + "ff a162'tm'1840", "60 44 1234"},
		{"post as JSON", "40 02 1234" + pstat + "11 32 ff '{}'", "60 8f 1234"},
		{"post as the reserved format 65535", "40 02 1234" + pstat + "12 ffff ff a162'tm'00", "60 8f 1234"},
		{"post as the reserved format 65535, without a payload", "40 02 1234" + pstat + "12 ffff", "60 8f 1234"},
		{"post, accept 65535", "40 02 1234" + pstat + "12 2710 52 ffff ff a162'tm'1840", "60 86 1234"},
		{"post of version 0", "40 02 1234" + pstat + "12 2710 e0 06ec ff a162'tm'1840", "60 8f 1234"},
		{"post as text", "40 02 1234" + pstat + "10 ff '{}'", "60 8f 1234"},
		{"post of another version", "40 02 1234" + pstat + "12 2710 e2 06ec 1000 ff a162'tm'1840", "60 8f 1234"},
		{"post, accept JSON", "40 02 1234" + pstat + "12 2710 51 32 ff a162'tm'1840", "60 86 1234"},
		{"post of no CBOR", "40 02 1234" + pstat + "12 2710 ff ff", "60 80 1234"},
		{"post of a wrong type", "40 02 1234" + pstat + "12 2710 ff a162'tm'6136", "60 80 1234"},
	})
}

// begins compares like bytes.HasPrefix, except that .... stands for any two bytes.
func begins(t testing.TB, got []byte, want string) bool {
	before, after, open := strings.Cut(want, "....")
	head, tail := bytesOf(t, before), bytesOf(t, after)
	if want == "" {
		return got == nil
	}
	if len(got) < len(head) || string(got[:len(head)]) != string(head) {
		return false
	}
	if !open {
		return true
	}
	got = got[len(head):]
	return len(got) >= 2+len(tail) && string(got[2:2+len(tail)]) == string(tail)
}
