package suit

import (
	"errors"
	"io/fs"
	"time"
)

// Getter fetches a file from the source, of which it reads at most one byte more than
// most. A file that the source does not have is fs.ErrNotExist.
type Getter func(file string, most int64) ([]byte, error)

// maxRoots is how many versions of the root a Device goes through at once.
const maxRoots = 32

// Check asks the source what there is: it takes over the newest metadata and opens the
// package that is on offer, nil if there is nothing newer. An error is a *Refusal, or
// that of get. now is the Device's time.
func (v *Verifier) Check(get Getter, now time.Time) (*Opened, error) {
	if err := v.refreshRoot(get); err != nil {
		return nil, err
	}
	data, err := get(TimestampFile, maxMetadata)
	if err != nil {
		return nil, err
	}
	if err := v.AddTimestamp(data, now); err != nil {
		return nil, err
	}
	if data, err = get(TargetsFile, min(max(v.timestamp.Size, 0), maxMetadata)); err != nil {
		return nil, err
	}
	if err := v.AddTargets(data, now); err != nil {
		return nil, err
	}
	file, p, ok := v.Offer()
	if !ok {
		return nil, nil
	}
	if data, err = get(file, min(max(p.Size, 0), maxEnvelope)); err != nil {
		return nil, err
	}
	return v.Open(file, data)
}

// refreshRoot goes from root to root up to the newest.
func (v *Verifier) refreshRoot(get Getter) error {
	for range maxRoots {
		data, err := get(v.NextRoot(), maxMetadata)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := v.AddRoot(data); err != nil {
			return err
		}
	}
	return &Refusal{Check: CheckFormat, Package: v.NextRoot(), Why: "the roots do not end"}
}
