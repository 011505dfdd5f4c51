package reports

import (
	"strings"
	"testing"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/script"
)

// TestAskedNamesTheStepTheClientAndTheMoment wants all three of the write that a
// finding is about, and not of the When of the scenario.
func TestAskedNamesTheStepTheClientAndTheMoment(t *testing.T) {
	tl, err := script.Play(`
		step Given a check is pending
		post tm=V 2.04
		get tm=V cm=-
		step When an unprivileged Client (read-only) writes tm as U
		unprivileged read-only: post tm=U 4.01
		get tm=V cm=-
		step When the Device is restarted
		reboot
	`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		f    conformance.Finding
		want string
	}{
		{conformance.Finding{Witness: 4}, "Given a check is pending: POST /oic/sec/pstat tm=V by the privileged Client at 2 ms, answered 2.04"},
		{
			conformance.Finding{Witness: 9},
			"When an unprivileged Client (read-only) writes tm as U: POST /oic/sec/pstat tm=U by an unprivileged Client (read-only) at 7 ms, answered 4.01",
		},
		{conformance.Finding{Witness: 9, Request: 1}, "Given a check is pending: POST /oic/sec/pstat tm=V by the privileged Client at 2 ms, answered 2.04"},
	} {
		if got := asked(tl, c.f); got != c.want {
			t.Errorf("%+v:\n%s\n%s", c.f, got, c.want)
		}
	}
}

// TestWhoHasThePrivilege wants every Client's privilege beside its name.
func TestWhoHasThePrivilege(t *testing.T) {
	for client, want := range map[string]string{
		conformance.Privileged: "the privileged Client", conformance.Second: "the second privileged Client",
		conformance.UpdateOnly: "a privileged Client (update-only)", conformance.WithoutACE: "an unprivileged Client (without ACE)",
		conformance.Unprivileged: "an unprivileged Client", "": "a Client",
	} {
		if got := who(client); got != want {
			t.Errorf("%q: %s, want %s", client, got, want)
		}
	}
}

// TestFramesSayTheirPacket wants the number that Wireshark shows, where there is one.
func TestFramesSayTheirPacket(t *testing.T) {
	tl, err := script.Play(`
		post tm=V 2.04
		get tm=V cm=-
	`)
	if err != nil {
		t.Fatal(err)
	}
	tl.Observations[3].Packet = 1234
	shown := frames(tl, conformance.Finding{Witness: 3})
	rows := rowsOf("x", tl, nil, len(tl.Observations), true)
	if got := shown[len(shown)-1].Says; !strings.HasSuffix(got, " (packet 1234)") {
		t.Errorf("the frame that decides says %q", got)
	}
	if got := shown[0].Says; strings.Contains(got, "packet") {
		t.Errorf("a frame of no capture says %q", got)
	}
	if got := rows[3].Head; !strings.HasSuffix(got, " (packet 1234)") {
		t.Errorf("the row says %q", got)
	}
}
