package ocf

import (
	"math"
	"math/bits"
	"net/url"
	"strings"
	"time"
)

// The resource of scheduled software updates. The standard leaves its path free; this is
// the one that IoTivity-Lite and plgd use.
const (
	PathSoftwareUpdate = "/oc/swu"
	RTSoftwareUpdate   = "oic.r.softwareupdate"
)

// The values of swupdateaction: what is scheduled.
const (
	ActionIdle    = "idle"    // nothing
	ActionCheck   = "isac"    // a software availability check, NSA in tm
	ActionVerify  = "isvv"    // a software version validation, SVV in tm
	ActionUpgrade = "upgrade" // a secure software update, SSU in tm
)

// The values of swupdatestate.
const (
	StateIdle      = "idle"      // waits for updates
	StateNew       = "nsa"       // new software is available
	StateVerifying = "svv"       // software version validation runs
	StateVerified  = "sva"       // a validated package is here
	StateUpgrading = "upgrading" // secure software update runs
)

// UpdateResult is swupdateresult: how the last process ended.
type UpdateResult uint8

// The values of swupdateresult.
const (
	ResultIdle UpdateResult = iota
	ResultSuccess
	ResultNoRAM
	ResultNoFlash
	ResultNoConnection
	ResultNotValid // the validation of the software version failed
	ResultBadURL
	ResultBadProtocol // of the URL
	ResultFailed      // the update failed
)

// MaxUpdateText is the longest text of a property of oic.r.softwareupdate, in characters.
const MaxUpdateText = 64

// SoftwareUpdateProperties is a set of properties of oic.r.softwareupdate.
type SoftwareUpdateProperties uint8

// The properties of oic.r.softwareupdate besides the common ones.
const (
	UpdateURL SoftwareUpdateProperties = 1 << iota
	UpdateAction
	UpdateTime
	UpdateState
	UpdateResultCode
	UpdateNewVersion
	UpdateLast
	UpdateSigned

	// UpdateWritable is what a Client may write; a POST carries all of it.
	UpdateWritable = UpdateURL | UpdateAction | UpdateTime
	// UpdateRequired is what every representation carries.
	UpdateRequired = UpdateWritable | UpdateState | UpdateResultCode
)

// Has reports whether every property of q is in p.
func (p SoftwareUpdateProperties) Has(q SoftwareUpdateProperties) bool { return p&q == q }

// SoftwareUpdate is a representation of oic.r.softwareupdate, and the payload of a POST to
// it. Present says which properties it carried with the right type.
type SoftwareUpdate struct {
	URL        string       // purl: where the package is
	Action     string       // swupdateaction
	Time       string       // updatetime: when Action is to begin, as RFC 3339 has it
	State      string       // swupdatestate
	Result     UpdateResult // swupdateresult
	NewVersion string       // nv: of the software that is available
	Last       string       // lastupdate: the time of the last update, as RFC 3339 has it
	Signed     string       // signed: "vendor"
	Present    SoftwareUpdateProperties
}

// AppendCBOR appends x's representation to dst, with the properties of Present.
// InterfaceBaseline adds rt and if.
func (x SoftwareUpdate) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, bits.OnesCount8(uint8(x.Present)), iface, []string{RTSoftwareUpdate}, []string{IfRW, IfBaseline})
	return x.appendPairs(dst)
}

// AppendUpdate appends x as the payload of a POST to dst, with the properties of Present.
func (x SoftwareUpdate) AppendUpdate(dst []byte) []byte {
	return x.appendPairs(AppendMap(dst, bits.OnesCount8(uint8(x.Present))))
}

func (x SoftwareUpdate) appendPairs(dst []byte) []byte {
	for _, p := range [...]struct {
		bit         SoftwareUpdateProperties
		name, value string
	}{
		{UpdateNewVersion, "nv", x.NewVersion},
		{UpdateURL, "purl", x.URL},
		{UpdateAction, "swupdateaction", x.Action},
		{UpdateState, "swupdatestate", x.State},
		{UpdateResultCode, "swupdateresult", ""},
		{UpdateLast, "lastupdate", x.Last},
		{UpdateSigned, "signed", x.Signed},
		{UpdateTime, "updatetime", x.Time},
	} {
		switch {
		case !x.Present.Has(p.bit):
		case p.bit == UpdateResultCode:
			dst = AppendUint(AppendText(dst, p.name), uint64(x.Result))
		default:
			dst = AppendText(AppendText(dst, p.name), p.value)
		}
	}
	return dst
}

// DecodeSoftwareUpdate reads a representation of oic.r.softwareupdate as a Client sees
// it. It is as tolerant as DecodePstat.
func DecodeSoftwareUpdate(payload []byte) (SoftwareUpdate, []Problem, error) {
	var x SoftwareUpdate
	problems, err := readObject(payload, append(x.written(),
		sets(wordOf("swupdatestate", &x.State, StateIdle, StateNew, StateVerifying, StateVerified, StateUpgrading), &x.Present, UpdateState),
		sets(uintField("swupdateresult", wantByte, math.MaxUint8, &x.Result), &x.Present, UpdateResultCode),
		opt(sets(shortField("nv", wantShort, &x.NewVersion, anyText), &x.Present, UpdateNewVersion)),
		opt(sets(shortField("lastupdate", wantTime, &x.Last, isTime), &x.Present, UpdateLast)),
		opt(sets(wordOf("signed", &x.Signed, "vendor"), &x.Present, UpdateSigned)),
	))
	return x, problems, err
}

// DecodeSoftwareUpdatePost reads the payload of a POST to oic.r.softwareupdate as a
// Device does. It is as strict as DecodePstatUpdate, and whether all that has to be there
// is there, Present says.
func DecodeSoftwareUpdatePost(payload []byte) (SoftwareUpdate, error) {
	var x SoftwareUpdate
	err := readKnown(payload, x.written(), "nv", "swupdatestate", "swupdateresult", "lastupdate", "signed")
	if err != nil {
		return SoftwareUpdate{}, err
	}
	return x, nil
}

// written are the properties that a Client may write.
func (x *SoftwareUpdate) written() []field {
	return []field{
		sets(shortField("purl", wantURL, &x.URL, isURL), &x.Present, UpdateURL),
		sets(wordOf("swupdateaction", &x.Action, ActionIdle, ActionCheck, ActionVerify, ActionUpgrade), &x.Present, UpdateAction),
		sets(shortField("updatetime", wantTime, &x.Time, isTime), &x.Present, UpdateTime),
	}
}

const (
	wantShort = "text string of at most 64 characters"
	wantURL   = "URL of at most 64 characters"
	wantTime  = "time of RFC 3339"
)

// shortField reads a text string of at most MaxUpdateText characters that fits into to.
func shortField(name, want string, to *string, fits func(string) bool) field {
	return field{name: name, want: want, read: func(it item) bool {
		text, ok := it.text()
		if !ok || len([]rune(string(text))) > MaxUpdateText || !fits(string(text)) {
			return false
		}
		*to = string(text)
		return true
	}}
}

func anyText(string) bool { return true }

// isURL reports whether s is a URI with a scheme.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && !strings.ContainsAny(s, " \t\r\n")
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}
