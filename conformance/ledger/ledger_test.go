package ledger_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance/ledger"
	"github.com/ocfsim/ocfsim/conformance/target"
	"github.com/ocfsim/ocfsim/ocf"
)

func open(t *testing.T) *ledger.Dir {
	t.Helper()
	d, err := ledger.Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func enter(t *testing.T, d *ledger.Dir, addresses ...string) target.Account {
	t.Helper()
	a, err := d.Enter(addresses...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// everything is a Debt with every field set.
func everything() target.Debt {
	acl := func(href string, id uint32) []ocf.ACE {
		return []ocf.ACE{{ID: id, Subject: ocf.Subject{Conn: ocf.AuthCrypt}, Resources: []ocf.ResourceRef{{Href: href}}, Permission: ocf.MayRead}}
	}
	return target.Debt{
		Endpoint: "coap://127.0.0.1:5683", Plain: "127.0.0.1:5683", Secure: "127.0.0.1:5684", DI: ocf.UUID{1},
		Begun:  true,
		Taken:  &target.Credential{ID: ocf.UUID{2}, Key: []byte("0123456789abcdef")},
		Guests: &target.Guests{Owner: ocf.UUID{3}, IDs: []ocf.UUID{{4}, {5}}, Entries: acl("/a", 1), Grants: acl("/b", 2), Was: acl("/c", 3), In: ocf.RFNOP},
		Held:   true,
	}
}

func TestWhatIsKeptIsFoundAgain(t *testing.T) {
	d := open(t)
	want := everything()
	a := enter(t, d, want.Plain, want.Secure)
	if err := a.Keep(want); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	debts, err := d.Debts()
	if err != nil || !reflect.DeepEqual(debts, []target.Debt{want}) {
		t.Fatalf("%+v, %v, want %+v", debts, err, want)
	}
	for _, address := range []string{want.Plain, "localhost:5683"} {
		a := enter(t, d, address)
		got, ok, err := a.Debt()
		if err != nil || !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("at %s: %+v, %v, %v", address, got, ok, err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	a = enter(t, d, want.Secure, want.Plain)
	if err := a.Settle(); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := a.Debt(); ok || err != nil {
		t.Errorf("after it was settled: %v, %v", ok, err)
	}
	if debts, err := d.Debts(); len(debts) != 0 || err != nil {
		t.Errorf("after it was settled: %v, %v", debts, err)
	}
}

func TestOthersCantReadIt(t *testing.T) {
	d := open(t)
	if err := enter(t, d, "127.0.0.1:1").Keep(everything()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(d.Path(), func(path string, _ os.DirEntry, err error) error {
		info, serr := os.Stat(path)
		if err == nil && serr == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return errors.Join(err, serr)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOneHasADevice(t *testing.T) {
	d := open(t)
	first := enter(t, d, "127.0.0.1:1", "127.0.0.1:2")
	for _, addresses := range [][]string{{"127.0.0.1:1"}, {"127.0.0.1:2"}, {"127.0.0.1:3", "127.0.0.1:2"}} {
		_, err := d.Enter(addresses...)
		if !errors.Is(err, target.ErrInUse) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())+" since 2") {
			t.Errorf("Enter(%v) beside the first: %v", addresses, err)
		}
	}
	if err := enter(t, d, "127.0.0.1:3").Close(); err != nil { // what was refused has no lock
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := enter(t, d, "127.0.0.1:2").Close(); err != nil {
		t.Fatal(err)
	}
}

// TestALockOfADeadProcessIsFree has another process take a lock and die of SIGKILL.
func TestALockOfADeadProcessIsFree(t *testing.T) {
	if name := os.Getenv("LEDGER_LOCKS"); name != "" {
		if _, err := ledger.Acquire(name); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("locked\n")
		select {}
	}
	name := filepath.Join(t.TempDir(), "device")
	cmd := exec.Command(os.Args[0], "-test.run=TestALockOfADeadProcessIsFree")
	cmd.Env = append(os.Environ(), "LEDGER_LOCKS="+name)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 7)); err != nil {
		t.Fatal(err)
	}
	var held *ledger.HeldError
	if _, err := ledger.Acquire(name); !errors.As(err, &held) || held.By.PID != cmd.Process.Pid {
		t.Errorf("while the other lives: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	l, err := ledger.Acquire(name)
	if err != nil {
		t.Fatalf("after the other died: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
}

func TestADamagedFileIsNamed(t *testing.T) {
	d := open(t)
	for i, test := range []struct{ text, want string }{
		{"", ":1:1: expected ocfsim.owed/1: EOF"},
		{"{\n  \"schema\": 1\n}", ":2:14: expected ocfsim.owed/1: json: cannot unmarshal number"},
		{"{\n  \"schema\": \"ocfsim.owed/1\",\n  oops\n}", ":3:4: expected ocfsim.owed/1: invalid character 'o'"},
		{`{"schema": "ocfsim.owed/2", "plain": "a:1"}`, ":1:1: expected ocfsim.owed/1: schema is"},
		{`{"schema": "ocfsim.owed/1"}`, "it has no address"},
		{`{"schema": "ocfsim.owed/1", "plain": "a:1", "owner": {"identity": "00000000-0000-0000-0000-000000000001", "key": "00"}}`, "32 or 64 hexadecimal digits"},
		{`{"schema": "ocfsim.owed/1", "plain": "a:1", "guests": {"owner": "00000000-0000-0000-0000-000000000001", "entries": "AA=="}}`, "guests: "},
		{`{"schema": "ocfsim.owed/1", "more": 1}`, `unknown field "more"`},
	} {
		name := filepath.Join(d.Path(), "bad"+strconv.Itoa(i)+".owed.json")
		if err := os.WriteFile(name, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if debts, err := d.Debts(); err == nil || !strings.Contains(err.Error(), name+":") || !strings.Contains(err.Error(), test.want) || len(debts) != 0 {
			t.Errorf("%q: %v, %v, want %s", test.text, debts, err, test.want)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}
