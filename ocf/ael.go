package ocf

import (
	"math"
	"math/bits"
)

// AEL is a representation of /oic/sec/ael, the auditable events list.
type AEL struct {
	Events              []AuditEvent
	UsedSpace, MaxSpace uint32 // bytes
	CategoryFilter      uint16
	PriorityFilter      uint8
}

// AuditEvent is one entry of AEL.
type AuditEvent struct {
	Category uint16 // 1 access control, 2 onboarding, 4 device, 8 authentication
	Priority uint8
	Time     string // RFC 3339
	Message  string
}

// AELProperties is a set of properties of ael.
type AELProperties uint8

// The properties of ael that a Client may write.
const (
	AELCategoryFilter AELProperties = 1 << iota
	AELPriorityFilter

	aelAll = AELCategoryFilter | AELPriorityFilter
)

// Has reports whether every property of q is in p.
func (p AELProperties) Has(q AELProperties) bool { return p&q == q }

// AELUpdate is the payload of a POST to /oic/sec/ael; Set says what it carries.
type AELUpdate struct {
	Set            AELProperties
	CategoryFilter uint16
	PriorityFilter uint8
}

const wantSize = "unsigned integer 0 to 4294967295"

// AppendCBOR appends x's representation to dst, spaces in bytes.
// InterfaceBaseline adds rt and if.
func (x *AEL) AppendCBOR(dst []byte, iface Interface) []byte {
	dst = appendCommon(dst, 6, iface, []string{RTAEL}, []string{IfRW, IfBaseline})
	dst = AppendUint(AppendText(dst, "categoryfilter"), uint64(x.CategoryFilter))
	dst = AppendUint(AppendText(dst, "priorityfilter"), uint64(x.PriorityFilter))
	dst = AppendUint(AppendText(dst, "maxspace"), uint64(x.MaxSpace))
	dst = AppendUint(AppendText(dst, "usedspace"), uint64(x.UsedSpace))
	dst = AppendText(AppendText(dst, "unit"), "Byte")
	dst = AppendArray(AppendText(dst, "events"), len(x.Events))
	for _, e := range x.Events {
		dst = AppendUint(AppendText(AppendMap(dst, 4), "category"), uint64(e.Category))
		dst = AppendUint(AppendText(dst, "priority"), uint64(e.Priority))
		dst = AppendText(AppendText(dst, "timestamp"), e.Time)
		dst = AppendText(AppendText(dst, "message"), e.Message)
	}
	return dst
}

// AppendCBOR appends u as the payload of a POST to dst; it carries the
// properties of Set and no others.
func (u AELUpdate) AppendCBOR(dst []byte) []byte {
	dst = AppendMap(dst, bits.OnesCount8(uint8(u.Set&aelAll)))
	if u.Set.Has(AELCategoryFilter) {
		dst = AppendUint(AppendText(dst, "categoryfilter"), uint64(u.CategoryFilter))
	}
	if u.Set.Has(AELPriorityFilter) {
		dst = AppendUint(AppendText(dst, "priorityfilter"), uint64(u.PriorityFilter))
	}
	return dst
}

// DecodeAEL reads a representation of /oic/sec/ael as a Client sees it. It is
// as tolerant as DecodePstat.
func DecodeAEL(payload []byte) (AEL, []Problem, error) {
	var x AEL
	var r reader
	err := r.representation(payload, []field{
		wordField("categoryfilter", &x.CategoryFilter),
		uintField("priorityfilter", wantByte, math.MaxUint8, &x.PriorityFilter),
		uintField("maxspace", wantSize, math.MaxUint32, &x.MaxSpace),
		uintField("usedspace", wantSize, math.MaxUint32, &x.UsedSpace),
		r.list("events", "array of events", "", func(it item, at string) {
			if !r.isMap(it, at) {
				return
			}
			var e AuditEvent
			r.object(it, at+".", []field{
				wordField("category", &e.Category),
				uintField("priority", wantByte, math.MaxUint8, &e.Priority),
				textField("timestamp", &e.Time),
				opt(textField("message", &e.Message)),
			})
			x.Events = append(x.Events, e)
		}),
	})
	return x, r.problems, err
}

// DecodeAELUpdate reads the payload of a POST to /oic/sec/ael as a Device
// does. It is as strict as DecodePstatUpdate.
func DecodeAELUpdate(payload []byte) (AELUpdate, error) {
	var u AELUpdate
	err := readKnown(payload, []field{
		sets(wordField("categoryfilter", &u.CategoryFilter), &u.Set, AELCategoryFilter),
		sets(uintField("priorityfilter", wantByte, math.MaxUint8, &u.PriorityFilter), &u.Set, AELPriorityFilter),
	}, "events", "usedspace", "maxspace", "unit")
	if err != nil {
		return AELUpdate{}, err
	}
	return u, nil
}
