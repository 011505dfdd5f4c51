package twin

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/ocf"
)

func hexed(t *testing.T, s string) datagram {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// registration is a GET of /oic/sec/pstat with Observe 0, message id 1 and token aabb.
const registration = "42 01 0001 aabb 60 53 6f6963 03 736563 05 7073746174"

func TestKeysOfRequests(t *testing.T) {
	one := hexed(t, registration)
	for name, c := range map[string]struct {
		other string
		same  bool
	}{
		"another token and message id": {"44 01 0002 01020304 60 53 6f6963 03 736563 05 7073746174", true},
		"no Observe":                   {"42 01 0001 aabb b3 6f6963 03 736563 05 7073746174", false},
		"NON":                          {"52 01 0001 aabb 60 53 6f6963 03 736563 05 7073746174", false},
	} {
		if got := one.key() == hexed(t, c.other).key(); got != c.same {
			t.Errorf("%s: the same request: %v", name, got)
		}
	}
	if got := one.words(); got != "GET /oic/sec/pstat" || !one.observes() {
		t.Errorf("%s, observes %v", got, one.observes())
	}
}

func TestMalformedOptionsEndTheReading(t *testing.T) {
	for _, s := range []string{"40 01 0001 d0", "40 01 0001 e001", "40 01 0001 f1", "40 01 0001 45 6f"} {
		if d := hexed(t, s); d.payload() != nil || d.observes() {
			t.Errorf("%s: payload %x", s, d.payload())
		}
	}
}

const (
	lamp  = "0f000000-0000-4000-8000-000000000001"
	other = "0f000000-0000-4000-8000-000000000002"
)

func TestWhoseUUIDs(t *testing.T) {
	di, _ := ocf.ParseUUID("11111111-1111-4111-8111-111111111111")
	owner, _ := ocf.ParseUUID("22222222-2222-4222-8222-222222222222")
	of := func(name, id string) string { return name + "x$" + id }
	for name, c := range map[string]struct{ home, was, want string }{
		"the Device":        {lamp, of("bdi", lamp), of("bdi", di.String())},
		"a new identity":    {lamp, of("bdi", other), of("bdi", other)},
		"after a reset":     {"", of("jdeviceuuid", other), of("jdeviceuuid", di.String())},
		"its owner":         {lamp, of("jrowneruuid", other), of("jrowneruuid", owner.String())},
		"nobody":            {lamp, of("jrowneruuid", nobody), of("jrowneruuid", nobody)},
		"another Property":  {lamp, of("dpiid", lamp), of("dpiid", lamp)},
		"no uuid":           {lamp, of("bdi", "lamp"), of("bdi", "lamp")},
		"of another length": {lamp, "bdix" + lamp, "bdix" + lamp},
	} {
		if got := string(who{c.home, di, owner}.identified([]byte(c.was))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestWhatCanNotBeLoaded(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	header := func(name string) string {
		return `{"schema":"ocfsim.timeline/1","tool":"","edition":"","scenario":"s","name":"","feature":"","tags":null,"started":"2026-01-01T00:00:00Z","target":{"name":"` + name + `"}}` + "\n"
	}
	asked := `{"n":0,"at_ns":0,"wall":"2026-01-01T00:00:00Z","kind":"condition","name":"hold","outcome":"asked"}` + "\n"
	write("two/a.jsonl", header("lamp")+asked)
	write("two/b.jsonl", header("other lamp")+asked)
	write("nothing/readme", "lamp")
	write("several/lamp/timelines/a.jsonl", header("lamp")+asked)
	for path, want := range map[string]string{
		filepath.Join(dir, "none"):           "no such file",
		write("empty.jsonl", header("lamp")): "no request is recorded",
		write("text.jsonl", "lamp"):          "no header",
		filepath.Join(dir, "nothing"):        "no timelines in it",
		filepath.Join(dir, "two"):            "expected one Device",
		filepath.Join(dir, "several"):        "there are lamp",
	} {
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	b, err := Load(write("one.jsonl", header("lamp")+asked))
	if err != nil || b.Target.Name != "lamp" || len(b.Known().Conditions) != 1 {
		t.Errorf("%+v, %v", b, err)
	}
}
