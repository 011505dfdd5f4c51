package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// changes is how many random changes of a byte are tried.
const changes = 200

// stands checks data as a bundle signed by key, and returns the error.
func stands(t *testing.T, data []byte, key PublicKey) error {
	t.Helper()
	name := filepath.Join(t.TempDir(), "b.tar.gz")
	writeFile(t, name, data)
	_, err := Verify(t.Context(), name, []PublicKey{key}, "devel")
	if err != nil && !errors.Is(err, ErrRefused) {
		t.Errorf("an error that is no refusal: %v", err)
	}
	return err
}

// TestNoByteOfABundleCanBeChanged changes bytes at random, and each byte of the parts that
// hold no text: the beginning of the seal and the ends of both members.
func TestNoByteOfABundleCanBeChanged(t *testing.T) {
	name, key := signed(t, run(t))
	data := readFile(t, name)
	_, sealed, err := readSeal(data)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var places []int
	for range changes {
		places = append(places, random.IntN(len(data)))
	}
	for n := range 15 + 512 {
		places = append(places, n)
	}
	for n := range 32 {
		places = append(places, sealed-1-n, sealed+n, len(data)-1-n)
	}
	for _, at := range places {
		changed := bytes.Clone(data)
		changed[at] ^= byte(1 + random.IntN(255))
		if stands(t, changed, key) == nil {
			t.Errorf("byte %d of %d is %#x, was %#x: verified", at, len(data), changed[at], data[at])
		}
	}
	if err := stands(t, data, key); err != nil {
		t.Errorf("nothing was changed: %v", err)
	}
}

// parts are the tars in the two members of a bundle.
func parts(t *testing.T, data []byte) (sealed, packed []byte) {
	t.Helper()
	_, length, err := readSeal(data)
	if err != nil {
		t.Fatal(err)
	}
	return inflate(t, data[:length]), inflate(t, data[length:])
}

func inflate(t testing.TB, data []byte) []byte {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func deflate(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := zw.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestNoByteOfTheTarCanBeChanged changes what is in the bundle, and packs it again as it was.
func TestNoByteOfTheTarCanBeChanged(t *testing.T) {
	name, key := signed(t, run(t))
	sealed, packed := parts(t, readFile(t, name))
	random := rand.New(rand.NewPCG(3, 4))
	for range changes {
		s, p := bytes.Clone(sealed), bytes.Clone(packed)
		at := random.IntN(len(s) + len(p))
		if at < len(s) {
			s[at] ^= byte(1 + random.IntN(255))
		} else {
			p[at-len(s)] ^= byte(1 + random.IntN(255))
		}
		if stands(t, append(stored(s), deflate(t, p)...), key) == nil {
			t.Errorf("byte %d of the tar was changed: verified", at)
		}
	}
	if err := stands(t, append(stored(sealed), deflate(t, packed)...), key); err != nil {
		t.Errorf("nothing was changed: %v", err)
	}
}

// TestAChangeIsNamed changes the last byte of each file, and wants the file to be named.
func TestAChangeIsNamed(t *testing.T) {
	name, key := signed(t, run(t))
	sealed, packed := parts(t, readFile(t, name))
	source := bytes.NewReader(packed)
	tr := tar.NewReader(source)
	for n := 0; ; n++ {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			if n < 20 {
				t.Errorf("only %d files were changed", n)
			}
			return
		} else if err != nil {
			t.Fatal(err)
		}
		begin := len(packed) - source.Len() // the reader reads no further than the header
		changed := bytes.Clone(packed)
		changed[begin+int(header.Size)-1] ^= 1
		err = stands(t, append(stored(sealed), deflate(t, changed)...), key)
		if want := header.Name + " is not what was signed"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it refused with %q", err, want)
		}
	}
}

// TestWhatIsNoBundle wants files to be refused that are more or less than a bundle.
func TestWhatIsNoBundle(t *testing.T) {
	name, key := signed(t, run(t))
	data := readFile(t, name)
	sealed, packed := parts(t, data)
	_, length, err := readSeal(data)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data  []byte
		words string
	}{
		"nothing":                       {nil, "no .tar.gz"},
		"a text":                        {[]byte("name: lamp"), "no .tar.gz"},
		"something at the end":          {append(bytes.Clone(data), "x"...), "1 bytes longer than what was signed: something follows"},
		"a third member":                {append(bytes.Clone(data), deflate(t, []byte("x"))...), "something follows"},
		"the seal alone":                {data[:length], "shorter than what was signed"},
		"the end is missing":            {data[:len(data)-1], "1 bytes shorter than what was signed"},
		"half of it":                    {data[:len(data)/2], "shorter than what was signed"},
		"half of the seal":              {data[:length/2], "attestation.dsse.json"},
		"no seal":                       {data[length:], "it begins with \"run/"},
		"one member":                    {deflate(t, append(bytes.Clone(sealed), packed...)), "not written as a signed bundle's is"},
		"a seal that is compressed":     {append(deflate(t, sealed), data[length:]...), "not written as a signed bundle's is"},
		"something before":              {append([]byte("x"), data...), "no .tar.gz"},
		"another seal before":           {append(bytes.Clone(data[:length]), data...), "longer than what was signed"},
		"the run of another bundle":     {append(bytes.Clone(data[:length]), deflate(t, make([]byte, 1024))...), "was signed and is missing"},
		"compressed in another way":     {append(bytes.Clone(data[:length]), stored(packed)...), "though each file in it is"},
		"a seal with a space in it":     {resealed(t, sealed, `"keyid":`, `"keyid": `, data[length:]), "not written as a signed bundle's is"},
		"a seal with two payloads":      {resealed(t, sealed, `"payload":`, `"payload":"","payload":`, data[length:]), "not written as a signed bundle's is"},
		"a payload type that is longer": {resealed(t, sealed, "vnd.in-toto", "vnd.in-toto2", data[length:]), "expected \"application/vnd.in-toto+json\""},
	} {
		t.Run(name, func(t *testing.T) {
			if err := stands(t, c.data, key); err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %v, want it refused with %q", err, c.words)
			}
		})
	}
}

// resealed is a bundle with from replaced by to in the envelope of the seal.
func resealed(t *testing.T, sealed []byte, from, to string, rest []byte) []byte {
	t.Helper()
	tr := tar.NewReader(bytes.NewReader(sealed))
	header, err := tr.Next()
	if err != nil {
		t.Fatal(err)
	}
	line, err := io.ReadAll(tr)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(line), from, to, 1)
	if text == string(line) {
		t.Fatalf("%q is not in the seal", from)
	}
	header.Size = int64(len(text))
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	if err := tw.WriteHeader(header); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(tw, text); err != nil {
		t.Fatal(err)
	}
	if err := tw.Flush(); err != nil {
		t.Fatal(err)
	}
	return append(stored(b.Bytes()), rest...)
}

// TestBase64HasOneForm writes the signature and the payload so that lenient readers read the
// same of it.
func TestBase64HasOneForm(t *testing.T) {
	private, public := keyed(t, 1)
	sealed, err := seal(context.Background(), Statement{Type: statementType}, private)
	if err != nil {
		t.Fatal(err)
	}
	envelope, _, err := readSeal(sealed)
	if err != nil {
		t.Fatal(err)
	}
	good := envelope.Signatures[0]
	if _, _, err := checkSignature(t.Context(), envelope, []PublicKey{public}); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*dsse.Envelope){
		"bits that are not used": func(e *dsse.Envelope) { e.Signatures[0].Sig = unused(good.Sig) },
		"a line end":             func(e *dsse.Envelope) { e.Signatures[0].Sig = good.Sig + "\n" },
		"no padding":             func(e *dsse.Envelope) { e.Signatures[0].Sig = strings.TrimRight(good.Sig, "=") },
		"a second signature":     func(e *dsse.Envelope) { e.Signatures = append(e.Signatures, good) },
		"no signature":           func(e *dsse.Envelope) { e.Signatures = nil },
		"no key":                 func(e *dsse.Envelope) { e.Signatures[0].KeyID = "" },
		"a line end in the text": func(e *dsse.Envelope) { e.Payload = e.Payload[:4] + "\n" + e.Payload[4:] },
	} {
		e := *envelope
		e.Signatures = []dsse.Signature{good}
		change(&e)
		if _, _, err := checkSignature(t.Context(), &e, []PublicKey{public}); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// unused is text with another last letter, which differs only in bits that are not used.
func unused(text string) string {
	letters := strings.TrimRight(text, "=")
	last := len(letters) - 1
	return letters[:last] + string(rune(letters[last]+1)) + text[last+1:]
}
