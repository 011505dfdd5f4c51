package fleet

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/ocfsim/ocfsim/ocf"
)

// identity returns the di of Device i: a uuid of version 8 (RFC 9562) that is made
// from the fleet's seed, so that the Device keeps it over restarts.
func (sh *shard) identity(i int) ocf.UUID {
	var name [24]byte
	copy(name[:], "ocfsim")
	binary.BigEndian.PutUint64(name[8:], sh.seed)
	binary.BigEndian.PutUint64(name[16:], uint64(sh.first+i))
	sum := sha256.Sum256(name[:])
	id := ocf.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// seedOf is what everything random about Device i derives from.
func (sh *shard) seedOf(i int) uint64 { return sh.seed + uint64(sh.first+i) }
