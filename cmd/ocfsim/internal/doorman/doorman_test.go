package doorman_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocfsim/ocfsim/cmd/ocfsim/internal/doorman"
)

// echo answers with the body, so that a test sees what arrived.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })

func listen(t *testing.T, addr, token string, h http.Handler) *doorman.Listener {
	t.Helper()
	l, err := doorman.Listen(t.Context(), addr, h, token)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ask sends a POST to l over loopback with header lines "Name: value".
func ask(t *testing.T, l *doorman.Listener, body string, headers ...string) (int, string) {
	t.Helper()
	_, port, _ := strings.Cut(strings.Replace(l.Addr(), "[::]", "0.0.0.0", 1), ":")
	req, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:"+port+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = strings.ReplaceAll(value, "PORT", port)
			continue
		}
		req.Header.Set(name, strings.ReplaceAll(value, "PORT", port))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

func TestWhoIsLetInOnLoopback(t *testing.T) {
	l := listen(t, "127.0.0.1:0", "unused on loopback", echo)
	const json = "Content-Type: application/json"
	for _, test := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"a program", []string{json}, 200},
		{"a program that says the charset", []string{json + "; charset=utf-8"}, 200},
		{"by the name localhost", []string{json, "Host: LocalHost.:PORT"}, 200},
		{"a page of this listener", []string{json, "Origin: http://127.0.0.1:PORT", "Sec-Fetch-Site: same-origin"}, 200},
		{"a page of another origin", []string{json, "Origin: http://127.44.5.5:44901"}, 403},
		{"a page of another port", []string{json, "Origin: http://127.0.0.1:1"}, 403},
		{"a page in a sandbox or a file", []string{json, "Origin: null"}, 403},
		{"an image of another page", []string{json, "Sec-Fetch-Site: cross-site"}, 403},
		{"a page of the same site", []string{json, "Sec-Fetch-Site: same-site"}, 403},
		{"a name that was made to mean loopback", []string{json, "Host: evil.example:PORT"}, 421},
		{"another port", []string{json, "Host: 127.0.0.1:1"}, 421},
		{"another machine", []string{json, "Host: 192.0.2.1:PORT"}, 421},
		{"what a form sends", []string{"Content-Type: text/plain"}, 415},
		{"curl -d", []string{"Content-Type: application/x-www-form-urlencoded"}, 415},
		{"no type at all", nil, 415},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, answer := ask(t, l, "hello", test.headers...)
			if status != test.status || (status == 200) != (answer == "hello") {
				t.Errorf("%d %q, want %d", status, answer, test.status)
			}
		})
	}
	if want := "http://" + l.Addr() + "/"; l.URL() != want {
		t.Errorf("the address says %s, want %s without a token", l.URL(), want)
	}
}

// TestTheTokenElsewhere listens at every address of a machine and asks over
// loopback: the address that it listens at is what counts.
func TestTheTokenElsewhere(t *testing.T) {
	if _, err := doorman.Listen(t.Context(), "0.0.0.0:0", echo, ""); err == nil || !strings.Contains(err.Error(), "token") {
		t.Errorf("without a token it listens at every address: %v", err)
	}
	const token = "a-token-of-24-characters"
	l := listen(t, "0.0.0.0:0", token, echo)
	const json = "Content-Type: application/json"
	for _, test := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"the token as Bearer", []string{"Authorization: Bearer " + token}, 200},
		{"the token as a password", []string{"Authorization: Basic b2Nmc2ltOmEtdG9rZW4tb2YtMjQtY2hhcmFjdGVycw=="}, 200},
		{"nothing", nil, 401},
		{"another token", []string{"Authorization: Bearer " + token + "x"}, 401},
		{"half of it", []string{"Authorization: Bearer a-token"}, 401},
		{"another scheme", []string{"Authorization: Digest " + token}, 401},
		{"the token from a page", []string{"Authorization: Bearer " + token, "Origin: http://evil.example"}, 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			if status, _ := ask(t, l, "hello", append(test.headers, json)...); status != test.status {
				t.Errorf("%d, want %d", status, test.status)
			}
		})
	}
	if !strings.HasPrefix(l.URL(), "http://ocfsim:"+token+"@") {
		t.Errorf("the address %s lacks the token", l.URL())
	}
}

func TestTokenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	made, err := doorman.Token(file)
	if err != nil || len(made) < 16 {
		t.Fatal(made, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the token: %v, %v", info.Mode(), err)
	}
	if again, err := doorman.Token(file); err != nil || again != made {
		t.Errorf("the second time it is %q (%v), not %q", again, err, made)
	}
	for _, bad := range []string{"", "short\n", "with a space in it, though long\n"} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if token, err := doorman.Token(file); err == nil || !strings.Contains(err.Error(), file+":1:1: expected") {
			t.Errorf("%q is taken for the token %q (%v)", bad, token, err)
		}
	}
}

// TestSlowPeersShutNobodyOut opens a thousand connections that never finish a
// request, in its head or in its body. Each request of a program is still answered
// within a second, and answers that are withheld stay so.
func TestSlowPeersShutNobodyOut(t *testing.T) {
	release := make(chan struct{})
	l := listen(t, "127.0.0.1:0", "", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/withheld" {
			<-release
		}
		_, _ = io.Copy(w, r.Body)
	}))
	withheld := make(chan error, 1)
	go func() {
		res, err := http.Get("http://" + l.Addr() + "/withheld")
		if err == nil {
			err = res.Body.Close()
		}
		withheld <- err
	}()
	slow := []string{
		"",
		"POST / HTTP/1.1\r\nHost: ",
		"POST / HTTP/1.1\r\nHost: " + l.Addr() + "\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
	}
	for i := range 1000 {
		conn, err := net.Dial("tcp", l.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, slow[i%len(slow)]); err != nil {
			t.Fatal(err)
		}
		if i%100 != 0 {
			continue
		}
		start := time.Now()
		if status, answer := ask(t, l, "hello", "Content-Type: application/json", "Connection: close"); status != 200 || answer != "hello" {
			t.Fatalf("with %d slow peers: %d %s", i+1, status, answer)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("with %d slow peers an answer took %v", i+1, took)
		}
	}
	close(release)
	if err := <-withheld; err != nil {
		t.Errorf("an answer that was withheld: %v", err)
	}
}

// TestABodyThatNeverEnds is cut off: the handler gets no more than one byte above
// the bound, and the connection ends.
func TestABodyThatNeverEnds(t *testing.T) {
	got := make(chan int, 1)
	l := listen(t, "127.0.0.1:0", "", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- len(body)
	}))
	conn, err := net.Dial("tcp", l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", l.Addr())
	part := fmt.Sprintf("%x\r\n%s\r\n", 1024, strings.Repeat("x", 1024))
	for range 80 {
		if _, err := io.WriteString(conn, part); err != nil {
			break
		}
	}
	if n := <-got; n != 64<<10+1 {
		t.Errorf("the handler got %d bytes", n)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || !res.Close {
		t.Errorf("the connection goes on: %v, %v", res.Header, err)
	}
}
