package steps

import (
	"slices"
	"strings"

	"github.com/ocfsim/ocfsim/conformance"
	"github.com/ocfsim/ocfsim/conformance/edition"
)

// needsPrefix begins the tags that say what a target must have declared for a
// scenario to apply to it.
const needsPrefix = "@needs:"

// need is one such tag. Its lacks says why a target does not meet it, and is
// empty if the target does.
type need struct {
	tag   string
	lacks func(conformance.Profile) string
}

// needs are all the needs that a scenario may be tagged with. What a target
// shows only when it is asked, such as the gate, is not a need: without it a
// scenario is not testable, but it does apply.
func needs() []need {
	unless := func(ok bool, reason string) string {
		if ok {
			return ""
		}
		return reason
	}
	return []need{
		{"@needs:validation", func(p conformance.Profile) string {
			return unless(p.Supports.Validation, "the target does not declare support of software version validation")
		}},
		{"@needs:update", func(p conformance.Profile) string {
			return unless(p.Supports.Update, "the target does not declare support of secure software update")
		}},
		{"@needs:softwareupdate", func(p conformance.Profile) string {
			return unless(p.Supports.SoftwareUpdate, "the target does not declare to have oic.r.softwareupdate")
		}},
		{"@needs:autonomous", func(p conformance.Profile) string {
			return unless(p.Supports.Autonomous, "the target does not declare to check or update by itself")
		}},
		{"@needs:restart", func(p conformance.Profile) string {
			return unless(p.Update.Reboots, "the target does not declare that an update restarts it")
		}},
		{"@needs:no-restart", func(p conformance.Profile) string {
			return unless(!p.Update.Reboots, "the target declares that an update restarts it, which ends every observation")
		}},
		{"@needs:excursion", func(p conformance.Profile) string {
			return unless(p.Update.AnyDOS || len(p.Update.DOS) > 0, "the target declares that an update leaves dos unchanged")
		}},
		{"@needs:version", func(p conformance.Profile) string {
			return unless(p.Update.Version != "", "the target does not declare where its software version is read")
		}},
		{"@needs:secured", func(p conformance.Profile) string {
			return unless(p.Secured, "the target is unsecured: every Client is privileged")
		}},
		{"@needs:own", func(p conformance.Profile) string {
			return unless(ownable(p), "the harness did not take ownership of the target, and could not own it again after a reset")
		}},
		{"@needs:later-edition", func(p conformance.Profile) string {
			return unless(strings.HasPrefix(p.ICV, "ocf.2.") || !edition.Of(p.Edition).Access.Wildcard.Is, "in the edition of the target such an access rule may be for security resources too")
		}},
	}
}

// ownable reports whether the harness took ownership of the target, and so can
// do it again.
func ownable(p conformance.Profile) bool {
	return slices.Contains([]string{"justworks", "pin", "certificate"}, p.Owning)
}

func needTags() []string {
	var tags []string
	for _, n := range needs() {
		tags = append(tags, n.tag)
	}
	return tags
}

func needOf(tag string) *need {
	if !strings.HasPrefix(tag, needsPrefix) {
		return nil
	}
	all := needs()
	if i := slices.IndexFunc(all, func(n need) bool { return n.tag == tag }); i >= 0 {
		return &all[i]
	}
	return nil
}

// Applicable says why s does not apply to a target that declares p. An empty
// reason means that it applies.
func Applicable(s Scenario, p conformance.Profile) string {
	var reasons []string
	for _, tag := range s.Tags {
		if n := needOf(tag); n != nil {
			if why := n.lacks(p); why != "" {
				reasons = append(reasons, why)
			}
		}
	}
	return strings.Join(reasons, "; ")
}
