package suit

import "fmt"

// Check names one thing that a Device checks of a package.
type Check string

// The checks, in the order in which a Device makes them.
const (
	CheckFormat     Check = "format"     // it can be read, and has nothing that Devices here do not know
	CheckSignature  Check = "signature"  // whoever signed is known, and signed these bytes
	CheckRevocation Check = "revocation" // the key of a signature has not been revoked
	CheckDelegation Check = "delegation" // as many keys as the root demands for this role have signed
	CheckExpiry     Check = "expiry"     // it is not past its time
	CheckRollback   Check = "rollback"   // it is not older than what the Device has seen or installed
	CheckDigest     Check = "digest"     // it is what the one who signed said it would be
	CheckSize       Check = "size"       // it is as long as the one who signed said it would be
	CheckModel      Check = "model"      // it is for Devices of this vendor and class
	CheckComponent  Check = "component"  // it is for a part that the Device has
	CheckDependency Check = "dependency" // it needs nothing that the Device does not have
	CheckBoot       Check = "boot"       // what was installed runs, and is the version that was promised
)

// Checks are the checks that a Device may leave out, in their order. Only CheckFormat is
// none of them: what can't be read can't be installed.
func Checks() []Check {
	return []Check{
		CheckSignature, CheckRevocation, CheckDelegation, CheckExpiry, CheckRollback, CheckDigest,
		CheckSize, CheckModel, CheckComponent, CheckDependency, CheckBoot,
	}
}

// Refusal is the error of a package, or of the metadata that offers it, that does not
// pass a check.
type Refusal struct {
	Check   Check
	Package string // the file: "lamp-1.0.1.suit", "timestamp.cbor"
	Why     string
}

// Error names the file, the check, and what is wrong.
func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s: %s", r.Package, r.Check, r.Why) }

// refuse is nil where the Device leaves the check out.
func (v *Verifier) refuse(check Check, file, format string, args ...any) error {
	if v.skips[check] {
		return nil
	}
	return &Refusal{Check: check, Package: file, Why: fmt.Sprintf(format, args...)}
}
