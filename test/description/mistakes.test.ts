// The mistakes people make, and every character of what they are told.
import { describe, expect, test } from "vitest";
import { complaint } from "./support.ts";

/** What is said of a text whose first line break is only there to begin the literal on its own line. */
const said = (text: string): string => complaintOf(text.slice(1));

const complaintOf = (...of: Parameters<typeof complaint>): string => complaint(...of).slice(1, -1);

describe("YAML", () => {
  test("syntax error: a bracket is missing", () => {
    expect(
      said(`
# syntax=org/go-frontend
name: orders
platforms: [linux/amd64, linux/arm64
image:
  ports: [8080]
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:3:12: GF026 a list is not closed
      3 | platforms: [linux/amd64, linux/arm64
        |            ^
      help: add the \`]\` that is missing"
    `);
  });

  test("syntax error: a quote is missing", () => {
    expect(
      said(`
name: "orders
main: ./cmd/orders
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:1:7: GF026 quoted text is not closed
      1 | name: "orders
        |       ^
      help: add the \`"\` that is missing"
    `);
  });

  test("syntax error: a second colon", () => {
    expect(
      said(`
image:
  env:
    GREETING: hello: world
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:3:15: GF026 the line has a second \`:\`
      3 |     GREETING: hello: world
        |               ^
      help: write \`"hello: world"\` if the \`:\` belongs to it"
    `);
  });

  test("syntax error: a key without a colon", () => {
    expect(
      said(`
name: orders
main
go: "1.26"
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:2:1: GF026 "main" is neither a key nor a value: a \`:\` is missing
      2 | main
        | ^^^^
      help: write \`main:\`"
    `);
  });

  test("indentation that does not fit", () => {
    expect(
      said(`
image:
    ports: [8080]
  user: 65532
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:3:3: GF026 the indentation does not fit
      3 |   user: 65532
        |   ^
      help: keys of one map, and items of one list, start in one column"
    `);
    expect(
      said(`
name: orders
  main: ./cmd/orders
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:1:7: GF026 the next line is indented as if it belonged to this value
      1 | name: orders
        |       ^
      help: keys of one map start in one column"
    `);
  });

  test("tab indentation", () => {
    expect(said("\nname: orders\nimage:\n\tports: [8080]\n\tuser: 65532\n")).toMatchInlineSnapshot(`
      "service.yaml:3:1: GF023 a tab is used for indentation
      3 |     ports: [8080]
        | ^^^^
      help: use two spaces"
    `);
  });

  test("duplicate key", () => {
    expect(
      said(`
image:
  env: { A: one }
  ports: [8080]
  "env": { B: two }
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:4:3: GF022 "env" appears twice (first on line 2)
      4 |   "env": { B: two }
        |   ^^^^^
      help: merge the two blocks"
    `);
  });

  test("anchors, aliases, tags, merge keys", () => {
    expect(
      said(`
image: &shared
  env: { A: !!str 1 }
build:
  <<: { strip: false }
services:
  api: { image: *shared }
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:1:8: GF024 anchors and aliases are not supported
      1 | image: &shared
        |        ^^^^^^^
      help: repeat the value; text that starts with \`&\` stands in quotes

      service.yaml:2:13: GF024 tags are not supported ("!!str")
      2 |   env: { A: !!str 1 }
        |             ^^^^^
      help: leave it out; text that starts with \`!\` stands in quotes

      service.yaml:4:3: GF024 merge keys are not supported
      4 |   <<: { strip: false }
        |   ^^
      help: write the keys out

      service.yaml:6:17: GF024 anchors and aliases are not supported
      6 |   api: { image: *shared }
        |                 ^^^^^^^
      help: repeat the value, or put text that starts with \`*\` in quotes: \`'*shared'\`"
    `);
  });

  test("a pattern without quotes is an alias to YAML", () => {
    expect(said("\nmodules: { private: [*.corp.example] }\n")).toMatchInlineSnapshot(`
      "service.yaml:1:22: GF024 anchors and aliases are not supported
      1 | modules: { private: [*.corp.example] }
        |                      ^^^^^^^^^^^^^^
      help: repeat the value, or put text that starts with \`*\` in quotes: \`'*.corp.example'\`"
    `);
  });

  test("several documents, directives", () => {
    expect(said("\nname: orders\n---\nname: worker\n")).toMatchInlineSnapshot(`
      "service.yaml:2:1: GF024 a second document starts here
      2 | ---
        | ^^^
      help: remove the \`---\`; several services of one repository stand under \`services:\`"
    `);
    expect(said("\n%YAML 1.1\n---\nname: orders\n")).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF024 directives are not supported ("%YAML 1.1")
      1 | %YAML 1.1
        | ^^^^^^^^^
      help: leave it out; descriptions are YAML 1.2"
    `);
  });
});

describe("steps", () => {
  test("what every step has, and values that are wrong", () => {
    expect(
      said(`
steps:
  web: { image: "node:24 ", run: [], outputs: [.] }
  Gen: { image: golang, run: [[]], outputs: [go.mod], inputs: ["**.go", ../x] }
  empty: {}
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:2:17: GF041 image is not an image reference ("node:24 ")
      2 |   web: { image: "node:24 ", run: [], outputs: [.] }
        |                 ^^^^^^^^^^
      help: write it like \`debian:bookworm-slim\` or \`registry.example.com/team/base:1.2@sha256:…\`

      service.yaml:2:34: GF040 run is empty
      2 |   web: { image: "node:24 ", run: [], outputs: [.] }
        |                                  ^^
      help: a step runs something and writes something: list it, or remove the step

      service.yaml:2:48: GF040 outputs[0] is the whole tree
      2 |   web: { image: "node:24 ", run: [], outputs: [.] }
        |                                                ^
      help: name the files and directories that the step writes, like \`web/dist\`

      service.yaml:3:3: GF040 a key of steps is not the name of a step ("Gen")
      3 |   Gen: { image: golang, run: [[]], outputs: [go.mod], inputs: ["**.go", ../x] }
        |   ^^^
      help: names of steps hold lower-case letters, digits, \`_\` and \`-\`

      service.yaml:4:3: GF043 the step "empty" has no image
      4 |   empty: {}
        |   ^^^^^
      help: name the image that it runs in, like \`image: node:24\`

      service.yaml:4:3: GF043 the step "empty" has no run
      4 |   empty: {}
        |   ^^^^^
      help: say what runs, as lists of a program and its arguments: \`run: [[npm, run, build]]\`

      service.yaml:4:3: GF043 the step "empty" has no outputs
      4 |   empty: {}
        |   ^^^^^
      help: name what it writes, like \`outputs: [web/dist]\`"
    `);
  });

  test("keys of other builders", () => {
    expect(
      said(`
steps:
  web: { image: node, run: [[x]], outputs: [x], shell: sh, caches: [/root/.npm], user: node, needs: [y] }
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:2:49: GF021 unknown key "shell" in steps.web
      2 | …run: [[x]], outputs: [x], shell: sh, caches: [/root/.npm], user: node, needs: […
        |                            ^^^^^
      help: leave it out: a shell is named as the program, \`run: [[sh, -c, …]]\`. Allowed here: image, run, inputs, outputs, workdir, env, caches, secrets, ssh, network

      service.yaml:2:82: GF021 unknown key "user" in steps.web
      2 | …sh, caches: [/root/.npm], user: node, needs: [y] }
        |                            ^^^^
      help: leave it out: a step runs as root of its image. Allowed here: image, run, inputs, outputs, workdir, env, caches, secrets, ssh, network

      service.yaml:2:94: GF021 unknown key "needs" in steps.web
      2 | …[/root/.npm], user: node, needs: [y] }
        |                            ^^^^^
      help: leave it out: a step waits for those that write what its \`inputs\` name. Allowed here: image, run, inputs, outputs, workdir, env, caches, secrets, ssh, network"
    `);
    expect(said("\ngenerate: ./...\n")).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF021 unknown key "generate"
      1 | generate: ./...
        | ^^^^^^^^
      help: did you mean \`steps\`? Allowed here: name, go, toolchain, module, main, binaries, platforms, build, steps, image, args, modules, patches, services"
    `);
  });
});

describe("keys and types", () => {
  test("unknown key", () => {
    expect(
      said(`
name: orders
platfroms: [linux/amd64]
port: 8080
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:2:1: GF021 unknown key "platfroms"
      2 | platfroms: [linux/amd64]
        | ^^^^^^^^^
      help: did you mean \`platforms\`? Allowed here: name, go, toolchain, module, main, binaries, platforms, build, steps, image, args, modules, patches, services

      service.yaml:3:1: GF021 unknown key "port"
      3 | port: 8080
        | ^^^^
      help: did you mean \`ports\`, under \`image:\`? Allowed here: name, go, toolchain, module, main, binaries, platforms, build, steps, image, args, modules, patches, services"
    `);
  });

  test("a key of another place, or of another builder", () => {
    expect(
      said(`
tags: [netgo]
image:
  cmd: [serve]
build:
  msan: true
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF021 unknown key "tags"
      1 | tags: [netgo]
        | ^^^^
      help: \`tags\` stands under \`build:\`. Allowed here: name, go, toolchain, module, main, binaries, platforms, build, steps, image, args, modules, patches, services

      service.yaml:3:3: GF021 unknown key "cmd" in image
      3 |   cmd: [serve]
        |   ^^^
      help: the arguments of the service are \`image: { args: […] }\`. Allowed here: base, user, ports, env, path, entrypoint, args, labels, workdir, dirs, files, links, volumes, stopSignal

      service.yaml:5:3: GF021 unknown key "msan" in build
      5 |   msan: true
        |   ^^^^
      help: leave it out: it takes clang, and C is compiled with gcc here; \`build: { asan: true, cgo: { link: dynamic } }\` reports wrong use of C's memory, but no value that was never set. Allowed here: tags, vars, strip, pgo, experiments, levels, gcflags, asmflags, ldflags, mode, cover, race, asan, fips140, godebug, cgo, buildId, vcs, dirty"
    `);
  });

  test("wrong type", () => {
    expect(
      said(`
name: [orders]
image:
  ports: 8080,9090
  env: [LOG_LEVEL=info, MODE=fast]
  entrypoint: /orders serve
build:
  strip: "yes"
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:1:7: GF025 name must be a name, found a list
      1 | name: [orders]
        |       ^^^^^^^^
      help: for example \`name: orders\`

      service.yaml:3:10: GF025 ports must be a list of numbers, found text "8080,9090"
      3 |   ports: 8080,9090
        |          ^^^^^^^^^
      help: write \`ports: [8080, 9090]\`

      service.yaml:4:8: GF025 env must be a map of names to text, found a list
      4 |   env: [LOG_LEVEL=info, MODE=fast]
        |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: write \`env: { LOG_LEVEL: info, MODE: fast }\`

      service.yaml:5:15: GF025 entrypoint must be a list of text, found text "/orders serve"
      5 |   entrypoint: /orders serve
        |               ^^^^^^^^^^^^^
      help: write \`entrypoint: [/orders, serve]\`

      service.yaml:7:10: GF025 strip must be true or false, found text "yes"
      7 |   strip: "yes"
        |          ^^^^^
      help: for example \`strip: false\`"
    `);
  });

  test("no value", () => {
    expect(
      said(`
image:
  ports:
  env: { A: }
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:2:3: GF025 ports has no value
      2 |   ports:
        |   ^^^^^
      help: for example \`ports: [8080, 53/udp]\`; leave the key out for the default

      service.yaml:3:10: GF025 env.A has no value
      3 |   env: { A: }
        |          ^
      help: write \`A: ""\` for empty text"
    `);
  });

  test("a description that is no map", () => {
    expect(said("\n- name: orders\n")).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF025 a description is a map of keys, found a list
      1 | - name: orders
        | ^^^^^^^^^^^^^^
      help: write \`key: value\` lines, like \`main: ./cmd/orders\`"
    `);
    expect(said("\norders\n")).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF025 a description is a map of keys, found text "orders"
      1 | orders
        | ^^^^^^
      help: write \`key: value\` lines, like \`main: ./cmd/orders\`"
    `);
  });

  test("a Dockerfile", () => {
    const text = `
# syntax=docker/dockerfile:1

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ENV A="b: c"
RUN go build -o /app .
`;
    expect(said(text)).toMatchInlineSnapshot(`
      "service.yaml:3:1: GF025 this is a Dockerfile, not a description
      3 | FROM --platform=$BUILDPLATFORM golang:1.26 AS build
        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: write a file service.yaml beside it; the line \`# syntax=org/go-frontend\` alone is a whole description"
    `);
    expect(said("\nfrom golang: x\n")).toContain('GF021 unknown key "from golang"');
  });

  test("unquoted Go version", () => {
    expect(said("\n# syntax=org/go-frontend\ngo: 1.20\n")).toMatchInlineSnapshot(`
      "service.yaml:2:5: GF020 go: 1.20 is a number (1.2) in YAML
      2 | go: 1.20
        |     ^^^^
      help: write \`go: "1.20"\`"
    `);
    expect(said("\ngo: v1.26\n")).toMatchInlineSnapshot(`
      "service.yaml:1:5: GF040 go is not a Go version ("v1.26")
      1 | go: v1.26
        |     ^^^^^
      help: write \`go: "1.26"\`"
    `);
  });

  test("main outside the context, absolute, a pattern", () => {
    expect(said("\nmain: ../../cmd\n")).toMatchInlineSnapshot(`
      "service.yaml:1:7: GF003 main points outside the build context (../../cmd)
      1 | main: ../../cmd
        |       ^^^^^^^^^
      help: paths start at the module's directory; run the build from the repository root and set \`module:\`"
    `);
    expect(said("\nmain: /etc\nmodule: ./cmd/*\n")).toMatchInlineSnapshot(`
      "service.yaml:1:7: GF040 main is an absolute path ("/etc")
      1 | main: /etc
        |       ^^^^
      help: write the path relative to the build context, like \`./cmd/orders\`

      service.yaml:2:9: GF040 module holds the pattern character "*" ("./cmd/*")
      2 | module: ./cmd/*
        |         ^^^^^^^
      help: name one path, like \`./cmd/orders\`; patterns are not supported here"
    `);
  });

  test("unknown platform", () => {
    expect(said("\nplatforms: [linux/x86_64, linux/amd64, arm64, linux/amd64/v9, plan8]\n"))
      .toMatchInlineSnapshot(`
      "service.yaml:1:13: GF030 unknown platform "linux/x86_64"
      1 | platforms: [linux/x86_64, linux/amd64, arm64, linux/amd64/v9, plan8]
        |             ^^^^^^^^^^^^
      help: use \`linux/amd64\`

      service.yaml:1:40: GF030 unknown platform "arm64"
      1 | platforms: [linux/x86_64, linux/amd64, arm64, linux/amd64/v9, plan8]
        |                                        ^^^^^
      help: use \`linux/arm64\`

      service.yaml:1:47: GF030 unknown platform "linux/amd64/v9": amd64 has no such variant
      1 | platforms: [linux/x86_64, linux/amd64, arm64, linux/amd64/v9, plan8]
        |                                               ^^^^^^^^^^^^^^
      help: variants of amd64: v1, v2, v3, v4

      service.yaml:1:63: GF030 unknown platform "plan8"
      1 | platforms: [linux/x86_64, linux/amd64, arm64, linux/amd64/v9, plan8]
        |                                                               ^^^^^
      help: platforms are written like \`linux/amd64\` or \`linux/arm64\`"
    `);
  });

  test("variables", () => {
    expect(
      said(`
args: { version: dev }
build:
  vars: { main.version: "\${versoin}", main.commit: '\${git.comit}', main.home: $HOME }
image:
  env: { PRICE: "5$", OPEN: "\${version" , X: "\${version:-dev}" }
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:3:26: GF042 unknown variable "versoin"
      3 |   vars: { main.version: "\${versoin}", main.commit: '\${git.comit}', main.home: $H…
        |                          ^^^^^^^^^^
      help: did you mean \`\${version}\`?

      service.yaml:3:53: GF042 unknown variable "git.comit"
      3 | …{versoin}", main.commit: '\${git.comit}', main.home: $HOME }
        |                            ^^^^^^^^^^^^
      help: did you mean \`\${git.commit}\`?

      service.yaml:3:79: GF042 a dollar sign must start a variable like \`\${name}\`
      3 | …\${git.comit}', main.home: $HOME }
        |                            ^^^^^
      help: declare it: \`args: { HOME: "default" }\`, and write \`\${HOME}\`; a dollar sign is written \`$$\`

      service.yaml:5:19: GF042 a dollar sign must start a variable like \`\${name}\`
      5 |   env: { PRICE: "5$", OPEN: "\${version" , X: "\${version:-dev}" }
        |                   ^
      help: write \`$$\` for a dollar sign

      service.yaml:5:30: GF042 a variable is not closed: \`}\` is missing
      5 |   env: { PRICE: "5$", OPEN: "\${version" , X: "\${version:-dev}" }
        |                              ^^^^^^^^^
      help: write \`\${version}\`, or \`$$\` for a dollar sign

      service.yaml:5:47: GF042 "version:-dev" is not the name of a variable
      5 |   env: { PRICE: "5$", OPEN: "\${version" , X: "\${version:-dev}" }
        |                                               ^^^^^^^^^^^^^^^
      help: a default stands in \`args: { version: "dev" }\`; write \`\${version}\`"
    `);
  });

  test("logging in to hosts", () => {
    expect(
      said(`
modules:
  auth:
    github.com: { secret: netrc }
    git.acme.example: { ssh: default }
    gitlab: { token: t }
    https://x.example: { token: t }
    a.example: { token: t, port: 8443, knownHosts: [] }
    b.example:
      ssh: default
      port: 2222
      knownHosts: ["b.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"]
    c.example: { ssh: default, knownHosts: [c.example ssh-dss AAAA, "c.example ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0"] }
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:3:5: GF043 "github.com" is given neither token nor ssh
      3 |     github.com: { secret: netrc }
        |     ^^^^^^^^^^
      help: write \`token: ID\` for a token over https, or \`ssh: default\` and \`knownHosts: […]\`

      service.yaml:3:19: GF021 unknown key "secret" in github.com
      3 |     github.com: { secret: netrc }
        |                   ^^^^^^
      help: a netrc file is \`auth: { netrc: ID }\`, a token is \`auth: { HOST: { token: ID } }\`. Allowed here: token, ssh, user, port, knownHosts

      service.yaml:4:25: GF054 ssh to git.acme.example needs knownHosts: a server that is not pinned is never trusted
      4 |     git.acme.example: { ssh: default }
        |                         ^^^
      help: run \`ssh-keyscan -t ed25519 git.acme.example\`, check the key with the host's owner, and list the line

      service.yaml:5:5: GF021 unknown key "gitlab": neither a host nor \`netrc\`
      5 |     gitlab: { token: t }
        |     ^^^^^^
      help: hosts are written in full, like \`github.com\`; \`netrc: ID\` names a secret that holds a netrc file

      service.yaml:6:5: GF040 a key of auth is not a host name ("https://x.example")
      6 |     https://x.example: { token: t }
        |     ^^^^^^^^^^^^^^^^^
      help: write the host as it stands in module paths, like \`github.com\`, without scheme, port and path

      service.yaml:7:28: GF043 port goes with ssh, not with token
      7 |     a.example: { token: t, port: 8443, knownHosts: [] }
        |                            ^^^^
      help: remove it

      service.yaml:7:40: GF043 knownHosts goes with ssh, not with token
      7 |     a.example: { token: t, port: 8443, knownHosts: [] }
        |                                        ^^^^^^^^^^
      help: remove it

      service.yaml:11:7: GF054 no line of knownHosts is for [b.example]:2222
      11 |       knownHosts: ["b.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0Sd…
         |       ^^^^^^^^^^
      help: run \`ssh-keyscan -t ed25519 -p 2222 b.example\`, check the key with the host's owner, and list the line

      service.yaml:12:45: GF054 knownHosts[0] has an unknown key type ("ssh-dss")
      12 | …sh: default, knownHosts: [c.example ssh-dss AAAA, "c.example ssh-rsa AAAAC3NzaC…
         |                            ^^^^^^^^^^^^^^^^^^^^^^
      help: write a line as \`ssh-keyscan -t ed25519 HOST\` prints it, after checking the key with the host's owner

      service.yaml:12:69: GF054 knownHosts[1] has a key that is not of the type ssh-rsa
      12 | … [c.example ssh-dss AAAA, "c.example ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzr…
         |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: write a line as \`ssh-keyscan -t ed25519 HOST\` prints it, after checking the key with the host's owner"
    `);
  });

  test("services", () => {
    expect(
      said(`
name: shop
services:
  binary: { main: ./cmd/a }
  Api: { main: ./cmd/b }
  worker: { main: ./cmd/c, go: "1.26" }
`),
    ).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF043 name cannot stand beside services: each service's key is its name
      1 | name: shop
        | ^^^^
      help: remove \`name:\`

      service.yaml:3:3: GF044 "binary" is a target of a description's only service, so no service can have this name
      3 |   binary: { main: ./cmd/a }
        |   ^^^^^^
      help: choose another name, like \`binary-service\`

      service.yaml:4:3: GF040 a key of services is not a service name ("Api")
      4 |   Api: { main: ./cmd/b }
        |   ^^^
      help: write \`api\`: service names are build targets: lower-case letters, digits, \`_\` and \`-\`

      service.yaml:5:28: GF021 unknown key "go" in services.worker
      5 |   worker: { main: ./cmd/c, go: "1.26" }
        |                            ^^
      help: \`go\` stands at the top of the file. Allowed here: extends, module, main, binaries, platforms, build, steps, image"
    `);
  });
});

describe("files that are no descriptions", () => {
  test("empty", () => {
    const empty = complaintOf("");
    expect(empty).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF027 the description is empty
      help: the smallest description is one line: \`# syntax=org/go-frontend\`"
    `);
    expect(complaintOf(" \n\r\n\t\n")).toBe(empty);
    expect(complaintOf("\ufeff")).toBe(empty);
  });

  test("1 MiB", () => {
    expect(complaintOf(new Uint8Array(1 << 20).fill(0x61))).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF028 the description is larger than 256 KiB
      help: check that -f names the description; a real one is a few hundred lines at most"
    `);
  });

  test("binary", () => {
    expect(complaintOf(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0), "orders"))
      .toMatchInlineSnapshot(`
        "orders:1:8: GF029 the description is not text: byte 7 is zero
        1 | �ELF�����
          |        ^
        help: check that -f names the description, and save it as UTF-8"
      `);
    expect(complaintOf(Uint8Array.of(0xff, 0xfe, 0x61, 0x00))).toMatchInlineSnapshot(`
      "service.yaml:1:1: GF029 the description is not text: it is UTF-16
      help: check that -f names the description, and save it as UTF-8"
    `);
  });

  test("not UTF-8", () => {
    expect(complaintOf(Uint8Array.from(Buffer.from("name: é\nmain: caf\xe9\n", "latin1").with(6, 0x65))))
      .toMatchInlineSnapshot(`
      "service.yaml:2:10: GF029 byte 17 of the description is not UTF-8
      2 | main: caf�
        |          ^
      help: save the file as UTF-8"
    `);
  });

  test("characters that hide or act", () => {
    expect(complaintOf("name: \u001b[31morders\n")).toMatchInlineSnapshot(`
      "service.yaml:1:7: GF029 the description holds the control or invisible character <U+001B>
      1 | name: �[31morders
        |       ^
      help: remove it"
    `);
    expect(complaintOf("# \u202e\nname: x\n")).toMatchInlineSnapshot(`
      "service.yaml:1:3: GF029 the description holds the control or invisible character <U+202E>
      1 | # �
        |   ^
      help: remove it"
    `);
    expect(complaintOf('image: { env: { A: "\\e[2J" } }\n')).toMatchInlineSnapshot(`
      "service.yaml:1:20: GF040 env.A holds a control or invisible character ("<U+001B>")
      1 | image: { env: { A: "\\e[2J" } }
        |                    ^^^^^^^
      help: leave the character out"
    `);
  });
});
