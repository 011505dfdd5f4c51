package source

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
)

// MaxSize is the size of the largest package, in bytes.
const MaxSize = 64 << 20

// Content is a package that is made up: size bytes that look random and are always the
// same for one version.
func Content(version string, size int64) io.Reader { return content(version, size) }

// content is a package: size bytes that look random and are always the same
// for one version.
func content(version string, size int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8(sha256.Sum256([]byte(version))), size)
}

// digest is the SHA-256 of a package's content.
func digest(version string, size int64) [sha256.Size]byte {
	h := sha256.New()
	_, _ = io.Copy(h, content(version, size)) // neither side can fail
	return [sha256.Size]byte(h.Sum(nil))
}
