package conformance

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
)

// maxUnpacked bounds what a packed Timeline may unpack to, in bytes. The longest one of
// the built-in scenarios has less than a thousandth of it.
const maxUnpacked = 256 << 20

// unpacked reads r, and unpacks it if it is packed by gzip, whatever its name.
func unpacked(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReader(r)
	if head, _ := in.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return in, nil // an error of reading comes again
	}
	packed, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	return bufio.NewReader(&bounded{packed, maxUnpacked}), nil
}

// bounded is r, and an error where r has more than left bytes.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p[:min(len(p), b.left+1)])
	if n > b.left {
		return b.left, fmt.Errorf("unpacks to more than %d bytes", maxUnpacked)
	}
	b.left -= n
	return n, err
}
