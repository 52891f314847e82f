// What each key takes and refuses: one row a value.
import { describe, expect, test } from "vitest";
import { good, messages } from "./support.ts";

/** A long text is shortened in the name of its test. */
type Rows = readonly (readonly [yaml: string, message: string])[];

function refused(rows: Rows): void {
  test.each(rows)("%.80s", (yaml, message) => {
    expect(messages(`${yaml}\n`)).toEqual([message]);
  });
}

function accepted(rows: readonly string[]): void {
  test.each(rows)("%.80s", (yaml) => {
    expect(messages(`${yaml}\n`)).toEqual([]);
    expect(good(`${yaml}\n`).description).toBeDefined();
  });
}

describe("go", () => {
  accepted(['go: "1.26"', 'go: "1.20"', "go: 1.26.3", 'go: "1.26rc1"', 'go: "1.27beta2"']);
  refused([
    ["go: 1.26", "GF020 go: 1.26 is a number (1.26) in YAML"],
    ["go: 1", "GF020 go: 1 is a number (1) in YAML"],
    ["go: go1.26", 'GF040 go is not a Go version ("go1.26")'],
    ['go: "1.026"', 'GF040 go is not a Go version ("1.026")'],
    ['go: "1.26.3rc1"', 'GF040 go is not a Go version ("1.26.3rc1")'],
    ["go: latest", 'GF040 go is not a Go version ("latest")'],
    ["go: ../x", 'GF040 go is not a Go version ("../x")'],
    ["go: true", "GF025 go must be a version in quotes, found true"],
    ["go:", "GF025 go has no value"],
  ]);
});

describe("paths", () => {
  accepted([
    "main: .",
    "main: ./",
    "main: cmd/orders",
    "main: ./cmd/../cmd/orders/",
    "main: naïve/日本",
    'main: "with space"',
    "module: ./services/a.b",
    "main: ..x/y",
  ]);
  refused([
    ["main: ''", "GF040 main is empty"],
    ["main: ..", "GF003 main points outside the build context (..)"],
    ["main: a/../../b", "GF003 main points outside the build context (a/../../b)"],
    ["module: ../x", "GF003 module points outside the build context (../x)"],
    ["main: /etc", 'GF040 main is an absolute path ("/etc")'],
    ["main: 'C:\\x'", 'GF040 main is an absolute path ("C:\\x")'],
    ["main: C:/x", 'GF040 main is an absolute path ("C:/x")'],
    ["main: '..\\..'", 'GF040 main holds a backslash ("..\\..")'],
    ["main: ~/x", 'GF040 main starts with "~" ("~/x")'],
    ["main: -x", 'GF040 main starts with "-" ("-x")'],
    ["main: ./-toolexec", 'GF040 main starts with "-" ("./-toolexec")'],
    ["main: '!x'", 'GF040 main starts with "!" ("!x")'],
    ["main: cmd/*", 'GF040 main holds the pattern character "*" ("cmd/*")'],
    ["main: 'cmd/{a,b}'", 'GF040 main holds the pattern character "{" ("cmd/{a,b}")'],
    ['main: "a\\nb"', 'GF040 main holds a control or invisible character ("a<U+000A>b")'],
    [`main: ${"a/".repeat(600)}`, "GF040 main is longer than 1024 bytes"],
    ["build: { pgo: ../p }", "GF003 pgo points outside the build context (../p)"],
    ["build: { pgo: /p }", 'GF040 pgo is an absolute path ("/p")'],
  ]);
});

describe("images", () => {
  const digest = "0123456789abcdef".repeat(4);
  accepted([
    "image: { base: static }",
    "image: { base: scratch }",
    "image: { base: debian:bookworm-slim }",
    `image: { base: 'gcr.io/distroless/static-debian12:nonroot@sha256:${digest}' }`,
    "image: { base: localhost:5000/a/b__c:1 }",
    "image: { base: registry.Example.com/team/base }",
    "toolchain: registry.example.com/golang:1.26-bookworm",
  ]);
  refused([
    ["image: { base: '' }", 'GF041 base is not an image reference ("")'],
    [
      "image: { base: Debian }",
      'GF041 base is not an image reference ("Debian"): repository names are lower case',
    ],
    ["image: { base: 'user:pw@host/x' }", "GF041 base must not hold credentials"],
    [
      "image: { base: 'https://u:p@h/x' }",
      'GF041 base must be an image reference, found the URL "https://…@h/x"',
    ],
    [
      "image: { base: 'oci-layout://x' }",
      'GF041 base must be an image reference, found the URL "oci-layout://x"',
    ],
    [
      "image: { base: 'a@sha256:12' }",
      'GF041 base is not an image reference ("a@sha256:12"): the digest must be sha256: and 64 lower-case hexadecimal digits',
    ],
    ["image: { base: '${base}' }", 'GF041 base cannot hold variables ("${base}")'],
    ["image: { base: 'a b' }", 'GF041 base is not an image reference ("a b")'],
    ["image: { base: '$(touch /pwn)' }", 'GF041 base is not an image reference ("$(touch /pwn)")'],
    [`image: { base: ${"a".repeat(600)} }`, "GF041 base is longer than 512 characters"],
    ["toolchain: ../golang", 'GF041 toolchain is not an image reference ("../golang")'],
  ]);
});

describe("user and ports", () => {
  accepted([
    "image: { user: 0 }",
    "image: { user: 65532 }",
    "image: { user: 1000:1000 }",
    "image: { user: nobody }",
    "image: { user: 'nobody:nogroup' }",
    "image: { ports: [1, 65535, 53/udp, '53/tcp', \"9000/sctp\"] }",
    "image: { ports: [] }",
  ]);
  refused([
    ["image: { user: -1 }", "GF040 user is not a user id (-1)"],
    ["image: { user: 1.5 }", "GF040 user is not a user id (1.5)"],
    ["image: { user: 4294967295 }", "GF040 user is not a user id (4294967295)"],
    ["image: { user: '4294967295:1' }", "GF040 user is not a user id (4294967295)"],
    ["image: { user: 'root:' }", 'GF040 user is not a user ("root:")'],
    ["image: { user: a b }", 'GF040 user is not a user ("a b")'],
    ["image: { user: [1] }", "GF025 user must be a number, or text like 1000:1000, found a list"],
    ["image: { ports: [0] }", "GF040 ports[0] is not a port (0)"],
    ["image: { ports: [80, 65536] }", "GF040 ports[1] is not a port (65536)"],
    ["image: { ports: [70000/tcp] }", 'GF040 ports[0] is not a port ("70000/tcp")'],
    ["image: { ports: [8080:80] }", 'GF040 ports[0] is not a port ("8080:80")'],
    ["image: { ports: [80/http] }", 'GF040 ports[0] is not a port ("80/http")'],
    [
      "image: { ports: [.inf] }",
      "GF025 ports[0] must be a number, or text like 53/udp, found the number .inf",
    ],
    ["image: { ports: [[80]] }", "GF025 ports[0] must be a number, or text like 53/udp, found a list"],
    ["image: { ports: 8080 }", "GF025 ports must be a list of numbers, found the number 8080"],
    ["image: { ports: { a: 1 } }", "GF025 ports must be a list of numbers, found a map"],
  ]);
});

describe("what an image holds", () => {
  accepted([
    "image: { dirs: [/data, { path: /a b, mode: 0775, owner: 65532:0 }, { path: /t, mode: 1777, owner: root }] }",
    "image: { dirs: [{ path: /data }, { path: /x, mode: '02770' }] }",
    "image: { files: [{ from: etc/app.toml, to: /etc/ }, { from: 'sql/**/*.sql', to: / , mode: 0400, owner: '1:2' }] }",
    'image: { files: [{ text: "a\\n\\tb: $${x}\\n", to: /etc/app }] }',
    "image: { files: [{ text: '', to: /empty }] }",
    "image: { links: { /usr/bin/x: ../local/bin/x, /y: '/a b' } }",
    "image: { volumes: [/data, /data/inner] }",
    "image: { path: [/opt/bin/, /a b] }",
    ...["SIGINT", "2", "64", "SIGRTMIN+3"].map((signal) => `image: { stopSignal: ${signal} }`),
  ]);
  refused([
    ["image: { dirs: [data] }", 'GF040 dirs[0] must be an absolute path ("data")'],
    ["image: { dirs: [/] }", 'GF040 dirs[0] is the root of the image ("/")'],
    ["image: { dirs: [/a/../b] }", 'GF040 dirs[0] must not hold ".." ("/a/../b")'],
    [
      "image: { dirs: [/proc/x] }",
      'GF040 dirs[0] lies in /proc, which containers have of their own ("/proc/x")',
    ],
    ["image: { dirs: /data }", 'GF025 dirs must be a list of absolute paths, found text "/data"'],
    ["image: { dirs: { /data: 0755 } }", "GF025 dirs must be a list of absolute paths, found a map"],
    [
      "image: { dirs: [[/data]] }",
      "GF025 dirs[0] must be an absolute path, or a map with path, mode and owner, found a list",
    ],
    ["image: { dirs: [{ mode: 0755 }] }", "GF043 a directory has no path"],
    ["image: { dirs: [{ path: /d, mod: 0755 }] }", 'GF021 unknown key "mod" in dirs[0]'],
    ["image: { dirs: [{ path: /d, mode: 0o755 }] }", 'GF040 mode is not a mode ("0o755")'],
    ["image: { dirs: [{ path: /d, mode: 493 }] }", 'GF040 mode is not a mode ("493")'],
    ["image: { dirs: [{ path: /d, mode: u=rwx }] }", 'GF040 mode is not a mode ("u=rwx")'],
    ["image: { dirs: [{ path: /d, mode: 77 }] }", 'GF040 mode is not a mode ("77")'],
    ["image: { dirs: [{ path: /d, owner: 'a b' }] }", 'GF040 owner is not an owner ("a b")'],
    ["image: { dirs: [{ path: /d, owner: ':0' }] }", 'GF040 owner is not an owner (":0")'],
    ["image: { dirs: [{ path: /d, owner: '4294967295:0' }] }", "GF040 owner is not an owner (4294967295)"],
    ["image: { files: [{ from: ., to: /a }] }", "GF040 from names the whole build context"],
    ["image: { files: [{ from: ../a, to: /a }] }", "GF003 from points outside the build context (../a)"],
    ["image: { files: [{ from: /etc/a, to: /a }] }", 'GF040 from is an absolute path ("/etc/a")'],
    ["image: { files: [{ from: 'a/b**c', to: /a }] }", 'GF040 from is no pattern of files ("a/b**c")'],
    ["image: { files: [{ from: a, to: a }] }", 'GF040 to must be an absolute path ("a")'],
    ["image: { files: [{ from: a, to: /a/../../b }] }", 'GF040 to must not hold ".." ("/a/../../b")'],
    [
      "image: { files: [{ from: a, to: /proc }] }",
      'GF040 to lies in /proc, which containers have of their own ("/proc")',
    ],
    ["image: { files: [{ from: a, text: b, to: /a }] }", "GF043 a file has both from and text"],
    ["image: { files: [{ to: /a }] }", "GF043 a file has neither from nor text"],
    ["image: { files: [{ from: a }] }", "GF043 a file has no place in the image"],
    ["image: { files: [{ text: a, to: /a/ }] }", "GF043 a text has no name in its folder"],
    [
      'image: { files: [{ text: "\\e[2J", to: /a }] }',
      'GF040 text holds a control or invisible character ("<U+001B>")',
    ],
    ["image: { files: [{ text: '${x}', to: /a }] }", 'GF042 unknown variable "x"'],
    [
      "image: { files: [etc/app.toml] }",
      'GF025 files[0] must be a map with from or text, and to, found text "etc/app.toml"',
    ],
    [
      "image: { files: { /a: b } }",
      "GF025 files must be a list of maps with from or text, and to, found a map",
    ],
    ["image: { links: { x: /y } }", 'GF040 a key of links must be an absolute path ("x")'],
    ["image: { links: { /x: '' } }", "GF040 links./x is empty"],
    ["image: { links: { /x: '${y}' } }", 'GF040 links./x cannot hold variables ("${y}")'],
    [
      "image: { links: [/x] }",
      "GF025 links must be a map of absolute paths to what they lead to, found a list",
    ],
    ["image: { path: [bin] }", 'GF040 path[0] must be an absolute path ("bin")'],
    ["image: { path: ['/a:/b'] }", 'GF040 path[0] holds a ":", which parts the folders of PATH ("/a:/b")'],
    ["image: { path: /opt/bin }", 'GF025 path must be a list of absolute paths, found text "/opt/bin"'],
    ["image: { volumes: [data] }", 'GF040 volumes[0] must be an absolute path ("data")'],
    ["image: { stopSignal: int }", 'GF040 stopSignal is not a signal ("int")'],
    ["image: { stopSignal: SIGTREM }", 'GF040 stopSignal is not a signal ("SIGTREM")'],
    ["image: { stopSignal: 65 }", 'GF040 stopSignal is not a signal ("65")'],
    ["image: { stopSignal: 0 }", 'GF040 stopSignal is not a signal ("0")'],
    ["image: { stopSignal: SIGRTMIN+16 }", 'GF040 stopSignal is not a signal ("SIGRTMIN+16")'],
  ]);
});

describe("names", () => {
  accepted([
    "name: orders",
    "name: Orders_2.v1-x",
    "args: { version: dev, _x: '' }",
    "image: { env: { A_1: '', _: x } }",
    "image: { labels: { org.opencontainers.image.title: x, com.example/team: y } }",
    "build: { tags: [netgo, go1.26, größe] }",
    "build: { vars: { main.version: x, github.com/x/y.Name: y, example.com/a-b/c.d_1: 'it''s \"z\"', gopkg.in/x.v2.Größe: z } }",
    "services: { api: {}, a-1_b: { main: ./x } }",
  ]);
  refused([
    ["name: a/b", 'GF040 name is not a service\'s name ("a/b")'],
    ["name: -x", 'GF040 name is not a service\'s name ("-x")'],
    ["args: { 1a: x }", 'GF040 a key of args is not the name of an argument ("1a")'],
    [
      "args: { BUILDKIT_SYNTAX: x }",
      'GF044 "BUILDKIT_SYNTAX" has a meaning of its own to BuildKit, so no argument can have this name',
    ],
    [
      "args: { https_proxy: x }",
      'GF044 "https_proxy" has a meaning of its own to BuildKit, so no argument can have this name',
    ],
    ["image: { env: { A-B: x } }", 'GF040 a key of env is not the name of an environment variable ("A-B")'],
    ["image: { env: { 'A=B': x } }", 'GF040 a key of env is not the name of an environment variable ("A=B")'],
    ['image: { env: { A: "x\\ny" } }', 'GF040 env.A holds a control or invisible character ("<U+000A>")'],
    [`image: { env: { A: ${"x".repeat(5000)} } }`, "GF040 env.A is longer than 4096 characters"],
    [
      "image: { labels: { moby.buildkit.x: y } }",
      'GF044 label "moby.buildkit.x" has a meaning of its own to BuildKit',
    ],
    ["image: { labels: { 'a b': y } }", 'GF040 a key of labels is not a label key ("a b")'],
    ["image: { workdir: app }", 'GF040 workdir must be an absolute path ("app")'],
    ["image: { workdir: /a/../b }", 'GF040 workdir must not hold ".." ("/a/../b")'],
    ["build: { tags: ['a b'] }", 'GF040 tags[0] must hold one tag each ("a b")'],
    ["build: { tags: ['a -toolexec=x'] }", 'GF040 tags[0] must hold one tag each ("a -toolexec=x")'],
    ["build: { tags: ['-x'] }", 'GF040 tags[0] is not a build tag ("-x")'],
    [
      "build: { vars: { version: x } }",
      'GF040 a key of vars is not the name of a package variable ("version")',
    ],
    [
      "build: { vars: { '-extld.x': y } }",
      'GF040 a key of vars is not the name of a package variable ("-extld.x")',
    ],
    [
      "build: { vars: { 'main.x y': z } }",
      'GF040 a key of vars is not the name of a package variable ("main.x y")',
    ],
    ["platforms: []", "GF040 platforms is empty"],
    ["services: {}", "GF043 services names no service"],
    ["__proto__: { polluted: 1 }", 'GF044 "__proto__" cannot be a key'],
    ["constructor: 1", 'GF021 unknown key "constructor"'],
  ]);
  test("a label may not carry the whole file away", () => {
    const many = Array.from({ length: 20 }, (_, index) => `k${index}: ${"x".repeat(4000)}`).join(", ");
    expect(messages(`image: { labels: { ${many} } }\n`)).toEqual([
      "GF040 labels holds 80050 characters; 65536 is the most",
    ]);
  });
  test("a list has an end", () => {
    const many = Array.from({ length: 17 }, () => "linux/amd64").join(", ");
    expect(messages(`platforms: [${many}]\n`)).toEqual(["GF040 platforms has 17 entries; 16 is the most"]);
  });
});

describe("modules", () => {
  const key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
  accepted([
    "modules: { private: [github.com/acme/*, '*.corp.example', example.com/a-b] }",
    "modules: { proxy: [https://proxy.corp.example:8443/go, http://athens, direct] }",
    "modules: { proxy: [off] }",
    "modules: { auth: { netrc: netrc } }",
    "modules: { auth: { netrc: netrc, github.com: { token: gh, user: x-access-token } } }",
    `modules: { auth: { github.com: { ssh: default, knownHosts: ["github.com ssh-ed25519 ${key}"] } } }`,
    `modules: { auth: { a.example: { ssh: default, port: 2222, user: gitea, knownHosts: ["[a.example]:2222,10.0.0.1 ssh-ed25519 ${key} comment"] } } }`,
    `modules: { auth: { a.example: { ssh: default, knownHosts: ["|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 ${key}"] } } }`,
    `modules: { auth: { a.example: { ssh: default, knownHosts: ["@cert-authority *.example ssh-ed25519 ${key}"] } } }`,
  ]);
  refused([
    ["modules: { private: ['a,b'] }", 'GF040 private[0] is not a pattern of module paths ("a,b")'],
    [
      "modules: { private: ['https://a.example/*'] }",
      'GF040 private[0] is not a pattern of module paths ("https://a.example/*")',
    ],
    ["modules: { proxy: ['https://user:pw@proxy.example'] }", "GF040 proxy[0] must not hold credentials"],
    ["modules: { proxy: ['file:///x'] }", 'GF040 proxy[0] is not a module proxy ("file:///x")'],
    [
      "modules: { proxy: 'https://a.example,direct' }",
      'GF025 proxy must be a list of URLs, found text "https://a.example,direct"',
    ],
    ["modules: { auth: { netrc: ../x } }", 'GF040 netrc is not an id ("../x")'],
    [
      "modules: { auth: { a.example: { token: t, ssh: default } } }",
      'GF043 "a.example" is given both token and ssh',
    ],
    [
      "modules: { auth: { a.example: { ssh: default, user: -oProxyCommand=x, knownHosts: ['* ssh-ed25519 " +
        key +
        "'] } } }",
      'GF040 user is not a user name ("-oProxyCommand=x")',
    ],
    [
      "modules: { auth: { a.example: { ssh: default, knownHosts: ['*'] } } }",
      'GF054 knownHosts[0] is not a line of known_hosts ("*")',
    ],
    [
      "modules: { auth: { a.example: token } }",
      'GF025 a.example must be a map with token or ssh, found text "token"',
    ],
  ]);
});

describe("names that look like secrets", () => {
  test("are warned about, and the build goes on", () => {
    expect(messages("args: { NPM_TOKEN: x, version: y, PUBLIC_KEY: z, token_file: w }\n")).toEqual([
      'GF053 "NPM_TOKEN" looks like a secret; build arguments are written into provenance for everyone to read',
    ]);
    expect(messages("services: { api: { image: { env: { DB_PASSWORD: x, KEYBOARD: y } } } }\n")).toEqual([
      'GF053 "DB_PASSWORD" looks like a secret; the environment is written into the image for everyone to read',
    ]);
  });
});

describe("binaries", () => {
  const named = (count: number): string =>
    Array.from({ length: count }, (_, at) => `b${at}: ./c${at}`).join(", ");
  accepted([
    "binaries: { prometheus: ./cmd/prometheus, promtool: ./cmd/promtool }",
    "binaries: { etcdctl: { module: ./etcdctl, main: ., path: //usr/bin/./etcdctl } }",
    "binaries: { A.b_c-7z: {} }",
    "binaries: { a: ./2024, b: 2024, c: true }",
    "services: { a: { binaries: { x: ./x } }, b: { extends: a, binaries: { y: ./y } } }",
    "binaries: { x: ./x }\nservices: { a: { main: ./y } }",
    `binaries: { ${named(32)} }`,
  ]);
  refused([
    ["binaries: {}", "GF043 binaries names no binary"],
    ["binaries: ./cmd/x", 'GF025 binaries must be a map of names to directories, found text "./cmd/x"'],
    ["binaries: [./cmd/x]", "GF025 binaries must be a map of names to directories, found a list"],
    [
      "binaries: { x: [./x] }",
      "GF025 binaries.x must be a directory, or a map with main, module and path, found a list",
    ],
    ["binaries: { x: }", "GF025 binaries.x has no value"],
    ["binaries: { x: ../x }", "GF003 binaries.x points outside the build context (../x)"],
    ["binaries: { x: { main: ../x } }", "GF003 main points outside the build context (../x)"],
    ["binaries: { x: { main: [./x] } }", "GF025 main must be a directory, found a list"],
    ["binaries: { x: { tags: [a] } }", 'GF021 unknown key "tags" in binaries.x'],
    ["binaries: { a/b: ./x }", 'GF040 a key of binaries is not the name of a binary ("a/b")'],
    ["binaries: { '12': ./x }", 'GF040 a key of binaries is a number ("12")'],
    ["binaries: { -x: ./x }", 'GF040 a key of binaries is not the name of a binary ("-x")'],
    ["binaries: { x: { path: bin/x } }", 'GF040 path must be an absolute path ("bin/x")'],
    ["binaries: { x: { path: /bin/ } }", 'GF040 path is a directory ("/bin/")'],
    ["binaries: { x: { path: / } }", 'GF040 path is a directory ("/")'],
    ["binaries: { x: { path: /bin/../x } }", 'GF040 path must not hold ".." ("/bin/../x")'],
    [
      "binaries: { x: { path: '/bin/${service.name}' } }",
      'GF040 path cannot hold variables ("/bin/${service.name}")',
    ],
    [
      "binaries: { x: { path: /proc/x } }",
      'GF040 path lies in /proc, which containers have of their own ("/proc/x")',
    ],
    [
      "main: ./x\nbinaries: { x: ./x }",
      "GF043 main cannot stand beside binaries: each of them names its own",
    ],
    [
      "services: { a: { main: ./x, binaries: { x: ./x } } }",
      "GF043 main cannot stand beside binaries: each of them names its own",
    ],
    [`binaries: { ${named(33)} }`, "GF040 binaries holds 33 binaries; 32 is the most"],
  ]);
});

describe("extends", () => {
  const chain = (length: number): string =>
    `services: { s0: {}, ${Array.from({ length }, (_, at) => `s${at + 1}: { extends: s${at} }`).join(", ")} }`;
  accepted(["services: { a: {}, b: { extends: a }, c: { extends: b } }", chain(15)]);
  refused([
    ["services: { a: {}, b: { extends: aa } }", 'GF043 extends names no service of this file ("aa")'],
    ["services: { a: { extends: a } }", 'GF043 "a" extends itself (a → a)'],
    [
      "services: { a: { extends: constructor } }",
      'GF043 extends names no service of this file ("constructor")',
    ],
    ["services: { a: {}, b: { extends: [a] } }", "GF025 extends must be the name of a service, found a list"],
    ["extends: a", 'GF021 unknown key "extends"'],
    [chain(16), "GF043 extends leads through more than 16 services"],
  ]);
  test("a circle is told at each service of it", () => {
    expect(messages("services: { a: { extends: b }, b: { extends: a }, c: { extends: a } }\n")).toEqual([
      'GF043 "a" extends itself (a → b → a)',
      'GF043 "b" extends itself (b → a → b)',
    ]);
  });
});

describe("build.cgo", () => {
  accepted([
    "build: { cgo: true }",
    "build: { cgo: false }",
    "build: { cgo: {} }",
    "build: { cgo: { libc: musl, link: dynamic } }",
    'build: { cgo: { packages: [libsqlite3-dev, g++-12, "swig:native"] } }',
    'build: { cgo: { libc: musl, packages: ["swig:native"] } }',
  ]);
  const name = "is not the name of a Debian package";
  refused([
    [
      "build: { cgo: yes please }",
      'GF025 cgo must be true, false or a map with libc, link and packages, found text "yes please"',
    ],
    ["build: { cgo: { libc: uclibc } }", 'GF025 libc must be glibc or musl, found text "uclibc"'],
    ["build: { cgo: { link: shared } }", 'GF025 link must be static or dynamic, found text "shared"'],
    ["build: { cgo: { image: alpine } }", 'GF021 unknown key "image" in cgo'],
    // apt would remove the package, take a version, a pattern, a file or a flag.
    ["build: { cgo: { packages: [libfoo-] } }", `GF040 packages[0] ${name} ("libfoo-")`],
    ["build: { cgo: { packages: [libfoo=1.0] } }", `GF040 packages[0] ${name} ("libfoo=1.0")`],
    ['build: { cgo: { packages: ["lib*"] } }', `GF040 packages[0] ${name} ("lib*")`],
    ["build: { cgo: { packages: [./x.deb] } }", `GF040 packages[0] ${name} ("./x.deb")`],
    ["build: { cgo: { packages: [-y] } }", `GF040 packages[0] ${name} ("-y")`],
    ["build: { cgo: { packages: ['libfoo:arm64'] } }", `GF040 packages[0] ${name} ("libfoo:arm64")`],
    [
      "build: { cgo: { libc: musl, packages: [zlib1g-dev] } }",
      "GF040 cgo has the package zlib1g-dev beside `libc: musl`, and libraries of Debian are made for glibc",
    ],
  ]);
});
