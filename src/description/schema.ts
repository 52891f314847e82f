import * as z from "zod/mini";
import { binaryPath, imageReference } from "./image-values.ts";
import { image } from "./schema-image.ts";
import { document, fewEnough, INTERPOLATED, key, list, map, obey, text } from "./schema-keys.ts";
import { cgo } from "./schema-cgo.ts";
import { type hostAuth, modules } from "./schema-modules.ts";
import * as flags from "./compiler-flags.ts";
import * as settings from "./go-settings.ts";
import { profiles } from "./schema-profiles.ts";
import { steps } from "./schema-steps.ts";
import * as rules from "./values.ts";

const build = z.strictObject({
  tags: key(list(text(rules.buildTag), 64), {
    description: "Build tags, as in `go build -tags`.",
    words: "a list of build tags",
    example: "tags: [netgo, osusergo]",
    fallback: "none",
  }),
  vars: key(map(rules.varName), {
    description: `Package variables of type string that the linker sets (its \`-X\` flag), by import path and name. They are put in at link time only, so a new value compiles nothing. ${INTERPOLATED}`,
    words: "a map of package variables to text",
    example: 'vars: { main.version: "${version}", main.commit: "${git.commit}" }',
    fallback: "none",
  }),
  strip: key(z.boolean(), {
    description:
      "Whether the symbol table and DWARF are left out of the binary (the linker's `-s -w`). Stack traces stay as they are; debuggers and `go tool nm` need `false`, or the file of `--target NAME.symbols`.",
    words: "true or false",
    example: "strip: false",
    fallback: "`true`",
  }),
  pgo: key(z.union([text(rules.pgoSetting), profiles]), {
    description:
      "Profile-guided optimization: `auto` uses `default.pgo` in the main package's directory when there is one, `off` uses none, and anything else is the path of a CPU profile, relative to `module`. A list names profiles that are merged, from the tree, from a URL with its checksum, or from an image: `[./cpu.pgo, { url: …, checksum: … }, { image: …, path: … }]`. What is compiled is keyed by what the profile holds, wherever it comes from.",
    words: "auto, off, the path of a profile or a list of profiles",
    example: "pgo: ./profiles/cpu.pgo",
    fallback: "`auto`",
  }),
  experiments: key(list(text(flags.experiment), 32), {
    description:
      "Experiments of the Go release that are turned on, or off with `no` before the name (`GOEXPERIMENT`). All packages are compiled with them, the standard library too.",
    words: "a list of experiments",
    example: "experiments: [jsonv2]",
    fallback: "what the toolchain has turned on",
  }),
  levels: key(map(flags.levelName).check(obey(flags.levelValues)), {
    description:
      "The level of an architecture that the compiler may use, in the words of `GO386`, `GOAMD64`, `GOARM`, `GOARM64`, `GOMIPS`, `GOMIPS64`, `GOPPC64` and `GORISCV64`. Where the platform has a variant (`linux/amd64/v3`, `linux/arm/v6`), that counts. A binary ends at once on a processor below its level.",
    words: "a map of architectures to levels",
    example: "levels: { amd64: v3, ppc64le: power9 }",
    fallback: "the platform's variant, else Go's own default",
  }),
  gcflags: key(list(text(flags.toolFlag("gcflags")), 16), {
    description:
      "Flags of the compiler, for all packages (`-gcflags=all=…`). Only those that change code or debug information are handed on.",
    words: "a list of flags",
    example: "gcflags: [-N, -l]",
    fallback: "none",
  }),
  asmflags: key(list(text(flags.toolFlag("asmflags")), 16), {
    description: "Flags of the assembler, for all packages (`-asmflags=all=…`).",
    words: "a list of flags",
    example: "asmflags: [-D=NAME=1]",
    fallback: "none",
  }),
  ldflags: key(list(text(flags.toolFlag("ldflags")), 16), {
    description:
      "Flags of the linker, beside those that `vars` and `strip` stand for. None that runs a program or reads a file is handed on.",
    words: "a list of flags",
    example: "ldflags: [-checklinkname=0]",
    fallback: "none",
  }),
  mode: key(z.enum(["exe", "pie"]), {
    description:
      "The kind of executable (`-buildmode`). `pie` can be loaded at any address. On Linux the dynamic loader of the C library has to move it there, so the image needs a base with glibc, though the program calls nothing of it; Go links it for amd64, arm64, loong64 and ppc64le. For other architectures it would need a C toolchain. With `cgo: true` the C toolchain links one that needs no loader (static-pie). On Windows and macOS executables always are of this kind.",
    words: "exe or pie",
    example: "mode: exe",
    fallback: "`exe`",
  }),
  cover: key(z.union([z.boolean(), list(text(settings.coverPattern), 64, 1)]), {
    description:
      "Whether the binary counts which statements run (`go build -cover`): `true` for the packages of the main module, in a workspace of all of its modules; or a list of import paths, in which `...` stands for any text (`-coverpkg`), to which the main package is added. When the program ends, it writes the counts into the folder that its environment names, `GOCOVERDIR`, for `go tool covdata`. What is compiled of other modules is shared with a service that counts nothing, unless a list names it.",
    words: "true, false or a list of import paths",
    example: "cover: true",
    fallback: "`false`",
  }),
  race: key(z.boolean(), {
    description:
      "Whether the program reports data races while it runs (`go build -race`), for a twin that is tested and not for what serves: it takes five to ten times the memory, and two to twenty times the time. All packages are compiled with it, the standard library too. Files with the build constraint `race` are in. On Linux it takes `cgo: true`, of glibc, and the binary is static all the same; on macOS it takes none. A program that has reported a race ends with exit code 66; `GORACE` of its environment says otherwise.",
    words: "true or false",
    example: "race: true",
    fallback: "`false`",
  }),
  asan: key(z.boolean(), {
    description:
      "Whether the program reports wrong use of memory that C allocates: behind its end, after it was freed, never freed (`go build -asan`). All packages are compiled with it, Go and C, and files with the build constraint `asan` are in. It takes `cgo: { link: dynamic }`, since its library, Debian's libasan8, cannot be linked statically: on `static` and `scratch` it is put beside the binary, an image as base has to have it. A builder of the target's architecture compiles it. `ASAN_OPTIONS` of its environment has its settings. There is no `msan`: it takes clang, and C is compiled with gcc.",
    words: "true or false",
    example: "asan: true",
    fallback: "`false`",
  }),
  fips140: key(text(settings.fipsVersion), {
    description:
      "The version of Go's FIPS 140-3 cryptographic module that is linked (`GOFIPS140`), which the program then uses by default (`GODEBUG=fips140=on`): `latest` is the one in the release's own source, `certified` and `inprocess` are versions that the release names, `v1.0.0` is one that it holds. `go version -m` and `crypto/fips140.Enabled` tell. It takes Go 1.24.",
    words: "latest, certified, inprocess, off or a version",
    example: "fips140: v1.0.0",
    fallback: "`off`",
  }),
  godebug: key(map(settings.godebugName).check(obey(settings.godebugValues)), {
    description:
      "What the program's GODEBUG settings are unless its environment says otherwise, as `godebug` lines of go.mod say it: they are put over those of go.mod, or of go.work in a workspace, for the link alone, so a new value compiles nothing. `godebug: { default: go1.23 }` takes all settings of a release. A `//go:debug` line of the main package counts more, and where it says otherwise that is an error. It takes Go 1.23.",
    words: "a map of settings to text",
    example: 'godebug: { http2client: "0" }',
    fallback: "what go.mod, go.work and the main package say",
  }),
  cgo: key(cgo, {
    description:
      'Whether files with `import "C"` are compiled, with the C, C++ and other files of their packages; a map says how. The compilers come from Debian 12, for `linux/amd64` and `linux/arm64`; each compiles for the other without emulation. `true` is a static binary with glibc.',
    words: "true, false or a map with libc, link and packages",
    example: "cgo: { link: dynamic, packages: [libsqlite3-dev] }",
    fallback: "`false`",
  }),
  buildId: key(z.boolean(), {
    description:
      "Whether executables for Linux hold a GNU build id (`readelf -n`), by which debuggers, profilers and debuginfod find the file with symbols: that of `--target NAME.symbols` has the same. It is made of what the linker wrote, so equal code has equal ids; in all else the executable is the one without. A further step writes it behind the link.",
    words: "true or false",
    example: "buildId: true",
    fallback: "`false`",
  }),
  vcs: key(z.union([z.boolean(), z.literal("auto")]), {
    description:
      "Whether the binary tells its commit, as `go version -m` and `debug.ReadBuildInfo` show it: `vcs.revision`, `vcs.time`, `vcs.modified` and the main module's version. They are put in at link time only: a new commit links, and compiles nothing. `auto` tells the commit where the program can read it: a package of its own calls `debug.ReadBuildInfo`, or it imports a package that is known for that, such as github.com/prometheus/common/version.",
    words: "true, false or auto",
    example: "vcs: true",
    fallback: "`auto`",
  }),
  dirty: key(z.enum(["mark", "ignore", "fail"]), {
    description:
      "What is done about files that differ from the commit. `mark` says so: `${git.describe}` ends in `-dirty`, `vcs.modified` is true and the version ends in `+dirty`; `ignore` does not; `fail` refuses the build, also where nobody can tell. The files that the service is made of count, with its go.mod and go.sum: an edit of a README changes no binary. Files that git ignores do not count. A git context tells the commit, and so does a `.git` in the root of the build context.",
    words: "mark, ignore or fail",
    example: "dirty: fail",
    fallback: "`mark`",
  }),
});

/** Of one service. An image of more programs is a base image; argo-cd, which has most, has eight. */
const MOST_BINARIES = 32;

const binary = z.union([
  text(rules.inModulePath),
  z.strictObject({
    main: key(text(rules.inModulePath), {
      description: "The directory of the main package, relative to `module`.",
      words: "a directory",
      example: "main: ./cmd/promtool",
      fallback: "the main package in a directory of the binary's name, or else as of the service's `main`",
    }),
    module: key(text(rules.insidePath), {
      description:
        "The directory of the binary's module in the build context. Binaries of a service may be of several modules, with a `go.work` and without. They are compiled with the same Go release, the newest that any of them asks for.",
      words: "a directory",
      example: "module: ./etcdctl",
      fallback: "the service's `module`",
    }),
    path: key(text(binaryPath), {
      description:
        "Where the executable stands in the image. A link of the base in its way is followed, as where `/bin` is a link to `usr/bin`. So the base is pulled and unpacked, which the default path does not need.",
      words: "an absolute path",
      example: "path: /bin/promtool",
      fallback: "`/usr/local/bin/NAME`",
    }),
  }),
]);
document(binary, {
  description:
    "A binary, by the name of its executable: the directory of its main package, or a map that says more.",
  words: "a directory, or a map with main, module and path",
  example: "promtool: { main: ./cmd/promtool, path: /bin/promtool }",
  fallback: "none",
});

/** What a service can say for itself; outside of `services:` it holds for all. */
const ownKeys = {
  module: key(text(rules.insidePath), {
    description: "The directory of the Go module (with its go.mod) in the build context.",
    words: "a directory",
    example: "module: ./services/orders",
    fallback: "`.`",
  }),
  main: key(text(rules.inModulePath), {
    description: "The directory of the main package, relative to `module`.",
    words: "a directory",
    example: "main: ./cmd/orders",
    fallback:
      "the main package in the directory of `module`, or else the module's only main package (in `cmd` and below it, where `cmd` has any); several are an error that lists them",
  }),
  binaries: key(
    z
      .record(z.string().check(obey(rules.binaryName)), binary)
      .check(obey(fewEnough(MOST_BINARIES, "binaries", "make two images of them"))),
    {
      description:
        "Several binaries in one image, by their names, in place of `main`. They are linked from the same compiled packages, and every binary is cached by itself: an edit in the main package of a binary links only that binary. The image starts the first binary, unless `entrypoint` says otherwise.",
      words: "a map of names to directories",
      example: "binaries: { prometheus: ./cmd/prometheus, promtool: ./cmd/promtool }",
      fallback: "a single binary of `main`, with the service's name",
    },
  ),
  platforms: key(list(text(rules.platformText), 16, 1), {
    description:
      "What the image is built for, in Go's names. `--platform` of the client comes first. Where the client names no platform, BuildKit ends the build with the warning that requested and result platforms do not match: it compares the result with the builder's own platform. The image is right; `--platform` with the same list, or `platforms` of a bake target, ends the warning.",
    words: "a list of platforms",
    example: "platforms: [linux/amd64, linux/arm64]",
    fallback: "the platform of the builder",
  }),
  build: key(build, {
    description:
      "How the service is compiled and linked. Always: `-trimpath`, no build id of Go's, nothing of the machine.",
    words: "a map",
    example: "build: { tags: [netgo] }",
    fallback: "a static, stripped, reproducible binary",
  }),
  steps: key(steps, {
    description:
      "Programs that run before the compiler, by name: they build what is embedded, or generate code. A step runs once on the builder's platform, whatever the target platforms are. It sees its `inputs` and no other file, and has no network unless it says so. A step of which the service imports and embeds nothing gets a warning. Whether the same inputs give the same outputs is up to the program: times, random names and what it fetches are not taken out of them.",
    words: "a map of steps",
    example:
      "steps: { web: { image: node:24, run: [[npm, run, build]], inputs: [web], outputs: [web/dist] } }",
    fallback: "none",
  }),
  image: key(image, {
    description: "What the image holds besides its binaries, and how it runs.",
    words: "a map",
    example: "image: { ports: [8080] }",
    fallback: "the binary, CA roots and time zones, run by a user that is not root",
  }),
};

const service = z.strictObject({
  extends: key(text(rules.serviceKey), {
    description:
      "Another service of this file, whose keys this service takes over: the same binaries on another base, with other flags, or with a further binary. What is written here comes first: lists and single values replace those of the other service, and maps (`vars`, `levels`, `godebug`, `env`, `labels`, `links`, `binaries`, `steps`) add to them. A service without a `main` or `binaries` of its own has the executables of the other service, under their names. What is alike is compiled and linked once.",
    words: "the name of a service",
    example: "extends: orders",
    fallback: "none",
  }),
  ...ownKeys,
});
document(service, {
  description: "A service, by the name of its target.",
  words: "a map",
  example: "orders: { main: ./cmd/orders }",
  fallback: "",
});

/** The description: every key optional, unknown keys refused. What comes out is what the values mean, not their text. */
export const descriptionSchema = z.strictObject({
  name: key(text(rules.serviceName), {
    description:
      "The name of the service, and of its binary where `binaries` names none: `/usr/local/bin/NAME` in the image. With `services:` each service's key is its name.",
    words: "a name",
    example: "name: orders",
    fallback: "the last element of the module path",
  }),
  go: key(text(rules.goVersionText), {
    description:
      "The Go release that compiles, in quotes. The same rule holds for this key, for `toolchain` and `go` lines, and for go.work: a version names a minor release, of which the newest patch compiles, since lines of go.mod are minimums and patches are security fixes. Only a patch that is written here is taken exactly.",
    words: "a version in quotes",
    example: 'go: "1.26"',
    fallback:
      "the newest patch of the release in go.mod's `toolchain` or `go` line, whichever is newer; in a workspace of go.work's",
  }),
  toolchain: key(text(imageReference), {
    description:
      "An image with the Go toolchain in place of the official one, for a mirror or a patched Go. It may hold any release that takes the module, and what it sets in its environment counts (`GOEXPERIMENT`, `GOAMD64`), except for `GOFLAGS`, `GOENV`, `GOWORK` and `GO111MODULE`.",
    words: "an image reference",
    example: "toolchain: registry.corp.example/golang:1.26",
    fallback: "`golang:<go>-alpine`, or `golang:<go>-bookworm` where modules may come from git repositories",
  }),
  ...ownKeys,
  args: key(map(rules.argName), {
    description:
      "Build arguments and their defaults, for `--build-arg`. Values use them as `${name}`. They are no place for secrets: provenance records them.",
    words: "a map of names to text",
    example: "args: { version: dev }",
    fallback: "none",
  }),
  modules: key(modules, {
    description: "Where modules come from.",
    words: "a map",
    example: "modules: { private: [github.com/acme/*] }",
    fallback: "the public proxy",
  }),
  patches: key(list(text(rules.insidePath), 32), {
    description:
      "Changes of the source tree, as unified diffs that stand in it (`git diff`, `git format-patch`), relative to the build context. They are made in this order before anything else is read, of text files alone. What a patch takes away has to be there letter by letter, at the lines that it names or near them. A patch of go.mod and go.sum raises versions, and one of `vendor` changes other modules; a module that is downloaded is changed by a copy in the tree, which `modules.edit.replace` names.",
    words: "a list of paths",
    example: "patches: [patches/0001-keep-connections.patch]",
    fallback: "none",
  }),
  services: key(z.record(z.string().check(obey(rules.serviceKey)), service), {
    description:
      "Several services of a repository, which are build targets. The keys outside of `services` hold for all of them. Inside, lists and single values replace what is outside, and maps (`vars`, `levels`, `godebug`, `env`, `labels`, `links`, `binaries`, `steps`) add to it.",
    words: "a map of services",
    example: "services: { orders: { main: ./cmd/orders }, worker: { main: ./cmd/worker } }",
    fallback: "a single service",
  }),
});

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** A description as it was read: every value means something, nothing is filled in. */
export type Description = DeepReadonly<z.output<typeof descriptionSchema>>;

/** `build:` as read. */
export type BuildDescription = NonNullable<Description["build"]>;

/** `build.cgo:` as read. */
export type CgoEntry = NonNullable<BuildDescription["cgo"]>;

/** `image:` as read. */
export type ImageDescription = NonNullable<Description["image"]>;

/** One entry of `image.files:` as read. */
export type FileEntry = NonNullable<ImageDescription["files"]>[number];

/** One entry of `image.dirs:` as read: the path alone, or a map. */
export type DirectoryEntry = NonNullable<ImageDescription["dirs"]>[number];

/** One entry of `steps:` as read. */
export type StepDescription = NonNullable<Description["steps"]>[string];

/** One entry of `services:` as read. */
export type ServiceEntry = NonNullable<Description["services"]>[string];

/** One entry of `binaries:` as read: the directory alone, or a map. */
export type BinaryEntry = NonNullable<ServiceEntry["binaries"]>[string];

/** One entry of a list of profiles as read: a path, or a map. */
export type ProfileEntry = Extract<BuildDescription["pgo"], readonly unknown[]>[number];

/** How one host is logged in to, as read. */
export type HostAuth = DeepReadonly<z.output<typeof hostAuth>>;
