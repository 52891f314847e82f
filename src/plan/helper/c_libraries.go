package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// libraries holds a dynamic binary to what its image has. Without a base it writes the loader and the libraries that the
// binary needs, with dpkg's words on the packages that they are of, as distroless images have them
// (/var/lib/dpkg/status.d), so that scanners find them. With a base it looks whether all of them are there.
func libraries(args []string) error {
	flags := flag.NewFlagSet("libraries", flag.ContinueOnError)
	binary := flags.String("binary", "", "the executable")
	base := flags.String("base", "", "root of the image that has the libraries; empty: they are written")
	named := flags.String("named", "", "what the base is called")
	out := flags.String("out", "", "folder to write to")
	epoch := flags.Int64("time", 0, "time of the files, in seconds since 1970")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *base != "" {
		if err := checkLibraries(*binary, root{*base, librariesIn(*base)}, *named); err != nil {
			return err
		}
	} else if err := writeLibraries(*binary, tools(), *out); err != nil {
		return err
	}
	return fixTimes(*out, time.Unix(*epoch, 0))
}

// root is a file system with folders of libraries.
type root struct {
	dir     string
	folders []string
}

// triplet is the target as folders of its libraries are called.
func triplet() string {
	return map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[os.Getenv("GOARCH")] + "-linux-gnu"
}

// tools are the target's libraries where the C tools are, first those of packages for the target.
func tools() root {
	return root{"/", []string{"/lib/" + triplet(), "/usr/lib/" + triplet(), "/lib", "/usr/" + triplet() + "/lib"}}
}

// librariesIn gives the folders that the loader of an image looks into: what /etc/ld.so.conf names and its own. musl's
// loader has no such file.
func librariesIn(dir string) []string {
	folders := configured(dir, "/etc/ld.so.conf", 0)
	return append(folders, "/lib/"+triplet(), "/usr/lib/"+triplet(), "/lib64", "/usr/lib64", "/lib", "/usr/local/lib", "/usr/lib")
}

func configured(dir, file string, depth int) []string {
	name, err := inside(dir, file)
	if err != nil || depth > 4 {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	var folders []string
	for _, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if pattern, ok := strings.CutPrefix(line, "include "); ok {
			pattern = path.Join(path.Dir(file), strings.TrimSpace(pattern))
			if strings.HasPrefix(strings.TrimSpace(line[len("include "):]), "/") {
				pattern = strings.TrimSpace(line[len("include "):])
			}
			found, _ := filepath.Glob(filepath.Join(dir, pattern))
			for _, file := range found {
				folders = append(folders, configured(dir, strings.TrimPrefix(file, strings.TrimSuffix(dir, "/")), depth+1)...)
			}
		} else if strings.HasPrefix(line, "/") {
			folders = append(folders, line)
		}
	}
	return folders
}

// inside gives the file that a path means in a root: links of an image lead to places in the image.
func inside(dir, name string) (string, error) {
	left, at := strings.Split(strings.Trim(name, "/"), "/"), "/"
	for steps := 0; len(left) > 0; steps++ {
		if steps > 255 {
			return "", fmt.Errorf("%s: too many links", name)
		}
		next := path.Join(at, left[0])
		left = left[1:]
		info, err := os.Lstat(filepath.Join(dir, next))
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		target, err := os.Readlink(filepath.Join(dir, next))
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(target, "/") {
			at = "/"
		}
		left = append(strings.Split(strings.Trim(target, "/"), "/"), left...)
	}
	return filepath.Join(dir, at), nil
}

// find gives the file of a library; empty where it is not there.
func (r root) find(library string) string {
	for _, folder := range r.folders {
		name, err := inside(r.dir, path.Join(folder, library))
		if err != nil {
			continue
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return name
		}
	}
	return ""
}

// isLoader tells musl's C library, which is its loader, under whatever name a binary asks for it.
func isLoader(library, loader string) bool {
	return strings.HasPrefix(path.Base(loader), "ld-musl-") && (library == "libc.so" || strings.HasPrefix(library, "libc.musl-")) ||
		library == path.Base(loader)
}

// walk calls see for each library that a binary needs, and that those need, with its file, which may be empty, and who
// needs it.
func (r root) walk(binary string, see func(library, file string, by executable, name string) error) error {
	first, err := readExecutable(binary)
	if err != nil {
		return err
	}
	type opened struct {
		file  string
		asks  executable
		shown string
	}
	open, seen := []opened{{binary, first, path.Base(binary)}}, map[string]bool{}
	for i := 0; i < len(open); i++ {
		for _, library := range open[i].asks.needed {
			file := ""
			if isLoader(library, first.loader) {
				file, _ = inside(r.dir, first.loader)
			} else {
				file = r.find(library)
			}
			if err := see(library, file, open[i].asks, open[i].shown); err != nil {
				return err
			}
			if file == "" || seen[library] || isLoader(library, first.loader) {
				continue
			}
			seen[library] = true
			asks, err := readExecutable(file)
			if err != nil {
				return err
			}
			open = append(open, opened{file, asks, library})
		}
	}
	return nil
}

func writeLibraries(binary string, from root, out string) error {
	asks, err := readExecutable(binary)
	if err != nil || asks.loader == "" {
		return err
	}
	loader, err := inside(from.dir, asks.loader)
	if err != nil {
		// Debian has the loader of another architecture where its programs would find it, or in the cross compiler's folder.
		if loader = from.find(path.Base(asks.loader)); loader == "" {
			return fmt.Errorf("the loader %s is not installed", asks.loader)
		}
	}
	if err := copyFile(loader, filepath.Join(out, asks.loader), 0o755); err != nil {
		return err
	}
	packages := ownersIn(from.dir)
	named := map[string]bool{packages.of(loader, from.dir): true}
	err = from.walk(binary, func(library, file string, _ executable, by string) error {
		if isLoader(library, asks.loader) {
			return nil
		}
		if file == "" {
			return promised(fmt.Sprintf("%s needs %s, which no package of build.cgo.packages has", by, library),
				"add Debian's package with the library to `packages`")
		}
		named[packages.of(file, from.dir)] = true
		// A folder in which the loader looks by itself.
		return copyFile(file, filepath.Join(out, libraryFolder(asks.loader, from), library), 0o644)
	})
	if err != nil {
		return err
	}
	return writeOwners(named, from.dir, out)
}

func libraryFolder(loader string, from root) string {
	if strings.HasPrefix(path.Base(loader), "ld-musl-") {
		return "/usr/lib"
	}
	return from.folders[1]
}

// writeOwners copies what dpkg knows of packages.
func writeOwners(named map[string]bool, dir, out string) error {
	status, err := os.ReadFile(filepath.Join(dir, "var/lib/dpkg/status"))
	if err != nil {
		return err
	}
	for _, about := range strings.Split(string(status), "\n\n") {
		fields := map[string]string{}
		for _, line := range strings.Split(about, "\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				fields[name] = value
			}
		}
		name := fields["Package"]
		if name == "" || !named[name] && !named[name+":"+fields["Architecture"]] {
			continue
		}
		fmt.Fprintf(os.Stderr, "go-frontend: libraries of %s %s\n", name, fields["Version"])
		file := filepath.Join(out, "var/lib/dpkg/status.d", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(strings.TrimSpace(about)+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func checkLibraries(binary string, base root, named string) error {
	asks, err := readExecutable(binary)
	if err != nil {
		return err
	}
	help := "use a base that has it, `base: static`, on which the libraries are put beside the binary, or `link: static`"
	if asks.loader != "" {
		if _, err := inside(base.dir, asks.loader); err != nil {
			return promised(fmt.Sprintf("%s needs the loader %s, which the base %s has not", path.Base(binary), ownedBy(path.Base(asks.loader)), named), help)
		}
	}
	defined := map[string]map[string]bool{}
	return base.walk(binary, func(library, file string, by executable, name string) error {
		if file == "" {
			return promised(fmt.Sprintf("%s needs %s, which the base %s has not", name, ownedBy(library), named), help)
		}
		if _, known := defined[library]; !known {
			found, err := versions(file)
			if err != nil {
				return err
			}
			defined[library] = found
		}
		for _, symbol := range by.symbols {
			if symbol.Library == library && symbol.Version != "" && defined[library] != nil && !defined[library][symbol.Version] {
				return promised(fmt.Sprintf("%s needs %s with %s, and that of the base %s is older: it has no %s",
					name, ownedBy(library), symbol.Version, named, symbol.Name), help)
			}
		}
		return nil
	})
}
