package bundle

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// crafted is what a signer who means harm packs and signs.
type crafted struct {
	headers []tar.Header // what is packed, in this order; each file holds its name
	sign    []string     // what is signed of it; nil: all of it
	after   []byte       // the end of the tar
	change  func(*Statement)
}

// sum is that of a crafted file of this name.
func sum(name string) string {
	s := sha256.Sum256([]byte(name))
	return hex.EncodeToString(s[:])
}

// bundle makes the bundle of c.
func (c crafted) bundle(t testing.TB, key PrivateKey) []byte {
	t.Helper()
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	sign := c.sign
	for _, h := range c.headers {
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(h.Name))
		}
		if err := tw.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := tw.Write([]byte(h.Name)); err != nil {
				t.Fatal(err)
			}
		}
		if c.sign == nil {
			sign = append(sign, h.Name)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	b.Write(c.after)
	packed := deflate(t, b.Bytes())
	p := packing{sum: sum(string(packed)), size: int64(len(packed)), unpacked: int64(b.Len())}
	for _, name := range sign {
		p.files = append(p.files, file{name, sum(name)})
	}
	s, err := state(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.change != nil {
		c.change(&s)
	}
	sealed, err := seal(t.Context(), s, key)
	if err != nil {
		t.Fatal(err)
	}
	return append(sealed, packed...)
}

func plain(names ...string) []tar.Header {
	var all []tar.Header
	for _, name := range names {
		all = append(all, tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644})
	}
	return all
}

// TestASignerWhoMeansHarm signs what would do harm where it is unpacked, or would not be
// judged. Nothing is written outside of the folder for it.
func TestASignerWhoMeansHarm(t *testing.T) {
	private, public := keyed(t, 1)
	link := func(kind byte, name, to string) []tar.Header {
		return []tar.Header{{Typeflag: kind, Name: name, Linkname: to}}
	}
	for name, c := range map[string]struct {
		crafted
		words string
	}{
		"a file too many":            {crafted{headers: plain("run/a", "run/b"), sign: []string{"run/a"}}, "run/b was not signed"},
		"a file too few":             {crafted{headers: plain("run/a"), sign: []string{"run/a", "run/b"}}, "run/b was signed and is missing"},
		"a name twice":               {crafted{headers: plain("run/a", "run/a"), sign: []string{"run/a"}}, "run/a is there twice"},
		"a name signed twice":        {crafted{headers: plain("run/a", "run/a")}, "names run/a twice"},
		"up and away":                {crafted{headers: plain("run/../../a")}, `"run/../../a" leads out`},
		"from the root":              {crafted{headers: plain("/tmp/a")}, `"/tmp/a" leads out`},
		"beside the run":             {crafted{headers: plain("a")}, `"a" leads out`},
		"a way round":                {crafted{headers: plain("run/./a")}, `"run/./a" leads out`},
		"of another system":          {crafted{headers: plain(`run/..\..\a`)}, "leads out"},
		"the folder of the run":      {crafted{headers: plain("run")}, `"run" leads out`},
		"a symbolic link":            {crafted{headers: link(tar.TypeSymlink, "run/a", "/etc/passwd")}, `"run/a" is not a file`},
		"a hard link":                {crafted{headers: link(tar.TypeLink, "run/a", "run/b")}, `"run/a" is not a file`},
		"a device":                   {crafted{headers: link(tar.TypeChar, "run/a", "")}, `"run/a" is not a file`},
		"a folder":                   {crafted{headers: link(tar.TypeDir, "run/a/", "")}, "is not a file"},
		"more than was signed":       {crafted{headers: plain("run/a"), after: make([]byte, 64<<20)}, "bytes follow the end of the tar"},
		"a bomb":                     {crafted{headers: plain("run/a"), after: make([]byte, 64<<20), change: unpacks(2048)}, "more bytes than were signed"},
		"a bomb that says so":        {crafted{headers: plain("run/a"), change: unpacks(5 << 30)}, "unpacks to 5368709120 bytes, more than"},
		"less than nothing":          {crafted{headers: plain("run/a"), change: unpacks(-1)}, "unpacks to -1 bytes"},
		"less than was signed":       {crafted{headers: plain("run/a"), change: unpacks(1 << 20)}, "shorter than the one that was signed"},
		"a sum that is not":          {crafted{headers: plain("run/a"), change: func(s *Statement) { s.Subject[1].Digest[sha256Name] = sum("b") }}, "run/a is not what was signed"},
		"no sum":                     {crafted{headers: plain("run/a"), change: func(s *Statement) { s.Subject[1].Digest = nil }}, "run/a is not what was signed"},
		"no subject":                 {crafted{headers: plain("run/a"), change: func(s *Statement) { s.Subject = nil }}, "first subject is not run.tar.gz"},
		"no size":                    {crafted{headers: plain("run/a"), change: func(s *Statement) { s.Subject[0].Annotations = nil }}, "first subject is not run.tar.gz"},
		"another statement":          {crafted{headers: plain("run/a"), change: func(s *Statement) { s.Type = "https://in-toto.io/Statement/v0.1" }}, "expected \"https://in-toto.io/Statement/v1\""},
		"another predicate":          {crafted{headers: plain("run/a"), change: func(s *Statement) { s.PredicateType = "https://slsa.dev/provenance/v1" }}, "its predicate is a"},
		"nothing that can be judged": {crafted{headers: plain("run/a")}, "not a recorded run"},
		"no run":                     {crafted{}, "run"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := stands(t, c.bundle(t, private), public); err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %v, want it refused with %q", err, c.words)
			}
		})
	}
}

func unpacks(n int64) func(*Statement) {
	return func(s *Statement) { s.Subject[0].Annotations.Unpacked = n }
}

// TestAStatementThatSaysMoreThanTheRun signs results that fail with a statement that says they
// pass.
func TestAStatementThatSaysMoreThanTheRun(t *testing.T) {
	private, public := keyed(t, 1)
	name, _ := signed(t, run(t))
	data := readFile(t, name)
	for field, c := range map[string]struct {
		change func(*Statement)
		words  string
	}{
		"result": {func(s *Statement) { s.Predicate.Result = Passed }, "the statement says PASSED, the run is FAILED"},
		"failed": {func(s *Statement) { s.Predicate.FailedTests = nil }, "[SVV-4]"},
		"passed": {func(s *Statement) { s.Predicate.PassedTests = append(s.Predicate.PassedTests, "SVV-4") }, "SVV-4"},
		"warned": {func(s *Statement) { s.Predicate.WarnedTests = []string{"SVV-4"} }, "SVV-4"},
	} {
		s, _, length, err := unseal(t.Context(), data, []PublicKey{public})
		if err != nil {
			t.Fatal(err)
		}
		c.change(&s)
		sealed, err := seal(t.Context(), s, private)
		if err != nil {
			t.Fatal(err)
		}
		if err := stands(t, append(sealed, data[length:]...), public); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: got %v, want it refused with %q", field, err, c.words)
		}
	}
}

// TestAnEditedRunDoesNotVerify signs, as a lab's key may, a run whose timelines do not show
// what its results say.
func TestAnEditedRunDoesNotVerify(t *testing.T) {
	private, public := keyed(t, 1)
	dir := run(t)
	edit(t, dir)
	var b bytes.Buffer
	p, err := pack(dir, &b)
	if err != nil {
		t.Fatal(err)
	}
	s, err := state(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := seal(t.Context(), s, private)
	if err != nil {
		t.Fatal(err)
	}
	if err := stands(t, append(sealed, b.Bytes()...), public); err == nil || !strings.Contains(err.Error(), otherVerdicts) {
		t.Errorf("got %v, want it refused with %q", err, otherVerdicts)
	}
}
