package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/google/uuid"
)

// bill is the bill of materials of p in CycloneDX: each module that the Go tool says it
// put into this very program, and Go itself.
func (r *release) bill(p program) ([]byte, error) {
	digest := sha256.Sum256(p.binary)
	root := component("github.com/ocfsim/ocfsim", r.version)
	root.Type = cyclonedx.ComponentTypeApplication
	root.Licenses = &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}}
	root.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: fmt.Sprintf("%x", digest)}}
	root.Properties = &[]cyclonedx.Property{
		{Name: "ocfsim:system", Value: p.system.String()},
		{Name: "ocfsim:commit", Value: r.commit},
	}
	parts := []cyclonedx.Component{component("std", strings.TrimPrefix(p.info.GoVersion, "go"))}
	for _, m := range p.info.Deps {
		c := component(m.Path, m.Version)
		c.Properties = &[]cyclonedx.Property{{Name: "go:sum", Value: sumOf(m)}}
		parts = append(parts, c)
	}
	var refs []string
	for _, c := range parts {
		refs = append(refs, c.BOMRef)
	}
	bom := cyclonedx.NewBOM()
	bom.SerialNumber = "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceURL, digest[:]).String()
	bom.Metadata = &cyclonedx.Metadata{Timestamp: r.at.Format("2006-01-02T15:04:05Z"), Component: &root}
	bom.Components = &parts
	bom.Dependencies = &[]cyclonedx.Dependency{{Ref: root.BOMRef, Dependencies: &refs}}
	var out bytes.Buffer
	encoder := cyclonedx.NewBOMEncoder(&out, cyclonedx.BOMFileFormatJSON).SetPretty(true)
	err := encoder.EncodeVersion(bom, cyclonedx.SpecVersion1_6) // 1.7 is younger than most readers
	return out.Bytes(), err
}

// component is a Go module by its package URL, which is also its name in the bill.
func component(path, version string) cyclonedx.Component {
	url := "pkg:golang/" + path + "@" + version
	return cyclonedx.Component{
		BOMRef: url, PackageURL: url, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, Scope: cyclonedx.ScopeRequired,
	}
}

// sumOf is the sum of a module as in go.sum, also where another one replaces it.
func sumOf(m *debug.Module) string {
	if m.Replace != nil {
		return m.Replace.Sum
	}
	return m.Sum
}
