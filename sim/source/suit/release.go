package suit

import (
	"crypto/sha1" // RFC 9562 makes UUIDs of version 5 with it
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
)

// Model is a kind of Device: whose it is, which one, and the part of it that packages
// are for. VendorID and ClassID are UUIDs.
type Model struct {
	VendorID, ClassID [16]byte
	Component         ComponentID
}

// dnsSpace is the name space of domain names, RFC 9562, appendix A.
var dnsSpace = [16]byte{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}

// NewModel makes the identifiers as draft-ietf-suit-manifest recommends: the vendor's is
// the UUID of its domain, and the class's that of the model's name within the vendor's.
func NewModel(domain, model string) Model {
	vendor := uuid5(dnsSpace, domain)
	return Model{VendorID: vendor, ClassID: uuid5(vendor, model), Component: NewComponentID("firmware")}
}

// Virtual is the model of the virtual Devices that ocfsim runs.
func Virtual() Model { return NewModel("ocfsim.example", "virtual Device") }

// uuid5 is the UUID of a name, RFC 9562, section 5.5.
func uuid5(space [16]byte, name string) [16]byte {
	h := sha1.New()
	h.Write(space[:])
	_, _ = io.WriteString(h, name) // a hash never fails
	var id [16]byte
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Release is one version of a model's software, before it is signed.
type Release struct {
	Model    Model
	Name     string  // of the package; its files are Name.suit and Name.bin
	Version  Version // for people, and for the Device to confirm after it has booted
	Sequence uint64  // must be above that of the release before it
	Image    []byte

	Size       int64 // as the manifest says it; 0: that of Image
	Dependency bool  // the manifest wants another one beside it
}

// NewRelease is a release with an image of size bytes.
func NewRelease(m Model, name, version string, sequence uint64, size int) (Release, error) {
	v, err := ParseVersion(version)
	if err != nil {
		return Release{}, fmt.Errorf("release %s: %w", name, err)
	}
	return Release{
		Model: m, Name: name, Version: v, Sequence: sequence,
		Image: Software{Version: v.String()}.Encode(size),
	}, nil
}

// EnvelopeFile is the name of the package's envelope, and ImageFile that of its image,
// which stand side by side.
func (r Release) EnvelopeFile() string { return r.Name + ".suit" }

// ImageFile is the name of the package's image.
func (r Release) ImageFile() string { return r.Name + ".bin" }

// Manifest is the CBOR of the release's manifest.
func (r Release) Manifest() []byte {
	c := newCodec()
	size := uint64(len(r.Image))
	if r.Size != 0 {
		size = uint64(r.Size)
	}
	const report = 15 // tell of success and of failure
	shared := []any{
		OverrideParameters,
		Parameters{
			VendorID: r.Model.VendorID[:], ClassID: r.Model.ClassID[:],
			Digest: c.encode(DigestOf(r.Image)), Size: &size,
		},
		VendorIdentifier, report,
		ClassIdentifier, report,
	}
	install := []any{
		OverrideParameters,
		Parameters{URI: r.ImageFile()},
		Fetch, report,
		ImageMatch, report,
	}
	common := commonForm{Components: []ComponentID{r.Model.Component}, Shared: c.encode(shared)}
	if r.Dependency {
		common.Dependencies = dependencies(c)
	}
	return c.encode(manifestForm{
		Version: manifestVersion, Sequence: r.Sequence,
		SetVersion: c.encode(r.Version),
		Common:     c.encode(common),
		Validate:   c.encode([]any{ImageMatch, report}),
		Invoke:     c.encode([]any{Invoke, 2}),
		Install:    c.encode(c.encode(install)),
	})
}

// filler looks random and is always the same for one version.
func filler(version string, size int) []byte {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte(version))).Read(data) // it never fails
	return data
}
