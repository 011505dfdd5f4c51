package sim

import (
	"fmt"
	"strings"

	"github.com/ocfsim/ocfsim/ocf"
)

// Why says in words why the Device refused ev, a Post or a Delete that it answered with
// code. It asks no hook and changes nothing, so a Device behaves the same whether or not
// anybody wants to know. It is "" where no rule of the reference refuses such a request:
// then a quirk did.
func (d *Device) Why(ev *Event, code uint8) string {
	r := &ev.Request
	switch code {
	case notFound:
		return "the Device has no such resource"
	case methodNotAllowed:
		return r.Path + " does not take this method"
	case unauthorized, forbidden:
		return d.whyDenied(r)
	case unsupportedFormat:
		return "the payload has another format than CBOR"
	case badRequest:
		return d.whyBad(ev)
	}
	return ""
}

// whyDenied says whom the Device has denied the request.
func (d *Device) whyDenied(r *Request) string {
	switch {
	case !d.secured():
		return ""
	case d.trust.doc != 0 && r.Via.Session != d.trust.doc && d.dos == ocf.RFOTM:
		return "an owner transfer is under way, and this Client is not the one who makes it"
	case r.Via.Session == 0:
		return fmt.Sprintf("nobody may do this in the clear in %v", d.dos)
	case r.Via.OTM:
		return fmt.Sprintf("a session of an owner transfer may not do this in %v", d.dos)
	}
	return fmt.Sprintf("the Client %v may not do this in %v", r.Via.Subject, d.dos)
}

// whyBad says what is wrong with a request that was answered 4.00.
func (d *Device) whyBad(ev *Event) string {
	r := &ev.Request
	if res := d.model.find(r.Path); res == nil || ev.Kind != Post {
		return ""
	} else if _, ok := res.iface(r.Interface); !ok {
		return fmt.Sprintf("%s has no interface %q to write by", r.Path, r.Interface)
	}
	if r.Path != ocf.PathPstat {
		return "the payload is not one that the resource takes now"
	}
	u, err := ocf.DecodePstatUpdate(r.Payload)
	if err != nil {
		return err.Error()
	}
	return d.whyNot(&u)
}

// whyNot says which rule of plan and of planModes refuses u, in their order.
func (d *Device) whyNot(u *ocf.PstatUpdate) string {
	fixed := readOnly
	if d.secured() {
		fixed = readOnly &^ ocf.PropRowner
	}
	undefined := u.TM & d.undefined()
	switch {
	case u.Set&fixed != 0:
		return "read-only: " + propertyNames(u.Set&fixed)
	case d.dos == ocf.RESET && u.Set != 0:
		return "nothing can be written in RESET"
	case u.Set.Has(ocf.PropOM) && u.OM != operationMode:
		return fmt.Sprintf("om: expected %d, got %d", operationMode, u.OM)
	case u.Set.Has(ocf.PropDOS) && u.DOS != d.dos && !legalMove(d.dos, u.DOS):
		return fmt.Sprintf("dos does not go from %v to %v", d.dos, u.DOS)
	case u.Set.Has(ocf.PropRowner) && u.Rowner.IsNil():
		return "rowneruuid: the nil uuid is nobody"
	case u.Set.Has(ocf.PropTM) && undefined != 0:
		return fmt.Sprintf("tm: this edition does not define 0x%x", uint16(undefined))
	case u.Set.Has(ocf.PropTM) && modeOf(u.TM) != 0 && u.Set.Has(ocf.PropDOS) && u.DOS == ocf.RESET:
		return "a move to RESET would clear what tm asks for"
	case u.Set.Has(ocf.PropDOS) && u.DOS != d.dos:
		return fmt.Sprintf("the Device is not ready to go from %v to %v", d.dos, u.DOS)
	case d.secured():
		return fmt.Sprintf("this Client may not write %s in %v", propertyNames(u.Set), d.dos)
	}
	return ""
}

// propertyNames lists the properties of pstat in set, in the order of the standard.
func propertyNames(set ocf.Properties) string {
	var all []string
	for _, p := range []struct {
		bit  ocf.Properties
		name string
	}{
		{ocf.PropDOS, "dos"}, {ocf.PropP, "dos.p"}, {ocf.PropISOP, "isop"}, {ocf.PropCM, "cm"}, {ocf.PropTM, "tm"},
		{ocf.PropOM, "om"}, {ocf.PropSM, "sm"}, {ocf.PropRowner, "rowneruuid"}, {ocf.PropRT, "rt"}, {ocf.PropIF, "if"},
	} {
		if set.Has(p.bit) {
			all = append(all, p.name)
		}
	}
	return strings.Join(all, ", ")
}
