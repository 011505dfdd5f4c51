package secure_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/tls"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/ocf/secure"
	"github.com/pion/dtls/v3/pkg/protocol"
	"github.com/pion/dtls/v3/pkg/protocol/recordlayer"
)

// The key block of every method's session, computed from what an eavesdropper
// with the master secret sees: the log, and the randoms in the two hellos.
func TestKeyBlockFromWire(t *testing.T) {
	maker := must[*secure.CA](t)(secure.NewCA("maker"))
	lamp := must[*tls.Certificate](t)(maker.Manufacturer("lamp"))
	for otm, n := range map[secure.OTM]int{secure.JustWorks: 96, secure.RandomPIN: 96, secure.ManufacturerCertificate: 40} {
		t.Run(otm.String(), func(t *testing.T) {
			var log bytes.Buffer
			m := meet(t, secure.Server{OTM: &otm, PIN: "12345678", Certificate: lamp, KeyLog: &log},
				secure.Client{OTM: &otm, PIN: "12345678", Roots: maker.Roots()})
			ready(t, m)
			words := strings.Fields(log.String())
			clientRandom := must[[]byte](t)(hex.DecodeString(words[1]))
			master := must[[]byte](t)(hex.DecodeString(words[2]))
			serverHello := m.serverEnd.datagrams()[1]
			if serverHello[13] != 2 {
				t.Fatalf("message %d behind the challenge", serverHello[13])
			}
			serverRandom := serverHello[27:59]
			want := slowP(master, "key expansion"+string(serverRandom)+string(clientRandom), n)
			for _, end := range []end{m.client, m.server} {
				if got := must[secure.KeyBlock](t)(end.KeyBlock()); !bytes.Equal(got, want) {
					t.Errorf("key block is %x, want %x", []byte(got), want)
				}
			}
		})
	}
}

// A record of the anonymous suite, opened by hand: RFC 5246 section 6.3 cuts
// the key block into client's and server's MAC keys, then their keys.
func TestAnonymousRecord(t *testing.T) {
	master, client, server := counting(0, 48), counting(100, 32), counting(200, 32)
	block := slowP(master, "key expansion"+string(server)+string(client), 96)
	for _, isClient := range []bool{true, false} {
		macKey, key := block[:32], block[64:80]
		if !isClient {
			macKey, key = block[32:64], block[80:]
		}
		suite := secure.AnonymousSuite(nil)
		packet := &recordlayer.RecordLayer{
			Header:  recordlayer.Header{Version: protocol.Version1_2, Epoch: 1, SequenceNumber: 5},
			Content: &protocol.ApplicationData{Data: []byte("word")},
		}
		raw := must[[]byte](t)(packet.Marshal())
		if _, err := suite.Encrypt(packet, bytes.Clone(raw)); err == nil {
			t.Error("encrypts without keys")
		}
		if _, err := suite.Decrypt(recordlayer.Header{}, bytes.Clone(raw)); err == nil {
			t.Error("decrypts without keys")
		}
		if err := suite.Init(master, client, server, isClient); err != nil {
			t.Fatal(err)
		}
		sealed := must[[]byte](t)(suite.Encrypt(packet, bytes.Clone(raw)))
		body := sealed[13:]
		aesKey := must[cipher.Block](t)(aes.NewCipher(key))
		plain := make([]byte, len(body)-16)
		cipher.NewCBCDecrypter(aesKey, body[:16]).CryptBlocks(plain, body[16:])
		covered := append([]byte{0, 1, 0, 0, 0, 0, 0, 5, 23, 0xfe, 0xfd, 0, 4}, "word"...)
		want := append([]byte("word"), slowHMAC(macKey, covered)...)
		want = append(want, bytes.Repeat([]byte{11}, 12)...) // padding to 48
		if !bytes.Equal(plain, want) {
			t.Errorf("record holds % x, want % x", plain, want)
		}
	}
}
