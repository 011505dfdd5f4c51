package suit

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Files are what a source serves, by name. Each is opaque to whoever serves it.
type Files map[string][]byte

// VendorConfig says how to make a Vendor. Model is required.
type VendorConfig struct {
	Model     Model
	Algorithm Algorithm     // 0: ESP256
	Threshold int           // how many keys sign each package and the targets; 0: 1
	Fresh     time.Duration // how long a timestamp counts; 0: a day. Targets and root count 30 times as long
}

// Vendor signs packages and what goes with them. It belongs to one goroutine at a time.
type Vendor struct {
	config  VendorConfig
	keys    map[Role][]*Signer
	revoked []*Signer
	roots   Files  // every version of the root
	version uint64 // of the root
	expires int64  // when the root does, in seconds since 1970
	count   uint64 // of publications
}

// NewVendor makes fresh keys and the first root, which counts from now on.
func NewVendor(c VendorConfig, now time.Time) (*Vendor, error) {
	if c.Algorithm == 0 {
		c.Algorithm = ESP256
	}
	c.Threshold = max(c.Threshold, 1)
	if c.Fresh == 0 {
		c.Fresh = 24 * time.Hour
	}
	v := &Vendor{config: c, keys: map[Role][]*Signer{}, roots: Files{}}
	for role, n := range map[Role]int{RoleRoot: 1, RoleTimestamp: 1, RoleTargets: c.Threshold} {
		for range n {
			s, err := GenerateSigner(c.Algorithm)
			if err != nil {
				return nil, fmt.Errorf("key for %s: %w", role, err)
			}
			v.keys[role] = append(v.keys[role], s)
		}
	}
	return v, v.newRoot(now, v.keys[RoleRoot])
}

// Model is the model that the vendor makes.
func (v *Vendor) Model() Model { return v.config.Model }

// Publications is how often the vendor has published.
func (v *Vendor) Publications() uint64 { return v.count }

// Root is the newest root, which Devices are made with.
func (v *Vendor) Root() []byte { return v.roots[RootFile(v.version)] }

// newRoot writes the next version of the root, signed by these keys.
func (v *Vendor) newRoot(now time.Time, signers []*Signer) error {
	r := root{
		head:  head{Role: RoleRoot, Version: v.version + 1, Expires: now.Add(30 * v.config.Fresh).Unix()},
		Roles: map[Role]delegation{},
	}
	for _, role := range []Role{RoleRoot, RoleTimestamp, RoleTargets} {
		d := delegation{Threshold: 1}
		if role == RoleTargets {
			d.Threshold = v.config.Threshold
		}
		for _, s := range v.keys[role] {
			d.Keys = append(d.Keys, []byte(s.Key().ID()))
			r.Keys = append(r.Keys, s.Key().der)
		}
		r.Roles[role] = d
	}
	for _, s := range v.revoked {
		r.Revoked = append(r.Revoked, []byte(s.Key().ID()))
		r.Keys = append(r.Keys, s.Key().der)
	}
	data, err := newCodec().sign(r, signers)
	if err != nil {
		return err
	}
	v.version++
	v.expires = r.Expires
	v.roots[RootFile(v.version)] = data
	return nil
}

// Revoke replaces the first key that signs packages by a fresh one, in a new version of
// the root. Devices that have the new root accept nothing that the old key has signed.
func (v *Vendor) Revoke(now time.Time) error {
	s, err := GenerateSigner(v.config.Algorithm)
	if err != nil {
		return err
	}
	v.revoked = append(v.revoked, v.keys[RoleTargets][0])
	v.keys[RoleTargets] = append([]*Signer{s}, v.keys[RoleTargets][1:]...)
	return v.newRoot(now, v.keys[RoleRoot])
}

// renew replaces a root that is past its time.
func (v *Vendor) renew(now time.Time) error {
	if now.Unix() < v.expires {
		return nil
	}
	return v.newRoot(now, v.keys[RoleRoot])
}

// Publish is everything that a source serves so that Devices find these releases: the
// roots, a timestamp, the targets, and each release's envelope and image. A root that is
// past its time is replaced.
func (v *Vendor) Publish(now time.Time, releases ...Release) (Files, error) {
	if err := v.renew(now); err != nil {
		return nil, err
	}
	p := v.publication(now)
	for _, r := range releases {
		if err := p.add(r, v.keys[RoleTargets]); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	return p.sign()
}

// publication is a set of files before the metadata is signed. A flaw changes it.
type publication struct {
	vendor    *Vendor
	timestamp timestamp
	targets   targets
	files     Files // roots, envelopes and images

	signTimestamp, signTargets []*Signer
	mixes                      bool // the timestamp names other targets than there are
}

// publication begins the next one.
func (v *Vendor) publication(now time.Time) *publication {
	v.count++
	at := func(role Role, times time.Duration) head {
		return head{Role: role, Version: v.count, Expires: now.Add(times * v.config.Fresh).Unix()}
	}
	return &publication{
		vendor:    v,
		timestamp: timestamp{head: at(RoleTimestamp, 1), Targets: v.count},
		targets:   targets{head: at(RoleTargets, 30), Packages: map[string]Package{}},
		files:     maps.Clone(v.roots),

		signTimestamp: v.keys[RoleTimestamp],
		signTargets:   v.keys[RoleTargets],
	}
}

// add adds a release whose envelope these keys sign.
func (p *publication) add(r Release, signers []*Signer) error {
	envelope, err := Seal(r.Manifest(), signers...)
	if err != nil {
		return err
	}
	p.files[r.ImageFile()] = slices.Clone(r.Image)
	p.list(r, envelope)
	return nil
}

// list has the targets name an envelope as one of the release, for the vendor's model.
func (p *publication) list(r Release, envelope []byte) {
	p.files[r.EnvelopeFile()] = envelope
	p.targets.Packages[r.EnvelopeFile()] = Package{
		ClassID: p.vendor.config.Model.ClassID[:], Version: r.Version, Sequence: r.Sequence,
		Size: int64(len(envelope)), Digest: DigestOf(envelope),
	}
}

// sign writes the metadata.
func (p *publication) sign() (Files, error) {
	c := newCodec()
	data, err := c.sign(p.targets, p.signTargets)
	if err != nil {
		return nil, err
	}
	p.files[TargetsFile] = data
	p.timestamp.Size, p.timestamp.Digest = int64(len(data)), DigestOf(data)
	if p.mixes {
		p.timestamp.Digest = DigestOf(nil)
	}
	if p.files[TimestampFile], err = c.sign(p.timestamp, p.signTimestamp); err != nil {
		return nil, err
	}
	return p.files, nil
}
