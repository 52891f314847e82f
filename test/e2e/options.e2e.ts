// Every option of the clients, by what it changes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { reset, up } from "../../rig/index.ts";
import { caSecret, type Clients, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { type Image, readImages, readStatements } from "./support/oci.ts";
import { type Files, HELLO, project } from "./support/project.ts";
import { type Run, run, succeeded } from "./support/run.ts";

const rig = inject("rig");
const frontend = pinnedFrontend(rig, inject("frontend"));
const syntax = `# syntax=${frontend}`;
const native = process.arch === "arm64" ? "arm64" : "amd64";
const work = scratchDir();
let clients: Clients;
let files = 0;

beforeAll(async () => {
  clients = await clientsOf(rig);
});
afterAll(work.remove);

/** The cheapest program there is. */
const SMALL = {
  "main.go":
    'package main\n\nimport "fmt"\n\nvar version = "unset"\n\nfunc main() { fmt.Println("small", version) }\n',
} as const;
/** A program with one module of others. */
const WITH_MODULE = {
  "go.mod": "module example.com/hello\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
  "go.sum":
    "github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=\n" +
    "github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n",
  "main.go": `package main

import (
	"fmt"

	"github.com/google/uuid"
)

var version = "unset"

func main() { fmt.Println("small", version, uuid.Nil) }
`,
} as const;

const write = (changes: Files, description = ""): string =>
  project(work.path, { ...SMALL, "service.yaml": `${syntax}\n${description}`, ...changes });

/** Builds with buildx and gives its plain progress. */
async function progress(dir: string, ...args: readonly string[]): Promise<string> {
  const done = await succeeded(
    clients.buildx([
      "build",
      "--progress=plain",
      "-f",
      join(dir, "service.yaml"),
      "--output=type=cacheonly",
      ...args,
      dir,
    ]),
  );
  return done.stderr;
}

/** Builds the bare executable with buildx and says what it prints. */
async function says(dir: string, ...args: readonly string[]): Promise<string> {
  const dest = join(work.path, `out-${files++}`);
  const binary = ["--target", "binary", "--output", `type=local,dest=${dest}`];
  await succeeded(clients.buildx(["build", "-f", join(dir, "service.yaml"), ...binary, ...args, dir]));
  return (await succeeded(run(join(dest, "hello"), []))).stdout;
}

/** Builds with buildctl, whose options are exactly those given. */
function solve(dir: string, options: readonly string[], output: readonly string[] = []): Promise<Run> {
  return clients.buildctl([
    "build",
    "--progress=plain",
    "--frontend=gateway.v0",
    `--opt=source=${frontend}`,
    `--local=context=${dir}`,
    `--local=dockerfile=${dir}`,
    ...options.map((option) => `--opt=${option}`),
    ...output,
  ]);
}

async function solved(dir: string, ...options: readonly string[]): Promise<readonly Image[]> {
  const path = join(work.path, `solved-${files++}.tar`);
  await succeeded(solve(dir, ["filename=service.yaml", ...options], ["--output", `type=oci,dest=${path}`]));
  return readImages(path);
}

/** Vertices by name, and whether their result came from a cache: it was there, or its layers were pulled. */
function vertices(output: string): ReadonlyMap<string, boolean> {
  const names = new Map([...output.matchAll(/^#(\d+) (\[.*)$/gm)].map(([, id, name]) => [id, name ?? ""]));
  const cached = output.matchAll(/^#(\d+) (?:CACHED$|(?:extracting )?sha256:)/gm);
  const ids = new Set([...cached].map(([, id]) => id));
  return new Map([...names].map(([id, name]) => [name, ids.has(id)]));
}

/** Steps of the build, by whether their result came from a cache. */
function steps(
  output: string,
  stage: RegExp,
): { readonly cached: readonly string[]; readonly ran: readonly string[] } {
  const found = [...vertices(output)].filter(([name]) => stage.test(name));
  const names = (cached: boolean): readonly string[] =>
    found.filter(([, each]) => each === cached).map(([name]) => name);
  return { cached: names(true), ran: names(false) };
}

const STEP =
  /^\[(helper\] go run|modules\] go mod download|rootfs\]|std .*go build|deps .*go build|hello .*go build)/;

describe("filename", () => {
  const described = { "deploy/other.yaml": `${syntax}\nname: other\n` };

  test("of buildx: -f names a file in another directory", async () => {
    const dir = write(described);
    const path = join(work.path, "other.tar");
    await succeeded(
      clients.buildx(["build", "-f", join(dir, "deploy/other.yaml"), "-o", `type=oci,dest=${path}`, dir]),
    );
    expect(readImages(path)[0]?.config.config.Entrypoint).toEqual(["/usr/local/bin/other"]);
  });

  test("of buildctl: a path in the local folder", async () => {
    const path = join(work.path, "other-buildctl.tar");
    const dir = write(described);
    await succeeded(solve(dir, ["filename=deploy/other.yaml"], ["--output", `type=oci,dest=${path}`]));
    expect(readImages(path)[0]?.config.config.Entrypoint).toEqual(["/usr/local/bin/other"]);
  });
});

describe("platform", () => {
  test("several in one index, instead of the description's", async () => {
    const images = await solved(write({}, "platforms: [linux/arm64]\n"), "platform=linux/amd64,linux/arm64");
    expect(images.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"]);
  });

  test("the description's, without one of the client", async () => {
    const images = await solved(write({}, "platforms: [linux/arm64]\n"));
    expect(images.map(({ platform }) => platform)).toEqual(["linux/arm64"]);
  });

  test("the builder's own, without any", async () => {
    const images = await solved(write({}));
    expect(images.map(({ platform }) => platform)).toEqual([`linux/${native}`]);
  });

  test("multi-platform: an index for one; false with two is refused", async () => {
    expect(await solved(write({}), "multi-platform=true")).toHaveLength(1);
    const { code, stderr } = await solve(write({}), [
      "filename=service.yaml",
      "platform=linux/amd64,linux/arm64",
      "multi-platform=false",
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("returning multiple target platforms is not allowed");
  });
});

describe("target", () => {
  const services = `services:
  api: { main: ./cmd/api }
  worker: { main: ./cmd/worker, image: { env: { ROLE: worker } } }
`;
  const sources = {
    "main.go": undefined,
    "cmd/api/main.go": SMALL["main.go"],
    "cmd/worker/main.go": SMALL["main.go"],
  };

  test("image is what no target means", async () => {
    const dir = write({});
    const [named, unnamed] = [await solved(dir, "target=image"), await solved(dir)];
    expect(named[0]?.digest).toBe(unnamed[0]?.digest);
  });

  test("a service's image, and its bare executable", async () => {
    const dir = write(sources, services);
    const [worker] = await solved(dir, "target=worker");
    expect(worker?.config.config.Entrypoint).toEqual(["/usr/local/bin/worker"]);
    expect(worker?.config.config.Env).toContain("ROLE=worker");
    const [binary] = await solved(dir, "target=api.binary");
    expect(binary?.entries.map(({ path }) => path)).toEqual(["api"]);
  });
});

describe("build-arg", () => {
  const described = 'args: { version: dev }\nbuild: { vars: { main.version: "${version}" } }\n';

  test("gives args their value, at link time only", async () => {
    const dir = write({}, described);
    expect(await says(dir)).toBe("small dev\n");
    expect(await says(dir, "--build-arg", "version=it's 1.2")).toBe("small it's 1.2\n");
  });

  test("an empty one is a value", async () => {
    expect(await says(write({}, described), "--build-arg", "version=")).toBe("small \n");
  });

  test("one that is declared nowhere is a warning with the name that was meant", async () => {
    const output = await progress(write({}, described), "--build-arg", "verison=1", "--debug");
    expect(output).toContain("GF033 warning: build argument verison is declared nowhere and has no effect");
    expect(output).toContain("did you mean version?");
  });

  test("BuildKit's own and the proxies' are no strangers", async () => {
    const output = await progress(
      write({}),
      "--build-arg",
      "BUILDKIT_INLINE_CACHE=1",
      "--build-arg",
      "HTTP_PROXY=http://127.0.0.1:1",
    );
    expect(output).not.toContain("GF033");
  });
});

describe("label", () => {
  test("labels of the client win over the description's, and both over the commit's", async () => {
    const dir = write({}, "image: { labels: { team: shop, tier: one } }\n");
    const [image] = await solved(
      dir,
      "label:team=orders",
      "vcs:revision=abc123",
      "vcs:source=https://u:p@example.com/r.git",
    );
    expect(image?.config.config.Labels).toEqual({
      team: "orders",
      tier: "one",
      "org.opencontainers.image.revision": "abc123",
      "org.opencontainers.image.source": "https://example.com/r.git",
      "org.opencontainers.image.title": "hello",
    });
  });
});

describe("no-cache", () => {
  test("absent, nothing runs twice", async () => {
    const dir = write({});
    await progress(dir);
    const { cached, ran } = steps(await progress(dir), STEP);
    expect(ran).toEqual([]);
    expect(cached).toHaveLength(4);
  });

  test("of one stage runs that stage", async () => {
    const dir = write({});
    await progress(dir);
    const { ran } = steps(await progress(dir, "--no-cache-filter", "build"), STEP);
    expect(ran).toEqual([`[hello linux/${native}] go build .`]);
  });

  test("runs every step again, with the same result", async () => {
    const dir = write({});
    const [before] = await solved(dir);
    const path = join(work.path, "uncached.tar");
    const output = await progress(dir, "--no-cache", "--output", `type=oci,dest=${path}`);
    const { cached, ran } = steps(output, STEP);
    expect(cached).toEqual([]);
    expect(ran).toHaveLength(4);
    expect(readImages(path)[0]?.digest).toBe(before?.digest);
  });
});

describe("cache-imports", () => {
  const name = `e2e-cache-${process.pid}`;
  afterAll(() => reset(name, () => undefined));

  test("a builder that starts with nothing takes the standard library and the modules from a registry", async () => {
    const reference = `${rig.registry}/e2e/cache:${process.pid}`;
    await progress(
      write(WITH_MODULE),
      ...caSecret(),
      "--cache-to",
      `type=registry,ref=${reference},mode=max`,
    );
    const fresh = await up({ name, mirrors: "always", ephemeral: true, log: () => undefined });
    try {
      const there = await clientsOf(fresh);
      const dir = write({ ...WITH_MODULE, "main.go": WITH_MODULE["main.go"].replace("small", "changed") });
      const dest = join(work.path, "from-cache");
      const { stderr } = await succeeded(
        there.buildx([
          "build",
          "--progress=plain",
          "-f",
          join(dir, "service.yaml"),
          "--cache-from",
          `type=registry,ref=${reference}`,
          "--target=binary",
          "-o",
          `type=local,dest=${dest}`,
          dir,
        ]),
      );
      expect((await succeeded(run(join(dest, "hello"), []))).stdout).toMatch(/^changed unset 0{8}-/);
      const { cached, ran } = steps(stderr, STEP);
      expect(ran).toEqual([`[hello linux/${native}] go build .`]);
      expect(cached.some((name) => name.startsWith("[deps "))).toBe(true);
      expect(cached.some((name) => name.startsWith("[std "))).toBe(true);
      // Of the toolchain's image nothing is pulled: what compiling needs of it is in the cache.
      const image = [...vertices(stderr)].filter(([name]) => /^\[toolchain\] .*@sha256:/.test(name));
      expect(image.map(([, pulled]) => pulled)).toEqual([false]);
      expect(stderr).toContain("compiled 1 packages of this source tree and 0 others");
    } finally {
      await fresh.release();
    }
  });
});

describe("options that only the steps' definitions show", () => {
  /** The build's LLB, as the builder's own provenance tells it. */
  async function definition(dir: string, ...args: readonly string[]): Promise<string> {
    const path = join(work.path, `provenance-${files++}.tar`);
    await succeeded(
      clients.buildx([
        "build",
        "-f",
        join(dir, "service.yaml"),
        "--provenance=mode=max",
        "-o",
        `type=oci,dest=${path}`,
        ...args,
        dir,
      ]),
    );
    const [statement] = readStatements(path);
    if (statement === undefined) throw new Error("the image has no provenance");
    return statement;
  }

  test("image-resolve-mode: --pull", async () => {
    const dir = write({});
    expect(await definition(dir)).not.toContain('"image.resolvemode"');
    expect(await definition(dir, "--pull")).toMatch(/"image\.resolvemode":\s*"pull"/);
  });

  test("force-network-mode: none is none for the download step too", async () => {
    const dir = write(WITH_MODULE);
    const { code, stderr } = await clients.buildx([
      "build",
      "--progress=plain",
      "-f",
      join(dir, "service.yaml"),
      "--network=none",
      "--no-cache-filter=modules",
      "--build-arg=BUILDKIT_CACHE_MOUNT_NS=e2e-empty",
      "--output=type=cacheonly",
      dir,
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("go.mod:5:9: GF091 github.com/google/uuid v1.6.0 cannot be downloaded");
    expect(stderr).toContain("proxy.golang.org");
  });

  test("add-hosts and the proxies reach the steps' definition, never the image", async () => {
    const dir = write(WITH_MODULE);
    const args = [
      "--add-host",
      "Git.Example.com:10.1.2.3",
      "--build-arg",
      "NO_PROXY=git.example.com",
      ...caSecret(),
    ];
    const text = await definition(dir, ...args);
    expect(text).toMatch(/"Host":\s*"git\.example\.com"/i);
    expect(text).toMatch(/"no_proxy":\s*"git\.example\.com"/i);
    const path = join(work.path, "proxied.tar");
    await succeeded(
      clients.buildx(["build", "-f", join(dir, "service.yaml"), "-o", `type=oci,dest=${path}`, ...args, dir]),
    );
    expect(JSON.stringify(readImages(path)[0]?.config)).not.toMatch(/git\.example\.com/);
  });

  test("BUILDKIT_CACHE_MOUNT_NS is the start of every cache mount's id", async () => {
    const text = await definition(
      write(WITH_MODULE),
      "--build-arg",
      "BUILDKIT_CACHE_MOUNT_NS=tenant-7",
      ...caSecret(),
    );
    const ids = [...text.matchAll(/"cacheOpt":\s*\{\s*"ID":\s*"([^"]*)"/g)].map(([, id]) => id ?? "");
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.filter((id) => !id.startsWith("tenant-7/"))).toEqual([]);
  });
});

describe("source-date-epoch", () => {
  test("as an option, and as a build argument", async () => {
    const dir = write({});
    const [option] = await solved(dir, "source-date-epoch=1700000000");
    const [argument] = await solved(dir, "build-arg:SOURCE_DATE_EPOCH=1700000000");
    expect(option?.config.created).toBe("2023-11-14T22:13:20Z");
    expect(option?.entries.filter(({ mtime }) => mtime !== 1_700_000_000)).toEqual([]);
    expect(argument?.digest).toBe(option?.digest);
  });
});

// Others, such as force-network-mode, BuildKit itself refuses before a frontend starts.
describe("values that an option cannot have", () => {
  test.each([
    ["build-arg:SOURCE_DATE_EPOCH=today", 'GF081 SOURCE_DATE_EPOCH is "today", not a number of seconds'],
    ["platform=linux", 'GF030 --platform: unknown platform "linux"'],
  ])("%s", async (option, message) => {
    const { code, stderr } = await solve(write({}), ["filename=service.yaml", option]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});

describe(".dockerignore", () => {
  const extra = { "extra.go": 'package main\n\nfunc init() { version = "extra" }\n' };

  test("keeps files from the compiler", async () => {
    expect(await says(write(extra))).toBe("small extra\n");
    expect(await says(write({ ...extra, ".dockerignore": "# not these\n/extra.go\n" }))).toBe(
      "small unset\n",
    );
  });

  test("! brings one back", async () => {
    expect(await says(write({ ...extra, ".dockerignore": "*.go\n!main.go\n" }))).toBe("small unset\n");
  });

  test("service.yaml.dockerignore stands before it", async () => {
    const ignored = { ".dockerignore": "extra.go\n", "service.yaml.dockerignore": "nothing\n" };
    expect(await says(write({ ...extra, ...ignored }))).toBe("small extra\n");
  });

  test("what it leaves out and the build needs is missed at the line that needs it", async () => {
    const dir = write({ ".dockerignore": "cmd\n", "cmd/api/main.go": HELLO["main.go"] }, "main: ./cmd/api\n");
    const { code, stderr } = await clients.buildx([
      "build",
      "-f",
      join(dir, "service.yaml"),
      "--output=type=cacheonly",
      dir,
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/service\.yaml:2:7: GF00[24] /);
    expect(stderr).toContain(".dockerignore");
  });
});

describe("what is sent", () => {
  test("neither files that no import reaches, nor large ones beside", async () => {
    const dir = write({
      "big.bin": Buffer.alloc(8 << 20, "x"),
      "docs/manual.md": "x".repeat(1 << 20),
      "other/lib.go": "package other\n",
    });
    const output = await progress(dir);
    const sent = [...output.matchAll(/transferring (?:context|dockerfile): ([\d.]+)(B|kB|MB)/g)].map(
      ([, size, unit]) => Number(size) * { B: 1, kB: 1e3, MB: 1e6 }[unit as "B" | "kB" | "MB"],
    );
    expect(Math.max(...sent)).toBeLessThan(10_000);
  });

  test("metadata of the result for programs: --metadata-file", async () => {
    const file = join(work.path, "metadata.json");
    const dir = write({});
    await progress(dir, "--metadata-file", file);
    expect(JSON.parse(readFileSync(file, "utf8"))).toHaveProperty("buildx.build.ref");
  });
});
