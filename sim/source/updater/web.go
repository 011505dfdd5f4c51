package updater

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Web gets files over HTTP or HTTPS. It follows no redirect: an answer from elsewhere is
// not one of the trusted source.
type Web struct {
	base   *url.URL
	client *http.Client
}

// firstByte is how long an answer may take to begin.
const firstByte = time.Minute

// NewWeb gets the files below base, "https://192.0.2.1:8443/packages". The source's
// certificate has to be one of roots; nil roots are those of the system.
func NewWeb(base string, roots *x509.CertPool) (*Web, error) {
	return newWeb(base, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
}

// NewCarelessWeb is NewWeb for Devices with a bug: any certificate will do.
func NewCarelessWeb(base string) (*Web, error) {
	return newWeb(base, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})
}

func newWeb(base string, config *tls.Config) (*Web, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("source %q: expected an http or https address", base)
	}
	return &Web{base: u, client: &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: config, DisableCompression: true,
			TLSHandshakeTimeout: 30 * time.Second, ResponseHeaderTimeout: firstByte,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close closes the connections that nobody uses.
func (w *Web) Close() { w.client.CloseIdleConnections() }

// Get implements Transport.
func (w *Web) Get(ctx context.Context, file string, from int64, tag string) (*Piece, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base.JoinPath(url.PathEscape(file)).String(), nil)
	if err != nil {
		return nil, err
	}
	return w.get(req, file, from, tag)
}

// get gets a file by a request for it.
func (w *Web) get(req *http.Request, file string, from int64, tag string) (*Piece, error) {
	if from > 0 && tag != "" { // without a tag nobody knows whether it is still the same file
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		req.Header.Set("If-Range", tag)
	}
	res, err := w.client.Do(req)
	if err != nil {
		return nil, err
	}
	p, err := pieceOf(res)
	if err != nil {
		_ = res.Body.Close()
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

// pieceOf is the piece that an answer brings.
func pieceOf(res *http.Response) (*Piece, error) {
	p := &Piece{ReadCloser: res.Body, Size: res.ContentLength, Tag: res.Header.Get("ETag")}
	if strings.HasPrefix(p.Tag, "W/") {
		p.Tag = "" // a weak tag does not say that the bytes are the same
	}
	if coding := res.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, fmt.Errorf("it is encoded as %s, which nobody asked for", coding)
	}
	switch res.StatusCode {
	case http.StatusOK:
		return p, nil
	case http.StatusPartialContent:
		var err error
		p.From, p.Size, err = contentRange(res.Header.Get("Content-Range"))
		return p, err
	case http.StatusNotFound, http.StatusGone:
		return nil, fs.ErrNotExist
	}
	return nil, errors.New(res.Status)
}

// contentRange reads "bytes 100-199/200": the first byte, and the size of the whole.
func contentRange(text string) (from, size int64, err error) {
	span, whole, ok := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	first, _, ranged := strings.Cut(span, "-")
	if ok && ranged {
		from, err = strconv.ParseInt(first, 10, 64)
		if err == nil {
			size, err = strconv.ParseInt(whole, 10, 64)
		}
	}
	if !ok || !ranged || err != nil || from < 0 || size < from {
		return 0, 0, fmt.Errorf("Content-Range %q: expected bytes FIRST-LAST/SIZE", text)
	}
	return from, size, nil
}
