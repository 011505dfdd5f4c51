package main

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// debVersion is the version as Debian sorts it: what comes before a release has a tilde.
func (r *release) debVersion() string { return strings.Replace(r.number(), "-", "~", 1) }

// deb is the Debian package of p (deb(5)): an ar archive of the format's number, of what
// is said of the package, and of its files.
func (r *release) deb(p program, licences []byte) ([]byte, error) {
	files, err := r.installed(p, licences)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, f := range files {
		size += len(f.data)
	}
	control := fmt.Sprintf(`Package: ocfsim
Version: %s
Section: net
Priority: optional
Architecture: %s
Installed-Size: %d
Maintainer: The ocfsim authors <ocfsim@users.noreply.github.com>
Homepage: https://github.com/ocfsim/ocfsim
Description: simulator and conformance tests for the software update of OCF Devices
 Virtual OCF Devices that play scripted software updates, and a harness that
 drives any Device through scenarios, records every datagram and judges the
 record against the specification.
`, r.debVersion(), p.system.Arch, (size+1023)/1024)
	about, err := tarGz([]file{{"./", 0o755, nil}, {"./control", 0o644, []byte(control)}}, r.at)
	if err != nil {
		return nil, err
	}
	content, err := tarGz(withFolders(files), r.at)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("!<arch>\n")
	for _, m := range []file{{name: "debian-binary", data: []byte("2.0\n")}, {name: "control.tar.gz", data: about}, {name: "data.tar.gz", data: content}} {
		fmt.Fprintf(&out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", m.name, r.at.Unix(), 0, 0, "100644", len(m.data))
		out.Write(m.data)
		if len(m.data)%2 == 1 {
			out.WriteByte('\n')
		}
	}
	return out.Bytes(), nil
}

// installed are the files of the package, where Debian keeps their like.
func (r *release) installed(p program, licences []byte) ([]file, error) {
	const doc = "./usr/share/doc/ocfsim/"
	archived, err := r.archived(p, licences)
	if err != nil {
		return nil, err
	}
	places := map[string]string{
		"ocfsim": "./usr/bin/ocfsim", "LICENSE": doc + "copyright",
		"completions/ocfsim.bash": "./usr/share/bash-completion/completions/ocfsim",
		"completions/_ocfsim":     "./usr/share/zsh/vendor-completions/_ocfsim",
		"completions/ocfsim.fish": "./usr/share/fish/vendor_completions.d/ocfsim.fish",
	}
	var files []file
	for _, f := range archived {
		name := strings.TrimPrefix(f.name, r.name(p.system)+"/")
		place := places[name]
		switch {
		case strings.HasSuffix(name, ".ps1"):
			continue
		case strings.HasPrefix(name, "man/"):
			place = "./usr/share/" + name + ".gz"
			if f.data, err = gzipped(f.data); err != nil {
				return nil, err
			}
		case place == "":
			place = doc + name
		}
		files = append(files, file{place, f.mode, f.data})
	}
	return files, nil
}

// withFolders puts each folder before the first file in it.
func withFolders(files []file) []file {
	var all []file
	made := map[string]bool{}
	var enter func(dir string)
	enter = func(dir string) {
		if made[dir] {
			return
		}
		made[dir] = true
		if dir != "." {
			enter(path.Dir(dir))
			dir = "./" + dir
		}
		all = append(all, file{dir + "/", 0o755, nil})
	}
	for _, f := range files {
		enter(path.Dir(path.Clean(f.name)))
		all = append(all, f)
	}
	return all
}
