/**
 * Every code a user can meet. A code keeps its meaning for good; a new meaning gets a new code.
 * `docs/errors.md` is made from this table (`node scripts/gen-docs.ts`).
 */
export const CODES = {
  // The main package.
  GF001: entry(
    "main is not a main package",
    "The directory that `main` names holds a library package. Only `package main` can be built into a service. The help line lists the main packages nearest to it.",
  ),
  GF002: entry(
    "main does not exist",
    "No directory of that name is in the build context. `main` is a directory relative to `module` (default: the root of the build context), like `./cmd/orders`.",
  ),
  GF003: entry(
    "a path leads outside",
    "A path of a description stays inside the build context: it is relative, and has no `..` once it is cleaned. Run the build from a directory further up and name the module with `module:`.",
  ),
  GF004: entry(
    "excluded by .dockerignore",
    "The build needs a file that `.dockerignore` excludes, so the client never sends it. A Dockerfile that only copies a binary often comes with a `.dockerignore` of `*`. Bring back what the build needs below that line (`!go.mod`, `!go.sum`, `!**/*.go`). Or write an ignore file for this description alone, named after it: `service.yaml.dockerignore` replaces `.dockerignore`, and may be empty.",
  ),
  GF005: entry(
    "several main packages and none chosen",
    "The module holds more than one main package, so `main` must say which is the service, or `services:` must name several.",
  ),
  GF006: entry(
    "no main package",
    "No directory of the module holds `package main` for the target platform. A library cannot become an image. Build constraints (`//go:build`) count.",
  ),
  GF007: entry(
    "main belongs to another module",
    "A go.mod between the module's directory and `main` starts another module. Name that one with `module:`, or list it in go.work.",
  ),
  GF008: entry(
    "an import leads nowhere",
    "A Go file of the service imports a package that nothing provides: no module that go.mod requires, no directory of the module. For a package of another module, run `go mod tidy`. A package of the service itself has to be written, generated or brought back.",
  ),
  GF009: entry(
    "a generated file is not there",
    "A `//go:embed` pattern matches no file of the build context: Go refuses that. It is a warning where a `//go:generate` line names a Go file that `.gitignore` leaves out and that is not there. A build runs no generators but those that `steps:` describes. Describe it there, or run it before the build (`go generate ./...`, or whatever makes the file).",
  ),

  // The module.
  GF010: entry(
    "no go.mod",
    "The directory that `module` names (default: the root of the build context) holds no go.mod.",
  ),
  GF011: entry(
    "go.sum is missing",
    "go.mod requires modules, and no go.sum holds their hashes. Run `go mod tidy` and commit go.sum.",
  ),
  GF012: entry(
    "go.sum is incomplete",
    "A required module has no line in go.sum. A build never writes go.sum: run `go mod tidy` and commit the result. In a workspace a build completes its copy of go.work.sum, as Go does.",
  ),
  GF013: entry(
    "replace leads nowhere",
    "A `replace` in go.mod (or a `use` in go.work) names a directory that is outside the build context, or that holds no go.mod. Build from a common parent directory and set `module:`, publish the module, or remove the line.",
  ),
  GF014: entry(
    "Go version too old for the module",
    "go.mod asks for a newer Go than the description chooses. Raise `go:`, or leave it out and let go.mod decide.",
  ),
  GF015: entry(
    "the Go release is too old for a setting",
    "A setting of `build` takes a newer Go than the one that compiles: `fips140` takes Go 1.24, `godebug` Go 1.23. An older one would pass over it. Raise `go:` or the go line of go.mod. Where the client or the description names the toolchain's image, the go line of go.mod is all that is known of it.",
  ),
  GF016: entry(
    "go.mod, go.work or go.sum cannot be read",
    "A line of go.mod, go.work or go.sum does not follow its grammar (https://go.dev/ref/mod), or the release of Go that compiles does not know its directive. Or two lines contradict each other: two `replace` of one module, two required versions of it, a version that is required and excluded, two modules of a workspace with one path. Go would have to write the file anew, which a build does not. Or go.mod, go.work, go.sum or vendor/modules.txt is larger than the limit (docs/limits.md).",
  ),
  GF017: entry(
    "vendor directory does not match",
    "vendor/modules.txt and go.mod disagree. Run `go mod vendor` and commit the result, or remove the folder.",
  ),
  GF018: entry(
    "Go source cannot be read",
    "A Go file of the service, or the directory of a package, is a symbolic link that leads out of the build context, or to nothing. Build from a directory that holds both the link and its target and set `module:`, or put a copy in the link's place. A file whose name is not UTF-8 has this code too.",
  ),
  GF019: entry(
    "the source tree is too large to follow exactly",
    "The imports of the main package led past a limit of the scanner: too many packages or files, or a file whose imports are not in its first 2 MiB. So the builder gets the directories of the modules instead of exact files. The result is right; the build is slower.",
  ),

  // The file as YAML.
  GF020: entry(
    "an unquoted version is a number",
    'YAML reads `1.20` as the number 1.2, so the zero is lost. Put versions in quotes: `go: "1.20"`.',
  ),
  GF021: entry(
    "unknown key",
    "The description has no such key at this place. The help line names the nearest one and all that are allowed.",
  ),
  GF022: entry("a key appears twice", "A YAML parser would silently keep one of the two. Merge them."),
  GF023: entry("a tab is used for indentation", "YAML forbids tabs in indentation. Use two spaces."),
  GF024: entry(
    "a YAML feature that descriptions do without",
    "Anchors, aliases, merge keys, tags, directives and further documents are not supported: a description is plain data, read the same by everyone. Write the value out.",
  ),
  GF025: entry(
    "wrong type",
    "The value has a type that the key does not take: text in place of a list, or a number in place of text.",
  ),
  GF026: entry("not valid YAML", "The file cannot be read as YAML 1.2."),
  GF027: entry(
    "empty description",
    "The file is empty. The smallest description is one line: `# syntax=org/go-frontend`.",
  ),
  GF028: entry(
    "description too large",
    "Descriptions are at most 256 KiB, 32 levels deep and 10,000 values. Real ones are a few hundred lines.",
  ),
  GF029: entry(
    "description is not text",
    "The file is not UTF-8 text, or holds control or invisible characters that would hide what it says.",
  ),

  // Platforms and targets.
  GF030: entry(
    "unknown platform",
    "Platforms are written `os/arch` or `os/arch/variant` with Go's names, and must be ones Go can compile for.",
  ),
  GF031: entry(
    "the builder cannot hold several platforms",
    'The classic image store of Docker Engine, its default before Engine 29, holds images of one platform. An image of several platforms can neither be loaded into it nor pushed from it. Build for one platform (`--platform linux/amd64`), turn on the containerd image store (`{ "features": { "containerd-snapshotter": true } }` in /etc/docker/daemon.json), or use a builder beside the engine (`docker buildx create --use`) with `--push`. Executables (`--target binary`) are built for several platforms anywhere.',
  ),
  GF032: entry("unknown target", "`--target` names none of the targets of this description."),
  GF033: entry(
    "unknown build argument",
    "`--build-arg` gives an argument that `args:` does not declare. It has no effect.",
  ),
  GF034: entry(
    "the platform cannot be built here",
    "Go knows the platform, but this kind of result does not exist for it: images are made for linux, position-independent executables need a C toolchain on some platforms, and the detectors of `race` and `asan` are there for a few.",
  ),

  // Values.
  GF040: entry(
    "value not allowed",
    "The value does not have the form this key takes. Values have types and never become part of a command line that is parsed again, so a value can say only what its key describes.",
  ),
  GF041: entry(
    "not an image reference",
    "Image references are written `name`, `name:tag` or `host/name@sha256:…`, in lower case, without credentials.",
  ),
  GF042: entry(
    "unknown variable",
    "`${name}` stands for a key of `args:` or for one of the built-in names. A dollar sign itself is written `$$`.",
  ),
  GF043: entry("keys that do not fit together", "Two keys contradict each other, or one needs the other."),
  GF044: entry(
    "reserved name",
    "The name has a meaning of its own to BuildKit, Docker or this frontend, so a description cannot use it.",
  ),
  GF045: entry(
    "the image cannot start",
    "A container of this image starts with a user or a program that is not in the image. `static` has the users root, nobody and nonroot; `scratch` has none; user and group ids work everywhere. The only programs in either are the service's binaries: `/usr/local/bin/NAME`, where NAME is the service's name, unless `binaries` says otherwise.",
  ),
  GF046: entry(
    "a file that the description names is not there",
    "The build context holds no such file, or the file does not hold what it is named for: one that stands for a variable (`${file:VERSION}`) holds one line of text. The path of a profile or of such a file is relative to the module's directory, the inputs of a step are relative to the build context. A file that `.dockerignore` leaves out is not in the build context.",
  ),
  GF047: entry(
    "a variable that the linker cannot set",
    "`build.vars` names a package variable that is not there, that is not a variable of type string, or that the program itself sets when it starts. The linker refuses a variable of another type and silently ignores the others. Packages of the source tree are checked before anything is compiled; packages of other modules are not checked.",
  ),

  GF048: entry(
    "not known of the commit",
    "A value uses what nobody knows of the commit, such as `${git.time}`, and gets the text `unknown`; or the description says `dirty: fail` and the tree differs from the commit, or nobody can tell. docker buildx tells the commit of a work tree and nothing more. The rest is told by a git repository as build context, and by a `.git` in the root of the build context, of which what a stamp needs is read and no step sees anything. `--build-arg` passes any value.",
  ),

  // Secrets, ssh and private modules.
  GF050: entry(
    "a secret was not provided",
    "The description asks for a secret that the client did not hand in. Secrets come from the client: `--secret id=NAME,src=FILE` or `--secret id=NAME,env=VARIABLE`.",
  ),
  GF051: entry(
    "no ssh agent was forwarded",
    "The description fetches modules over ssh, and the client forwarded no agent. Add `--ssh default`, with the key loaded (`ssh-add`).",
  ),
  GF052: entry(
    "a private module cannot be fetched",
    "The public module proxy does not have the module, or the server refused. List it under `modules.private` and say how to log in under `modules.auth`. For a refusal (401, 403) the message names the server, the module and the secret that the server was given.",
  ),
  GF053: entry(
    "a build argument or variable looks like a secret",
    "Build arguments are written into provenance and environment variables into the image, for everyone to read. Hand secrets to the running service, or to the build with `--secret`. A login in `--build-arg GOPROXY` or `GOSUMDB` is an error: pass the address alone, and the login as a secret in netrc form (`modules: { auth: { netrc: ID } }`).",
  ),
  GF054: entry(
    "known hosts do not fit",
    "The lines of `knownHosts` pin the keys of an ssh server, as in a known_hosts file. ssh refuses a server that they do not name.",
  ),
  GF055: entry(
    "not allowed here",
    "The description asks for a secret, an ssh agent, a host of modules or profiles, or a toolchain image that is not on the list of whoever runs the build (`--build-arg GO_FRONTEND_ALLOW_SECRETS=…`, `GO_FRONTEND_ALLOW_HOSTS`, `GO_FRONTEND_ALLOW_TOOLCHAINS`). Where there is a list of hosts, a step has no network, since it would reach any host. Secrets of steps have a list of their own (`GO_FRONTEND_ALLOW_STEP_SECRETS`), since a step may write them anywhere. A description cannot change these lists.",
  ),

  // Steps of the description.
  GF056: entry(
    "a step did not write its output",
    "A step of `steps:` ended well, and a path of its `outputs` is not there. Outputs are relative to the build context, wherever the step starts. Correct the path, or have the program write there.",
  ),
  GF057: entry(
    "what a step writes is not known or not used",
    "This is a warning. Without a builder nobody knows what a step writes: `--check`, `go-frontend check`, `plan` and `llb` take the service's modules as a whole, and leave imports and embedded files that lead nowhere to the build. In a build it means that the service imports and embeds nothing that the step writes: the build goes on without it.",
  ),

  // Building.
  GF058: entry(
    "a patch cannot be used",
    "A patch that `patches` names cannot be read, or does not fit the source tree: lines that it takes away, or that stand around them, are not there. Make it again from the tree as it is now. Patches change text files of the build context: no links, no binary files, no empty ones, nothing outside.",
  ),
  GF060: entry(
    "cgo is needed",
    "A package needs cgo, which is off unless the description turns it on (`build: { cgo: true }`): a static binary without a C library is what runs everywhere, and no compiler of C is installed for it. A package that has no Go file without cgo is an error, since Go refuses it. It is a warning where the build leaves out files of the service. It is a warning too for a package of another module that compiles without cgo and is known to fail when it is used, like github.com/mattn/go-sqlite3: the service may offer it beside others. Some packages of other modules that cannot be compiled without are known as well, like github.com/bep/golibsass/libsass of Hugo's tag `extended`: of these `check` warns before their modules are there. Turn cgo on, or use a package that needs no C. `race` and `asan` need cgo as well, since their detectors are called by way of C.",
  ),
  GF061: entry(
    "a package that Go refuses",
    "Go refuses a package of the service before it compiles anything: the folder holds files of two packages (files of tests and those that build constraints leave out do not count), a program (`package main`) is imported, the import leads to an `internal` package of somebody else (https://go.dev/doc/go1.4#internalpackages), or packages import each other in a circle.",
  ),
  GF062: entry(
    "the binary needs a library that the image has not",
    "A binary with cgo is not what the description promises: it was to be static, and needs a loader or a shared library; or it is dynamic, and its base lacks the loader, a library, or a version of a library's symbols. The message names the library, and Debian's package that has it. Use `link: static`, or a base that has the library, or `static` as base, on which the libraries are put beside the binary.",
  ),
  GF063: entry(
    "a C header or library is missing",
    "The C compiler, the linker or pkg-config looked for a header or a library that is neither in the source tree nor in what Debian's packages have installed. Name the package that has it in `build.cgo.packages`. A static binary needs the libraries that a library is made with, too: libsqlite3-dev needs zlib1g-dev.",
  ),
  GF064: entry(
    "no C compiler for this platform",
    "`build.cgo` is on, and the service is built for a platform, or by a builder, that it is not there for. C is compiled for `linux/amd64` and `linux/arm64`, by builders on either.",
  ),
  GF070: entry(
    "the base image cannot be used",
    "The image named by `image.base` does not exist, is not made for the platform, its registry cannot be reached, or access was denied.",
  ),
  GF071: entry(
    "the toolchain image cannot be used",
    "The image with the Go toolchain does not exist, is not made for the platform on which the builder compiles, its registry cannot be reached, or access was denied.",
  ),
  GF073: entry(
    "a step's image cannot be used",
    "The image that a step of `steps:` runs in does not exist, is not there for the platform of the builder, or the registry refused it. Log in on the client (`docker login`).",
  ),
  GF074: entry(
    "the image of a profile cannot be used",
    "An image that `build.pgo` takes a profile from does not exist, is not there for the platform of the builder, or the registry refused it. Another target, a folder or a repository takes its place by the client's `--build-context NAME=…`.",
  ),
  GF072: entry(
    "the base image is of another platform",
    "The image named by `image.base` says that it is for another architecture than the image that is built. The service is compiled for the right one; programs of the base will not run there. A reference to a single manifest, most often a digest, names one platform. Name the tag or the digest of an image index.",
  ),
  GF080: entry(
    "the builder lacks something",
    "The builder lacks something that the build needs. The message gives the builder's reason, or names the first BuildKit release that has it; the help line says what to do on that builder. The error comes before anything is compiled, and from `--check`.",
  ),
  GF081: entry(
    "an option cannot be honoured",
    "An option given to the client (`--opt`, `--build-arg BUILDKIT_…`, `--attest` and others) has a value that has no meaning here.",
  ),
  GF082: entry(
    "the description cannot be read",
    "The client did not send the file that it names, or that is not a regular file.",
  ),
  GF083: entry(
    "a pattern of an ignore file cannot be used",
    "A line of `.dockerignore` is not a valid pattern: a bracket is not closed, or a repetition has no meaning. BuildKit would refuse the whole build context. A pattern with a control character has this code too: BuildKit cannot pass it to the client.",
  ),
  GF084: entry(
    "larger than a build can take",
    "A file is larger than the limit for its kind, or the ignore file holds more patterns than BuildKit can pass to the client. docs/limits.md has the limits.",
  ),
  GF085: entry(
    "more than a builder gives",
    "Planning the build took more memory or processor time than this frontend allows itself: others build on the same machine, and BuildKit does not limit a frontend. No real project is known to need as much. docs/limits.md has the figures.",
  ),
  GF090: entry(
    "go build failed",
    "The compiler or the linker refused the service. Its lines stand above the message, with control characters shown like `<U+001B>`.",
  ),
  GF091: entry(
    "module download failed",
    "The go command could not fetch a module that the service needs. Its lines stand above the message. The message names the module, the line of go.mod or go.work that asks for it, and the remedy where the cause is known: a module proxy refuses the module (403), a server fails in a way that may pass (the message has its name, its last answer and how often it was asked), a folder of `replace` or `use` is not in the build context, the checksum database is out of reach, or a certificate is not trusted.",
  ),
  GF092: entry(
    "a build step failed",
    "A step failed that neither compiles nor downloads. Its lines stand above the message.",
  ),
  GF093: entry(
    "the builder stopped a step",
    "The go command or one of its tools was killed, could not be started, or could not read or write: the builder is short of memory, disk space or processes, or its storage is damaged. The source is not at fault, and the step leaves no result in the cache, so the same build may succeed when it is repeated. The message repeats what the system said.",
  ),
  GF099: entry(
    "internal error",
    "A bug of go-frontend. Please report it with the id that the message shows.",
  ),
} as const;

/** The code of a diagnostic: `GF021`. */
export type Code = keyof typeof CODES;

/** What a code means: a few words, and a paragraph. */
export interface CodeEntry {
  readonly title: string;
  readonly explanation: string;
}

function entry(title: string, explanation: string): CodeEntry {
  return { title, explanation };
}
