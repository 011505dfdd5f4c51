package secure

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// suites are all that a Session speaks.
var suites = []Suite{ECDHAnonAES128CBCSHA256, ECDHEPSKAES128CBCSHA256, ECDHEECDSAAES128CCM8, ECDHEECDSAAES128CCM}

// finishedMessage is a Finished of 12 bytes, alone in its message.
var finishedMessage = append([]byte{typeFinished, 0, 0, 12, 0, 7, 0, 0, 0, 0, 0, 12}, "verify data."...)

// far is the Client's end of a Session, which can send whatever a test wants.
type far struct {
	t *testing.T
	protection
	next uint64
}

// pair makes a Session as it is after a handshake, and its Client.
func pair(t *testing.T, suite Suite) (*Session, *far) {
	t.Helper()
	keys := make(KeyBlock, suite.keyBlockLen())
	for i := range keys {
		keys[i] = byte(i)
	}
	return pairOf(t, suite, keys)
}

func pairOf(t *testing.T, suite Suite, keys KeyBlock) (*Session, *far) {
	t.Helper()
	near, err := protect(suite, keys)
	if err != nil {
		t.Fatal(err)
	}
	swapped := bytes.Clone(keys)
	for at := 0; at < len(keys); {
		n := keyLen
		switch {
		case len(keys) == cbcKeyBlock && at < 2*macLen:
			n = macLen
		case len(keys) == ccmKeyBlock && at >= 2*keyLen:
			n = ccmIVLen
		}
		copy(swapped[at:], keys[at+n:at+2*n])
		copy(swapped[at+n:], keys[at:at+n])
		at += 2 * n
	}
	there, err := protect(suite, swapped)
	if err != nil {
		t.Fatal(err)
	}
	s := &Session{suite: suite, keys: keys, protection: near, finished: finishedMessage, next: 1, clear: 4}
	s.window.mark(0)
	return s, &far{t: t, protection: there, next: 1}
}

// record is the Client's next record.
func (f *far) record(contentType byte, content []byte) []byte {
	f.t.Helper()
	out, err := seal(f.protection, contentType, f.next, content)
	if err != nil {
		f.t.Fatal(err)
	}
	f.next++
	return out
}

// read decrypts a datagram of the Session: the types and contents of its records.
func (f *far) read(datagram []byte) (types []byte, contents [][]byte) {
	f.t.Helper()
	for r := range records(bytes.Clone(datagram)) {
		types = append(types, r[0])
		if r.epoch() == 0 {
			contents = append(contents, r[recordHeader:])
			continue
		}
		content, ok := (&Session{protection: f.protection}).decrypt(r)
		if !ok {
			f.t.Fatalf("% x can't be decrypted", r)
		}
		contents = append(contents, content)
	}
	return types, contents
}

// opened is what a Session makes of a datagram.
func opened(s *Session, datagram []byte) (all []Received) {
	for got := range s.Open(bytes.Clone(datagram)) {
		all = append(all, got)
	}
	return all
}

// onEach runs a test with each suite.
func onEach(t *testing.T, f func(*testing.T, *Session, *far)) {
	t.Helper()
	for _, suite := range suites {
		t.Run(suite.String(), func(t *testing.T) {
			s, c := pair(t, suite)
			f(t, s, c)
		})
	}
}

func TestMessagesOfEveryLength(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		rng := rand.New(rand.NewPCG(1, 1))
		for n := range 300 {
			message := make([]byte, n)
			for i := range message {
				message[i] = byte(rng.Uint32())
			}
			got := opened(s, c.record(contentApplication, message))
			if len(got) != 1 || got[0].Message == nil || !bytes.Equal(got[0].Message, message) || got[0].Reply != nil || got[0].Over {
				t.Fatalf("%d bytes: %+v", n, got)
			}
			datagram, err := s.Seal(message)
			if err != nil {
				t.Fatal(err)
			}
			if types, contents := c.read(datagram); len(types) != 1 || types[0] != contentApplication || !bytes.Equal(contents[0], message) {
				t.Fatalf("%d bytes: % x", n, datagram)
			}
			if number := record(datagram).sequence(); number != uint64(n+1) {
				t.Fatalf("record %d follows record %d", number, n)
			}
		}
	})
}

// Several records in a datagram are several messages; what is no whole record ends it.
func TestSeveralRecords(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		datagram := bytes.Join([][]byte{c.record(contentApplication, []byte("one")), c.record(contentApplication, []byte("two"))}, nil)
		datagram = append(datagram, c.record(contentApplication, []byte("three"))[:30]...)
		if got := opened(s, datagram); len(got) != 2 || string(got[0].Message) != "one" || string(got[1].Message) != "two" {
			t.Errorf("%+v", got)
		}
	})
}

// A record is taken once, in any order within the window, and never when it is too old
// to be told from a repetition.
func TestRepeatedRecords(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		var sent [][]byte
		for range 100 {
			sent = append(sent, c.record(contentApplication, []byte("once")))
		}
		for _, step := range []struct{ record, taken int }{
			{2, 1}, {2, 0}, {0, 1}, {1, 1}, {0, 0}, // record i has the number i+1
			{70, 1}, {70, 0}, {7, 1}, {7, 0}, {6, 0}, // 64 numbers are told apart
			{99, 1}, {35, 0}, {36, 1}, {69, 1}, {70, 0},
		} {
			if got := opened(s, sent[step.record]); len(got) != step.taken {
				t.Errorf("record %d: %d messages, want %d", step.record, len(got), step.taken)
			}
		}
	})
}

// What is not the peer's is passed over, and spoils nothing that the peer sends.
func TestForged(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		right := c.record(contentApplication, []byte("word"))
		for at := range right {
			for _, bit := range []byte{1, 0x80} {
				forged := bytes.Clone(right)
				forged[at] ^= bit
				if got := opened(s, forged); len(got) != 0 {
					t.Fatalf("byte %d changed: %+v", at, got)
				}
			}
		}
		for n := range right {
			if got := opened(s, right[:n]); len(got) != 0 {
				t.Fatalf("%d bytes: %+v", n, got)
			}
		}
		if got := opened(s, right); len(got) != 1 || string(got[0].Message) != "word" {
			t.Errorf("%+v", got)
		}
	})
}

// Records in the clear, of a later epoch, and of a type that a session has not are
// passed over, whoever sends them.
func TestRecordsOfAnotherKind(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		for what, datagram := range map[string][]byte{
			"close_notify in the clear": {contentAlert, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0},
			"fatal alert in the clear":  {contentAlert, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40},
			"data in the clear":         {contentApplication, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 7},
			"ChangeCipherSpec":          {contentChangeCipherSpec, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 1},
			"epoch 2":                   append([]byte{contentApplication, 0xfe, 0xfd, 0, 2, 0, 0, 0, 0, 0, 9, 0, 64}, make([]byte, 64)...),
			"type 24":                   c.record(24, []byte("heartbeat")),
			"nothing":                   {},
		} {
			if got := opened(s, datagram); len(got) != 0 {
				t.Errorf("%s: %+v", what, got)
			}
		}
		if got := opened(s, c.record(contentApplication, []byte("word"))); len(got) != 1 {
			t.Errorf("the session is dead: %+v", got)
		}
	})
}

func TestAlerts(t *testing.T) {
	for what, c := range map[string]struct {
		alert []byte
		over  bool
		reply []byte
	}{
		"close_notify":               {[]byte{1, 0}, true, []byte{1, 0}},
		"close_notify, called fatal": {[]byte{2, 0}, true, []byte{1, 0}},
		"fatal":                      {[]byte{2, 40}, true, nil},
		"warning":                    {[]byte{1, 90}, false, nil},
		"level of no kind":           {[]byte{3, 40}, false, nil},
		"cut short":                  {[]byte{2}, false, nil},
		"too long":                   {[]byte{2, 40, 0}, false, nil},
	} {
		t.Run(what, func(t *testing.T) {
			s, f := pair(t, ECDHEPSKAES128CBCSHA256)
			got := opened(s, f.record(contentAlert, c.alert))
			if len(got) != 1 || got[0].Over != c.over || got[0].Message != nil || (got[0].Reply != nil) != (c.reply != nil) {
				t.Fatalf("%+v", got)
			}
			if c.reply != nil {
				if types, contents := f.read(got[0].Reply); types[0] != contentAlert || !bytes.Equal(contents[0], c.reply) {
					t.Errorf("replies % x", contents)
				}
			}
			after := opened(s, f.record(contentApplication, []byte("word")))
			if _, err := s.Seal([]byte("word")); (err != nil) != c.over || (len(after) == 0) != c.over || (s.Close() == nil) != c.over {
				t.Errorf("afterwards: %+v, %v", after, err)
			}
		})
	}
}

// A Session that was closed tells so once, and neither reads nor writes any more.
func TestClose(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		types, contents := c.read(s.Close())
		if len(types) != 1 || types[0] != contentAlert || !bytes.Equal(contents[0], []byte{1, 0}) {
			t.Errorf("%d, % x", types, contents)
		}
		if s.Close() != nil {
			t.Error("it is closed twice")
		}
		if got := opened(s, c.record(contentApplication, []byte("word"))); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		if _, err := s.Seal(nil); !errors.Is(err, errOver) {
			t.Errorf("%v", err)
		}
	})
}

// A Client that repeats its Finished gets the last flight again, in records of their
// own; a repeated record gets nothing.
func TestFinishedComesAgain(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		again := c.record(contentHandshake, finishedMessage)
		for round := range uint64(2) {
			got := opened(s, again)
			if len(got) != 1 || got[0].Message != nil || got[0].Over {
				t.Fatalf("%+v", got)
			}
			types, contents := c.read(got[0].Reply)
			if !bytes.Equal(types, []byte{contentChangeCipherSpec, contentHandshake}) || !bytes.Equal(contents[0], []byte{1}) || !bytes.Equal(contents[1], finishedMessage) {
				t.Errorf("%d, % x", types, contents)
			}
			var numbers []uint64
			for r := range records(got[0].Reply) {
				numbers = append(numbers, r.sequence())
			}
			if len(numbers) != 2 || numbers[0] != 4+round || numbers[1] != 1+round {
				t.Errorf("records %d", numbers)
			}
			if got := opened(s, again); len(got) != 0 {
				t.Errorf("the same record again: %+v", got)
			}
			again = c.record(contentHandshake, finishedMessage)
		}
	})
}

// A Client that wants to renegotiate is told no, and the session goes on.
func TestNoRenegotiation(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		hello := append([]byte{typeClientHello, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4}, 0xfe, 0xfd, 0, 0)
		got := opened(s, c.record(contentHandshake, hello))
		if len(got) != 1 || got[0].Over {
			t.Fatalf("%+v", got)
		}
		if types, contents := c.read(got[0].Reply); types[0] != contentAlert || !bytes.Equal(contents[0], []byte{1, 100}) {
			t.Errorf("%d, % x", types, contents)
		}
		for _, message := range [][]byte{{}, {typeFinished}, append([]byte{11}, make([]byte, 11)...)} {
			if got := opened(s, c.record(contentHandshake, message)); len(got) != 1 || got[0].Reply != nil || got[0].Over || got[0].Message != nil {
				t.Errorf("% x: %+v", message, got)
			}
		}
		if got := opened(s, c.record(contentApplication, []byte("word"))); len(got) != 1 || string(got[0].Message) != "word" {
			t.Errorf("%+v", got)
		}
	})
}

// A number is never used twice: the session has no more to say after the last one.
func TestNumbersRunOut(t *testing.T) {
	onEach(t, func(t *testing.T, s *Session, c *far) {
		s.next = sequenceMask
		datagram, err := s.Seal([]byte("last"))
		if err != nil || record(datagram).sequence() != sequenceMask || record(datagram).epoch() != 1 {
			t.Fatalf("% x, %v", datagram, err)
		}
		if _, err := s.Seal([]byte("word")); !errors.Is(err, errExhausted) {
			t.Errorf("%v", err)
		}
		if got := opened(s, c.record(contentHandshake, finishedMessage)); len(got) != 1 || got[0].Reply != nil {
			t.Errorf("%+v", got)
		}
		if s.Close() != nil {
			t.Error("it sends close_notify")
		}
	})
}

func TestTooLongMessage(t *testing.T) {
	s, _ := pair(t, ECDHEECDSAAES128CCM8)
	if _, err := s.Seal(make([]byte, longestContent)); err != nil {
		t.Error(err)
	}
	if _, err := s.Seal(make([]byte, longestContent+1)); !errors.Is(err, errTooLong) {
		t.Errorf("%v", err)
	}
}

// Each field of a wrong key block is noticed before a session uses it.
func TestProtectRefuses(t *testing.T) {
	for _, suite := range append([]Suite{0, 0xC0A8}, suites...) {
		if _, err := protect(suite, make(KeyBlock, suite.keyBlockLen()+1)); err == nil {
			t.Errorf("%v takes a key block that is too long", suite)
		}
	}
}

// FuzzOpen gives a Session any bytes. None of them are the peer's.
func FuzzOpen(f *testing.F) {
	f.Add(uint8(0), []byte{contentApplication, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 7})
	f.Add(uint8(1), append([]byte{contentAlert, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 64}, make([]byte, 64)...))
	f.Add(uint8(2), append([]byte{contentHandshake, 0xfe, 0xff, 0, 1, 0, 0, 0, 0, 0, 9, 0, 16}, make([]byte, 16)...))
	f.Add(uint8(3), append([]byte{contentHandshake, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 8}, make([]byte, 8)...))
	f.Fuzz(func(t *testing.T, suite uint8, datagram []byte) {
		s, c := pair(t, suites[int(suite)%len(suites)])
		if got := opened(s, datagram); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		if got := opened(s, c.record(contentApplication, []byte("word"))); len(got) != 1 {
			t.Errorf("the session is dead: %+v", got)
		}
	})
}
