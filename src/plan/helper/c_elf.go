package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// executable is what an ELF file asks of the system that starts it.
type executable struct {
	// loader is the program that loads its libraries; empty where it needs none.
	loader  string
	needed  []string
	symbols []elf.ImportedSymbol
}

func readExecutable(name string) (executable, error) {
	file, err := elf.Open(name)
	if err != nil {
		return executable{}, fmt.Errorf("%s: %w", name, err)
	}
	defer file.Close()
	var found executable
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			text, err := io.ReadAll(segment.Open())
			if err != nil {
				return found, fmt.Errorf("%s: %w", name, err)
			}
			found.loader = strings.TrimRight(string(text), "\x00")
		}
	}
	if found.needed, err = file.ImportedLibraries(); err != nil {
		return found, fmt.Errorf("%s: %w", name, err)
	}
	// A static binary has no table of such symbols.
	if found.symbols, err = file.ImportedSymbols(); err != nil && len(found.needed) > 0 {
		return found, fmt.Errorf("%s: %w", name, err)
	}
	return found, nil
}

// versions gives the versions of symbols that a library defines (its section of type SHT_GNU_verdef). A library without
// the section has no versions at all: then the answer is nil, and a loader asks for none of it.
func versions(name string) (map[string]bool, error) {
	file, err := elf.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer file.Close()
	section := file.SectionByType(elf.SHT_GNU_VERDEF)
	if section == nil {
		return nil, nil
	}
	data, err := section.Data()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int(section.Link) >= len(file.Sections) {
		return nil, fmt.Errorf("%s: no names of versions", name)
	}
	names, err := file.Sections[section.Link].Data()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return versionsIn(data, names, file.ByteOrder), nil
}

// versionsIn reads a list of Elf64_Verdef; each points to the next one and to its names, of which the first is its own.
func versionsIn(data, names []byte, order binary.ByteOrder) map[string]bool {
	found := map[string]bool{}
	for at := 0; at >= 0 && at+20 <= len(data); {
		aux, next := at+int(order.Uint32(data[at+12:])), int(order.Uint32(data[at+16:]))
		if aux >= 0 && aux+4 <= len(data) {
			if start := int(order.Uint32(data[aux:])); start < len(names) {
				text, _, _ := bytes.Cut(names[start:], []byte{0})
				found[string(text)] = true
			}
		}
		if next == 0 {
			break
		}
		at += next
	}
	return found
}

// mustBeStatic refuses a binary that is not as it was to be linked.
func mustBeStatic(name string) error {
	found, err := readExecutable(name)
	if err != nil || found.loader == "" && len(found.needed) == 0 {
		return err
	}
	what := "a loader (" + found.loader + ")"
	if len(found.needed) > 0 {
		what = ownedBy(found.needed[0])
	}
	return promised(fmt.Sprintf("%s was to be static, and needs %s", path.Base(name), what),
		"link it with what is static alone, or write `link: dynamic`")
}

// promised is the failure of a binary that is not what the description says.
func promised(message, help string) error {
	return &goFailed{code: 1, note: "GF062 " + message + "\nhelp: " + help}
}

// ownedBy names a library with Debian's package that has it, as far as the C tools hold it.
func ownedBy(library string) string {
	file := tools().find(library)
	if file == "" {
		return library
	}
	if owner := ownersIn("/").of(file, "/"); owner != "" {
		return library + " (of Debian's package " + owner + ")"
	}
	return library
}

// owners are packages by the files that dpkg says are of them, without the /usr in front: Debian's packages name files in
// /lib and in /usr/lib, which are the same folder.
type owners map[string]string

// ownersIn reads dpkg's lists below a root, once for all files that are asked for.
func ownersIn(root string) owners {
	found := owners{}
	lists, err := filepath.Glob(filepath.Join(root, "var/lib/dpkg/info/*.list"))
	if err != nil {
		return found
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue
		}
		owner := strings.TrimSuffix(filepath.Base(list), ".list")
		for _, name := range strings.Split(string(text), "\n") {
			// Nothing but shared libraries and loaders is asked for.
			if name := strings.TrimPrefix(name, "/usr"); strings.Contains(name, ".so") && found[name] == "" {
				found[name] = owner
			}
		}
	}
	return found
}

// of names the package of a file below a root; empty where no package has it.
func (o owners) of(file, root string) string {
	name := "/" + strings.TrimPrefix(strings.TrimPrefix(file, root), "/")
	return o[strings.TrimPrefix(name, "/usr")]
}
