package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/ocfsim/ocfsim/sim/source/ddi"
)

// confirms says something to an action that waits.
func (b *bench) confirms(action int, word string) int {
	b.t.Helper()
	return b.says(http.MethodPost, fmt.Sprintf("%s/confirmationBase/%d/feedback", lamp, action), fmt.Sprintf(`{"confirmation": %q, "code": 200, "details": ["so it is"]}`, word))
}

// What is to be installed waits for the Device, which may deny it first and confirm it later. Until then there is
// neither a deployment nor a file.
func TestAnActionThatWaits(t *testing.T) {
	b := serveConfirmed(t)
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.ConfirmationBase)
	all := read[ddi.Confirmations](b, lamp+"/confirmationBase")
	leadsTo(t, all.Links, ddi.ActivateAutoConfirm, ddi.ConfirmationBase)
	if all.AutoConfirm.Active {
		t.Errorf("%+v", all.AutoConfirm)
	}
	c := read[ddi.ToConfirm](b, b.at(all.Links.To(ddi.ConfirmationBase)))
	file := c.Confirmation.Chunks[0].Artifacts[0]
	if c.ID != "1" || c.Confirmation.Update != ddi.Forced || file.Filename != good().Name || file.Hashes != ddi.HashesOf(good().Content) {
		t.Errorf("%+v", c)
	}
	closed := func(when string) {
		t.Helper()
		for _, path := range []string{lamp + "/deploymentBase/1", b.at(file.Links.To(ddi.DownloadLink))} {
			if g := b.get(path); g.status != 404 {
				t.Errorf("%s, %s: %d", when, path, g.status)
			}
		}
		leadsTo(t, b.polls(), ddi.ConfigData, ddi.ConfirmationBase)
	}
	closed("before a word")
	if got := b.confirms(1, "denied"); got != 200 || b.last().Says != "denied: so it is" {
		t.Errorf("denied: %d, and the log has %q", got, b.last().Says)
	}
	closed("denied")
	if got := b.confirms(1, "confirmed"); got != 200 || b.last().Package != good().Name {
		t.Errorf("confirmed: %d, %+v", got, b.last())
	}
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.DeploymentBase)
	if g := b.get(b.at(file.Links.To(ddi.DownloadLink))); !g.whole() {
		t.Errorf("%d, %d bytes, %v", g.status, len(g.body), g.err)
	}
	for word, want := range map[string]int{"confirmed": 404, "denied": 404} { // it does not wait any more
		if got := b.confirms(1, word); got != want {
			t.Errorf("%s again: %d, want %d", word, got, want)
		}
	}
	b.tells(ddi.DeploymentBase, 1, "closed", "success")
	if got := b.confirms(1, "confirmed"); got != 410 {
		t.Errorf("after the end: %d", got)
	}
	if got := b.confirms(9, "confirmed"); got != 404 {
		t.Errorf("no such action: %d", got)
	}
}

// A Device may have its actions confirmed from now on, and takes that back.
func TestAutoConfirm(t *testing.T) {
	b := serveConfirmed(t)
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.ConfirmationBase)
	at := lamp + "/confirmationBase/"
	if got := b.says(http.MethodPost, at+ddi.ActivateAutoConfirm, `{"initiator": "owner", "remark": "at night", "active": false}`); got != 200 {
		t.Fatalf("activated: %d", got)
	}
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.DeploymentBase) // what had waited
	all := read[ddi.Confirmations](b, lamp+"/confirmationBase")
	leadsTo(t, all.Links, ddi.DeactivateAutoConfirm)
	if a := all.AutoConfirm; !a.Active || a.Initiator != "owner" || a.Remark != "at night" || a.ActivatedAt == 0 {
		t.Errorf("%+v", a)
	}
	if got := b.says(http.MethodPost, at+ddi.ActivateAutoConfirm, ""); got != 409 {
		t.Errorf("activated twice: %d", got)
	}
	b.tells(ddi.DeploymentBase, 1, "closed", "failure")
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.DeploymentBase)
	b.tells(ddi.DeploymentBase, 2, "closed", "failure")
	if got := b.says(http.MethodPost, at+ddi.DeactivateAutoConfirm, ""); got != 200 {
		t.Errorf("deactivated: %d", got)
	}
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.ConfirmationBase)
	if got := b.says(http.MethodPost, at+ddi.ActivateAutoConfirm, ""); got != 200 {
		t.Errorf("activated without a word: %d", got)
	}
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.DeploymentBase)
}

// What is called off while it waits is called off like any other.
func TestAWaitingActionIsCalledOff(t *testing.T) {
	b := serveConfirmed(t)
	b.polls()
	b.condition("no-update")
	leadsTo(t, b.polls(), ddi.CancelAction, ddi.ConfigData)
	if got := b.confirms(1, "confirmed"); got != 404 {
		t.Errorf("confirmed: %d", got)
	}
	b.tells(ddi.CancelAction, 1, "closed", "success")
	leadsTo(t, b.polls(), ddi.ConfigData)
}

func TestWhatADeviceMayNotConfirm(t *testing.T) {
	b := serveConfirmed(t)
	b.polls()
	for body, want := range map[string]int{`{"confirmation": "maybe"}`: 400, `{}`: 400, `{`: 400} {
		if got := b.says(http.MethodPost, lamp+"/confirmationBase/1/feedback", body); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
	if got := b.says(http.MethodPost, lamp+"/confirmationBase/"+ddi.ActivateAutoConfirm, `{"initiator": 7}`); got != 400 {
		t.Errorf("an initiator that is no text: %d", got)
	}
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.ConfirmationBase)
	for path, want := range map[string]int{"/confirmationBase/2": 404, "/confirmationBase/x": 400} {
		if g := b.get(lamp + path); g.status != want {
			t.Errorf("%s: %d, want %d", path, g.status, want)
		}
	}
	b = serve(t) // nothing has to be confirmed
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.DeploymentBase)
	if g := b.get(lamp + "/confirmationBase/1"); g.status != 404 {
		t.Errorf("nothing waits: %d", g.status)
	}
	b = serveConfirmed(t, "unavailable,of=confirmationBase", "flapping,of=feedback")
	b.polls()
	if g := b.get(lamp + "/confirmationBase/1"); g.status != 503 {
		t.Errorf("unavailable: %d", g.status)
	}
	if got := b.confirms(1, "confirmed"); got != 500 {
		t.Errorf("flapping: %d", got)
	}
	leadsTo(t, b.polls(), ddi.ConfigData, ddi.ConfirmationBase)
}
