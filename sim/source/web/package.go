package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ocfsim/ocfsim/sim/source/depot"
)

// The headers of a package, beside those of RFC 9110. They are source.Remote's.
const (
	headerVersion = "Package-Version"
	headerDigest  = "Repr-Digest"  // RFC 9530
	headerFlaw    = "Package-Flaw" // what verifying the package would find
)

// fetch hands over a package, or the range of it that is asked for.
func (s *Server) fetch(w http.ResponseWriter, r *http.Request) {
	if q, ok := s.asked(w, r); ok {
		s.handOver(w, r, q)
	}
}

// handOver hands over the package that q asks for, or the range of it.
func (s *Server) handOver(w http.ResponseWriter, r *http.Request, q depot.Request) {
	asked := parseRange(r.Header.Get("Range"))
	q.From, q.Upto = asked.from, asked.upto
	t, ok := s.config.Depot.Fetch(r.Context(), q)
	if !ok {
		s.hangUp(r)
		return
	}
	d := delivery{Transfer: t, server: s, w: w, r: r, out: w, ranged: asked.present, suffix: asked.suffix}
	how := depot.WentAway
	defer func() { t.End(how) }()
	how = d.deliver()
}

// delivery is a package on its way over HTTP.
type delivery struct {
	*depot.Transfer
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	out    io.Writer // for the body
	ranged bool      // a range is asked for
	suffix int64     // the last bytes are asked for; 0: they are not
}

// deliver gives the answer and says how that ended.
func (d *delivery) deliver() depot.Ending {
	if !d.server.plain(d.w, d.r, d.Reply) {
		return endingOf(d.Reply)
	}
	if condition := d.r.Header.Get("If-Range"); condition != "" && condition != d.ETag() {
		d.ranged, d.suffix = false, 0
		d.Again()
	}
	if d.suffix > 0 && d.Upto >= 0 && !d.Unranged {
		d.From = max(d.Upto-d.suffix, 0)
	}
	d.ranged = d.ranged && !d.Unranged
	if d.ranged && d.From >= d.Announced {
		d.w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", d.Announced))
		http.Error(d.w, "there are no such bytes", http.StatusRequestedRangeNotSatisfiable)
		return depot.Answered
	}
	d.head()
	if d.r.Method == http.MethodHead {
		return depot.Answered
	}
	return d.body()
}

// endingOf is how the answer ends that a reply gives instead of the package.
func endingOf(r depot.Reply) depot.Ending {
	if r.Mute {
		return depot.Struck
	}
	return depot.Answered
}

// head writes the head of the answer.
func (d *delivery) head() {
	h := d.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Accept-Ranges", "bytes")
	h.Set("ETag", d.ETag())
	h.Set(headerVersion, d.Version)
	h.Set(headerDigest, d.Digest())
	if d.Flaw != "" {
		h.Set(headerFlaw, string(d.Flaw))
	}
	if d.Encoding != "" {
		h.Set("Content-Encoding", d.Encoding)
	}
	status, length := http.StatusOK, d.Announced
	if d.ranged {
		status, length = http.StatusPartialContent, d.Upto-d.From
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", d.From, d.Upto-1, d.Announced))
	}
	if d.Upto >= 0 { // what has no end says no length
		h.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	if d.ranged || d.Upto <= length {
		d.w.WriteHeader(status)
		_ = http.NewResponseController(d.w).Flush() // a strike at the first byte comes after the head
		return
	}
	d.lie(status, h)
}

// lie writes a head that announces less than leaves, which net/http would not do.
func (d *delivery) lie(status int, h http.Header) {
	conn, _, err := http.NewResponseController(d.w).Hijack()
	if err != nil {
		d.w.WriteHeader(http.StatusInternalServerError)
		return
	}
	d.out = conn
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nConnection: close\r\n", status, http.StatusText(status))
	_ = h.Write(conn) // a Device may go away, which the body finds out
	_, _ = io.WriteString(conn, "\r\n")
}

// chunk is how many bytes are written at a time.
const chunk = 16 << 10

// body writes the bytes of the package, until a strike ends them.
func (d *delivery) body() depot.Ending {
	for pos := d.From; d.Upto < 0 || pos < d.Upto; {
		upto := pos + chunk
		if d.Upto >= 0 {
			upto = min(upto, d.Upto)
		}
		s, at, struck := d.Next(pos, upto)
		if struck && at == pos {
			d.Strike(s)
			return d.stop(s)
		}
		if struck {
			upto = at
		}
		rate, upto := d.Pace(pos, upto)
		if rate > 0 {
			upto = min(upto, pos+max(1, rate/ticks))
		}
		if rate > 0 && !d.waits(time.Duration(upto-pos)*time.Second/time.Duration(rate)) || !d.send(pos, upto) {
			return depot.WentAway
		}
		pos = upto
	}
	return d.short()
}

// ticks is how often in a second bytes leave, where so many a second do, or less often.
const ticks = 10

// waits lets some time pass. It reports whether anybody still waits then.
func (d *delivery) waits(long time.Duration) bool {
	rest(d.r.Context(), long)
	return d.r.Context().Err() == nil
}

// send writes the bytes from and upto. It reports whether they left.
func (d *delivery) send(from, upto int64) bool {
	d.Sends(from, upto)
	_, err := d.out.Write(d.Bytes(from, int(upto-from)))
	if err == nil && d.out == io.Writer(d.w) {
		err = http.NewResponseController(d.w).Flush()
	}
	if err != nil {
		d.Unsent()
	}
	return err == nil
}

// stop ends the answer as a strike wants it, and says how it ended.
func (d *delivery) stop(s depot.Strike) depot.Ending {
	c, _ := d.r.Context().Value(connKey{}).(*counted)
	switch s.Does {
	case depot.Silence:
		rest(d.r.Context(), d.server.config.Depot.Silence())
		fallthrough
	case depot.Reset:
		if c != nil {
			hangUp(c.TCPConn)
		}
	default:
		d.close()
	}
	return depot.Struck
}

// close ends the connection in an orderly way, with what has been written.
func (d *delivery) close() {
	if conn, ok := d.out.(net.Conn); ok {
		_ = conn.Close()
		return
	}
	if conn, _, err := http.NewResponseController(d.w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// short ends an answer of which less, or more, left than was announced.
func (d *delivery) short() depot.Ending {
	if d.Upto == d.Announced || d.ranged {
		return depot.Answered
	}
	d.close()
	return depot.Struck
}

// span is a range that is asked for.
type span struct {
	present    bool
	from, upto int64 // upto 0: to the end
	suffix     int64 // so many last bytes; 0: it has a first byte
}

// parseRange reads a Range header of one range of bytes (RFC 9110 section 14.2). What
// else there may be is ignored, as a server may do.
func parseRange(header string) (s span) {
	text, ok := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(text, "-")
	if !ok || !dash || strings.Contains(text, ",") {
		return s
	}
	var err error
	if first == "" {
		s.suffix, err = strconv.ParseInt(last, 10, 64)
		s.present = err == nil && s.suffix > 0
		return s
	}
	if s.from, err = strconv.ParseInt(first, 10, 64); err != nil || s.from < 0 {
		return span{}
	}
	if last != "" {
		if s.upto, err = strconv.ParseInt(last, 10, 64); err != nil || s.upto < s.from {
			return span{}
		}
		s.upto++
	}
	s.present = true
	return s
}
