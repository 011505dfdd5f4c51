package suit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Image is what a manifest says of the image for one component.
type Image struct {
	Component ComponentID
	VendorID  []byte // whose Devices it is for; nil where the manifest does not ask
	ClassID   []byte // which Devices of the vendor; nil where the manifest does not ask
	Digest    Digest
	Size      uint64 // bytes
	URI       string // where it is fetched from, relative to the envelope; "" where it is not
	Content   []byte // the image itself, where the manifest has it
}

// Images carries the manifest's sequences out as far as a Device can before it fetches
// anything: what they say of each component, in the order of Components. A command that
// Devices here do not know is an error.
func (m *Manifest) Images() ([]Image, error) {
	p := plan{images: make([]Image, len(m.Components)), current: []uint64{0}}
	for i, id := range m.Components {
		p.images[i].Component = id
	}
	for _, part := range []struct {
		name string
		seq  Sequence
	}{{"shared sequence", m.Shared}, {"payload-fetch", m.Fetch}, {"install", m.Install}, {"validate", m.Validate}} {
		if err := p.run(part.seq); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return p.images, nil
}

// plan is what a manifest's commands have said so far.
type plan struct {
	images  []Image
	current []uint64 // the components that commands are about
}

func (p *plan) run(seq Sequence) error {
	for i := range seq {
		if err := p.do(&seq[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) do(cmd *Command) error {
	switch cmd.Code {
	case SetComponentIndex:
		p.choose(cmd)
	case OverrideParameters:
		for _, i := range p.current {
			if i >= uint64(len(p.images)) {
				return fmt.Errorf("component %d: there are %d", i, len(p.images))
			}
			if err := p.images[i].set(cmd.Parameters); err != nil {
				return err
			}
		}
	case RunSequence:
		return p.run(cmd.Sequences[0])
	case VendorIdentifier, ClassIdentifier, ImageMatch, Fetch, Write, Invoke:
		// Verifier and the updater do these in an order of their own, on what is set.
	default:
		return fmt.Errorf("command %d: Devices here do not know it", cmd.Code)
	}
	return nil
}

// choose sets the components that the commands from now on are about.
func (p *plan) choose(cmd *Command) {
	p.current = cmd.Components
	if cmd.All {
		p.current = p.current[:0:0]
		for i := range p.images {
			p.current = append(p.current, uint64(i))
		}
	}
}

// set takes over the parameters that are given.
func (im *Image) set(p *Parameters) error {
	if p.VendorID != nil {
		im.VendorID = p.VendorID
	}
	if p.ClassID != nil {
		im.ClassID = p.ClassID
	}
	if p.Size != nil {
		im.Size = *p.Size
	}
	if p.URI != "" {
		im.URI = p.URI
	}
	if p.Content != nil {
		im.Content = p.Content
	}
	if p.Digest != nil {
		if err := newCodec().dec.Unmarshal(p.Digest, &im.Digest); err != nil {
			return fmt.Errorf("image digest: %w", err)
		}
	}
	return nil
}

// Version is a version as dotted numbers, "1.0.1", in the form of the manifest member
// set-version (draft-ietf-suit-update-management).
type Version []int64

// ParseVersion reads 1 to 4 numbers with dots between them.
func ParseVersion(s string) (Version, error) {
	words := strings.Split(s, ".")
	v := make(Version, len(words))
	for i, w := range words {
		n, err := strconv.ParseUint(w, 10, 32)
		if err != nil || len(words) > 4 {
			return nil, fmt.Errorf("version %q: expected numbers with dots between them, such as 1.0.1", s)
		}
		v[i] = int64(n)
	}
	return v, nil
}

// String is the numbers with dots between them.
func (v Version) String() string {
	words := make([]string, len(v))
	for i, n := range v {
		words[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(words, ".")
}

// before is the version two before v, by its last number, or as far as that goes.
func (v Version) before() Version {
	older := slices.Clone(v)
	older[len(older)-1] = max(older[len(older)-1]-2, 0)
	return older
}

// imageMagic begins every image of a virtual Device.
const imageMagic = "ocfsim image\n"

// ErrImage says that bytes are not the image of a virtual Device.
var ErrImage = errors.New("it does not begin as the image of a virtual Device does")

// Software is the image of a virtual Device as the Device sees it when it boots.
type Software struct {
	Version string `cbor:"1,keyasint"`
	Fails   bool   `cbor:"2,keyasint,omitempty"` // its self-test fails: it does not run
}

// Encode is the image as bytes: what it is, and then filler up to size bytes. A size
// that is too small for the beginning is raised.
func (s Software) Encode(size int) []byte {
	head := append([]byte(imageMagic), newCodec().encode(s)...)
	if size <= len(head) {
		return head
	}
	return append(head, filler(s.Version, size-len(head))...)
}

// ParseSoftware reads the beginning of an image.
func ParseSoftware(image []byte) (Software, error) {
	rest, ok := bytes.CutPrefix(image, []byte(imageMagic))
	if !ok {
		return Software{}, ErrImage
	}
	var s Software
	if _, err := newCodec().dec.UnmarshalFirst(rest, &s); err != nil {
		return s, fmt.Errorf("%w: %w", ErrImage, err)
	}
	return s, nil
}
