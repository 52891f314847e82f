// What one tenant's project is, as plain data, and the files that this makes. Tenants use the same module path and the same
// names; what differs is in the files. Every number that a project holds is printed by its program.
import { type Files, heavyFiles, libFiles, manyFiles, manyNames, modulesOf } from "./modules.ts";
import { sumLines } from "../support/module-proxy.ts";
import { SYSTEM_HEADER, systemHeader } from "./system.ts";
import { hotFile, profileOf } from "./profile.ts";

/** Where the module `lib` comes from. */
export type Layout = "proxy" | "vendor" | "workspace" | "replace";

/**
 * Everything about a project that an edit can change. Numbers have three digits each: two projects that differ in
 * numbers only have files of the same sizes. 0 means: not there.
 */
export interface Project {
  readonly layout: Layout;
  readonly goLine: "1.25" | "1.26";
  /** The first line of main.go: a setting, a comment of the same length, or none. */
  readonly debug: "absent" | "comment" | "set";
  readonly main: number;
  /** Set by the linker. */
  readonly stamp: number;
  /** The package that prints `value`: its folder, its file. */
  readonly folder: "a1" | "a2" | "b1";
  readonly file: "value.go" | "other.go" | "value_linux.go";
  readonly value: number;
  /** A further file of that package, which adds `extraValue` unless its name leaves it out. */
  readonly extra:
    | "absent"
    | "zz_generated.go"
    | "zz_generated_amd64.go"
    | "zz_generated_arm64.go"
    | "zz_test.go";
  readonly extraValue: number;
  /**
   * Assembly that includes nothing but what is in its folder, or headers of other folders as well (lib's, too); a service
   * whose results depend on what no key of the go command's holds is built in another way.
   */
  readonly assembly: "absent" | "near" | "outside";
  /** Assembly's constants: of a header beside it, of one in another folder, and of one that that one includes. */
  readonly near: number;
  readonly header: number;
  readonly nested: number;
  readonly text: number;
  readonly textFile: "a.txt" | "b.txt";
  /** Which of two files a constraint takes. */
  readonly pick: "first" | "second";
  readonly tag: boolean;
  /** The patch version of lib; the second differs from the first in a header that its assembly includes, and in nothing else. */
  readonly lib: 0 | 1 | 2;
  /** What that header says where lib is part of the tree, or of a proxy that only this tenant uses. */
  readonly libHeader: number;
  /** The tenant has a proxy whose lib of the same version says `libHeader`. */
  readonly foreign: boolean;
  /** The patch version of a module that takes long to compile. */
  readonly heavy: number;
  /** The patch version of one of ten further modules, from which on modules are compiled in groups. */
  readonly many: number;
  /** A constant in one of 61 further packages, from which on packages are compiled in strata. */
  readonly packages: number;
  /** Which of three headers the one in another folder is a symbolic link to; 0: it is a file. */
  readonly link: 0 | 1 | 2 | 3;
  /** Which release compiles; the older one only where go.mod's go line lets it. */
  readonly toolchain: "newest" | "older";
  /** Whether the description has a second service or a second program of one, and which of the two is compared. */
  readonly services: "one" | "first of two" | "second of two" | "first of one image" | "second of one image";
  /** Which function the profile beside the main package calls hot. */
  readonly profile: 0 | 1 | 2;
  /** A number in a package with C, in a header beside it; and one in a header of another folder, which `-I` leads to. */
  readonly cgo: number;
  readonly cHeader: number;
  /** With cgo: a number in a C++ package, which also includes the header of the package with C; 0: no such package. */
  readonly cxx: number;
  /** With cgo: Debian packages that are installed. C asks pkg-config for the first, and looks for a header of the second. */
  readonly debian: "none" | "zlib1g-dev" | "zlib1g-dev, liblzf-dev";
  /** With cgo: a number in a header of the system that no package has; 0: the system is the distribution's image. */
  readonly system: number;
}

/** The simplest project: what a failing sequence is made of when it is as small as can be. */
export const plainProject: Project = {
  layout: "proxy",
  goLine: "1.26",
  debug: "absent",
  main: 101,
  stamp: 101,
  folder: "a1",
  file: "value.go",
  value: 101,
  extra: "absent",
  extraValue: 101,
  assembly: "outside",
  near: 101,
  header: 101,
  nested: 101,
  text: 101,
  textFile: "a.txt",
  pick: "first",
  tag: false,
  lib: 0,
  libHeader: 101,
  foreign: false,
  heavy: 0,
  many: 0,
  packages: 0,
  link: 0,
  toolchain: "newest",
  services: "one",
  profile: 0,
  cgo: 0,
  cHeader: 101,
  cxx: 0,
  debian: "none",
  system: 0,
};

/** Which releases compile, in the builder and by hand, and the domain of all module paths of one play. */
export interface Names {
  readonly release: string;
  readonly olderRelease: string;
  /** Nothing that was built under another domain is of use to this one's projects: a builder is as new to them. */
  readonly domain: string;
}

const manyPackages = 61;
const tagName = "special";

/** The release that compiles a project. */
export const releaseOf = ({ toolchain, goLine }: Project, names: Names): string =>
  toolchain === "older" && goLine === "1.25" ? names.olderRelease : names.release;

interface Service {
  /** The build target. */
  readonly target: string;
  /** Directories of the main packages that it builds. */
  readonly mains: readonly string[];
  /** Name of the executable that is compared. */
  readonly file: string;
}

/** What is built of a project, and compared. */
export const serviceOf = ({ services }: Project): Service =>
  ({
    one: { target: "binary", mains: ["."], file: "app" },
    "first of two": { target: "app.binary", mains: ["."], file: "app" },
    "second of two": { target: "second.binary", mains: ["./cmd/second"], file: "second" },
    "first of one image": { target: "binary", mains: [".", "./cmd/second"], file: "app" },
    "second of one image": { target: "binary", mains: [".", "./cmd/second"], file: "second" },
  })[services];

const descriptionsOf: Readonly<Record<Project["services"], readonly string[]>> = {
  one: ["name: app"],
  "first of two": ["services: { app: { main: . }, second: { main: ./cmd/second } }"],
  "second of two": ["services: { app: { main: . }, second: { main: ./cmd/second } }"],
  "first of one image": ["name: app", "binaries: { app: ., second: ./cmd/second }"],
  "second of one image": ["name: app", "binaries: { app: ., second: ./cmd/second }"],
};

/** The arguments of `go build` that the description stands for. */
export function goBuildFlags(project: Project): readonly string[] {
  return [
    "-trimpath",
    "-buildvcs=false",
    ...(project.tag ? [`-tags=${tagName}${project.cgo > 0 ? ",netgo,osusergo" : ""}`] : []),
    ...(project.cgo > 0 && !project.tag ? ["-tags=netgo,osusergo"] : []),
    `-ldflags=-s -w -buildid= ${project.cgo === 0 ? "" : "-linkmode=external -extldflags=-static "}-X main.stamp=${project.stamp}`,
  ];
}

/** Symbolic links of a project: path and target. All targets have one length. */
export function linksOf({ assembly, link }: Project): Files {
  return assembly === "outside" && link > 0 ? { "include/header.h": `../headers/h${link}.h` } : {};
}

/** The files of a project, the description among them. */
export function filesOf(project: Project, names: Names): Files {
  const app = `${names.domain}/app`;
  return {
    "service.yaml": description(project, names),
    ...moduleFiles(project, names),
    "main.go": mainFile(project, names),
    ...valueFiles(project),
    ...(project.assembly === "absent" ? {} : assemblyFiles(project)),
    "text/text.go": [
      "package text",
      "",
      'import "embed"',
      "",
      "//go:embed data/*.txt",
      "var files embed.FS",
      "",
      "func Text() (all string) {",
      '\tentries, _ := files.ReadDir("data")',
      "\tfor _, entry := range entries {",
      '\t\tcontent, _ := files.ReadFile("data/" + entry.Name())',
      "\t\tall += entry.Name() + string(content)",
      "\t}",
      "\treturn all",
      "}",
      "",
    ].join("\n"),
    [`text/data/${project.textFile}`]: `${project.text}`,
    "pick/first.go": `//go:build ${project.pick === "first" ? " " : "!"}linux\n\npackage pick\n\nconst Name = "first"\n`,
    "pick/second.go": `//go:build ${project.pick === "first" ? "!" : " "}linux\n\npackage pick\n\nconst Name = "second"\n`,
    "pick/tagged.go": `//go:build ${tagName}\n\npackage pick\n\nconst Tagged = true\n`,
    "pick/untagged.go": `//go:build !${tagName}\n\npackage pick\n\nconst Tagged = false\n`,
    ...(project.packages === 0 ? {} : packageFiles(project.packages, app)),
    ...(project.cgo === 0 ? {} : cFiles(project)),
    ...(project.services === "one" ? {} : { "cmd/second/main.go": secondFile(project, names) }),
    ...(project.profile === 0 ? {} : { "default.pgo": profileOf(project.profile), "hot.go": hotFile }),
  };
}

function description(project: Project, names: Names): string {
  return [
    ...descriptionsOf[project.services],
    `go: "${releaseOf(project, names)}"`,
    "build:",
    `  vars: { main.stamp: "${project.stamp}" }`,
    ...(project.tag ? [`  tags: [${tagName}]`] : []),
    ...(project.cgo === 0 ? [] : [`  cgo: ${cgoSettings(project)}`]),
    "",
  ].join("\n");
}

const cgoSettings = ({ debian }: Project): string =>
  debian === "none" ? "true" : `{ packages: [${debian}] }`;

function mainFile(project: Project, { domain }: Names): string {
  const app = `${domain}/app`;
  const debug = { absent: [], comment: ["// o:debug tlsrsakex=1", ""], set: ["//go:debug tlsrsakex=1", ""] };
  const imports = [
    `${app}/${project.folder}`,
    ...(project.assembly === "absent" ? [] : [`${app}/asm`]),
    `${app}/pick`,
    `${app}/text`,
    `${domain}/lib`,
    ...(project.assembly === "outside" ? [`${domain}/lib/asm`] : []),
  ];
  const printed = [
    "stamp",
    `${project.main}`,
    "value.N",
    ...assemblyNames(project).map((name) => `asm.${name}()`),
    "text.Text()",
    "pick.Name",
    "pick.Tagged",
    "lib.N",
    ...(project.assembly === "outside" ? ["libasm.Header()"] : []),
  ];
  if (project.heavy > 0) {
    imports.push(`${domain}/heavy`);
    printed.push("heavy.N()");
  }
  if (project.profile > 0) printed.push("hot(stamp)");
  if (project.cgo > 0) {
    imports.push(`${app}/c`);
    imports.push(`${app}/system`, `${app}/found`, `${domain}/lib/c`);
    printed.push("c.Near()", "c.Header()", "c.Optional()");
    printed.push("system.Answer()", "found.Found()", "system.Header()", "libc.Header()");
    if (project.cxx > 0) {
      imports.push(`${app}/cxx`);
      printed.push("cxx.Number()", "cxx.Near()");
    }
  }
  if (project.many > 0) {
    const modules = manyNames(domain);
    imports.push(...modules);
    printed.push(...modules.map((path) => `${path.slice(path.lastIndexOf("/") + 1)}.N`));
  }
  if (project.packages > 0) {
    imports.push(`${app}/packages`);
    printed.push("packages.N");
  }
  const names = new Map([
    [`${app}/${project.folder}`, "value "],
    [`${domain}/lib/asm`, "libasm "],
    [`${domain}/lib/c`, "libc "],
  ]);
  const lines = imports.map((path) => {
    return `\t${names.get(path) ?? ""}"${path}"`;
  });
  return [
    ...debug[project.debug],
    "package main",
    "",
    "import (",
    ...lines,
    ")",
    "",
    "var stamp string",
    "",
    `func main() { println(${printed.join(", ")}) }`,
    "",
  ].join("\n");
}

function valueFiles({ folder, file, value, extra, extraValue }: Project): Files {
  return {
    [`${folder}/${file}`]: `package value\n\nvar N = ${value}\n`,
    ...(extra === "absent"
      ? {}
      : { [`${folder}/${extra}`]: `package value\n\nfunc init() { N += ${extraValue}000 }\n` }),
  };
}

function assemblyNames({ assembly }: Project): readonly string[] {
  const all = { absent: [], near: ["Near"], outside: ["Near", "Header", "Nested"] };
  return all[assembly];
}

function assemblyFiles(project: Project): Files {
  const { near, header, nested, link } = project;
  // A path in a header counts from the folder of the package, too (golang/go:src/cmd/asm/internal/lex/input.go).
  const outside = (value: number): string => `#include "../include/deep/nested.h"\n#define HEADER ${value}\n`;
  const names = assemblyNames(project);
  return {
    "asm/asm.go": `package asm\n\n${names.map((name) => `func ${name}() int64\n`).join("")}`,
    "asm/asm_amd64.s": [
      '#include "textflag.h"',
      '#include "near.h"',
      ...(project.assembly === "outside" ? ['#include "../include/header.h"'] : []),
      "",
      ...names.flatMap((name) => [
        `TEXT ·${name}(SB), NOSPLIT, $0-8`,
        `\tMOVQ $${name.toUpperCase()}, ret+0(FP)`,
        "\tRET",
        "",
      ]),
    ].join("\n"),
    "asm/near.h": `#define NEAR ${near}\n`,
    ...(link === 0 || project.assembly !== "outside"
      ? { "include/header.h": outside(header) }
      : { "headers/h1.h": outside(header), "headers/h2.h": outside(402), "headers/h3.h": outside(403) }),
    "include/deep/nested.h": `#define NESTED ${nested}\n`,
  };
}

/** A header that is not there would be taken by `__has_include`. */
function cFiles({ cgo, cHeader, cxx, debian, system }: Project): Files {
  return {
    ...(cxx === 0 ? {} : cxxFiles(cxx)),
    "system/system.go": [
      "package system",
      "",
      ...(debian === "none" ? [] : ["// #cgo pkg-config: zlib", "// #include <zlib.h>"]),
      "// #ifdef ZLIB_VERSION",
      "// static int answer(void) { return 1; }",
      "// #else",
      "// static int answer(void) { return 0; }",
      "// #endif",
      system === 0 ? "// #define SYSTEM 0" : `// #include <${SYSTEM_HEADER}>`,
      "// static int header(void) { return SYSTEM; }",
      'import "C"',
      "",
      "func Answer() int { return int(C.answer()) }",
      "func Header() int { return int(C.header()) }",
      "",
    ].join("\n"),
    "found/found.go": [
      "package found",
      "",
      "// #if __has_include(<liblzf/lzf.h>)",
      "// static int found(void) { return 1; }",
      "// #else",
      "// static int found(void) { return 0; }",
      "// #endif",
      'import "C"',
      "",
      "func Found() int { return int(C.found()) }",
      "",
    ].join("\n"),
    "c/c.go": [
      "package c",
      "",
      "// #cgo CPPFLAGS: -I${SRCDIR}/../cinclude",
      "// int near_number(void);",
      "// int header_number(void);",
      "// int optional_number(void);",
      'import "C"',
      "",
      "func Near() int { return int(C.near_number()) }",
      "func Header() int { return int(C.header_number()) }",
      "func Optional() int { return int(C.optional_number()) }",
      "",
    ].join("\n"),
    "c/numbers.c": [
      '#include "near.h"',
      "#include <header.h>",
      "#define OPTIONAL 0",
      '#if __has_include("../cinclude/optional.h")',
      '#include "../cinclude/optional.h"',
      "#endif",
      "int near_number(void) { return NEAR; }",
      "int header_number(void) { return HEADER; }",
      "int optional_number(void) { return OPTIONAL; }",
      "",
    ].join("\n"),
    "c/near.h": `#define NEAR ${cgo}\n`,
    "cinclude/header.h": `#define HEADER ${cHeader}\n`,
    ...(cHeader === 103 ? { "cinclude/optional.h": "#undef OPTIONAL\n#define OPTIONAL 1\n" } : {}),
  };
}

/** C++ whose key the go command makes without the header of the other folder. */
const cxxFiles = (cxx: number): Files => ({
  "cxx/cxx.go": [
    "package cxx",
    "",
    "// int cxx_number(void);",
    "// int cxx_near(void);",
    'import "C"',
    "",
    "func Number() int { return int(C.cxx_number()) }",
    "func Near() int { return int(C.cxx_near()) }",
    "",
  ].join("\n"),
  "cxx/number.cpp": [
    "#include <string>",
    '#include "number.h"',
    '#include "../c/near.h"',
    'extern "C" int cxx_number(void) { return std::stoi(std::to_string(CXX)); }',
    'extern "C" int cxx_near(void) { return NEAR; }',
    "",
  ].join("\n"),
  "cxx/number.h": `#define CXX ${cxx}\n`,
});

/** Headers of the system that a project's C finds, for those who compile it where the packages are not installed. */
export const systemHeaders = ({ debian, system }: Project): Files => ({
  ...(debian === "none" ? {} : { "zlib.h": '#define ZLIB_VERSION "1"\n' }),
  ...(debian === "zlib1g-dev, liblzf-dev" ? { "liblzf/lzf.h": "\n" } : {}),
  ...(system === 0 ? {} : { [SYSTEM_HEADER]: systemHeader(system) }),
});

/** The second service shares packages with the first. */
function secondFile({ folder, main }: Project, { domain }: Names): string {
  const app = `${domain}/app`;
  return [
    "package main",
    "",
    "import (",
    `\tvalue "${app}/${folder}"`,
    `\t"${app}/text"`,
    `\t"${domain}/lib"`,
    ")",
    "",
    "var stamp string",
    "",
    `func main() { println("second", stamp, ${main}, value.N, text.Text(), lib.N) }`,
    "",
  ].join("\n");
}

function packageFiles(constant: number, app: string): Files {
  const names = Array.from({ length: manyPackages }, (_, at) => `p${at}`);
  const sum = names.map((name) => `${name}.N`).join(" + ");
  const imports = names.map((name) => `\t"${app}/packages/${name}"\n`).join("");
  return {
    "packages/packages.go": `package packages\n\nimport (\n${imports})\n\nvar N = ${sum}\n`,
    ...Object.fromEntries(
      names.map((name) => [
        `packages/${name}/${name}.go`,
        `package ${name}\n\nvar N = ${name === "p7" ? constant : 1}\n`,
      ]),
    ),
  };
}

/** go.mod, go.sum, go.work, vendor and what is beside the service's own module. */
function moduleFiles(project: Project, names: Names): Files {
  const { layout, goLine, lib, libHeader, heavy, many } = project;
  const { domain } = names;
  const all = modulesOf(names, project);
  const required = new Map<string, string>();
  if (layout !== "workspace") required.set(`${domain}/lib`, `v1.0.${lib}`);
  if (heavy > 0) required.set(`${domain}/heavy`, `v1.0.${heavy}`);
  if (many > 0) {
    manyNames(domain).forEach((path, at) => required.set(path, at === 3 ? `v1.0.${many}` : "v1.0.0"));
  }
  const sorted = [...required].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const fetched = sorted.filter(([path]) => layout !== "replace" || path !== `${domain}/lib`);
  const sums = sumLines(
    Object.fromEntries(
      fetched.map(([path, version]) => [`${path}@${version}`, all[`${path}@${version}`] ?? {}]),
    ),
  );
  const goMod = [
    `module ${domain}/app`,
    "",
    `go ${goLine}`,
    "",
    ...sorted.map(([path, version]) => `require ${path} ${version}`),
    ...(layout === "replace" ? ["", `replace ${domain}/lib => ./libs/lib`] : []),
    "",
  ].join("\n");
  const inTree = libFiles(domain, { version: lib, header: libHeader });
  const at = (folder: string, files: Files, except: readonly string[] = []): Files =>
    Object.fromEntries(
      Object.entries(files).flatMap(([path, text]) =>
        except.includes(path) ? [] : [[`${folder}/${path}`, text]],
      ),
    );
  switch (layout) {
    case "proxy":
      return { "go.mod": goMod, "go.sum": sums };
    case "replace":
      return { "go.mod": goMod, "go.sum": sums, ...at("libs/lib", inTree) };
    case "workspace":
      return {
        "go.mod": goMod,
        "go.sum": sums,
        "go.work": `go ${goLine}\n\nuse (\n\t.\n\t./libs/lib\n)\n`,
        ...at("libs/lib", inTree),
      };
    case "vendor":
      return {
        "go.mod": goMod,
        "go.sum": sums,
        "vendor/modules.txt": vendoredModules(sorted, domain),
        ...at(`vendor/${domain}/lib`, inTree, ["go.mod"]),
        ...(heavy > 0 ? at(`vendor/${domain}/heavy`, heavyFiles(domain, heavy), ["go.mod"]) : {}),
        ...Object.fromEntries(
          (many > 0 ? manyNames(domain) : []).flatMap((path, index) =>
            Object.entries(at(`vendor/${path}`, manyFiles(path, index === 3 ? many : 0), ["go.mod"])),
          ),
        ),
      };
  }
}

/** As `go mod vendor` writes it (golang/go:src/cmd/go/internal/modcmd/vendor.go). */
function vendoredModules(
  required: readonly (readonly [path: string, version: string])[],
  domain: string,
): string {
  return required
    .flatMap(([path, version]) => [
      `# ${path} ${version}`,
      "## explicit; go 1.21",
      path,
      ...(path === `${domain}/lib` ? [`${path}/asm`, `${path}/c`] : []),
      ...(manyNames(domain).includes(path) ? ["a", "b", "c"].map((name) => `${path}/${name}`) : []),
      "",
    ])
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("");
}
