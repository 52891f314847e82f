// Every input of a build and the steps that it is part of: no step's key holds what does not decide its result. A step's
// own share of its key is what BuildKit makes of it (moby/buildkit:solver/llbsolver/ops/exec.go, CacheMap): ids of cache
// mounts, proxies and addresses are left out, and the steps before it have their own. Each input has a row; the tables
// are complete by their types and by the schema.
import { describe, expect, test } from "vitest";
import type { OpNode } from "../../src/llb/index.ts";
import type { BuilderSettings, BuildRequest, ImageConfig } from "../../src/plan/index.ts";
import { keyReference } from "../../src/description/index.ts";
import {
  arm64,
  buildOf,
  capsWithout,
  changes,
  type Files,
  golangImage,
  graphOf,
  planFiles,
  shop,
  stageOf,
  verticesOf,
} from "../plan/support.ts";

interface Inputs {
  /** Files that are added or replaced. */
  readonly files?: Files;
  /** The description behind its first line. */
  readonly description?: string;
  readonly request?: Partial<BuildRequest>;
  readonly settings?: Partial<BuilderSettings>;
  readonly toolchain?: ImageConfig;
}

const DESCRIPTION = `main: ./cmd/orders
args: { version: dev }
build:
  vars: { main.version: "\${version}" }
`;

/** The shares of all steps, by stage. */
async function sharesOf({ files, description = DESCRIPTION, request, settings, toolchain }: Inputs) {
  const text = `# syntax=org/go-frontend\n${description}`;
  const planned = await planFiles({ ...shop, ...files, "service.yaml": text }, request);
  const nodes = verticesOf(graphOf(planned, settings, planned.plan, toolchain));
  const byDigest = new Map(nodes.map((node) => [node.digest, node]));
  const shares: Record<string, string> = {};
  for (const node of nodes) {
    if (node.kind !== "exec") continue;
    const stage = stageOf(node.name).replace(/ .*/, "");
    shares[stage] = (shares[stage] ?? "") + share(node, byDigest);
  }
  return shares;
}

/** What a vertex adds to the key by itself, and the sources and copies that no other step stands between. */
function share(node: OpNode, byDigest: ReadonlyMap<string, OpNode>): string {
  const inputs = node.inputs.map(({ digest }) => {
    const input = byDigest.get(digest);
    return input === undefined || input.kind === "exec" ? "step" : share(input, byDigest);
  });
  return JSON.stringify([node.platform, withoutHints(node.op), inputs], (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

function withoutHints(vertex: OpNode["op"]): unknown {
  const { platform } = vertex;
  switch (vertex.op) {
    case "exec": {
      const { proxy_env: _proxy, extraHosts = [], ...meta } = vertex.exec.meta ?? {};
      const mounts = (vertex.exec.mounts ?? []).map(({ cacheOpt, ...mount }) => ({
        ...mount,
        isCache: cacheOpt !== undefined,
      }));
      const hosts = extraHosts.map(({ Host }) => Host);
      return { platform, exec: { ...vertex.exec, mounts, meta: { ...meta, hosts } } };
    }
    case "source": {
      const {
        "local.sharedkeyhint": _hint,
        "image.resolvemode": _mode,
        ...attrs
      } = vertex.source.attrs ?? {};
      return { platform, source: { ...vertex.source, attrs } };
    }
    default:
      return { platform, file: vertex.file };
  }
}

const ALL = ["build", "deps", "helper", "modules", "rootfs", "std"];
const COMPILED = ["build", "deps", "std"];
const WITH_C = ["build", "deps", "helper", "std", "tools"];

/** The stages whose own share is another one with this input. */
async function changedBy(inputs: Inputs, before: Inputs = {}): Promise<readonly string[]> {
  return changes(await sharesOf(before), await sharesOf(inputs));
}

test("the steps", async () => {
  expect(Object.keys(await sharesOf({})).toSorted()).toEqual(ALL);
});

describe("what the client asks for", () => {
  const services =
    "args: { version: dev }\nservices: { orders: { main: ./cmd/orders }, worker: { main: ./cmd/worker } }\n";
  const rows: Readonly<
    Record<keyof BuildRequest, readonly (readonly [Inputs, readonly string[], Inputs?])[]>
  > = {
    target: [
      [{ request: { target: "binary" } }, ["rootfs"]],
      [
        { description: services, request: { target: "worker" } },
        ["build", "deps"],
        { description: services, request: { target: "orders" } },
      ],
    ],
    platforms: [[{ request: { platforms: [arm64] } }, COMPILED]],
    buildPlatform: [
      [{ request: { buildPlatform: arm64, platforms: [arm64] } }, ALL, { request: { platforms: [arm64] } }],
    ],
    buildArgs: [
      [{ request: { buildArgs: { OTHER: "x", HTTP_PROXY: "http://proxy.example" } } }, []],
      [{ request: { buildArgs: { version: "2" } } }, ["build"]],
      ...["GOPROXY", "GOSUMDB", "GONOSUMDB"].map(
        (name) => [{ request: { buildArgs: { [name]: "example.com" } } }, ["modules"]] as const,
      ),
      // Repositories are asked for those, so the toolchain image is one with git.
      ...["GONOPROXY", "GOINSECURE"].map(
        (name) => [{ request: { buildArgs: { [name]: "example.com" } } }, ALL] as const,
      ),
    ],
    labels: [[{ request: { labels: { a: "b" } } }, []]],
    epoch: [[{ request: { epoch: 1_700_000_000 } }, ["build", "rootfs"]]],
    revision: [
      [{ request: { revision: { commit: "abc" } } }, []],
      [{ request: { revision: { source: "https://git.example/x" } } }, []],
      [
        {
          description: `${DESCRIPTION.replace("${version}", "${git.commit}")}`,
          request: { revision: { commit: "abc" } },
        },
        ["build"],
        {
          description: `${DESCRIPTION.replace("${version}", "${git.commit}")}`,
          request: { revision: { commit: "def" } },
        },
      ],
    ],
    classicStore: [[{ request: { classicStore: true } }, []]],
    imageContexts: [[{ request: { imageContexts: ["docker.io/library/other:1"] } }, []]],
    cacheNamespace: [[{ request: { cacheNamespace: "tenant" } }, []]],
  };

  test.each(
    Object.entries(rows).flatMap(([name, all]) => all.map((row, index) => [name, index + 1, row] as const)),
  )("%s (%d)", async (_name, _index, [inputs, changed, before]) => {
    expect(await changedBy(inputs, before)).toEqual(changed);
  });
});

describe("what the builder and its options say", () => {
  const rows: Readonly<
    Record<keyof BuilderSettings, readonly (readonly [Partial<BuilderSettings>, readonly string[]])[]>
  > = {
    noCache: [[{ noCache: [] }, []]],
    networkMode: [[{ networkMode: "host" }, ["modules"]]],
    extraHosts: [[{ extraHosts: [{ host: "git.example", ip: "192.0.2.1" }] }, ["modules"]]],
    proxy: [[{ proxy: { httpProxy: "http://proxy.example", allProxy: "socks5://proxy.example" } }, []]],
    resolveMode: [[{ resolveMode: "pull" }, []]],
    // Another graph; see builders.test.ts.
    caps: [[{ caps: capsWithout() }, []]],
  };

  test.each(Object.entries(rows).flatMap(([name, all]) => all.map((row) => [name, row] as const)))(
    "%s",
    async (_name, [settings, changed]) => {
      expect(await changedBy({ settings })).toEqual(changed);
    },
  );

  test("the address of a host", async () => {
    const at = (ip: string): Inputs => ({ settings: { extraHosts: [{ host: "git.example", ip }] } });
    expect(await changedBy(at("192.0.2.1"), at("192.0.2.2"))).toEqual([]);
  });

  test.each([
    ["GOLANG_VERSION=1.26.9", []],
    ["GOWORK=off", []],
    ["GOEXPERIMENT=jsonv2", ALL],
  ])("%s of the toolchain image", async (entry, changed) => {
    const Env = [...(golangImage.config?.Env ?? []), entry];
    expect(await changedBy({ toolchain: { config: { ...golangImage.config, Env } } })).toEqual(changed);
  });
});

describe("keys of the description", () => {
  const rows: Readonly<
    Record<string, readonly [description: string, changed: readonly string[], files?: Files]>
  > = {
    name: ["name: bill\n", ["build"]],
    go: ['go: "1.27"\n', ALL],
    toolchain: ["toolchain: registry.corp.example/golang:1.26\n", ALL],
    module: [
      "module: ./cmd/tool\n",
      ["build", "deps", "modules", "std"],
      { "cmd/tool/go.mod": "module example.com/tool\n\ngo 1.26\n", "cmd/tool/main.go": "package main\n" },
    ],
    main: ["main: ./cmd/worker\n", ["build", "deps"]],
    binaries: ["binaries: { shop: ./cmd/orders }\n", []],
    "binaries.*.main": ["binaries: { shop: { main: ./cmd/worker } }\n", ["build", "deps"]],
    "binaries.*.module": [
      "binaries: { shop: { module: ./cmd/tool } }\n",
      ["build", "deps", "modules", "std"],
      { "cmd/tool/go.mod": "module example.com/tool\n\ngo 1.26\n", "cmd/tool/main.go": "package main\n" },
    ],
    "binaries.*.path": ["binaries: { shop: { main: ./cmd/orders, path: /bin/shop } }\n", []],
    platforms: ["platforms: [linux/arm64]\n", COMPILED],
    build: ["build: { strip: true }\n", []],
    "build.tags": ["build: { tags: [netgo] }\n", ["build", "deps"]],
    "build.vars": ["build: { vars: { main.version: x } }\n", ["build"]],
    "build.strip": ["build: { strip: false }\n", ["build"]],
    "build.pgo": ["build: { pgo: ./cpu.pgo }\n", COMPILED, { "cpu.pgo": "profile" }],
    image: ["image: {}\n", []],
    "image.base": ["image: { base: debian:bookworm-slim }\n", ["rootfs"]],
    "build.experiments": ["build: { experiments: [jsonv2] }\n", COMPILED],
    "build.levels": ["build: { levels: { amd64: v3 } }\n", COMPILED],
    "build.gcflags": ["build: { gcflags: [-l] }\n", COMPILED],
    "build.asmflags": ["build: { asmflags: [-D=X] }\n", COMPILED],
    "build.ldflags": ["build: { ldflags: [-checklinkname=0] }\n", ["build"]],
    "build.mode": [
      "image: { base: debian:bookworm-slim }\nbuild: { mode: pie }\n",
      [...COMPILED, "rootfs"].toSorted(),
    ],
    // The standard library's share is what the linker puts into such a program.
    "build.cover": ["build: { cover: true }\n", ["build", "std"]],
    "build.race": ["build: { race: true, cgo: true }\n", WITH_C],
    "build.asan": ["build: { asan: true, cgo: { link: dynamic } }\n", [...WITH_C, "libraries"].toSorted()],
    "build.fips140": ["build: { fips140: v1.0.0 }\n", COMPILED],
    "build.godebug": ['build: { godebug: { http2client: "0" } }\n', ["build"]],
    "build.cgo": ["build: { cgo: true }\n", WITH_C],
    "build.cgo.libc": ["build: { cgo: { libc: musl } }\n", WITH_C],
    "build.cgo.link": ["build: { cgo: { link: dynamic } }\n", [...WITH_C, "libraries"].toSorted()],
    "build.cgo.packages": ["build: { cgo: { packages: [zlib1g-dev] } }\n", WITH_C],
    // The link, and the step that writes the id.
    "build.buildId": ["build: { buildId: true }\n", ["build"]],
    "build.vcs": ["build: { vcs: true }\n", []],
    "build.dirty": ["build: { dirty: ignore }\n", []],
    "image.user": ["image: { user: 1000 }\n", ["rootfs"]],
    "image.ports": ["image: { ports: [8080] }\n", []],
    "image.env": ["image: { env: { A: b } }\n", []],
    "image.entrypoint": ["image: { entrypoint: [/usr/local/bin/shop, x] }\n", []],
    "image.path": ["image: { path: [/p] }\n", []],
    "image.args": ["image: { args: [x] }\n", []],
    "image.labels": ["image: { labels: { a: b } }\n", []],
    "image.workdir": ["image: { workdir: /w }\n", []],
    "image.dirs": ["image: { dirs: [/d] }\n", []],
    "image.files": ["image: { files: [{ text: x, to: /x }] }\n", []],
    "image.links": ["image: { links: { /l: /x } }\n", []],
    "image.volumes": ["image: { volumes: [/v] }\n", []],
    "image.stopSignal": ["image: { stopSignal: SIGINT }\n", []],
    args: ["args: { version: dev }\n", []],
    services: ["services: { shop: { main: ./cmd/orders } }\n", []],
  };
  const main = "main: ./cmd/orders\n";

  test.each(Object.entries(rows))("%s", async (name, [text, changed, files]) => {
    const keepsMain = !/^(binaries|main|module|services)\b/.test(name);
    expect(
      await changedBy(
        { description: `${keepsMain ? main : ""}${text}`, ...(files === undefined ? {} : { files }) },
        { description: main },
      ),
    ).toEqual(changed);
  });

  const ofImage = Object.entries(rows).filter(([name]) => name.startsWith("image."));

  test.each(ofImage)("%s: the image's configuration says so", async (_name, [text]) => {
    const configOf = async (description: string): Promise<unknown> => {
      const files = { ...shop, "service.yaml": `# syntax=org/go-frontend\n${main}${description}` };
      const base = { config: { Env: ["PATH=/bin"] } };
      return buildOf(await planFiles(files), {}, undefined, golangImage, base).results[0]?.config;
    };
    expect(await configOf(text)).not.toEqual(await configOf(""));
  });

  const login = `${main}modules:
  private: [git.acme.example/*]
  proxy: [https://proxy.corp.example]
  auth:
    netrc: netrc
    git.acme.example: { token: acme, user: bot }
    ssh.example: { ssh: default, port: 22, knownHosts: ["ssh.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W"] }
`;
  const edits: Readonly<Record<string, readonly [from: string, to: string]>> = {
    "modules.private": ["git.acme.example/*]", "git.acme.example/*, x.example]"],
    "modules.proxy": ["https://proxy.corp.example", "https://mirror.corp.example"],
    "modules.auth": ["    netrc: netrc\n", ""],
    "modules.auth.netrc": ["netrc: netrc", "netrc: other"],
    "modules.auth.*": ["git.acme.example: {", "other.acme.example: {"],
    "modules.auth.*.token": ["token: acme", "token: other"],
    "modules.auth.*.user": ["user: bot", "user: other"],
    "modules.auth.*.ssh": ["ssh: default", "ssh: other"],
    "modules.auth.*.port": [
      'port: 22, knownHosts: ["ssh.example',
      'port: 2222, knownHosts: ["[ssh.example]:2222',
    ],
    "modules.auth.*.knownHosts": ["Nx3W", "Nx3X"],
  };

  test.each(Object.entries(edits))(
    "%s: the download, and no step that compiles",
    async (_name, [from, to]) => {
      expect(login).toContain(from);
      const edited = { description: login.replace(from, to) };
      expect(await changedBy(edited, { description: login })).toEqual(["modules"]);
    },
  );

  const stepped = `${main}steps:
  web:
    image: node:24
    inputs: [go.mod]
    workdir: web
    run: [[npm, ci], [npm, run, build]]
    env: { NODE_ENV: production }
    network: true
    caches: [/root/.npm]
    secrets: [npmrc]
    ssh: default
    outputs: [web/dist]
`;
  const inSteps: Readonly<Record<string, readonly [from: string, to: string, changed: readonly string[]]>> = {
    // Its name is in no key.
    steps: ["  web:", "  site:", []],
    "steps.*.image": ["node:24", "node:22", ["step"]],
    "steps.*.inputs": ["[go.mod]", "[go.sum]", ["step"]],
    "steps.*.workdir": ["workdir: web", "workdir: .", ["step"]],
    "steps.*.run": ["npm, ci", "npm, install", ["step"]],
    "steps.*.env": ["production", "test", ["step"]],
    "steps.*.network": ["network: true", "network: false", ["step"]],
    "steps.*.caches": ["/root/.npm", "/root/.cache", ["step"]],
    "steps.*.secrets": ["[npmrc]", "[other]", ["step"]],
    "steps.*.ssh": ["ssh: default", "ssh: other", ["step"]],
    // The step writes what it writes; what is taken of it is the compile's.
    "steps.*.outputs": ["web/dist", "web/out", ["build"]],
  };

  test.each(Object.entries(inSteps))("%s: the step alone", async (_name, [from, to, changed]) => {
    expect(stepped).toContain(from);
    expect(await changedBy({ description: stepped.replace(from, to) }, { description: stepped })).toEqual(
      changed,
    );
  });

  test("modules: where repositories are asked, the toolchain image is one with git", async () => {
    expect(await changedBy({ description: login }, { description: main })).toEqual(ALL);
  });

  test("services.*.extends: nothing", async () => {
    const description = "services: { shop: { main: ./cmd/orders }, twin: { extends: shop } }\n";
    const twin = { description, request: { target: "twin" } };
    expect(await changedBy(twin, { description: main })).toEqual([]);
  });

  const altered = `${main}patches: [add.patch]
modules:
  edit:
    require: { github.com/google/uuid: v1.6.0, github.com/go-chi/chi/v5: v5.2.1 }
    replace: { github.com/go-chi/chi/v5: example.com/chi@v5.3.0 }
    sums:
      - example.com/chi v5.3.0 h1:${"A".repeat(43)}=
      - example.com/chi v5.3.0/go.mod h1:${"A".repeat(43)}=
      - x.test/unused v1.0.0 h1:${"A".repeat(43)}=
`;
  const patchOf = (port: number): string =>
    `--- a/internal/money/money.go\n+++ b/internal/money/money.go\n@@ -3 +3 @@\n-const Port = ":8080"\n+const Port = ":${port}"\n`;
  const patches: Files = { "add.patch": patchOf(9090), "other.patch": patchOf(7070) };
  const MODULES = ["build", "deps", "modules"];
  const inAltered: Readonly<Record<string, readonly [from: string, to: string, changed: readonly string[]]>> =
    {
      patches: ["[add.patch]", "[other.patch]", ["build"]],
      "modules.edit": ["    sums:", "    sums: # as go.sum has them", []],
      "modules.edit.require": ["v5.2.1", "v5.2.2", MODULES],
      "modules.edit.replace": [
        "github.com/go-chi/chi/v5: example.com",
        '"github.com/go-chi/chi/v5@v5.2.1": example.com',
        MODULES,
      ],
      "modules.edit.sums": ["unused v1.0.0", "unused v1.0.1", MODULES],
    };

  test.each(Object.entries(inAltered))(
    "%s: what reads the files that it changes",
    async (_name, [from, to, changed]) => {
      expect(altered).toContain(from);
      const [before, after] = [altered, altered.replace(from, to)].map((description) => ({
        description,
        files: patches,
      }));
      expect(await changedBy(after ?? {}, before)).toEqual(changed);
    },
  );

  test("every key has a row", () => {
    const keys = keyReference().map(({ path }) => path.join("."));
    const known = [rows, edits, inSteps, inAltered].flatMap((table) => Object.keys(table));
    expect([...known, "modules", "services.*.extends"].toSorted()).toEqual(keys.toSorted());
  });
});

describe("files", () => {
  test.each<[string, Files, readonly string[]]>([
    ["go.mod", { "go.mod": `${shop["go.mod"]}\n// x\n` }, ["deps", "modules"]],
    ["go.sum", { "go.sum": `${shop["go.sum"]}\n` }, ["deps", "modules"]],
    ["a file in place of another", { "internal/money/more.go": "package money\n" }, ["build"]],
    [
      "a test, a document, another service",
      { "internal/money/m_test.go": "package money\n", "x.md": "", "cmd/x/main.go": "package main\n" },
      [],
    ],
    ["a profile", { "cmd/orders/default.pgo": "profile" }, COMPILED],
  ])("%s", async (_name, files, changed) => {
    expect(await changedBy({ files })).toEqual(changed);
  });
});
