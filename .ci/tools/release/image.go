package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	tarballs "github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// nonroot is the user of the image, by number: the image has no /etc/passwd.
const nonroot = 65532

// writeImage writes the image of the Linux programs as an OCI layout in a tar archive,
// which docker load, podman load and skopeo read. It has one manifest for each
// architecture. Where nothing was built for Linux there is no image.
func (r *release) writeImage(programs []program) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	linux := 0
	for _, p := range programs {
		if p.system.OS != "linux" {
			continue
		}
		linux++
		image, err := r.image(p)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.system.OS, Architecture: p.system.Arch}},
		})
	}
	if linux == 0 {
		return nil
	}
	dir, err := os.MkdirTemp("", "ocfsim-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	err = path.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": r.number(),
		"io.containerd.image.name":          "docker.io/ocfsim/ocfsim:" + r.number(),
	}))
	if err != nil {
		return err
	}
	files, err := filesIn(dir)
	if err != nil {
		return err
	}
	packed, err := tarball(files, r.at)
	if err != nil {
		return err
	}
	return r.write(fmt.Sprintf("ocfsim_%s_oci.tar", r.number()), packed)
}

// image is the image of one program: from scratch, one layer.
func (r *release) image(p program) (v1.Image, error) {
	content, err := r.layer(p)
	if err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	layer, err := tarballs.LayerFromOpener(open, tarballs.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.Append(base, mutate.Addendum{
		Layer:   layer,
		History: v1.History{Created: v1.Time{Time: r.at}, CreatedBy: "ocfsim release " + r.version},
	})
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, r.imageConfig(p, image))
}

func (r *release) imageConfig(p program, image v1.Image) *v1.ConfigFile {
	config := &v1.ConfigFile{OS: p.system.OS, Architecture: p.system.Arch, Created: v1.Time{Time: r.at}}
	if built, err := image.ConfigFile(); err == nil {
		config.RootFS, config.History = built.RootFS, built.History
	}
	config.Config = v1.Config{
		Entrypoint: []string{"/ocfsim"},
		User:       fmt.Sprintf("%d:%d", nonroot, nonroot),
		WorkingDir: "/work",
		Labels: map[string]string{
			"org.opencontainers.image.title":    "ocfsim",
			"org.opencontainers.image.source":   "https://github.com/ocfsim/ocfsim",
			"org.opencontainers.image.version":  r.number(),
			"org.opencontainers.image.revision": r.commit,
			"org.opencontainers.image.licenses": "Apache-2.0",
		},
	}
	return config
}

// layer is an uncompressed tar archive of the program, of a folder to work in that
// belongs to the user of the image, and of one for temporary files.
func (r *release) layer(p program) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range []tar.Header{
		{Name: "ocfsim", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(p.binary))},
		{Name: "tmp/", Typeflag: tar.TypeDir, Mode: 0o1777},
		{Name: "work/", Typeflag: tar.TypeDir, Mode: 0o755, Uid: nonroot, Gid: nonroot},
	} {
		h.ModTime, h.Format = r.at, tar.FormatUSTAR
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write(p.binary); err != nil {
				return nil, err
			}
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

// filesIn reads all files below dir, in the order of their names.
func filesIn(dir string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		files = append(files, file{filepath.ToSlash(name), 0o644, data})
		return err
	})
	slices.SortFunc(files, func(a, b file) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return files, err
}
