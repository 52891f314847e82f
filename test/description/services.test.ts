import { describe, expect, test } from "vitest";
import { authOf, servicesOf, type Path, type ServiceDescription } from "../../src/description/index.ts";
import { good } from "./support.ts";

const text = `# syntax=org/go-frontend
module: ./backend/
platforms: [linux/amd64, linux/arm64/v8, linux/arm, linux/amd64/v1, linux/amd64/v3]
build:
  tags: [netgo]
  vars: { main.version: "1", main.name: shared }
image:
  ports: [8080, 8080/tcp, 53/udp]
  env: { A: shared, B: shared }
  user: 1000
services:
  api:
    main: ./cmd/api
    build: { vars: { main.name: api } }
    image: { env: { B: own, C: own }, workdir: //data/./x/ }
  worker:
    main: cmd//worker/
    module: .
    platforms: [linux/amd64]
    build: { tags: [], strip: false, pgo: ./p/cpu.pgo }
    image: { ports: [], base: scratch, args: [run], entrypoint: [/x], user: nobody }
`;

const located = good(text);
const [api, worker] = servicesOf(located) as readonly [ServiceDescription, ServiceDescription];

describe("defaults", () => {
  test("an empty description is one service", () => {
    const services = servicesOf(good("# syntax=org/go-frontend\n"));
    expect(services).toHaveLength(1);
    const { rangeOf, keyRangeOf: _, pathOf, ...values } = services[0] as ServiceDescription;
    expect(values).toEqual({
      module: ".",
      binaries: [{ module: ".", at: ["main"], moduleAt: ["module"] }],
      build: {
        tags: [],
        vars: {},
        strip: true,
        pgo: { kind: "auto" },
        experiments: [],
        levels: {},
        gcflags: [],
        asmflags: [],
        ldflags: [],
        mode: "exe",
        cover: false,
        race: false,
        asan: false,
        fips140: "off",
        godebug: {},
        buildId: false,
        vcs: "auto",
        dirty: "mark",
      },
      image: {
        base: { kind: "static" },
        ports: [],
        env: {},
        path: [],
        args: [],
        labels: {},
        dirs: [],
        files: [],
        links: {},
        volumes: [],
      },
      steps: new Map(),
    });
    expect(pathOf(["main"])).toEqual(["main"]);
    expect(rangeOf(["main"]).start).toEqual({ line: 1, column: 1, offset: 0 });
  });
});

describe("several services", () => {
  test("keep the order of the file and their names", () => {
    expect(servicesOf(located).map(({ key, name }) => [key, name])).toEqual([
      ["api", "api"],
      ["worker", "worker"],
    ]);
  });

  test("maps add up, lists and single values are replaced", () => {
    expect({ ...api.build.vars }).toEqual({ "main.version": "1", "main.name": "api" });
    expect({ ...api.image.env }).toEqual({ A: "shared", B: "own", C: "own" });
    expect(api.build.tags).toEqual(["netgo"]);
    expect(worker.build.tags).toEqual([]);
    expect(worker.build).toMatchObject({ strip: false, pgo: { kind: "profile", path: "p/cpu.pgo" } });
    expect(worker.image).toMatchObject({
      ports: [],
      base: { kind: "scratch" },
      args: ["run"],
      entrypoint: ["/x"],
      user: "nobody",
    });
  });

  test("values are cleaned and normalized", () => {
    expect([api, worker].flatMap(({ module, binaries }) => [module, binaries[0]?.main])).toEqual([
      "backend",
      "cmd/api",
      ".",
      "cmd/worker",
    ]);
    expect(api.platforms).toEqual([
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
      { os: "linux", architecture: "arm", variant: "v7" },
      { os: "linux", architecture: "amd64", variant: "v3" },
    ]);
    expect(api.image.ports).toEqual(["8080/tcp", "53/udp"]);
    expect(api.image.workdir).toBe("/data/x");
    expect(api.image.user).toBe("1000");
  });

  test("what a service says is not seen by the other, nor changed in the description", () => {
    expect({ ...worker.image.env }).toEqual({ A: "shared", B: "shared" });
    expect({ ...located.description.image?.env }).toEqual({ A: "shared", B: "shared" });
    expect(Object.isFrozen(api.image.env)).toBe(true);
  });

  const places: readonly (readonly [Path, Path, string])[] = [
    // effective value, where it stands, the text there
    [["main"], ["services", "api", "main"], "./cmd/api"],
    [["module"], ["module"], "./backend/"],
    [["build", "tags", 0], ["build", "tags", 0], "netgo"],
    [["build", "vars", "main.version"], ["build", "vars", "main.version"], '"1"'],
    [["build", "vars", "main.name"], ["services", "api", "build", "vars", "main.name"], "api"],
    [["image", "env", "A"], ["image", "env", "A"], "shared"],
    [["image", "env", "C"], ["services", "api", "image", "env", "C"], "own"],
    [["image", "user"], ["image", "user"], "1000"],
    [
      ["image", "base"],
      ["services", "api", "image", "base"],
      "{ env: { B: own, C: own }, workdir: //data/./x/ }",
    ],
  ];
  test.each(places)("%j stands at %j", (path, origin, shown) => {
    expect(api.pathOf(path)).toEqual(origin);
    const { start, end } = api.rangeOf(path);
    expect(text.slice(start.offset, end.offset)).toBe(shown);
  });
});

test("logins, with their defaults and places", () => {
  const line = "a.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
  const description = good(`modules:
  auth:
    github.com: { token: gh }
    netrc: my-netrc
    b.example: { token: b, user: bot }
    a.example: { ssh: default, knownHosts: ["${line}"] }
`);
  expect(authOf(description)).toEqual([
    {
      kind: "token",
      host: "github.com",
      secret: "gh",
      user: "oauth2",
      path: ["modules", "auth", "github.com", "token"],
    },
    { kind: "netrc", secret: "my-netrc", path: ["modules", "auth", "netrc"] },
    {
      kind: "token",
      host: "b.example",
      secret: "b",
      user: "bot",
      path: ["modules", "auth", "b.example", "token"],
    },
    {
      kind: "ssh",
      host: "a.example",
      agent: "default",
      user: "git",
      port: 22,
      knownHosts: [line],
      path: ["modules", "auth", "a.example", "ssh"],
    },
  ]);
  expect(authOf(good("# x\n"))).toEqual([]);
  for (const { path } of authOf(description)) expect(description.has(path)).toBe(true);
});

describe("a service that extends another", () => {
  const chained = good(`# syntax=org/go-frontend
image: { env: { A: shared, B: shared }, user: 1 }
services:
  orders:
    main: ./cmd/orders
    build: { tags: [netgo], vars: { main.a: base } }
    image: { env: { B: base, C: base }, ports: [80] }
  debug: { extends: orders, build: { strip: false, vars: { main.b: own } }, image: { env: { C: own }, user: 0 } }
  fips: { extends: debug, module: ./x, main: ./cmd/fips, build: { tags: [fips] } }
`);
  const [orders, debug, fips] = servicesOf(chained) as readonly [
    ServiceDescription,
    ServiceDescription,
    ServiceDescription,
  ];

  test("maps add up along the chain, lists and single values replace", () => {
    expect({ ...debug.build.vars }).toEqual({ "main.a": "base", "main.b": "own" });
    expect({ ...debug.image.env }).toEqual({ A: "shared", B: "base", C: "own" });
    expect([debug.build.tags, fips.build.tags]).toEqual([["netgo"], ["fips"]]);
    expect([orders.build.strip, debug.build.strip, fips.build.strip]).toEqual([true, false, false]);
    expect([orders.image.user, debug.image.user, fips.image.user]).toEqual(["1", "0", "0"]);
    expect(fips.image.ports).toEqual(["80/tcp"]);
  });

  test("has the other's executable, unless it names a main package", () => {
    const of = ({ binaries }: ServiceDescription) => binaries.map(({ name, main }) => [name, main]);
    expect(of(debug)).toEqual([["orders", "cmd/orders"]]);
    expect(of(fips)).toEqual([["fips", "cmd/fips"]]);
  });

  test("values stand where they are written", () => {
    expect(fips.pathOf(["build", "strip"])).toEqual(["services", "debug", "build", "strip"]);
    expect(fips.pathOf(["image", "ports"])).toEqual(["services", "orders", "image", "ports"]);
    expect(fips.pathOf(["image", "env", "A"])).toEqual(["image", "env", "A"]);
    expect(fips.pathOf(["main"])).toEqual(["services", "fips", "main"]);
  });
});

describe("binaries", () => {
  const of = (text: string) =>
    servicesOf(good(`# syntax=org/go-frontend\n${text}`)).map(({ binaries }) =>
      binaries.map(({ name, module, main, path }) => [name, module, main, path]),
    );

  test("in the order of the file, with the service's module", () => {
    expect(of("module: ./x\nbinaries: { b: ./cmd/b, a: { module: ./y, path: /a } }\n")).toEqual([
      [
        ["b", "x", "cmd/b", undefined],
        ["a", "y", undefined, "/a"],
      ],
    ]);
  });

  test("add to those that are taken over, which come first; each key of one counts by itself", () => {
    const text = `services:
  a: { binaries: { one: ./one, two: ./two } }
  b: { extends: a, binaries: { three: ./three, one: { path: /one } } }
  c: { extends: b, main: ./c }
`;
    expect(of(text)[1]).toEqual([
      ["one", ".", "one", "/one"],
      ["two", ".", "two", undefined],
      ["three", ".", "three", undefined],
    ]);
    expect(of(text)[2]).toEqual([["c", ".", "c", undefined]]);
  });

  test("a service's own main is nearer than shared binaries, and its binaries than a shared main", () => {
    expect(of("binaries: { x: ./x }\nservices: { a: { main: ./a }, b: {} }\n")).toEqual([
      [["a", ".", "a", undefined]],
      [["x", ".", "x", undefined]],
    ]);
    expect(of("main: ./m\nservices: { a: { binaries: { x: ./x } } }\n")).toEqual([
      [["x", ".", "x", undefined]],
    ]);
  });
});
