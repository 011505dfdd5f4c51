package doorman

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ocfsim/ocfsim/conformance/durable"
	"github.com/ocfsim/ocfsim/fixtures/bounded"
)

// Bounds on what a peer may take.
const (
	headTime   = 5 * time.Second  // until a request's head has arrived
	bodyTime   = 10 * time.Second // until its body has arrived too
	partTime   = 10 * time.Second // until the peer has taken a part of the answer
	idleTime   = time.Minute      // between two requests of one connection
	maxHead    = 16 << 10         // bytes of a head
	maxWaiting = 256              // connections at once that keep the server waiting
)

// Listener is an HTTP server behind the checks of this package.
type Listener struct {
	addr  net.Addr
	token string
}

// Listen serves h at addr, HOST:PORT, until ctx ends. On loopback no token is asked
// for; elsewhere whoever asks must know token, which must not be empty there.
func Listen(ctx context.Context, addr string, h http.Handler, token string) (*Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		token = ""
	} else if token == "" {
		_ = l.Close()
		return nil, fmt.Errorf("listening at %s, which is not loopback: expected a token", addr)
	}
	crowd := &crowd{most: maxWaiting, waiting: map[net.Conn]uint64{}}
	server := &http.Server{
		Handler:           checked(crowd.whole(h), l.Addr(), token),
		ReadHeaderTimeout: headTime,
		ReadTimeout:       bodyTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHead,
		ConnContext:       crowd.join,
		ConnState:         crowd.state,
	}
	go func() { _ = server.Serve(l) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return &Listener{addr: l.Addr(), token: token}, nil
}

// Addr is where l listens, ADDR:PORT.
func (l *Listener) Addr() string { return l.addr.String() }

// Guarded reports whether other machines may reach l, with the token.
func (l *Listener) Guarded() bool { return l.token != "" }

// URL is the address that a program is given, with the token in it where one is asked for.
func (l *Listener) URL() string {
	u := url.URL{Scheme: "http", Host: l.addr.String(), Path: "/"}
	if l.token != "" {
		u.User = url.UserPassword("ocfsim", l.token)
	}
	return u.String()
}

// Token reads the token in file. If there is no such file it makes one with a random
// token, readable for its owner alone. Without a name it returns a random token.
func Token(file string) (string, error) {
	if file == "" {
		return rand.Text(), nil
	}
	text, err := bounded.ReadFile(file, bounded.Text)
	if errors.Is(err, fs.ErrNotExist) {
		token := rand.Text()
		return token, durable.WriteFile(file, durable.Private, func(w io.Writer) error {
			_, err := io.WriteString(w, token+"\n")
			return err
		})
	}
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	if len(token) < 16 || strings.ContainsAny(token, " \t\r\n") {
		return "", fmt.Errorf("%s:1:1: expected a token of 16 characters or more, without spaces", file)
	}
	return token, nil
}

// crowd holds down the number of connections that keep the server waiting: for a
// request, or for the rest of one. When there are too many, the one that has waited
// longest is closed, so that a peer that is slow on purpose makes room for one that
// is not. A request that has arrived whole is not bounded: the source may withhold
// its answers to a whole fleet.
type crowd struct {
	most int

	mu      sync.Mutex
	turn    uint64
	waiting map[net.Conn]uint64 // since which turn
}

// connKey finds the connection of a request in its context.
type connKey struct{}

func (c *crowd) join(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// state follows what becomes of a connection, as http.Server tells it.
func (c *crowd) state(conn net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew, http.StateIdle:
		if stalest := c.wait(conn); stalest != nil {
			_ = stalest.Close()
		}
	case http.StateClosed, http.StateHijacked:
		c.arrived(conn)
	case http.StateActive: // it sent a byte, which a slow peer does too
	}
}

// whole reads the request's body before h is called: then it no longer keeps the
// server waiting. A body that is too long is h's to refuse.
func (c *crowd) whole(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			http.Error(w, "the body did not arrive", http.StatusRequestTimeout)
			return
		}
		if len(body) > maxBody {
			w.Header().Set("Connection", "close") // what follows is not the next request
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if conn, ok := r.Context().Value(connKey{}).(net.Conn); ok {
			c.arrived(conn)
		}
		h.ServeHTTP(impatient{w}, r)
	})
}

// impatient gives a peer so long to take each part of an answer. When the answer
// begins is the handler's business.
type impatient struct{ http.ResponseWriter }

func (w impatient) Write(b []byte) (int, error) {
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(partTime))
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find the rest.
func (w impatient) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// wait says that conn keeps the server waiting from now on, and returns the
// connection that has to go for it, if any.
func (c *crowd) wait(conn net.Conn) (stalest net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	c.waiting[conn] = c.turn
	if len(c.waiting) <= c.most {
		return nil
	}
	for other, since := range c.waiting {
		if stalest == nil || since < c.waiting[stalest] {
			stalest = other
		}
	}
	delete(c.waiting, stalest)
	return stalest
}

// arrived says that conn does not keep the server waiting any more.
func (c *crowd) arrived(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, conn)
}
