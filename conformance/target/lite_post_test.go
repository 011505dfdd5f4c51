package target

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/plgd-dev/go-coap/v3/message/codes"

	"github.com/ocfsim/ocfsim/ocf"
	"github.com/ocfsim/ocfsim/ocf/secure"
)

// post takes a write. The lock is held.
func (l *lite) post(v *via, r request2) (codes.Code, []byte) {
	ok := false
	switch r.path {
	case ocf.PathDoxm:
		ok = l.postDoxm(v, r.payload)
	case ocf.PathPstat:
		ok = l.postPstat(v, r.payload)
	case ocf.PathCred:
		ok = l.postCred(v, r.payload)
	case ocf.PathACL:
		ok = l.postACL(r.payload)
	case ocf.PathSDI:
		_, err := ocf.DecodeSDIUpdate(r.payload)
		ok = err == nil
	default:
		return codes.NotFound, nil
	}
	if !ok {
		return codes.BadRequest, nil
	}
	return codes.Changed, nil
}

func (l *lite) postDoxm(v *via, payload []byte) bool {
	u, err := ocf.DecodeDoxmUpdate(payload)
	if err != nil || l.pstat.DOS != ocf.RFOTM || v.conn == nil && u.Set != ocf.DoxmOXMSel {
		return false
	}
	if u.Set.Has(ocf.DoxmOXMSel) {
		if u.OXMSel != ocf.OXMSelf && !slices.Contains(l.doxm.OXMs, u.OXMSel) {
			return false
		}
		l.doxm.OXMSel = u.OXMSel
	}
	if u.Set.Has(ocf.DoxmDevOwner) {
		l.doxm.DevOwner = u.DevOwner
	}
	if u.Set.Has(ocf.DoxmDevice) {
		l.doxm.Device = u.Device
	}
	if u.Set.Has(ocf.DoxmRowner) {
		l.doxm.Rowner = u.Rowner
	}
	if u.Set.Has(ocf.DoxmOwned) {
		l.doxm.Owned = u.Owned
	}
	return true
}

func (l *lite) postPstat(v *via, payload []byte) bool {
	u, err := ocf.DecodePstatUpdate(payload)
	if err != nil {
		return false
	}
	if u.Set.Has(ocf.PropOM) {
		l.pstat.OM = u.OM
	}
	if u.Set.Has(ocf.PropRowner) {
		l.pstat.Rowner = u.Rowner
	}
	if u.Set.Has(ocf.PropTM) {
		l.pstat.TM = u.TM
	}
	if !u.Set.Has(ocf.PropDOS) {
		return true
	}
	ready := l.doxm.Owned && !l.doxm.DevOwner.IsNil() && !l.doxm.Rowner.IsNil() && !l.pstat.Rowner.IsNil() &&
		!l.acl.Rowner.IsNil() && !l.creds.Rowner.IsNil() && len(l.creds.List) > 0
	switch {
	case u.DOS == ocf.RESET:
		l.pstat = ocf.Pstat{Pending: true, CM: 1, TM: 2}
		delay := l.resetDelay
		v.then = func() {
			l.running.Go(func() { <-time.After(delay); l.reset() })
		}
		return true
	case u.DOS == ocf.RFOTM || !ready || l.pstat.DOS == ocf.SRESET && u.DOS == ocf.RFNOP:
		return false
	}
	l.pstat.DOS, l.pstat.ISOP = u.DOS, u.DOS == ocf.RFNOP
	if l.curt {
		v.then = func() { _ = v.conn.Close() }
	}
	if l.moody {
		v.far.silence() // its answer is lost, too
		v.then = func() { _ = v.conn.Close() }
	}
	return true
}

func (l *lite) postCred(v *via, payload []byte) bool {
	u, err := ocf.DecodeCredsUpdate(payload)
	if err != nil || l.pstat.DOS == ocf.RFNOP {
		return false
	}
	if u.HasRowner {
		l.creds.Rowner = u.Rowner
	}
	for _, c := range u.List {
		if len(c.Private.Data) == 0 && v.method != nil && c.Subject == l.doxm.DevOwner.String() {
			c.Private.Data = secure.OwnerPSK(v.block, *v.method, l.doxm.DevOwner, l.doxm.Device)
		}
		if len(c.Private.Data) == 0 {
			return false
		}
		l.grown[c.Subject] = hex.EncodeToString(c.Private.Data)
		if l.anon {
			c.ID = 0
		} else if c.ID == 0 {
			l.ids++
			c.ID = l.ids
		}
		l.creds.List = append(l.creds.List, c)
	}
	return true
}

func (l *lite) postACL(payload []byte) bool {
	u, err := ocf.DecodeACLUpdate(payload)
	if err != nil || l.pstat.DOS == ocf.RFNOP {
		return false
	}
	if u.HasRowner {
		l.acl.Rowner = u.Rowner
	}
	for _, e := range u.List {
		if l.generous {
			e.Permission |= ocf.MayRead | ocf.MayDelete
		}
		same := slices.IndexFunc(l.acl.List, func(o ocf.ACE) bool {
			return (e.ID == 0 || l.merges) && o.Subject == e.Subject && o.Permission == e.Permission && len(o.Validity)+len(e.Validity) == 0
		})
		if same >= 0 { // merged, as IoTivity-Lite does it
			l.acl.List[same].Resources = append(slices.Clone(l.acl.List[same].Resources), e.Resources...)
			continue
		}
		if l.anon {
			e.ID = 0
		} else if e.ID == 0 {
			l.ids++
			e.ID = l.ids
		}
		if len(e.Validity) > 0 && l.timeless {
			return false
		}
		l.acl.List = append(l.acl.List, e)
	}
	return true
}
