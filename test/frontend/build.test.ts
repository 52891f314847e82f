// A whole build against a builder that answers from a table: what is asked, in which form the result goes back.
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { main } from "../../src/frontend/main.ts";
import {
  createCaps,
  type GatewayClient,
  GatewayError,
  isGatewayError,
  type Result,
  type SolveRequest,
  sourcesOf,
  type WarnOptions,
} from "../../src/gateway/index.ts";
import { type Definition, viewDefinition } from "../../src/llb/index.ts";
import { shop, stageOf, sums, tool } from "../plan/support.ts";
import { fakeClient, recordingClient, reference, type Table, tableOf } from "./support.ts";

const digest = `sha256:${"ab".repeat(32)}`;

interface Solved {
  /** Name of the last vertex. */
  readonly name: string;
  readonly request: SolveRequest;
}

interface Outcome {
  readonly result: Result | undefined;
  readonly error: GatewayError | undefined;
  /** Everything that was solved but transfers of the client's files. */
  readonly solved: readonly Solved[];
  readonly images: readonly string[];
  readonly warnings: readonly { readonly message: string; readonly options: WarnOptions | undefined }[];
}

/**
 * Runs the frontend over a folder; `fail` makes the solve of a stage fail when it is run, `list` lists packages,
 * `broken` tells of the steps of a graph, by name, why the graph fails when it is run; `written` is what steps of the
 * description leave.
 */
async function run(
  files: Readonly<Record<string, string>>,
  opts: Readonly<Record<string, string>> = {},
  fail: Readonly<Record<string, string>> = {},
  list: () => Promise<object> = () => Promise.resolve({}),
  builder: Partial<GatewayClient> = {},
  broken: (steps: readonly string[]) => GatewayError | undefined = () => undefined,
  written: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const table: Table = tableOf({
    Dockerfile: files["service.yaml"] ?? "# syntax=org/go-frontend\n",
    ...files,
  });
  const transfers = recordingClient(table);
  const solved: Solved[] = [];
  const images: string[] = [];
  const warnings: { message: string; options: WarnOptions | undefined }[] = [];
  const solve = async (request: SolveRequest): Promise<Result> => {
    const { ops, head } = viewDefinition(request.definition as Definition);
    const last = ops.find((op) => op.digest === head?.digest);
    if (last?.op.op === "source" && ops.length === 1) {
      const attrs = last.op.source.attrs ?? {};
      const list = (name: string): readonly string[] => JSON.parse(attrs[name] ?? "[]") as string[];
      const only =
        attrs["local.metadatatransfer"] === "true" ? list("local.metadatatransferexclude") : undefined;
      const ref = await transfers.fetch({
        include: [...list("local.includepattern"), ...list("local.followpaths")],
        exclude: list("local.excludepatterns"),
        content: only,
        role: attrs["local.sharedkeyhint"] ?? "",
        anew: attrs["local.differ"] === "none",
      });
      return { ref, metadata: new Map(), attestations: new Map() };
    }
    const name = last?.name ?? "";
    solved.push({ name, request });
    const words = fail[stageOf(name)];
    if (words !== undefined && request.evaluate === true) throw new GatewayError(words);
    const error = request.evaluate === true ? broken(ops.map((op) => op.name)) : undefined;
    if (error !== undefined) throw error;
    const answer = name.startsWith("[deps] go list")
      ? new Map([["packages.json", new TextEncoder().encode(JSON.stringify(await list()))]])
      : name.startsWith("[step ")
        ? tableOf(written)
        : new Map<string, Uint8Array>();
    const plain = reference(answer, `ref-${solved.length}`);
    const ref =
      words === undefined ? plain : { ...plain, evaluate: () => Promise.reject(new GatewayError(words)) };
    return { ref, metadata: new Map(), attestations: new Map() };
  };
  const config = new TextEncoder().encode(JSON.stringify({ config: { Env: ["PATH=/usr/local/go/bin"] } }));
  const client = fakeClient(opts, {
    solve,
    resolveSourceMeta: ((source: { readonly identifier: string }) => {
      images.push(source.identifier);
      return Promise.resolve({ source: { ...source, attrs: {} }, image: { digest, config } });
    }) as unknown as GatewayClient["resolveSourceMeta"],
    warn: (_vertex, message, options) => {
      warnings.push({ message, options });
      return Promise.resolve();
    },
    ...builder,
  });
  try {
    return { result: await main(client), error: undefined, solved, images, warnings };
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    return { result: undefined, error, solved, images, warnings };
  }
}

function metadata(result: Result | undefined, name: string): unknown {
  const bytes = result?.metadata.get(name);
  return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}

describe("steps of the description", () => {
  const files = {
    "service.yaml": `# syntax=org/go-frontend
services:
  web:
    steps:
      page: { image: node:24, inputs: [web/page.js], run: [[node, build.js]], outputs: [web/dist] }
  plain: { main: ./plain }
`,
    "go.mod": "module example.com/web\n\ngo 1.26\n",
    "main.go": 'package main\n\nimport "example.com/web/web"\n\nfunc main() { web.Serve() }\n',
    "plain/main.go": "package main\n\nfunc main() {}\n",
    "web/web.go": 'package web\n\nimport "embed"\n\n//go:embed dist\nvar files embed.FS\n\nfunc Serve() {}\n',
    "web/page.js": "",
  };
  const building = (target: string, written: Readonly<Record<string, string>>): Promise<Outcome> =>
    run(files, { target }, {}, undefined, {}, undefined, written);

  test("are run and read before the plan is made, and are in the graph of the image", async () => {
    const { error, solved, images } = await building("web", { "web/dist/index.html": "<p>" });
    expect(error).toBeUndefined();
    expect(solved.map(({ name }) => name)).toEqual(["[step page] web/dist", "[web linux/amd64] image"]);
    expect(solved[0]?.request.evaluate).toBe(true);
    const { ops } = viewDefinition(solved[1]?.request.definition as Definition);
    const before = viewDefinition(solved[0]?.request.definition as Definition).ops;
    const ran = before.filter(({ kind }) => kind === "exec").map(({ digest: key }) => key);
    expect(ops.map(({ digest: key }) => key)).toEqual(expect.arrayContaining(ran));
    expect(ops.filter(({ op }) => op.exec?.meta?.args?.[0] === "node")).toHaveLength(1);
    expect(images).toContain("docker-image://docker.io/library/node:24");
  });

  test("are not run for a service beside theirs", async () => {
    const { error, solved, images, warnings } = await building("plain", {});
    expect(error).toBeUndefined();
    expect(solved.map(({ name }) => name)).toEqual(["[plain linux/amd64] image"]);
    expect(images.join()).not.toContain("node");
    expect(warnings).toEqual([]);
  });

  test("that did not write what they were to write are told at the output", async () => {
    const { error } = await building("web", { "web/other.html": "" });
    expect(error?.message).toMatchInlineSnapshot(`
      "Dockerfile:5:89: GF056 the step "page" ended well and did not write web/dist
      help: outputs are relative to the build context, wherever the step starts: correct the path, or have the program write there"
    `);
  });
});

describe("one platform", () => {
  test("is one reference with its configuration, and nothing was run for it", async () => {
    const { result, solved, images } = await run(tool);
    expect(result?.ref?.id).toBe("ref-1");
    expect(result?.refs).toBeUndefined();
    expect(solved.map(({ name }) => name)).toEqual(["[tool linux/amd64] image"]);
    expect(solved[0]?.request.evaluate ?? false).toBe(false);
    expect(images).toEqual(["docker-image://docker.io/library/golang:1.26-alpine"]);
    expect([...(result?.metadata.keys() ?? [])].toSorted()).toEqual([
      "containerimage.config",
      "refs.platforms",
      "source.date.epoch",
    ]);
    expect(metadata(result, "containerimage.config")).toMatchObject({
      architecture: "amd64",
      config: { Entrypoint: ["/usr/local/bin/tool"], User: "65532:65532" },
    });
    expect(metadata(result, "source.date.epoch")).toBe(0);
  });

  test("is an index when the client asks for one", async () => {
    const { result } = await run(tool, { "multi-platform": "true" });
    expect([...(result?.refs?.keys() ?? [])]).toEqual(["linux/amd64"]);
    expect(metadata(result, "containerimage.config/linux/amd64")).toMatchObject({ os: "linux" });
  });

  test("as bare executable has no configuration", async () => {
    const { result, solved } = await run(tool, { target: "binary" });
    expect(solved.map(({ name }) => name)).toEqual(["[tool linux/amd64] executable"]);
    expect([...(result?.metadata.keys() ?? [])]).toEqual(["refs.platforms"]);
  });
});

describe("several platforms", () => {
  test("are an index with a configuration each", async () => {
    const { result, images } = await run(tool, { platform: "linux/amd64,linux/arm/v7,linux/amd64" });
    expect([...(result?.refs?.keys() ?? [])]).toEqual(["linux/amd64", "linux/arm/v7"]);
    expect(metadata(result, "containerimage.config/linux/arm/v7")).toMatchObject({
      architecture: "arm",
      variant: "v7",
    });
    // One toolchain serves all: it runs on the builder's platform.
    expect(images).toHaveLength(1);
  });

  test("cannot be one image", async () => {
    const options = { platform: "linux/amd64,linux/arm64", "multi-platform": "false" };
    const { error, solved } = await run(tool, options);
    expect(solved).toEqual([]);
    expect(error?.message).toBe(
      "Dockerfile: GF081 multi-platform=false, but the build is for linux/amd64, linux/arm64\nhelp: name one platform with --platform",
    );
  });

  test("have a base each", async () => {
    const files = { ...tool, "service.yaml": "image: { base: debian:bookworm-slim }\n" };
    const { result, images } = await run(files, { platform: "linux/amd64,linux/arm64" });
    expect(images.toSorted()).toEqual([
      "docker-image://docker.io/library/debian:bookworm-slim",
      "docker-image://docker.io/library/debian:bookworm-slim",
      "docker-image://docker.io/library/golang:1.26-alpine",
    ]);
    expect(metadata(result, "containerimage.base.config/linux/arm64")).toEqual({
      config: { Env: ["PATH=/usr/local/go/bin"] },
    });
  });
});

test("cache sources of the client are handed to what is solved at last", async () => {
  const { solved } = await run(tool, {
    "cache-imports": '[{"Type":"registry","Attrs":{"ref":"r.example/cache"}}]',
  });
  expect(solved.map(({ request }) => request.cacheImports)).toEqual([
    [{ type: "registry", attrs: { ref: "r.example/cache" } }],
  ]);
});

describe("warnings", () => {
  test("tell of build arguments that nothing reads, with the place and what was meant", async () => {
    const files = { ...tool, "service.yaml": "# syntax=org/go-frontend\nargs: { version: dev }\n" };
    const { warnings, result } = await run(files, { "build-arg:verison": "1" });
    expect(warnings.map(({ message }) => message)).toEqual([
      "Dockerfile:2:7: GF033 warning: build argument verison is declared nowhere and has no effect",
    ]);
    expect(warnings[0]?.options).toMatchObject({
      detail: ["did you mean version?"],
      sourceInfo: { filename: "Dockerfile", language: "YAML" },
      ranges: [{ start: { line: 2 }, end: { line: 2 } }],
    });
    expect(result?.ref).toBeDefined();
  });
});

describe("errors", () => {
  test("of the description end the build before anything is asked of a registry or solved", async () => {
    const { error, solved, images } = await run({
      ...tool,
      "service.yaml": "nmae: x\nplatforms: [linux/x86]\n",
    });
    expect(error?.message).toContain("GF021");
    expect(error?.message).toContain("GF030");
    expect(sourcesOf(error)[0]?.ranges.map(({ start }) => start.line)).toEqual([1, 2]);
    expect([solved, images]).toEqual([[], []]);
  });

  test("in a file of the tree come with that file, and so do warnings", async () => {
    const goMod = "module example.com/app\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n";
    const main = 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n';
    const { error } = await run({ "go.mod": goMod, "main.go": main });
    expect(error?.message).toMatch(/^go\.mod:\d+:\d+: GF011 /);
    const [shown, ...more] = sourcesOf(error);
    expect(shown?.info).toMatchObject({ filename: "go.mod", data: new TextEncoder().encode(goMod) });
    expect(more).toEqual([]);

    const apart = await run({
      ...tool,
      "go.work": "go 1.26\n\nuse ./other\n",
      "other/go.mod": "module example.com/o\n",
    });
    expect(apart.warnings.map(({ message }) => message.split(" ")[0])).toEqual(["go.work:1:1:"]);
    expect(apart.warnings[0]?.options).toMatchObject({
      sourceInfo: { filename: "go.work" },
      ranges: [{ start: { line: 1 } }],
    });
  });

  test("of the source tree come with the description's place", async () => {
    const { error, solved } = await run({
      ...tool,
      "service.yaml": "# syntax=org/go-frontend\nmain: ./cmd/none\n",
    });
    expect(error?.message).toContain("Dockerfile:2:7: GF002");
    expect(sourcesOf(error)[0]?.info.filename).toBe("Dockerfile");
    expect(solved).toEqual([]);
  });

  test("of a description that was not sent", async () => {
    const { error } = await run(tool, { filename: "service.yaml" });
    expect(error?.message).toContain("GF082 the description service.yaml is not there");
  });
});

describe("a base of another platform", () => {
  const on = async (config: object, platform: string): Promise<readonly string[]> => {
    const answer = (source: { readonly identifier: string }) => {
      const own = source.identifier.includes("golang")
        ? { config: { Env: ["PATH=/usr/local/go/bin"] } }
        : { config: {}, ...config };
      const image = { digest, config: new TextEncoder().encode(JSON.stringify(own)) };
      return Promise.resolve({ source: { ...source, attrs: {} }, image });
    };
    const resolveSourceMeta = answer as unknown as GatewayClient["resolveSourceMeta"];
    const files = { ...tool, "service.yaml": "image: { base: debian:bookworm-slim }\n" };
    const { warnings, result } = await run(files, { platform }, {}, undefined, { resolveSourceMeta });
    expect(result?.ref).toBeDefined();
    return warnings.map(({ message, options }) => `${message} | ${(options?.detail ?? []).join()}`);
  };

  test("is taken, with a warning at its line", async () => {
    expect(await on({ os: "linux", architecture: "amd64" }, "linux/arm64")).toEqual([
      "Dockerfile:1:16: GF072 warning: base image debian:bookworm-slim is for linux/amd64, and the image for linux/arm64 | name a base that is made for it: a tag or an index, not the digest of one manifest",
    ]);
  });

  test.each([
    [{ os: "linux", architecture: "arm64", variant: "v8" }, "linux/arm64", 0],
    [{ os: "linux", architecture: "arm64" }, "linux/arm64", 0],
    [{ os: "linux", architecture: "amd64" }, "linux/amd64/v3", 0],
    [{ os: "linux", architecture: "amd64", variant: "v3" }, "linux/amd64", 1],
    [{ os: "linux", architecture: "arm", variant: "v6" }, "linux/arm/v7", 0],
    [{ os: "linux", architecture: "arm", variant: "v7" }, "linux/arm/v6", 1],
    [{ os: "windows", architecture: "amd64" }, "linux/amd64", 1],
    [{}, "linux/arm64", 0],
  ])("%j under %s", async (config, platform, count) => {
    expect(await on(config, platform)).toHaveLength(count);
  });
});

describe("private modules", () => {
  const files = {
    "service.yaml": "# syntax=org/go-frontend\nmodules:\n  auth:\n    git.acme.example: { token: acme }\n",
    "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire git.acme.example/lib v1.0.0\n",
    "go.sum": sums("git.acme.example/lib v1.0.0"),
    "main.go": 'package main\n\nimport _ "git.acme.example/lib"\n\nfunc main() {}\n',
  };

  /** BuildKit's answers when it prepares the mounts of a container: words, or nothing to complain of. */
  const asked = (words: Readonly<Record<string, string>>) => {
    const released: string[] = [];
    const newContainer: GatewayClient["newContainer"] = ({ mounts }) => {
      const id = mounts.map(({ secret, ssh }) => secret?.id ?? ssh?.id ?? "").join("");
      const answer = words[id];
      if (answer !== undefined) return Promise.reject(new GatewayError(answer));
      const unused = () => Promise.reject(new Error("nothing is run in it"));
      return Promise.resolve({
        id,
        start: unused,
        readFile: unused,
        readDir: unused,
        statFile: unused,
        release: () => {
          released.push(id);
          return Promise.resolve();
        },
      });
    };
    const caps = createCaps([], ["gateway.exec", "frontend.inputs", "source.metaresolver"]);
    return { released, client: { caps, newContainer } };
  };

  test("a missing secret is told at its line before anything is solved", async () => {
    const { client } = asked({ acme: "secret acme: not found" });
    const { error, solved } = await run(files, {}, {}, undefined, client);
    expect(solved).toEqual([]);
    expect(error?.message).toBe(
      'Dockerfile:4:32: GF050 the build needs the secret "acme", which the client did not provide\nhelp: add --secret id=acme,env=TOKEN',
    );
  });

  test("all that are missing are told at once", async () => {
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W";
    const more = `    netrc: mine\n    other.example: { ssh: default, knownHosts: ["other.example ${key}"] }\n`;
    const both = { ...files, "service.yaml": `${files["service.yaml"]}${more}` };
    const { client, released } = asked({
      acme: "secret acme: not found",
      default: 'no SSH key "default" forwarded from the client',
    });
    const { error } = await run(both, {}, {}, undefined, client);
    expect(error?.message).toMatch(/GF050 the build needs the secret "acme"/);
    expect(error?.message).toMatch(/GF051 the build fetches modules from other\.example over ssh/);
    expect(released).toEqual(["mine"]);
  });

  test("when all are there, nothing is run ahead", async () => {
    const { client, released } = asked({});
    const { solved, result } = await run(files, {}, {}, undefined, client);
    expect(solved.map(({ name, request }) => [name, request.evaluate])).toEqual([
      ["[app linux/amd64] image", true],
    ]);
    expect(result?.ref).toBeDefined();
    expect(released).toEqual(["acme"]);
  });

  test("a builder that answers something else is asked by running the download", async () => {
    const { client } = asked({ acme: "containers are not to be had here" });
    const { solved, result } = await run(files, {}, {}, undefined, client);
    expect(solved.map(({ name }) => name)).toEqual(["[modules] go mod download", "[app linux/amd64] image"]);
    expect(result?.ref).toBeDefined();
  });

  test("are downloaded first where BuildKit cannot be asked: only then a missing secret can be told at its line", async () => {
    const { error, solved } = await run(files, {}, { modules: "secret acme: not found" });
    expect(solved.map(({ name }) => name)).toEqual(["[modules] go mod download"]);
    expect(error?.message).toBe(
      'Dockerfile:4:32: GF050 the build needs the secret "acme", which the client did not provide\nhelp: add --secret id=acme,env=TOKEN',
    );
  });

  test("any other failure of the download is BuildKit's own", async () => {
    const words = 'process "/helper/go-frontend modules" did not complete successfully: exit code: 1';
    const { error } = await run(files, {}, { modules: words });
    expect(error?.message).toBe(words);
  });

  test("are then part of the whole", async () => {
    const { solved, result } = await run(files);
    expect(solved.map(({ name }) => name)).toEqual(["[modules] go mod download", "[app linux/amd64] image"]);
    expect(result?.ref).toBeDefined();
  });
});

describe("packages of other modules", () => {
  const modules = Array.from({ length: 12 }, (_, at) => `github.com/acme/lib${at} v1.0.0`);
  const files = {
    "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n\t${modules.join("\n\t")}\n)\n`,
    "go.sum": sums(...modules),
    "main.go": 'package main\n\nimport _ "github.com/acme/lib0"\n\nfunc main() {}\n',
  };
  const listing = "[deps] go list (packages of other modules)";
  const std: unknown = expect.stringMatching(/^\[std linux\/amd64\]/);
  const image = "[app linux/amd64] image";
  const asked = ({ solved }: Outcome): readonly [string, boolean | undefined][] =>
    solved.map(({ name, request }) => [name, request.evaluate]);

  const whole = { "linux/amd64": { packages: [], back: [], kept: true } };

  test("are listed first; of one that is there at once and names all, nothing is waited for", async () => {
    expect(asked(await run(files, {}, {}, () => Promise.resolve(whole)))).toEqual([
      [listing, undefined],
      [image, false],
    ]);
  });

  test("while they are listed the standard library is compiled, which lasts until the build is done", async () => {
    expect(asked(await run(files, {}, {}, () => setTimeout(300, {})))).toEqual([
      [listing, undefined],
      [std, true],
      [image, true],
    ]);
  });

  test("a standard library that does not compile is an error of the build and of nothing before it", async () => {
    const fail = { "std linux/amd64": "exit code: 1" };
    const outcome = await run(files, {}, fail, () => setTimeout(300, {}));
    expect(outcome.error).toBeUndefined();
    const both = { ...fail, "build linux/amd64": "[std linux/amd64] exit code: 1" };
    const { error } = await run(files, {}, both, () => setTimeout(300, {}));
    expect(error?.message).toBe("[std linux/amd64] exit code: 1");
  });

  test("one that needs cgo ends the build before any is compiled, at the import that leads to it", async () => {
    const lib0 = { path: "github.com/acme/lib0", module: "github.com/acme/lib0", version: "v1.0.0" };
    const found = {
      "linux/amd64": {
        packages: [
          { ...lib0, imports: ["github.com/acme/lib1"] },
          { ...lib0, path: "github.com/acme/lib1", imports: ["github.com/acme/native"] },
          { ...lib0, path: "github.com/acme/native" },
          { ...lib0, path: "github.com/acme/other" },
        ],
        back: [],
        cgo: [
          { path: "github.com/acme/native", file: "github.com/acme/native/n.go", line: 7 },
          // Another service of the description imports it.
          { path: "github.com/acme/other", file: "github.com/acme/other/o.go", line: 1 },
        ],
      },
    };
    const { error, solved } = await run(files, {}, {}, () => Promise.resolve(found));
    expect(error?.message).toBe(
      'main.go:3:10: GF060 package github.com/acme/native needs cgo, which is off: github.com/acme/native/n.go line 7 imports "C" ' +
        "(imported by github.com/acme/lib0 → github.com/acme/lib1)\nhelp: write `build: { cgo: true }`, or use a package that needs no C in its place",
    );
    expect(solved.map(({ name }) => name)).toEqual([listing]);
  });

  test("one that fails without cgo when it is used is a warning, however deep it is", async () => {
    const lib0 = { path: "github.com/acme/lib0", module: "github.com/acme/lib0", version: "v1.0.0" };
    const sqlite = { ...lib0, path: "github.com/mattn/go-sqlite3" };
    const packages = [{ ...lib0, imports: [sqlite.path] }, sqlite];
    const found = { "linux/amd64": { packages, back: [], kept: true } };
    const { error, warnings } = await run(files, {}, {}, () => Promise.resolve(found));
    expect(error).toBeUndefined();
    expect(warnings.map(({ message }) => message)).toEqual([
      "main.go:3:10: GF060 warning: github.com/mattn/go-sqlite3 needs cgo, which is off: it can be compiled without, and fails when it is used (imported by github.com/acme/lib0)",
    ]);
  });

  test("a listing that fails is left to the build, which says why", async () => {
    const broken = async (): Promise<object> => {
      await setTimeout(300);
      throw new GatewayError("exit code: 1");
    };
    expect(asked(await run(files, {}, {}, broken))).toEqual([
      [listing, undefined],
      [std, true],
      [image, true],
    ]);
  });
});

describe("a plan that missed something", () => {
  const files = {
    "go.mod":
      "module example.com/app\n\ngo 1.26\n\nrequire (\n\tgithub.com/acme/kit v1.0.0\n\tgithub.com/acme/lib v1.0.0\n)\n",
    "go.sum": sums("github.com/acme/kit v1.0.0", "github.com/acme/lib v1.0.0"),
    "main.go": 'package main\n\nimport _ "github.com/acme/lib"\n\nfunc main() {}\n',
    "hooks/hooks.go": "package hooks\n",
  };
  const exit = (code: number): GatewayError =>
    new GatewayError(`exit code: ${code}`, { details: [{ kind: "exit", code }] });
  const hidden = new GatewayError("releasing already released reference abc::def");
  /** For each graph that was run: how the modules were fetched, and whether it was waited for. */
  const tried = async (
    broken: (steps: readonly string[]) => GatewayError | undefined,
  ): Promise<readonly [readonly (readonly [string, boolean])[], string | undefined]> => {
    const { solved, error } = await run(files, {}, {}, undefined, {}, broken);
    return [
      solved.map(({ request }) => {
        const { ops } = viewDefinition(request.definition as Definition);
        const step = ops.find(({ name }) => name.startsWith("[modules]"))?.name ?? "";
        return [step.replace("[modules] ", ""), request.evaluate === true];
      }),
      error?.message,
    ];
  };
  const [all, some] = ["go mod download", "go list (fetches what is imported)"];
  const fetches = (steps: readonly string[]): string =>
    steps.find((name) => name.startsWith("[modules]"))?.replace("[modules] ", "") ?? "";

  test("is waited for, and stands where nothing fails", async () => {
    expect(await tried(() => undefined)).toEqual([[[all, true]], undefined]);
  });

  test("is followed by one that fetches less, where a module cannot be had", async () => {
    expect(await tried((steps) => (fetches(steps) === all ? exit(81) : undefined))).toEqual([
      [
        [all, true],
        [some, true],
      ],
      undefined,
    ]);
  });

  test("is followed by one of whole modules, the last, where another module imports one of the tree's", async () => {
    expect(await tried(() => exit(82))).toEqual([
      [
        [all, true],
        [all, false],
      ],
      undefined,
    ]);
  });

  test("any other failure is the build's", async () => {
    expect(await tried(() => exit(1))).toEqual([[[all, true]], "exit code: 1"]);
    const [, error] = await tried(() => exit(81));
    expect(error).toBe("exit code: 81");
  });

  test("of an error that BuildKit has lost, the builder is asked again, without waiting", async () => {
    expect(await tried((steps) => (fetches(steps) === all ? exit(81) : hidden))).toEqual([
      [
        [all, true],
        [some, true],
        [some, false],
      ],
      undefined,
    ]);
  });
});

test("of parts of a download that fail together BuildKit loses the error: fewer modules are asked for, once", async () => {
  const paths = Array.from({ length: 30 }, (_, index) => `github.com/acme/m${index}`);
  const many = {
    "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${paths.map((path) => `\t${path} v1.0.0\n`).join("")})\n`,
    "go.sum": paths.map((path) => `${path} v1.0.0 h1:x=\n${path} v1.0.0/go.mod h1:x=\n`).join(""),
    "main.go": `package main\n\nimport (\n${paths.map((path) => `\t_ "${path}"\n`).join("")})\n\nfunc main() {}\n`,
  };
  const hidden = new GatewayError("releasing already released reference abc::def");
  const { solved, error } = await run(many, {}, {}, () => Promise.reject(hidden));
  const steps = solved.map(({ request }) =>
    viewDefinition(request.definition as Definition)
      .ops.map(({ name }) => name)
      .filter((name) => /^\[modules[^\]]*\] go /.test(name)),
  );
  expect([steps.at(-1), error]).toEqual([["[modules] go list (fetches what is imported)"], undefined]);
  expect(steps.flat().filter((name) => name.startsWith("[modules 1]")).length).toBeLessThan(2);
});

test("a service of several is built by its name, in any case of letters", async () => {
  const { solved } = await run(shop, { target: "Worker" });
  expect(solved.map(({ name }) => name)).toEqual(["[worker linux/amd64] image"]);
});

/** Identifiers of the sources of all that was solved. */
const sourcesIn = ({ solved }: Outcome): readonly string[] =>
  solved.flatMap(({ request }) =>
    viewDefinition(request.definition as Definition).ops.flatMap(({ op }) =>
      op.op === "source" ? [op.source.identifier ?? ""] : [],
    ),
  );

describe("the shell beside the debugger", () => {
  test("is looked up, and stands in the graph by its digest", async () => {
    const outcome = await run(tool, { target: "debug" });
    expect(outcome.images).toContain("docker-image://docker.io/library/busybox:musl");
    expect(sourcesIn(outcome)).toContain(`docker-image://docker.io/library/busybox:musl@${digest}`);
  });

  test("is asked for by no other target", async () => {
    const outcome = await run(tool);
    expect([...outcome.images, ...sourcesIn(outcome)].filter((name) => name.includes("busybox"))).toEqual([]);
  });

  test("is of another image where the client says so", async () => {
    const opts = { target: "debug", "context:busybox:musl": "docker-image://other.example/x:2" };
    const sources = sourcesIn(await run(tool, opts));
    expect(sources).toContain(`docker-image://other.example/x:2@${digest}`);
    expect(sources.filter((source) => source.includes("busybox"))).toEqual([]);
  });
});

describe("profiles in an image", () => {
  const files = {
    ...tool,
    "service.yaml":
      "# syntax=org/go-frontend\nbuild:\n  pgo: [{ image: registry.example/profiles:1, path: /cpu.pgo }]\n",
  };

  test("the image is looked up, and stands in the graph by its digest", async () => {
    const outcome = await run(files);
    expect(outcome.images).toContain("docker-image://registry.example/profiles:1");
    expect(sourcesIn(outcome)).toContain(`docker-image://registry.example/profiles:1@${digest}`);
  });

  test("a named context of the client takes its place", async () => {
    const opts = { "context:registry.example/profiles:1": "docker-image://other.example/x:2" };
    const sources = sourcesIn(await run(files, opts));
    expect(sources).toContain(`docker-image://other.example/x:2@${digest}`);
    expect(sources.filter((source) => source.includes("profiles"))).toEqual([]);
  });

  test("one that is not there is an error at its line", async () => {
    const { error } = await run(files, {}, {}, undefined, {
      resolveSourceMeta: ((source: { readonly identifier: string }) =>
        source.identifier.includes("profiles")
          ? Promise.reject(new GatewayError("registry.example/profiles:1: not found"))
          : Promise.resolve({
              source: { ...source, attrs: {} },
              image: { digest, config: new TextEncoder().encode("{}") },
            })) as unknown as GatewayClient["resolveSourceMeta"],
    });
    expect(error?.message).toContain(
      "Dockerfile:3:9: GF074 profile image registry.example/profiles:1: not found",
    );
  });
});

test("what clients ask without building solves nothing", async () => {
  const { result, solved, images } = await run(shop, { requestid: "frontend.targets" });
  expect(metadata(result, "result.json")).toMatchObject({
    targets: [{ name: "orders" }, ...Array.from({ length: 7 }, () => ({}))],
  });
  expect([solved, images]).toEqual([[], []]);
});
