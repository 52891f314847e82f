// What `why` says has to agree with the keys themselves: a stage is named exactly when its step has another key.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  type BuildRequest,
  type Contents,
  explainChanges,
  type Plan,
  stagesOf,
} from "../../src/plan/index.ts";
import type { Platform } from "../../src/description/index.ts";
import { realKeys } from "./real-keys.ts";
import {
  amd64,
  arm64,
  buildOf,
  changes,
  type Files,
  graphOf,
  groupedService,
  largeService,
  type Planned,
  planFiles,
  shop,
  sums,
  vendored,
  verticesOf,
} from "./support.ts";

const login = (ssh: string): string =>
  `${shop["service.yaml"]}modules:\n  auth:\n    ssh.example: { ssh: default, ${ssh} }\n`;
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W";
const withLogin = { ...shop, "service.yaml": login(`knownHosts: ["ssh.example ${key}"]`) };

interface Edit {
  readonly what: string;
  readonly before?: Files;
  readonly files?: Files;
  readonly request?: Partial<BuildRequest>;
}

const description = (from: string, to: string): Files => ({
  "service.yaml": shop["service.yaml"].replace(from, to),
});

const edits: readonly Edit[] = [
  { what: "nothing" },
  { what: "a README", files: { "README.md": "more" } },
  { what: "a new import of a known module", files: importing("github.com/go-chi/chi/v5/middleware") },
  { what: "a new import of the standard library that the common set lacks", files: importing("go/ast") },
  { what: "a line of go.sum", files: { "go.sum": shop["go.sum"] + sums("golang.org/x/text v0.1.0") } },
  { what: "a line of go.mod", files: { "go.mod": shop["go.mod"].replace("go 1.26", "go 1.26.1") } },
  { what: "a profile", files: { "cmd/orders/default.pgo": "profile" } },
  { what: "a linker variable", request: { buildArgs: { version: "2" } } },
  { what: "symbols", files: description("build:\n", "build:\n  strip: false\n") },
  { what: "a build tag", files: description("build:\n", "build:\n  tags: [netgo]\n") },
  { what: "the Go release", files: description("args:", 'go: "1.27"\nargs:') },
  { what: "the toolchain's image", files: description("args:", "toolchain: corp/go:1\nargs:") },
  { what: "the image's user", files: { "service.yaml": `${shop["service.yaml"]}image: { user: 1000 }\n` } },
  { what: "the time of files", request: { epoch: 1_700_000_000 } },
  { what: "a module proxy", request: { buildArgs: { GOPROXY: "https://proxy.example" } } },
  { what: "a checksum database", request: { buildArgs: { GOSUMDB: "off" } } },
  {
    what: "private modules",
    files: { "service.yaml": `${shop["service.yaml"]}modules: { private: [x.example] }\n` },
  },
  { what: "a login", files: withLogin },
  {
    what: "the user of a login",
    before: withLogin,
    files: { "service.yaml": login(`user: me, knownHosts: ["ssh.example ${key}"]`) },
  },
  {
    what: "the port of a login",
    before: withLogin,
    files: { "service.yaml": login(`port: 2222, knownHosts: ["[ssh.example]:2222 ${key}"]`) },
  },
  {
    what: "the host keys of a login",
    before: withLogin,
    files: { "service.yaml": login(`knownHosts: ["ssh.example ${key}", "other.example ${key}"]`) },
  },
  {
    what: "an image label",
    files: { "service.yaml": `${shop["service.yaml"]}image: { labels: { com.example.a: b } }\n` },
  },
];

function importing(path: string): Files {
  return {
    "internal/money/money.go": `package money\n\nimport _ ${JSON.stringify(path)}\n\nconst Port = ":1"\n`,
  };
}

/** One of two builds that are compared. */
interface Side {
  readonly files: Files;
  readonly planned: Planned;
  readonly plan?: Plan;
}

const sideOf = async (files: Files, request: Partial<BuildRequest> = {}): Promise<Side> => ({
  files,
  planned: await planFiles(files, request),
});

const digestsOf = (files: Files): Contents =>
  Object.fromEntries(
    Object.entries(files).map(([path, file]) => [
      path,
      createHash("sha256").update(JSON.stringify(file)).digest("hex"),
    ]),
  );

/** Keys of all steps that run, those included that run before the plan is complete. */
function keysOf({ files, planned, plan }: Side): Readonly<Record<string, string>> {
  const { platforms, ahead, allow } = graphOf(planned, {}, plan);
  const states = [ahead.download, ahead.listing].flatMap((state) => state ?? []);
  const graph = {
    ahead,
    allow,
    platforms: [...platforms, ...states.map((state) => ({ ...on(amd64), state }))],
  };
  return realKeys(verticesOf(graph), digestsOf(files));
}

const on = (platform: Platform) => ({ platform, config: undefined, baseConfig: undefined });

/** Ids of steps that run, of which BuildKit has another key. */
const otherKeys = (before: Side, after: Side): readonly string[] => changes(keysOf(before), keysOf(after));

/** Ids of steps that run, of which `why` says that they have to run again. */
function explained(before: Side, after: Side): readonly string[] {
  const [a, b] = [before, after].map(({ files, planned, plan }) => ({
    build: buildOf(planned, {}, plan),
    contents: digestsOf(files),
  }));
  if (a === undefined || b === undefined) return [];
  const runs = new Set(
    [...a.build.steps, ...b.build.steps].flatMap((step) => (step.kind === "run" ? [step.id] : [])),
  );
  return explainChanges(stagesOf(a.build, a.contents), stagesOf(b.build, b.contents))
    .map(({ stage }) => stage)
    .filter((stage) => runs.has(stage))
    .toSorted();
}

describe("why agrees with the keys after an edit of", () => {
  test.each(edits)("$what", async ({ before: from = shop, files = {}, request = {} }) => {
    const before = await sideOf(from, { target: "orders" });
    const after = await sideOf({ ...from, ...files }, { target: "orders", ...request });
    expect(explained(before, after)).toEqual(otherKeys(before, after));
  });
});

describe("why agrees with the keys of two platforms and several services after an edit of", () => {
  const platforms = [amd64, arm64];
  const arm = { ...shop, "internal/money/money_arm64.go": "package money\n" };
  const of = (files: Files, target: string): Promise<Side> => sideOf(files, { target, platforms });

  test.each([
    ["a file of one platform", { "internal/money/money_arm64.go": "package money\n\nconst Arm = 1\n" }],
    [
      "an import of one platform",
      { "internal/money/money_arm64.go": 'package money\n\nimport _ "go/ast"\n' },
    ],
    [
      "a package that both services import",
      { "internal/money/money.go": 'package money\n\nconst Port = ":1"\n' },
    ],
    ["a package of the other service", { "internal/job/job.go": "package job\n\nfunc Run(string) {}\n" }],
    ["the other service's main package", { "cmd/worker/main.go": "package main\n\nfunc main() {}\n" }],
  ])("%s", async (_what, edit) => {
    for (const target of ["orders", "worker"]) {
      const [before, after] = [await of(arm, target), await of({ ...arm, ...edit }, target)];
      expect([target, ...explained(before, after)]).toEqual([target, ...otherKeys(before, after)]);
    }
  });

  test("a file of one platform compiles for all: they are sent together", async () => {
    const edit = { "internal/money/money_arm64.go": "package money\n\nconst Arm = 1\n" };
    const [before, after] = [await of(arm, "orders"), await of({ ...arm, ...edit }, "orders")];
    expect(explained(before, after)).toEqual([
      "build ./cmd/orders linux/amd64",
      "build ./cmd/orders linux/arm64",
    ]);
  });
});

describe("why agrees with the keys of strata after an edit of", () => {
  const large = largeService();
  const append = (path: string): Files => ({ ...large, [path]: `${large[path] ?? ""}\n// more\n` });

  test.each([
    ["the main package", append("cmd/app/main.go"), ["build ./cmd/app linux/amd64"]],
    [
      "a package of the highest stratum",
      append("pkg/p79/code.go"),
      ["build ./cmd/app linux/amd64", "own linux/amd64 2"],
    ],
    [
      "a package of the lowest stratum",
      append("pkg/p0/code.go"),
      ["build ./cmd/app linux/amd64", "own linux/amd64 1", "own linux/amd64 2"],
    ],
    [
      "a new file of a package",
      { ...large, "pkg/p79/more.go": "package p79\n" },
      ["build ./cmd/app linux/amd64", "own linux/amd64 2"],
    ],
    ["a test", append("pkg/p0/code_test.go"), []],
    ["the README", append("README.md"), []],
  ])("%s", async (_what, files, expected) => {
    const [before, after] = [await sideOf(large), await sideOf(files)];
    expect(otherKeys(before, after)).toEqual(expected);
    expect(explained(before, after)).toEqual(expected);
  });
});

describe("why agrees with the keys of groups after", () => {
  const grouped = async (version = "v1.0.0", request: Partial<BuildRequest> = {}): Promise<Side> => {
    const { planned, plan, files } = await groupedService(request, { 11: version });
    return { files, planned, plan };
  };

  test("nothing", async () => {
    expect(explained(await grouped(), await grouped())).toEqual([]);
  });

  test("a new version of a module: its group and those after it, not those before", async () => {
    const [before, after] = [await grouped(), await grouped("v1.1.0")];
    const other = otherKeys(before, after);
    expect(explained(before, after)).toEqual(other);
    const groups = before.plan?.service.platforms[0]?.links[0]?.variant.deps?.groups ?? [];
    const compiled = groups.flatMap(({ packages }, index) =>
      packages.length === 0 ? [] : [`deps linux/amd64 ${index + 1}`],
    );
    expect(other).toEqual(expect.arrayContaining(["modules", "listing", compiled.at(-1)]));
    expect(compiled.filter((id) => !other.includes(id))).not.toEqual([]);
  });

  test("a build tag, on two platforms", async () => {
    const platforms = [amd64, arm64];
    const tags = "# syntax=org/go-frontend\nbuild: { tags: [netgo] }\n";
    const { planned, plan, files } = await groupedService({ platforms }, {}, tags);
    const [before, after] = [await grouped("v1.0.0", { platforms }), { files, planned, plan }];
    const other = otherKeys(before, after);
    expect(other.length).toBeGreaterThan(4);
    expect(explained(before, after)).toEqual(other);
  });
});

describe("why agrees with the keys of a download in parts after", () => {
  const names = Array.from({ length: 40 }, (_, index) => `example.com/m${index}`);
  const filesOf = (versions: Readonly<Record<string, string>> = {}): Files => {
    const all = names.map((name) => `${name} ${versions[name] ?? "v1.0.0"}`);
    return {
      "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${all.map((each) => `\t${each}\n`).join("")})\n`,
      "go.sum": sums(...all),
      "main.go": `package main\n\nimport _ "${names[0] ?? ""}"\n\nfunc main() {}\n`,
    };
  };

  test("a new version of one module: its part and the module graph", async () => {
    const [before, after] = [await sideOf(filesOf()), await sideOf(filesOf({ "example.com/m7": "v1.1.0" }))];
    const other = otherKeys(before, after);
    expect(other.filter((id) => id.startsWith("modules"))).toEqual([
      expect.stringMatching(/^modules \d$/),
      "modules graph",
    ]);
    expect(explained(before, after)).toEqual(other);
  });
});

test("why agrees with the keys after an edit of the vendor directory, and of a profile", async () => {
  const before = await sideOf(vendored);
  for (const [edit, expected] of [
    [
      { "vendor/github.com/google/uuid/uuid.go": "package uuid // patched\n" },
      ["build . linux/amd64", "deps linux/amd64"],
    ],
    [{ "default.pgo": "another" }, ["build . linux/amd64", "deps linux/amd64", "std linux/amd64"]],
  ] as const) {
    const after = await sideOf({ ...vendored, ...edit });
    expect(otherKeys(before, after)).toEqual(expected);
    expect(explained(before, after)).toEqual(expected);
  }
});

describe("the words", () => {
  const words = async (files: Files, request: Partial<BuildRequest> = {}): Promise<readonly string[]> => {
    const before = await planFiles(shop, { target: "orders" });
    const after = await planFiles({ ...shop, ...files }, { target: "orders", ...request });
    return explainChanges(stagesOf(buildOf(before)), stagesOf(buildOf(after))).flatMap(({ stage, because }) =>
      because.map((line) => `${stage} · ${line}`),
    );
  };

  test("name the import, the module's line, the flag and the value", async () => {
    const store = shop["internal/store/store.go"];
    const more = store.replace("import ", 'import _ "github.com/go-chi/chi/v5/middleware"\nimport ');
    expect(await words({ "internal/store/store.go": more })).toContain(
      "deps linux/amd64 orders · import: with github.com/go-chi/chi/v5/middleware",
    );
    const mod = shop["go.mod"].replace("uuid v1.6.0", "uuid v1.6.1");
    const sum = shop["go.sum"].replaceAll("uuid v1.6.0", "uuid v1.6.1");
    expect((await words({ "go.mod": mod, "go.sum": sum })).join("\n")).toMatch(
      /modules · go\.mod: github\.com\/google\/uuid v1\.6\.1 instead of github\.com\/google\/uuid v1\.6\.0/,
    );
    expect((await words({}, { buildArgs: { version: "2" } })).join("\n")).toMatch(
      /version=2.* instead of .*version=dev/,
    );
  });
});
