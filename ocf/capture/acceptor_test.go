package capture_test

import (
	"slices"
	"testing"

	"github.com/ocfsim/ocfsim/ocf/capture"
)

// TestSecretsStandBeforeWhatTheyOpen wants a Client's last flight behind the secrets that
// are made of it, and nothing else out of its order.
func TestSecretsStandBeforeWhatTheyOpen(t *testing.T) {
	const client, other, device = "127.0.0.1:4660", "127.0.0.1:4661", "127.0.0.2:5684"
	record := func(kind byte) []byte { return []byte{kind, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1} }
	flight := append(record(22), record(20)...)
	in := func(from string, data []byte, says string) capture.Packet { return datagram(from, device, data, says) }
	out := func(to string, data []byte, says string) capture.Packet {
		p := datagram(device, to, data, says)
		p.Sent = true
		return p
	}
	var b buffer
	a := capture.Accepting(capture.New(&b, "x"))
	a.Packet(in(client, record(22), "hello"))
	a.Packet(in(client, flight, "flight"))
	a.Packet(in(client, record(22), "finished"))
	a.Packet(in(other, record(22), "other's hello"))
	a.Packet(in(other, flight, "other's flight"))
	if _, err := a.Write([]byte("secret\n")); err != nil {
		t.Fatal(err)
	}
	a.Packet(out(client, flight, "answer"))
	a.Packet(out(client, flight, "answer again"))
	a.Packet(in(client, record(23), "word"))
	a.Packet(in(client, []byte{20, 1}, "no DTLS"))
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := capture.Read(&b.Buffer, func(k capture.Block) error {
		got = append(got, k.Packet.Comments...)
		if k.Secrets != nil {
			got = append(got, "secrets")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"hello", "other's hello", "secrets", "flight", "finished", "answer", "answer again", "word", "no DTLS", "other's flight"}
	if !slices.Equal(got, want) {
		t.Errorf("the order is %q, want %q", got, want)
	}
}
