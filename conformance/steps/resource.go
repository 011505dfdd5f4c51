package steps

import (
	"context"
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// Identifier is a Target that tells by which uuid the Device knows a Client.
type Identifier interface {
	KnownAs(name string) (id ocf.UUID, ok bool)
}

// resources are the sentences about resources other than pstat, and about who owns them.
func resources() []definition {
	const securityResource = `(/oic/sec/(?:pstat|cred|acl2|sp|sdi))`
	return []definition{
		{word: Given, text: `an unprivileged Client ` + kinds() + ` owns (/oic/sec/cred|/oic/sec/acl2)`, act: func(ctx context.Context, t *trial, c call) error {
			return t.handOver(ctx, c.args[1], kind(c.args[0]))
		}},
		{word: When, text: `an unprivileged Client ` + kinds() + ` reads ` + securityResource, act: func(ctx context.Context, t *trial, c call) error {
			_, err := t.send(ctx, kind(c.args[0]), conformance.Call{Method: "GET", Path: c.args[1]})
			return err
		}},
		{word: When, text: `a privileged Client reads ` + securityResource, act: func(ctx context.Context, t *trial, c call) error {
			return t.look(ctx, c.args[0])
		}},
		{word: When, text: `a privileged Client reads the resource of type (oic\.r\.ael|oic\.wk\.introspection)`, act: func(ctx context.Context, t *trial, c call) error {
			return t.lookFor(ctx, c.args[0])
		}},
	}
}

// look reads the list of the Device's resources, and then path, as the privileged Client.
func (t *trial) look(ctx context.Context, path string) error {
	for _, p := range []string{ocf.PathRes, path} {
		if _, err := t.send(ctx, privileged, conformance.Call{Method: "GET", Path: p}); err != nil {
			return err
		}
	}
	return nil
}

// lookFor reads the list of the Device's resources, and the one of the type rt where it
// lists one.
func (t *trial) lookFor(ctx context.Context, rt string) error {
	n, err := t.send(ctx, privileged, conformance.Call{Method: "GET", Path: ocf.PathRes})
	if err != nil || !t.answered(n) {
		return err
	}
	links, _, _ := ocf.DecodeRes(t.rec.Timeline().Observations[n].Frame.Payload)
	if i := slices.IndexFunc(links, func(l ocf.Link) bool { return l.HasRT(rt) }); i >= 0 {
		_, err = t.send(ctx, privileged, conformance.Call{Method: "GET", Path: links[i].Href})
	}
	return err
}

// handOver gives the security resource at path to the named Client: the owner names it in
// SRESET, where that is allowed. The Device is owned anew after the scenario.
func (t *trial) handOver(ctx context.Context, path, name string) error {
	teller, ok := t.target.(Identifier)
	if _, renews := t.target.(Renewer); !ok || !renews {
		return untestable("the Device could not be owned again afterwards")
	}
	id, ok := teller.KnownAs(name)
	if !ok {
		return untestable("there is no %s Client", name)
	}
	if err := t.meet(ctx, name); err != nil {
		return err
	}
	if err := t.enter(ctx, ocf.SRESET); err != nil {
		return err
	}
	payload := (&ocf.CredsUpdate{HasRowner: true, Rowner: id}).AppendCBOR(nil)
	if path == ocf.PathACL {
		payload = (&ocf.ACLUpdate{HasRowner: true, Rowner: id}).AppendCBOR(nil)
	}
	c := post(payload)
	c.Path = path
	n, err := t.send(ctx, privileged, c)
	if err != nil {
		return err
	}
	t.handed = true
	taken := t.answered(n) && conformance.Success(t.rec.Timeline().Observations[n].Frame.Code)
	if err := t.moved(ctx, ocf.RFNOP); err != nil {
		return err
	}
	t.anyRest = false
	if !taken {
		return untestable("the Device lets nobody else own %s", path)
	}
	return nil
}
