package web_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/fixtures"
)

// met says what a Device that asks for the package and checks its digest meets, by fault.
func met() map[string]func(b *bench, g got) bool {
	fails := func(target error) func(*bench, got) bool {
		return func(_ *bench, g got) bool { return errors.Is(g.err, target) }
	}
	status := func(n int) func(*bench, got) bool { return func(_ *bench, g got) bool { return g.status == n } }
	certificate := func(_ *bench, g got) bool {
		var unknown x509.UnknownAuthorityError
		var host x509.HostnameError
		var invalid x509.CertificateInvalidError
		return errors.As(g.err, &unknown) || errors.As(g.err, &host) || errors.As(g.err, &invalid)
	}
	timeout := func(_ *bench, g got) bool {
		return errors.Is(g.err, io.EOF) || errors.Is(g.err, syscall.ECONNRESET) || g.err != nil && g.status == 0
	}
	return map[string]func(b *bench, g got) bool{
		"refused": fails(syscall.ECONNREFUSED), "unreachable": timeout, "handshake-stalls": timeout, "stalled": timeout,
		"wrong-ca": certificate, "expired-certificate": certificate, "future-certificate": certificate,
		"wrong-name": certificate, "broken-chain": certificate, "self-signed": certificate,
		"handshake-fails": func(_ *bench, g got) bool { return g.err != nil && g.status == 0 },
		"withdrawn":       status(404), "unavailable": status(503),
		"flapping": func(b *bench, g got) bool {
			return g.status == 500 && b.get("packages/1.0.1.bin").status == 500 && b.get("packages/1.0.1.bin").whole()
		},
		"redirected":           func(_ *bench, g got) bool { return g.whole() },
		"redirected-elsewhere": func(_ *bench, g got) bool { return g.whole() }, // a client that follows gets it there
		"redirect-loop":        func(_ *bench, g got) bool { return g.err != nil },
		"redirected-to-plain":  func(_ *bench, g got) bool { return g.status == 400 }, // TLS is spoken there
	}
}

// metInBody is what strikes the package itself, or what is said of it.
func metInBody() map[string]func(b *bench, g got) bool {
	p := good()
	begins := func(g got, n int) bool { return bytes.Equal(g.body, p.Content[:n]) }
	return map[string]func(b *bench, g got) bool{
		"bad-signature": func(_ *bench, g got) bool { return g.header.Get("Package-Flaw") == "bad-signature" },
		"rollback": func(_ *bench, g got) bool {
			return g.header.Get("Package-Version") == "0.9.9" || g.header.Get("Package-Flaw") == "rollback"
		},
		"stale-metadata":      func(_ *bench, g got) bool { return g.header.Get("Package-Flaw") == "stale-metadata" },
		"truncated@4096":      func(_ *bench, g got) bool { return errors.Is(g.err, io.ErrUnexpectedEOF) && begins(g, 4096) },
		"shortened@4096":      func(_ *bench, g got) bool { return g.err == nil && begins(g, 4096) },
		"endless":             func(_ *bench, g got) bool { return len(g.body) == 4*len(p.Content) },
		"slow@65516,rate=200": func(_ *bench, g got) bool { return g.whole() },
		"silent@4096":         func(_ *bench, g got) bool { return g.err != nil && begins(g, 4096) },
		"aborted@4096":        func(_ *bench, g got) bool { return errors.Is(g.err, syscall.ECONNRESET) },
		"flipped@4096": func(_ *bench, g got) bool {
			return len(g.body) == len(p.Content) && g.body[4096] == p.Content[4096]^1 && begins(got{body: g.body[:4096]}, 4096)
		},
		"replaced@4096": func(b *bench, g got) bool {
			again := b.get("packages/1.0.1.bin", "Range: bytes=4096-", "If-Range: "+p.ETag())
			return g.err != nil && begins(g, 4096) && again.status == 200 && again.header.Get("ETag") != p.ETag() && !again.whole()
		},
		"withdrawn-midway@4096": func(b *bench, g got) bool {
			return g.err != nil && begins(g, 4096) && b.get("packages/1.0.1.bin", "Range: bytes=4096-").status == 404
		},
		"range-ignored": func(b *bench, g got) bool {
			again := b.get("packages/1.0.1.bin", "Range: bytes=4096-")
			return g.whole() && again.whole()
		},
		"wrong-range": func(b *bench, g got) bool {
			again := b.get("packages/1.0.1.bin", "Range: bytes=4096-")
			return g.whole() && again.status == 206 && again.header.Get("Content-Range") == "bytes 4097-65535/65536" && bytes.Equal(again.body, p.Content[4097:])
		},
		"length-too-small": func(_ *bench, g got) bool { return g.err == nil && begins(g, len(p.Content)-1) },
		"length-too-large": func(_ *bench, g got) bool { return errors.Is(g.err, io.ErrUnexpectedEOF) && begins(g, len(p.Content)) },
		"gzip-claimed": func(_ *bench, g got) bool {
			return g.header.Get("Content-Encoding") == "gzip" && begins(g, len(p.Content))
		},
		"bad-url": func(b *bench, _ got) bool { return bytes.Contains(b.get("versions").body, []byte(`"http://[::bad/`)) },
		"unsupported-scheme": func(b *bench, _ got) bool {
			return bytes.Contains(b.get("versions").body, []byte(`"gopher://`))
		},
	}
}

// TestEachFault lets a client meet each fault of HTTP once, and finds it in the log.
func TestEachFault(t *testing.T) {
	table := met()
	maps.Copy(table, metInBody())
	for _, f := range fixtures.Faults() {
		if !slices.Contains(f.Over, "http") {
			continue
		}
		text := f.Name
		for key := range table {
			if name, _, _ := cutAny(key); name == f.Name {
				text = key
			}
		}
		check := table[text]
		if check == nil {
			t.Errorf("no test of the fault %s", f.Name)
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			b := serve(t, text)
			b.client.Timeout = 2 * time.Second
			if g := b.get("packages/1.0.1.bin"); !check(b, g) {
				t.Errorf("%s: status %d, %d bytes, %v, error %v", text, g.status, len(g.body), g.header, g.err)
			}
		})
	}
}

// cutAny cuts a strike after its name.
func cutAny(text string) (name, rest string, found bool) {
	for i, c := range text {
		if c == '@' || c == ',' {
			return text[:i], text[i:], true
		}
	}
	return text, "", false
}

// TestConditionsTurnFaultsOnAndOff checks that a closed port opens again, and closes.
func TestConditionsTurnFaultsOnAndOff(t *testing.T) {
	for _, fault := range []string{"refused", "wrong-ca"} {
		t.Run(fault, func(t *testing.T) { turnOnAndOff(t, serve(t, fault)) })
	}
}

// turnOnAndOff does not close the client's connections: the server does.
func turnOnAndOff(t *testing.T, b *bench) {
	t.Helper()
	for _, step := range []struct {
		condition string
		served    bool
	}{{"report", false}, {"update-available", true}, {"update-fails", false}, {"update-available", true}} {
		if _, err := b.depot.Condition("", step.condition); err != nil {
			t.Fatal(err)
		}
		if g := b.get("packages/1.0.1.bin"); g.whole() != step.served {
			t.Errorf("after %s: %d bytes, %v", step.condition, len(g.body), g.err)
		}
	}
}
