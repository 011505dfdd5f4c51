package depot

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/ocfsim/ocfsim/sim/source"
)

// Release is one version of the software as a package, or a file that goes with it.
type Release struct {
	Name    string // of the file, the last part of its path
	Version string
	Content []byte
	Part    Part
	Flaw    string // what is wrong with the package, or with what goes with it; "" for nothing

	replaced bool // it stands in another one's place
}

// Part is what a file of a Release is for.
type Part uint8

// The parts of a release.
const (
	Package Part = iota // what is installed
	Offer               // what a Device asks for to learn whether something newer is on offer
	Beside              // what goes with either: no question to the source
)

// Shelf is what a source serves when it has more than packages. It is asked whenever the
// conditions change: whether something newer is on offer, and whether that is to be flawed.
type Shelf func(newer, flawed bool) ([]Release, error)

// made ends the names of packages that the depot makes up itself: 1.0.1.bin.
const made = ".bin"

// longest is how many bytes a name or a version has at most.
const longest = 64

// Make makes up the package of a version: size bytes that are always the same for it.
func Make(version string, size int64) Release {
	content, _ := io.ReadAll(source.Content(version, size)) // neither side can fail
	return Release{Name: version + made, Version: version, Content: content}
}

// Sum is the package's SHA-256.
func (r *Release) Sum() [sha256.Size]byte { return sha256.Sum256(r.Content) }

// Digest is the package's SHA-256 as RFC 9530 writes it.
func (r *Release) Digest() string {
	sum := r.Sum()
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// Tag is the package's entity tag: eight bytes that tell it from others.
func (r *Release) Tag() []byte {
	sum := r.Sum()
	return sum[:8]
}

// ETag is Tag as HTTP writes it.
func (r *Release) ETag() string { return `"` + hex.EncodeToString(r.Tag()) + `"` }

// other is the package that stands in r's place after Replace: of the same name and
// version, and of other bytes.
func (r *Release) other() Release {
	o := *r
	o.Content = bytes.Clone(r.Content)
	mask := byte(0x55)
	if r.replaced {
		mask = 0x2a // what takes the place of a package that was replaced is not the first one again
	}
	o.replaced = true
	for i := range o.Content {
		o.Content[i] ^= mask
	}
	return o
}

// ParseRelease reads VERSION=FILE or FILE, whose version is then 1.0.1, with the
// content that read returns.
func ParseRelease(text string, read func(file string) ([]byte, error)) (Release, error) {
	version, file, named := strings.Cut(text, "=")
	if !named {
		version, file = "1.0.1", text
	}
	name := filepath.Base(file)
	if !nameable(version) || !nameable(name) {
		return Release{}, fmt.Errorf("release %q: expected VERSION=FILE of letters, digits, dots, - and _, at most %d each", text, longest)
	}
	content, err := read(file)
	if err != nil {
		return Release{}, fmt.Errorf("release: %w", err)
	}
	if len(content) == 0 {
		return Release{}, fmt.Errorf("release %s: the file is empty", file)
	}
	return Release{Name: name, Version: version, Content: content}, nil
}

// nameable reports whether text can stand in a path, and means nothing else there.
func nameable(text string) bool {
	for _, c := range text {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+", c) {
			return false
		}
	}
	return text != "" && len(text) <= longest && strings.Trim(text, ".") != ""
}
