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
	busy   int       // questions under way
	queue  []*errand // that wait until one of those is answered
}

// mostAsking is how many questions a Remote has under way at once. Each takes a connection,
// and the source may withhold its answer; further ones wait for their turn.
const mostAsking = 4096

// errand is a question to a source in another process.
type errand struct {
	question Question
	reply    func(Answer)
	ctx      context.Context
	done     context.CancelFunc
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
// Answer that says Failed, or Received less than Declared. While mostAsking questions are
// under way, further ones wait.
func (r *Remote) Ask(q Question, reply func(Answer)) (cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return func() {}
	}
	e := &errand{question: q, reply: reply}
	e.ctx, e.done = context.WithCancel(r.ctx)
	if r.busy == mostAsking {
		r.queue = append(r.queue, e)
		return e.done
	}
	r.busy++
	r.asking.Go(func() {
		for e := e; e != nil; e = r.next() {
			r.run(e)
		}
	})
	return e.done
}

// run asks what an errand asks, unless nobody waits for the answer any more.
func (r *Remote) run(e *errand) {
	defer e.done()
	if e.ctx.Err() != nil {
		return
	}
	if a := r.ask(e.ctx, e.question); e.ctx.Err() == nil {
		e.reply(a)
	}
}

// next returns the errand that has waited longest; nil if none waits.
func (r *Remote) next() *errand {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.busy--
		return nil
	}
	e := r.queue[0]
	r.queue[0] = nil
	r.queue = r.queue[1:]
	return e
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
