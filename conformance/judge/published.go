package judge

import (
	"slices"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/ocf"
)

// published is a resource with a published model: where it is, unless /oic/res says
// otherwise, and how a representation of it is read.
type published struct {
	name   string // in the file of the edition
	rt     string
	path   string // "": only /oic/res says where
	decode func([]byte) ([]ocf.Problem, error)
}

// asPublished judges each representation of r by its model, and its absence by what the
// edition says of it: where only memory says that a Device has to have it, a Device
// without it is warned, and one that need not have it is not judged (docs/adr/0121).
func (r published) asPublished(s *story) []conformance.Finding {
	want := r.rt + " as its schema has it"
	var all []conformance.Finding
	path, listed, n := s.listed(r.rt)
	if path == "" {
		path = r.path
	}
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if o.Kind != conformance.Response || o.For == nil || o.Frame == nil || !s.asksFor(*o.For, path) {
			continue
		}
		var f conformance.Finding
		switch {
		case o.Frame.Code == "4.04" && listed:
			f = broken(i, want, o.Frame.Code, "/oic/res lists %s, and it is not there", path)
		case o.Frame.Code == "4.04":
			f = r.absent(s, i)
		case !conformance.Success(o.Frame.Code):
			f = open(i, want, "the privileged Client was not shown %s", path)
		case o.Outran():
			f = open(i, want, "%s changed faster than it could be fetched in blocks", path)
		default:
			f = r.judged(i, o.Frame.Payload, want)
		}
		all = append(all, f.About(*o.For))
	}
	if path == "" && n >= 0 {
		all = append(all, r.absent(s, n))
	}
	return all
}

// judged judges one representation.
func (r published) judged(i int, payload []byte, want string) conformance.Finding {
	problems, err := r.decode(payload)
	switch {
	case err != nil:
		return broken(i, want, err.Error(), "the representation cannot be read")
	case len(problems) > 0:
		return broken(i, want, problems[0].String(), "the representation departs from the schema")
	}
	return passed(i, want, "all that is required", "the representation is one of the schema")
}

// absent judges that the Device does not have the resource, as Observation i shows.
func (r published) absent(s *story, i int) conformance.Finding {
	p := s.edition.Resources[r.name]
	if p.Is != "required" {
		return conformance.Finding{Verdict: conformance.NotApplicable, Witness: i, Reason: "the Device has no " + r.rt + ", and need not have it"}
	}
	f := broken(i, r.rt, "none", "the Device has no %s", r.rt)
	if !p.By.Verified() {
		f.Reason += "; that every Device has to have it is not verified"
		f = warned(f)
	}
	return f
}

// listed is the path at which /oic/res lists a resource of the type rt, or "", and n the
// answer that has this list; -1 where nobody has read it.
func (s *story) listed(rt string) (path string, ok bool, n int) {
	n = -1
	for i := range s.tl.Observations {
		o := &s.tl.Observations[i]
		if !answers(o, ocf.PathRes) || !conformance.Success(o.Frame.Code) {
			continue
		}
		if q := s.tl.Observations[*o.For].Frame; q == nil || q.Query != "" { // a list that is filtered may leave it out
			continue
		}
		links, _, err := ocf.DecodeRes(o.Frame.Payload)
		if err != nil {
			continue
		}
		n = i
		if j := slices.IndexFunc(links, func(l ocf.Link) bool { return l.HasRT(rt) }); j >= 0 {
			return links[j].Href, true, i
		}
	}
	return "", false, n
}

// asksFor reports whether Observation n is a read of path by a Client that may read it.
func (s *story) asksFor(n int, path string) bool {
	q := &s.tl.Observations[n]
	return path != "" && q.Kind == conformance.Request && q.Frame != nil && q.Frame.Code == conformance.MethodGET &&
		q.Frame.Path == path && s.privileged(q.Client)
}
