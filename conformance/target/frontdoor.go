package target

import (
	"context"
	"errors"
	"fmt"

	"github.com/ocfsim/ocfsim/ocf"
)

var (
	// ErrStranger is the error of Open if what answers is no OCF Device.
	ErrStranger = errors.New("no OCF Device")
	// ErrUnprivileged is the error of Open if the target is declared to be
	// unsecured and the Device denies pstat to a Client without a session. Nobody
	// is privileged then, and nothing could be judged.
	ErrUnprivileged = errors.New("it is secured, and a Client without a session has no privilege")
)

// admit looks at what Open was answered. d and res are the answers to /oic/d and
// /oic/res. An OCF Device has at least one of them, or pstat; and one that is
// declared to be unsecured shows its pstat.
func (t *Target) admit(ctx context.Context, c *Client, d, res Reply) error {
	p := t.cfg.Profile
	known := readable(d) || readable(res)
	if known && p.Secured {
		return nil
	}
	pstat, err := t.insist(ctx, c, ocf.PathPstat)
	switch {
	case err != nil:
		return err
	case !known && pstat.Frame.Code != "2.05" && pstat.Frame.Code != "4.01":
		return fmt.Errorf("%w at %s: GET %s is answered %s, %s %s, and %s %s", ErrStranger, p.Endpoint,
			ocf.PathD, d.Frame.Code, ocf.PathRes, res.Frame.Code, ocf.PathPstat, pstat.Frame.Code)
	case p.Secured || pstat.Frame.Code != "4.01":
		return nil
	}
	return fmt.Errorf("%s answers GET %s with 4.01: %w; write into a target file `%s`, and run `ocfsim test --target FILE`",
		p.Endpoint, ocf.PathPstat, ErrUnprivileged, t.way(ctx, c))
}

// readable reports whether r is a representation.
func readable(r Reply) bool { return r.Frame.Code == "2.05" }

// way is the line of a target file that would make the harness privileged, as far
// as the Device's doxm tells.
func (t *Target) way(ctx context.Context, c *Client) string {
	reply, err := t.insist(ctx, c, ocf.PathDoxm)
	if err == nil && readable(reply) {
		if doxm, _, err := ocf.DecodeDoxm(reply.Frame.Payload); err == nil && !doxm.Owned {
			return "security: {own: justworks}"
		}
	}
	return "security: {psk: {identity: UUID, key: HEX}}` with the credential of its owner, or, once it is reset and nobody's, `security: {own: justworks}"
}
