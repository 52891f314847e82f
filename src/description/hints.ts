import { allKeys, keysAt } from "./schema-walk.ts";
import type { Path } from "./position.ts";
import { suggest } from "./suggest.ts";

/**
 * What someone meant who wrote a key that does not exist, in the order of how sure it is: a word whose meaning depends
 * on the place, a key of ours at another place, another tool's word, the nearest key here, the nearest anywhere.
 * Undefined when nothing is near. Whoever does what it says has a valid description.
 */
export function keyHint(parent: Path, key: string): string | undefined {
  const section = sectionOf(parent);
  if (section === "modules" && key.includes(".")) return `\`${key}\` stands under \`modules.auth:\``;
  const placed = entryOf(entryOf(wordsAt, section) ?? {}, key);
  if (placed !== undefined) return placed;
  const homes = homesOf(key, parent);
  if (homes.length > 0) return `\`${key}\` stands ${homes.join(" or ")}`;
  const foreign = entryOf(foreignWords, plainWord(key));
  if (foreign !== undefined) return foreign;
  const near = suggest(key, keysAt(parent));
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const words = reachable(parent).flatMap((path) => (path.at(-1) === "*" ? [] : [path.at(-1) ?? ""]));
  const far = suggest(key, new Set(words));
  const home = far === undefined ? undefined : homesOf(far, parent)[0];
  return home === undefined ? undefined : `did you mean \`${far ?? ""}\`, ${home}?`;
}

/** `healthCheck`, `health-check` and `health_check` are one word. */
function plainWord(key: string): string {
  return key.slice(0, 64).toLowerCase().replaceAll(/[_-]/g, "");
}

/** Where a map stands, whatever the service: `image` for `services.orders.image`, `service` for `services.orders`. */
function sectionOf(parent: Path): string {
  const path = parent[0] === "services" ? parent.slice(2) : parent;
  if (path[0] === "steps" && path.length === 2) return "step";
  return path !== parent && path.length === 0 ? "service" : path.join(".");
}

/** Keys of the schema as a writer at some place could mean them: in the same service, or at the top of the file. */
function reachable(parent: Path): readonly (readonly string[])[] {
  const service = parent[0] === "services" && parent.length >= 2 ? String(parent[1]) : undefined;
  const inAuth = parent[0] === "modules";
  return allKeys().flatMap((path) => {
    const inService = path[0] === "services" && path.length > 1;
    if (inService) {
      const isFree = path.slice(2).includes("*");
      return service === undefined || isFree ? [] : [["services", service, ...path.slice(2)]];
    }
    // Names of steps and of binaries are nobody's to guess.
    if (path[0] === "steps" && path.length > 1) return [];
    // What a service can say for itself is said there.
    if (service !== undefined && ownSections.has(path[0] ?? "")) return [];
    return path.includes("*") && !inAuth ? [] : [path];
  });
}

const ownSections = new Set(
  allKeys().flatMap((path) => (path[0] === "services" && path.length === 3 ? [path[2] ?? ""] : [])),
);

/** Every place where a key of that name can stand, in words. */
function homesOf(key: string, parent: Path): readonly string[] {
  return reachable(parent)
    .filter((path) => path.at(-1) === key)
    .filter((path) => path.slice(0, -1).join("\0") !== parent.join("\0"))
    .toSorted((a, b) => b.length - a.length)
    .map((path) => `${under(path)}${apart(path)}`);
}

function under(path: readonly string[]): string {
  const above = path.slice(0, -1).map((step, at) => (step === "*" ? freeName(path[at - 1]) : step));
  return above.length === 0 ? "at the top of the file" : `under \`${above.join(".")}:\``;
}

/** What stands for a key that anyone may choose. */
export function freeName(parent: string | undefined): string {
  return parent === "auth" ? "HOST" : "NAME";
}

/** Tells keys of one name apart. */
function apart(path: readonly string[]): string {
  switch (sectionOf(path)) {
    case "args":
      return " (arguments of the build)";
    case "image.args":
      return " (arguments of the service)";
    case "image.user":
      return " (who runs the service)";
    case "modules.auth.*.user":
      return " (who logs in)";
    default:
      return "";
  }
}

type Words = Readonly<Record<string, string>>;

const BY_BASE = "leave it out: it comes with a base that has it, `image: { base: … }`";

/** Words that mean one thing at one place and another, or nothing, elsewhere. */
const wordsAt: Readonly<Record<string, Words>> = {
  service: {
    name: "a service's name is its key: `services: { NAME: { … } }`; leave `name` out",
  },
  build: {
    env: "the environment of the compiler cannot be set, leave it out; the service's is `image: { env: { … } }`",
    environment:
      "the environment of the compiler cannot be set, leave it out; the service's is `image: { env: { … } }`",
    flags: "leave it out: what can be said of the compiler are the keys of `build`",
    tag: "did you mean `tags`?",
  },
  image: {
    from: "did you mean `base`?",
    image: "did you mean `base`?",
    packages: BY_BASE,
    name: "leave it out: the client names the image, `--tag NAME:TAG`; `name` at the top of the file is the service's",
    tag: "leave it out: the client names the image, `--tag NAME:TAG`; build tags are `build: { tags: […] }`",
    tags: "leave it out: the client names the image, `--tag NAME:TAG`; build tags are `build: { tags: […] }`",
    platform: "did you mean `platforms`, at the top of the file?",
  },
  step: {
    args: "did you mean `run`?",
    cache: "did you mean `caches`?",
    cmd: "did you mean `run`?",
    command: "did you mean `run`?",
    commands: "did you mean `run`?",
    cwd: "did you mean `workdir`?",
    dir: "did you mean `workdir`?",
    from: "did you mean `image`?",
    needs: "leave it out: a step waits for those that write what its `inputs` name",
    platform: "leave it out: a step runs on the builder's platform",
    platforms: "leave it out: a step runs once, on the builder's platform",
    shell: "leave it out: a shell is named as the program, `run: [[sh, -c, …]]`",
    user: "leave it out: a step runs as root of its image",
  },
};

const BY_RUNTIME =
  "leave it out: it is said where the service runs, as in compose.yaml or a Kubernetes manifest";
const byClient = (flag: string): string => `leave it out: the client asks for it, \`${flag}\``;
const BEFORE = "leave it out: a build checks nothing; run it beside the build";
/** Programs that run before the compiler. */
const STEPS = "did you mean `steps`?";
const FILES =
  "files of the image are `image: { files: [{ from: etc/app.toml, to: /etc/app.toml }] }`; those that the program embeds need no key";
const PLACE =
  "an executable's name and place are `binaries: { NAME: { path: /bin/NAME } }`; without it they are `name` and `/usr/local/bin/NAME`";
const DIRS = "directories are `image: { dirs: [/data] }`";
const NO_MSAN =
  "leave it out: it takes clang, and C is compiled with gcc here; `build: { asan: true, cgo: { link: dynamic } }` reports wrong use of C's memory, but no value that was never set";
const CGO = "cgo is `build: { cgo: true }`";
const COMPILER = "leave it out: what can be said of the compiler are the keys of `build`";

/** Words of Dockerfiles, compose files, other builders and Go's tools; lower case, without `_` and `-`. */
const foreignWords: Words = {
  // The image.
  add: FILES,
  annotations: byClient("--annotation KEY=VALUE"),
  assets: FILES,
  baseimage: "the base is `image: { base: … }`",
  capabilities: BY_RUNTIME,
  capadd: BY_RUNTIME,
  cmd: "the arguments of the service are `image: { args: […] }`",
  command: "the command of the service is `image: { entrypoint: […], args: […] }`",
  copy: FILES,
  directories: DIRS,
  environment: "environment variables are `image: { env: { … } }`",
  expose: "ports are `image: { ports: […] }`",
  folders: DIRS,
  from: "the base is `image: { base: … }`",
  healthcheck: BY_RUNTIME,
  health: BY_RUNTIME,
  mkdir: DIRS,
  packages: BY_BASE,
  apt: BY_BASE,
  apk: BY_BASE,
  shell:
    "leave it out: no shell is used; the command of the service is `image: { entrypoint: […], args: […] }`",
  stopsignal: "the signal that ends the service is `image: { stopSignal: SIGINT }`",
  symlinks: "links are `image: { links: { /usr/bin/orders: /usr/local/bin/orders } }`",
  volume: "volumes are `image: { volumes: [/data] }`",
  workingdir: "the working directory is `image: { workdir: … }`",
  cwd: "the working directory is `image: { workdir: … }`",

  // How it runs, and where it goes.
  dependson: BY_RUNTIME,
  deploy: BY_RUNTIME,
  networks: BY_RUNTIME,
  replicas: BY_RUNTIME,
  resources: BY_RUNTIME,
  restart: BY_RUNTIME,
  attest: byClient("--attest"),
  provenance: byClient("--provenance=true"),
  push: byClient("--push"),
  registry: byClient("--tag REGISTRY/NAME:TAG"),
  repository: byClient("--tag REGISTRY/NAME:TAG"),
  sbom: byClient("--sbom=true"),
  tag: byClient("--tag NAME:TAG"),
  target: byClient("--target NAME"),
  targets: byClient("--target NAME"),

  // The compiler.
  debug: byClient("--target debug"),
  debugger: byClient("--target debug"),
  delve: byClient("--target debug"),
  profile: "profiles for the compiler are `build: { pgo: [./cpu.pgo] }`",
  profiles: "profiles for the compiler are `build: { pgo: [./cpu.pgo] }`",
  symbols:
    "executables with symbols are the target `symbols`; `build: { strip: false }` leaves them in what ships",
  arch: "did you mean `platforms`, at the top of the file?",
  buildmode: "a position-independent executable is `build: { mode: pie }`",
  pie: "a position-independent executable is `build: { mode: pie }`",
  cgo: CGO,
  cgoenabled: CGO,
  coverage: "a binary that counts which statements run is `build: { cover: true }`",
  covermode: "a binary that counts which statements run is `build: { cover: true }`",
  coverpkg: "packages to count in are `build: { cover: [example.com/shop/...] }`",
  fips: "the FIPS module is `build: { fips140: v1.0.0 }`",
  goarch: "did you mean `platforms`, at the top of the file?",
  goexperiment: "experiments are `build: { experiments: [jsonv2] }`",
  goflags: COMPILER,
  goamd64:
    "levels are `build: { levels: { amd64: v3 } }`, or the platform's variant, `platforms: [linux/amd64/v3]`",
  goarm64: "levels are `build: { levels: { arm64: v8.2 } }`",
  gofips140: "the FIPS module is `build: { fips140: v1.0.0 }`",
  goos: "did you mean `platforms`, at the top of the file?",
  gcc: COMPILER,
  msan: NO_MSAN,
  os: "did you mean `platforms`, at the top of the file?",
  trimpath: "leave it out: it is always on",
  version: "the Go release is `go`; a version to stamp is an argument: `args: { version: dev }`",

  // The source tree.
  binary: PLACE,
  bin: PLACE,
  executables: PLACE,
  context: "the module's directory is `module: ./services/orders`; the build context is the client's",
  dir: "the main package's directory is `main: ./cmd/orders`, the module's `module: ./services/orders`",
  output: PLACE,
  package: "the main package's directory is `main: ./cmd/orders`",
  path: PLACE,
  root: "the module's directory is `module: ./services/orders`",
  src: "the main package's directory is `main: ./cmd/orders`, the module's `module: ./services/orders`",
  extends: "a service extends another: `services: { orders: { … }, twin: { extends: orders } }`",
  inherits: "a service extends another: `services: { orders: { … }, twin: { extends: orders } }`",
  include: "leave it out: a description is one file",
  vendor: "leave it out: a vendor directory is used when it is there",

  // Other programs.
  generate: STEPS,
  gogenerate: STEPS,
  lint: BEFORE,
  run: STEPS,
  script: STEPS,
  scripts: STEPS,
  test: BEFORE,
  tests: BEFORE,

  // Modules and secrets.
  goprivate: "private modules are `modules: { private: […] }`",
  goproxy: "the proxy is `modules: { proxy: […] }`",
  password:
    "a token is `modules: { auth: { HOST: { token: ID } } }`, where the client gives `--secret id=ID,…`",
  secret: "a netrc file is `auth: { netrc: ID }`, a token is `auth: { HOST: { token: ID } }`",
  secrets:
    "secrets of module hosts are `modules: { auth: { HOST: { token: ID } } }`; those of the service are given where it runs",
  ssh: "ssh to a module host is `modules: { auth: { HOST: { ssh: default, knownHosts: […] } } }`",
  token: "a token is `modules: { auth: { HOST: { token: ID } } }`, where the client gives `--secret id=ID,…`",
};

function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
