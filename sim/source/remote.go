package source

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
)

// Remote is a source in another process, asked over HTTP as Handler serves it.
// Its methods may be called from any goroutine.
type Remote struct {
	base   *url.URL
	client *http.Client

	mu     sync.Mutex
	closed bool
	ctx    context.Context
	stop   context.CancelFunc
	asking sync.WaitGroup
}

// NewRemote is the source at base, "http://127.0.0.1:9100/". If client is nil
// it uses one of its own, which does not follow redirects, because an answer
// from elsewhere is not one of the trusted source.
func NewRemote(base string, client *http.Client) (*Remote, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("source %q: expected an http or https address", base)
	}
	if client == nil {
		client = &http.Client{
			Transport:     &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	r := &Remote{base: u, client: client}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r, nil
}

// Ask puts a question as Source.Ask does. Whatever goes wrong on the way is an
// Answer that says Failed, or Received less than Declared.
func (r *Remote) Ask(q Question, reply func(Answer)) (cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return func() {}
	}
	ctx, stop := context.WithCancel(r.ctx)
	r.asking.Go(func() {
		defer stop()
		a := r.ask(ctx, q)
		if ctx.Err() == nil {
			reply(a)
		}
	})
	return stop
}

// Close ends every question without an answer and waits until none is under way.
func (r *Remote) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop()
	r.asking.Wait()
	r.client.CloseIdleConnections()
	return nil
}

// ask sends one question and reads its answer.
func (r *Remote) ask(ctx context.Context, q Question) Answer {
	failed := Answer{Version: q.Version, Failed: true}
	path := "check"
	if q.Kind == Fetch {
		path = "package"
	}
	u := r.base.JoinPath(path)
	u.RawQuery = url.Values{"device": {q.Device}, "version": {q.Version}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return failed
	}
	res, err := r.client.Do(req)
	if err != nil {
		return failed
	}
	defer res.Body.Close()
	switch {
	case q.Kind == Fetch && res.StatusCode == http.StatusNotFound:
		return Answer{Version: q.Version}
	case res.StatusCode != http.StatusOK:
		return failed
	case q.Kind == Fetch:
		return readPackage(res, failed)
	}
	var c check
	if err := json.NewDecoder(io.LimitReader(res.Body, 4096)).Decode(&c); err != nil || len(c.Version) > maxText || len(c.Flaw) > maxText {
		return failed
	}
	return Answer{Available: c.Available, Version: c.Version, Flaw: c.Flaw}
}

// readPackage takes a package in and checks it against its digest. A package
// that ends early says so; one that is not what was announced has failed.
func readPackage(res *http.Response, failed Answer) Answer {
	a := Answer{Available: true, Version: res.Header.Get(headerVersion), Declared: res.ContentLength}
	if a.Declared < 0 || a.Declared > MaxSize || a.Version == "" || len(a.Version) > maxText {
		return failed
	}
	if flaw := res.Header.Get(headerFlaw); len(flaw) <= maxText {
		a.Flaw = Fault(flaw)
	}
	h := sha256.New()
	n, err := io.Copy(h, res.Body)
	a.Received = n
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return failed
	}
	sum := "sha-256=:" + base64.StdEncoding.EncodeToString(h.Sum(nil)) + ":"
	if n == a.Declared && sum != res.Header.Get(headerDigest) {
		return failed
	}
	return a
}
