//go:build foreign

package ocf_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocfsim/ocfsim/ocf"
)

// foreign reads a file that others wrote. They stand beside the clone; OCFSIM_FOREIGN
// names another folder.
func foreign(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("OCFSIM_FOREIGN")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "foreign")
	}
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatalf("the tag foreign needs data that is not in the repository: %v", err)
	}
	return data
}

// TestIntrospectionDocuments reads CBOR of OCF's own tool head by head; it is what the
// JSON beside it says.
func TestIntrospectionDocuments(t *testing.T) {
	for _, name := range []string{"coffeemachine", "cooktop", "lightdevice"} {
		got, rest, err := value(foreign(t, "introspection/"+name+".cbor"))
		if err != nil || len(rest) > 0 {
			t.Fatalf("%s: %v, and %d bytes follow", name, err, len(rest))
		}
		var want any
		if err := json.Unmarshal(foreign(t, "introspection/"+name+".json"), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// value is the item that b begins with, as JSON has it.
func value(b []byte) (v any, rest []byte, err error) {
	h, rest, err := ocf.ReadHead(b)
	if err != nil {
		return nil, nil, err
	}
	switch h.Major {
	case ocf.MajorUint:
		return float64(h.Arg), rest, nil
	case ocf.MajorNegative:
		return -1 - float64(h.Arg), rest, nil
	case ocf.MajorText:
		if uint64(len(rest)) < h.Arg {
			return nil, nil, ocf.ErrCut
		}
		return string(rest[:h.Arg]), rest[h.Arg:], nil
	case ocf.MajorArray:
		list := []any{}
		for !ended(h, len(list), &rest) {
			if v, rest, err = value(rest); err != nil {
				return nil, nil, err
			}
			list = append(list, v)
		}
		return list, rest, nil
	case ocf.MajorMap:
		return pairs(h, rest)
	case ocf.MajorSimple:
		switch h.Info {
		case 20, 21:
			return h.Info == 21, rest, nil
		case 22:
			return nil, rest, nil
		case 26:
			return float64(math.Float32frombits(uint32(h.Arg))), rest, nil
		case 27:
			return math.Float64frombits(h.Arg), rest, nil
		}
	}
	return nil, nil, fmt.Errorf("head %+v: expected nothing of this kind", h)
}

// ended reports whether an item that has n parts is complete, and takes its break.
func ended(h ocf.Head, n int, rest *[]byte) bool {
	if h.Info != ocf.Indefinite {
		return uint64(n) == h.Arg
	}
	if len(*rest) > 0 && (*rest)[0] == ocf.Break {
		*rest = (*rest)[1:]
		return true
	}
	return false
}

func pairs(h ocf.Head, rest []byte) (any, []byte, error) {
	m := map[string]any{}
	for n := 0; !ended(h, n, &rest); n++ {
		key, after, err := value(rest)
		if err != nil {
			return nil, nil, err
		}
		if m[fmt.Sprint(key)], rest, err = value(after); err != nil {
			return nil, nil, err
		}
	}
	return m, rest, nil
}

// TestTheDatabaseOfAServer reads the security resources that another tool wrote, of a
// Device that is owned.
func TestTheDatabaseOfAServer(t *testing.T) {
	parts := members(t, foreign(t, "introspection/svr_server.cbor"))
	doxm, problems, err := ocf.DecodeDoxm(parts["doxm"])
	if err != nil || len(problems) > 0 || !doxm.Owned || doxm.DevOwner.String() != "32323232-3232-3232-3232-323232323232" {
		t.Errorf("doxm: %+v %v %v", doxm, problems, err)
	}
	acl, problems, err := ocf.DecodeACL(parts["acl"])
	if err != nil || len(acl.List) != 3 || acl.List[2].ID != 5 || acl.List[2].Permission != 7 || len(acl.List[0].Resources) != 4 {
		t.Errorf("acl: %+v %v %v", acl, problems, err)
	}
	creds, problems, err := ocf.DecodeCreds(parts["cred"])
	if err != nil || len(creds.List) != 1 || creds.List[0].ID != 1 {
		t.Errorf("cred: %+v %v %v", creds, problems, err)
	}
	// its owner of pstat has a digit too many
	pstat, problems, err := ocf.DecodePstat(parts["pstat"])
	if err != nil || pstat.DOS != ocf.RFNOP || pstat.SM != 4 || pstat.OM != 4 || !pstat.ISOP {
		t.Errorf("pstat: %+v %v", pstat, err)
	}
	if len(problems) != 1 || !strings.Contains(problems[0].String(), "rowneruuid") {
		t.Errorf("pstat: problems %v, expected one with rowneruuid", problems)
	}
}

// members are the values of a map, as CBOR.
func members(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	h, rest, err := ocf.ReadHead(data)
	if err != nil || h.Major != ocf.MajorMap {
		t.Fatalf("head %+v: %v, expected a map", h, err)
	}
	parts := map[string][]byte{}
	for n := 0; !ended(h, n, &rest); n++ {
		key, from, err := value(rest)
		if err != nil {
			t.Fatal(err)
		}
		_, after, err := value(from)
		if err != nil {
			t.Fatal(err)
		}
		parts[fmt.Sprint(key)], rest = from[:len(from)-len(after)], after
	}
	return parts
}
