package suit

import (
	"crypto/sha256"
	"errors"
	"path"
)

// Opened is a package whose envelope has passed its checks.
type Opened struct {
	File     string // of the envelope
	Sequence uint64
	Version  Version
	Image    Image // to be fetched from ImageFile
}

// ImageFile is the image's file, beside that of the envelope. A URI that leads elsewhere
// is not followed: it is taken for a file of that name.
func (o *Opened) ImageFile() string { return path.Base(o.Image.URI) }

// Open checks the envelope of the package that Offer named: everything that can be
// checked before the image is fetched.
func (v *Verifier) Open(file string, data []byte) (*Opened, error) {
	p, ok := v.targets.Packages[file]
	if !ok {
		return nil, &Refusal{Check: CheckFormat, Package: file, Why: "the targets do not name it"}
	}
	if err := v.checkFile(file, data, p.Size, p.Digest); err != nil {
		return nil, err
	}
	e, m, im, err := readPackage(data)
	if err != nil {
		return nil, &Refusal{Check: CheckFormat, Package: file, Why: err.Error()}
	}
	if err := e.VerifyDigest(); err != nil {
		if err := v.refuse(CheckSignature, file, "%v", err); err != nil {
			return nil, err
		}
	}
	if err := v.checkSigned(file, RoleTargets, e.signed, e.Signatures); err != nil {
		return nil, err
	}
	if err := v.checkRollback(file, m.Sequence); err != nil {
		return nil, err
	}
	if err := v.checkDependency(file, m); err != nil {
		return nil, err
	}
	if err := v.checkComponent(file, im.Component); err != nil {
		return nil, err
	}
	if err := v.checkModel(file, im); err != nil {
		return nil, err
	}
	return &Opened{File: file, Sequence: m.Sequence, Version: m.Version, Image: *im}, nil
}

// readPackage reads an envelope, its manifest, and the one image that it is about.
func readPackage(data []byte) (*Envelope, *Manifest, *Image, error) {
	e, err := ParseEnvelope(data)
	if err != nil {
		return nil, nil, nil, err
	}
	m, err := ParseManifest(e.Manifest)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := m.Rejoin(e.Severed); err != nil {
		return nil, nil, nil, err
	}
	images, err := m.Images()
	switch {
	case err != nil:
		return nil, nil, nil, err
	case len(m.Unknown) > 0:
		return nil, nil, nil, errors.New("the manifest has members that Devices here do not know")
	case len(images) != 1:
		return nil, nil, nil, errors.New("it is not about exactly one component")
	case images[0].URI == "":
		return nil, nil, nil, errors.New("it does not say where the image is")
	case len(m.Version) == 0:
		return nil, nil, nil, errors.New("it does not say its version")
	}
	return e, m, &images[0], nil
}

// CheckImageSize checks how long an image is announced to be, before it is fetched.
func (v *Verifier) CheckImageSize(o *Opened, size int64) error {
	return v.checkSize(o.ImageFile(), size, int64(o.Image.Size))
}

// CheckImage checks an image that was fetched, by its size and its SHA-256.
func (v *Verifier) CheckImage(o *Opened, size int64, sum [sha256.Size]byte) error {
	if err := v.CheckImageSize(o, size); err != nil {
		return err
	}
	return v.checkDigest(o.ImageFile(), o.Image.Digest.Matches(sum))
}

// Confirm checks what has booted, by the beginning of its image, and takes it for
// installed. It returns the version that runs. After a Refusal what was installed before
// goes on running.
func (v *Verifier) Confirm(o *Opened, image []byte) (string, error) {
	s, err := ParseSoftware(image)
	if err := v.checkBoot(o.ImageFile(), s, err, o.Version); err != nil {
		return "", err
	}
	v.sequence = o.Sequence
	return s.Version, nil
}
