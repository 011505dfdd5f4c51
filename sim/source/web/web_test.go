package web_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
	"github.com/ocfsim/ocfsim/sim/source"
	"github.com/ocfsim/ocfsim/sim/source/certs"
	"github.com/ocfsim/ocfsim/sim/source/depot"
	"github.com/ocfsim/ocfsim/sim/source/web"
)

// bench is a server over HTTPS with faults, and a client that trusts it.
type bench struct {
	t      *testing.T
	depot  *depot.Depot
	url    string
	client *http.Client

	mu  sync.Mutex
	log []depot.Entry
}

func serve(t *testing.T, strikes ...string) *bench {
	t.Helper()
	return serveDDI(t, web.DDI{}, strikes...)
}

// serveConfirmed serves Devices that have to confirm actions.
func serveConfirmed(t *testing.T, strikes ...string) *bench {
	t.Helper()
	return serveAs(t, web.DDI{}, func(c *depot.Config) { c.Confirms = true }, strikes...)
}

func serveDDI(t *testing.T, api web.DDI, strikes ...string) *bench {
	t.Helper()
	return serveAs(t, api, func(*depot.Config) {}, strikes...)
}

// serveAs serves a depot whose Config change may alter.
func serveAs(t *testing.T, api web.DDI, change func(*depot.Config), strikes ...string) *bench {
	t.Helper()
	b := &bench{t: t}
	c := depot.Config{Silence: 200 * time.Millisecond, Tell: func(e depot.Entry) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.log = append(b.log, e)
	}}
	for _, text := range strikes {
		s, err := depot.ParseStrike(text, fixtures.Fault)
		if err != nil {
			t.Fatal(err)
		}
		c.Strikes = append(c.Strikes, s)
	}
	ca, err := certs.New()
	if err != nil {
		t.Fatal(err)
	}
	change(&c)
	if b.depot, err = depot.New(c); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s, err := web.Listen(ctx, web.Config{Listen: "127.0.0.1:0", Authority: ca, Depot: b.depot, DDI: api})
	if err != nil {
		t.Fatal(err)
	}
	b.url = s.URL()
	b.client = &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Roots()}, DisableCompression: true},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error { return tooMany(via) },
		Timeout:       10 * time.Second,
	}
	t.Cleanup(func() {
		b.client.CloseIdleConnections()
		stop()
		if err := s.Wait(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func tooMany(via []*http.Request) error {
	if len(via) > 4 {
		return errors.New("too many redirections")
	}
	return nil
}

// got is what came of a GET.
type got struct {
	status int
	header http.Header
	body   []byte
	err    error
}

func (b *bench) get(path string, headers ...string) got {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodGet, b.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := b.client.Do(req)
	if err != nil {
		return got{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4*source.DefaultSize))
	return got{res.StatusCode, res.Header, body, err}
}

// good is the package that all tests ask for.
func good() depot.Release { return depot.Make("1.0.1", source.DefaultSize) }

func (g got) whole() bool {
	p := good()
	return g.err == nil && g.status == http.StatusOK && sha256.Sum256(g.body) == p.Sum()
}

func TestAPackageAndItsRanges(t *testing.T) {
	b, p := serve(t), good()
	if g := b.get("packages/1.0.1.bin"); !g.whole() || g.header.Get("ETag") != p.ETag() || g.header.Get("Repr-Digest") != p.Digest() {
		t.Fatalf("%d %v, %d bytes, %v", g.status, g.header, len(g.body), g.err)
	}
	for _, test := range []struct {
		name    string
		headers []string
		status  int
		want    []byte
	}{
		{"from a byte on", []string{"Range: bytes=60000-"}, 206, p.Content[60000:]},
		{"a part", []string{"Range: bytes=5-9"}, 206, p.Content[5:10]},
		{"beyond the end", []string{"Range: bytes=65535-70000"}, 206, p.Content[65535:]},
		{"the last bytes", []string{"Range: bytes=-7"}, 206, p.Content[len(p.Content)-7:]},
		{"of the same package", []string{"Range: bytes=60000-", "If-Range: " + p.ETag()}, 206, p.Content[60000:]},
		{"of another package", []string{"Range: bytes=60000-", `If-Range: "other"`}, 200, p.Content},
		{"two parts", []string{"Range: bytes=0-1,5-6"}, 200, p.Content},
		{"another unit", []string{"Range: words=0-1"}, 200, p.Content},
	} {
		t.Run(test.name, func(t *testing.T) {
			if g := b.get("packages/1.0.1.bin", test.headers...); g.err != nil || g.status != test.status || !slices.Equal(g.body, test.want) {
				t.Errorf("%d, %d bytes, %v", g.status, len(g.body), g.err)
			}
		})
	}
	if g := b.get("packages/1.0.1.bin", "Range: bytes=65536-"); g.status != 416 || g.header.Get("Content-Range") != "bytes */65536" {
		t.Errorf("behind the end: %d %v", g.status, g.header)
	}
	if g := b.get("packages/..%2fsecret"); g.status != 404 {
		t.Errorf("a name that is none: %d", g.status)
	}
}

func TestWhatIsOnOffer(t *testing.T) {
	b := serve(t)
	var list struct {
		Versions []struct{ Version, URL, Digest string }
	}
	read := func() {
		t.Helper()
		if err := json.Unmarshal(b.get("versions?version=1.0.0").body, &list); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if p := good(); len(list.Versions) != 1 || list.Versions[0].Version != "1.0.1" || list.Versions[0].Digest != p.Digest() {
		t.Fatalf("%+v", list)
	}
	if g := b.get(strings.TrimPrefix(list.Versions[0].URL, b.url)); !g.whole() {
		t.Errorf("%s: %d %v", list.Versions[0].URL, g.status, g.err)
	}
	if _, err := b.depot.Condition("", "no-update"); err != nil {
		t.Fatal(err)
	}
	if read(); len(list.Versions) != 0 {
		t.Errorf("with no update: %+v", list)
	}
	if g := b.get("packages/1.0.1.bin"); g.status != 404 {
		t.Errorf("with no update there is a package: %d", g.status)
	}
}
