package reports

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// chunkBytes is how much HTML a chunk holds before it is packed. Opening one scenario
// unpacks its chunk, so this bounds what a click costs; what lies further apart than
// 32 KB is packed no better together.
const chunkBytes = 192 << 10

// partEnd stands between the parts of a chunk. It stands in no part: what a Device or a
// file says has no control characters on the page.
const partEnd = "\x1e"

// chunk is HTML that the page holds packed: base64 of a deflate stream.
type chunk struct{ Name, Data string }

// Element returns c as an element. The template would escape the plus signs of base64,
// which a browser leaves as they are inside a script.
func (c chunk) Element() template.HTML {
	return template.HTML(fmt.Sprintf("<script type=\"application/octet-stream\" id=\"chunk-%s\">%s</script>", c.Name, c.Data))
}

// later collects what a page shows only when a reader gets there: HTML of one kind, because
// alike things that stand near each other take the least room. Its zero value is ready.
type later struct {
	kind   string // the first part of the names of its chunks
	chunks []chunk
	plain  bytes.Buffer // the chunk that is being filled
	parts  int          // in plain
	packer *packer      // may be shared by those of a page; nil: its own
}

// packer packs chunks. It takes most of a megabyte.
type packer struct {
	zip    *flate.Writer
	packed bytes.Buffer
}

// pack is plain as a chunk has it. Its memory is used again for the next.
func (p *packer) pack(plain []byte) ([]byte, error) {
	if p.zip == nil {
		var err error
		if p.zip, err = flate.NewWriter(nil, flate.DefaultCompression); err != nil {
			return nil, err
		}
	}
	p.packed.Reset()
	p.zip.Reset(&p.packed)
	if _, err := p.zip.Write(plain); err != nil {
		return nil, err
	}
	err := p.zip.Close()
	return p.packed.Bytes(), err
}

// part says where a piece of HTML is packed: "picture-3.14" is the fifteenth of the fourth
// chunk of pictures.
type part string

// put packs what a template makes of data.
func (l *later) put(name string, data any) (part, error) {
	from := l.begin()
	if err := execute(&l.plain, name, data); err != nil {
		return "", err
	}
	return l.end(from)
}

// add packs a piece of HTML.
func (l *later) add(html string) (part, error) {
	from := l.begin()
	l.plain.WriteString(html)
	return l.end(from)
}

// begin begins a part, and returns where in the chunk.
func (l *later) begin() int {
	if l.parts > 0 {
		l.plain.WriteString(partEnd)
	}
	return l.plain.Len()
}

// end ends the part that begins there.
func (l *later) end(from int) (part, error) {
	if html := l.plain.Bytes()[from:]; bytes.Contains(html, []byte(partEnd)) {
		return "", fmt.Errorf("a control character on the page, in %q", clip(string(html), 200))
	}
	at := part(fmt.Sprintf("%s.%d", l.name(), l.parts))
	l.parts++
	if l.plain.Len() < chunkBytes {
		return at, nil
	}
	return at, l.pack()
}

// name is that of the chunk that is being filled.
func (l *later) name() string { return fmt.Sprintf("%s-%d", l.kind, len(l.chunks)) }

// pack ends a chunk.
func (l *later) pack() error {
	if l.parts == 0 {
		return nil
	}
	if l.packer == nil {
		l.packer = &packer{}
	}
	packed, err := l.packer.pack(l.plain.Bytes())
	if err != nil {
		return err
	}
	l.chunks = append(l.chunks, chunk{l.name(), base64.StdEncoding.EncodeToString(packed)})
	l.plain.Reset()
	l.parts = 0
	return nil
}

// fragment is what a template makes of data.
func fragment(name string, data any) (template.HTML, error) {
	var out strings.Builder
	if err := execute(&out, name, data); err != nil {
		return "", err
	}
	return template.HTML(out.String()), nil
}

// execute writes what a template makes of data to w.
func execute(w io.Writer, name string, data any) error {
	t, err := pages()
	if err == nil {
		err = t.ExecuteTemplate(w, name, data)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
