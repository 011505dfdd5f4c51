package reports

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"html/template"
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
	zip    *flate.Writer
	packed bytes.Buffer
}

// part says where a piece of HTML is packed: "picture-3.14" is the fifteenth of the fourth
// chunk of pictures.
type part string

// put packs what a template makes of data.
func (l *later) put(name string, data any) (part, error) {
	html, err := fragment(name, data)
	if err != nil {
		return "", err
	}
	return l.add(string(html))
}

// add packs a piece of HTML.
func (l *later) add(html string) (part, error) {
	if l.parts > 0 {
		l.plain.WriteString(partEnd)
	}
	if strings.Contains(html, partEnd) {
		return "", fmt.Errorf("a control character on the page, in %q", clip(html, 200))
	}
	l.plain.WriteString(html)
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
	if l.zip == nil {
		var err error
		if l.zip, err = flate.NewWriter(nil, flate.DefaultCompression); err != nil {
			return err
		}
	}
	l.packed.Reset()
	l.zip.Reset(&l.packed)
	if _, err := l.zip.Write(l.plain.Bytes()); err != nil {
		return err
	}
	if err := l.zip.Close(); err != nil {
		return err
	}
	l.chunks = append(l.chunks, chunk{l.name(), base64.StdEncoding.EncodeToString(l.packed.Bytes())})
	l.plain.Reset()
	l.parts = 0
	return nil
}

// fragment is what a template makes of data.
func fragment(name string, data any) (template.HTML, error) {
	t, err := pages()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return template.HTML(out.String()), nil
}
