// A source tree from a table, planned and turned into a graph as the frontend does it, on a builder that never was.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { folderTree, openTree, type OpenTree } from "../../src/facts/index.ts";
import { buildGraph, includedPaths, type Graph } from "../../src/graph/index.ts";
import {
  includePatterns,
  knownCaps,
  local,
  localUniqueID,
  type OpNode,
  platform as onPlatform,
  scratch,
  sharedKeyHint,
  viewDefinition,
  withCustomName,
} from "../../src/llb/index.ts";
import {
  type Build,
  type BuilderSettings,
  type BuildRequest,
  type ImageConfig,
  inspect,
  type Inspected,
  type ListedPackage,
  type Listing,
  type Plan,
  type Target,
  planBuild,
  type Resolved,
  stepsOf,
} from "../../src/plan/index.ts";
import {
  formatDiagnostics,
  isDiagnosticError,
  type LocatedDescription,
  parseDescription,
} from "../../src/description/index.ts";
import type { FixtureFile } from "../facts/fixtures/index.ts";
import { memoryTree, openFiles } from "../facts/memory-tree.ts";

export const amd64 = { os: "linux", architecture: "amd64" } as const;
export const arm64 = { os: "linux", architecture: "arm64" } as const;

export type Files = Readonly<Record<string, FixtureFile>>;

export const plainRequest: BuildRequest = {
  platforms: [],
  buildPlatform: amd64,
  buildArgs: {},
  labels: {},
  cacheNamespace: "",
};

export interface Planned {
  readonly request: BuildRequest;
  readonly located: LocatedDescription;
  readonly inspected: Inspected;
  readonly plan: Plan;
}

/** Plans a table of files; the description is `service.yaml` among them, or the one-line file. */
export async function planFiles(
  files: Files,
  request: Partial<BuildRequest> = {},
  contexts: Readonly<Record<string, Files>> = {},
): Promise<Planned> {
  const text = files["service.yaml"] ?? "# syntax=org/go-frontend\n";
  if (typeof text !== "string") throw new Error("service.yaml cannot be a link here");
  return planTree(text, openFiles(files), request, "service.yaml", contexts);
}

/** Plans a folder on disk. */
export async function planFolder(
  folder: string,
  text: string,
  request: Partial<BuildRequest> = {},
  filename = "service.yaml",
): Promise<Planned> {
  return planTree(text, openTree(folderTree(folder)), request, filename);
}

async function planTree(
  text: string,
  tree: OpenTree,
  over: Partial<BuildRequest>,
  filename = "service.yaml",
  contexts: Readonly<Record<string, Files>> = {},
): Promise<Planned> {
  const parsed = parseDescription({ filename, bytes: new TextEncoder().encode(text) });
  if (!parsed.ok) throw new Error(formatDiagnostics(parsed.diagnostics, [parsed.source]));
  const request = { ...plainRequest, ...over };
  const inspected = await inspect(parsed.located, tree, request, {
    contexts: {
      names: Object.keys(contexts),
      open: (name) =>
        Promise.resolve({ tree: memoryTree(contexts[name] ?? {}), rules: { kind: "sent", ignore: [] } }),
    },
  });
  const { located } = parsed;
  return { request, located, inspected, plan: planBuild(located, inspected, request) };
}

/** The plan of the same build, once the packages of other modules are listed. */
export const planWith = ({ located, inspected, request }: Planned, listing: Listing): Plan =>
  planBuild(located, inspected, request, { listing });

export interface Example {
  /** Name of the folder and of the description in it. */
  readonly name: string;
  readonly file: string;
  readonly folder: string;
  readonly text: string;
}

/** Every description below `examples/`; a file called Dockerfile may be a Dockerfile. */
export function exampleDescriptions(): readonly Example[] {
  const root = fileURLToPath(new URL("../../examples/", import.meta.url));
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(root, name))
        .filter((file) => file.endsWith(".yaml") || file === "Dockerfile")
        .map((file) => ({
          name,
          file,
          folder: join(root, name),
          text: readFileSync(join(root, name, file), "utf8"),
        })),
    )
    .filter(({ text }) => text.startsWith("# syntax=org/go-frontend"));
}

/** The plans of all targets of an example. */
export async function planExample(
  { folder, file, text }: Example,
  request: Partial<BuildRequest> = {},
  isWanted: (target: Target) => boolean = () => true,
): Promise<ReadonlyMap<string, Planned>> {
  const plan = (target: string): Promise<Planned> => planFolder(folder, text, { ...request, target }, file);
  const parsed = parseDescription({ filename: file, bytes: new TextEncoder().encode(text) });
  const [first] = parsed.ok ? Object.keys(parsed.located.description.services ?? {}) : [];
  const targets = (await plan(first ?? "")).plan.targets.filter(isWanted);
  return new Map(await Promise.all(targets.map(async ({ name }) => [name, await plan(name)] as const)));
}

/** What the user reads of a build that must fail. */
export async function complaintOf(building: Promise<unknown>, text = ""): Promise<string> {
  try {
    await building;
  } catch (error) {
    if (isDiagnosticError(error)) {
      return formatDiagnostics(
        error.diagnostics,
        text === "" ? [] : [{ filename: "service.yaml", text }],
      ).trimEnd();
    }
    throw error;
  }
  throw new Error("nothing was wrong");
}

/** go.sum lines for modules nobody downloads: only their form counts. */
export function sums(...modules: readonly string[]): string {
  const hash = `h1:${"A".repeat(43)}=`;
  return modules.map((each) => `${each} ${hash}\n${each}/go.mod ${hash}\n`).join("");
}

/** Two services, a library each and one they share, two modules from outside. */
export const shop = {
  "service.yaml": `# syntax=org/go-frontend
args: { version: dev }
build:
  vars: { main.version: "\${version}" }
services:
  orders: { main: ./cmd/orders }
  worker: { main: ./cmd/worker }
`,
  "README.md": "# shop\n",
  "go.mod": `module example.com/shop

go 1.26

require (
	github.com/go-chi/chi/v5 v5.2.0
	github.com/google/uuid v1.6.0
)
`,
  "go.sum": sums("github.com/go-chi/chi/v5 v5.2.0", "github.com/google/uuid v1.6.0"),
  "cmd/orders/main.go": `package main

import (
	"net/http"

	"example.com/shop/internal/money"
	"example.com/shop/internal/store"
	"github.com/go-chi/chi/v5"
)

var version string

func main() { http.ListenAndServe(money.Port, store.Handler(chi.NewRouter())) }
`,
  "cmd/worker/main.go": `package main

import (
	"example.com/shop/internal/job"
	"example.com/shop/internal/money"
)

var version string

func main() { job.Run(money.Port) }
`,
  "internal/job/job.go": `package job

import "github.com/google/uuid"

func Run(string) { println(uuid.NewString()) }
`,
  "internal/money/money.go": 'package money\n\nconst Port = ":8080"\n',
  "internal/store/store.go": `package store

import "net/http"

func Handler(h http.Handler) http.Handler { return h }
`,
  "internal/store/store_test.go": 'package store\n\nimport "testing"\n\nfunc TestStore(t *testing.T) {}\n',
} as const satisfies Files;

/** A module with one main package and nothing from outside. */
export const tool = {
  "go.mod": "module example.com/tool\n\ngo 1.26\n",
  "main.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n',
} as const satisfies Files;

/** A service whose other modules are in a vendor directory, with a profile. */
export const vendored = {
  "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n",
  "go.sum": sums("github.com/google/uuid v1.6.0"),
  "main.go": 'package main\n\nimport _ "github.com/google/uuid"\n\nfunc main() {}\n',
  "default.pgo": "profile",
  "vendor/modules.txt": "# github.com/google/uuid v1.6.0\n## explicit\ngithub.com/google/uuid\n",
  "vendor/github.com/google/uuid/uuid.go": "package uuid\n",
};

/** A service of 80 packages in a chain of eight layers; each imports one of the layer below. */
export function largeService(): Readonly<Record<string, string>> {
  const packages = Array.from({ length: 80 }, (_, index) => {
    const below = index - 10;
    const uses = below < 0 ? ["", "1"] : [`import "example.com/app/pkg/p${below}"\n\n`, `p${below}.N + 1`];
    const text = `package p${index}\n\n${uses[0] ?? ""}const N = ${uses[1] ?? ""}\n`;
    return [`pkg/p${index}/code.go`, text] as const;
  });
  const roots = Array.from({ length: 10 }, (_, index) => `p${70 + index}`);
  const imports = roots.map((name) => `\t"example.com/app/pkg/${name}"\n`).join("");
  return {
    "go.mod": "module example.com/app\n\ngo 1.26\n",
    "cmd/app/main.go": `package main\n\nimport (\n${imports})\n\nfunc main() { println(${roots
      .map((name) => `${name}.N`)
      .join(", ")}) }\n`,
    "README.md": "# app\n",
    ...Object.fromEntries(packages),
    "pkg/p0/code_test.go": "package p0\n",
  };
}

/**
 * A service of twelve modules, each in need of the one before, compiled in groups; of the first module
 * only an internal package is used, which no command can name.
 *
 * @param versions of modules by their number, where it is not v1.0.0
 */
export async function groupedService(
  request: Partial<BuildRequest> = {},
  versions: Readonly<Record<number, string>> = {},
  description = "# syntax=org/go-frontend\n",
): Promise<{ readonly files: Files; readonly planned: Planned; readonly plan: Plan }> {
  const module = (index: number): string => `github.com/corp/m${index}`;
  const versionOf = (index: number): string => versions[index] ?? "v1.0.0";
  const all = Array.from({ length: 12 }, (_, index) => module(index));
  const required = all.map((path, index) => `${path} ${versionOf(index)}`);
  const files = {
    "service.yaml": description,
    "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${required.map((line) => `\t${line}\n`).join("")})\n`,
    "go.sum": sums(...required),
    "main.go": `package main\n\nimport _ "${module(11)}"\n\nfunc main() {}\n`,
  };
  const planned = await planFiles(files, request);
  const packages = all.flatMap((path, index): readonly ListedPackage[] => {
    const imports = index === 0 ? [] : [index === 1 ? `${module(0)}/internal/x` : module(index - 1)];
    const first = {
      path: index === 0 ? `${path}/internal/x` : path,
      module: path,
      version: versionOf(index),
      imports,
    };
    const others = ["a", "b", "c"].map((name) => ({ ...first, path: `${first.path}/${name}`, imports: [] }));
    return [first, ...others];
  });
  const listing = { packages, back: [] };
  const plan = planWith(
    planned,
    Object.fromEntries(planned.plan.service.platforms.map(({ id }) => [id, listing])),
  );
  expect(plan.service.platforms[0]?.links[0]?.variant.deps?.groups?.length).toBeGreaterThan(1);
  return { files, planned, plan };
}

export const golangImage: ImageConfig = {
  config: { Env: ["PATH=/usr/local/go/bin:/usr/bin:/bin", "GOPATH=/go"], WorkingDir: "/go" },
};

/** What a builder has that has everything but these. */
export const capsWithout = (...missing: readonly string[]): ReadonlySet<string> =>
  new Set([...knownCaps.keys()].filter((cap) => !missing.includes(cap)));

export const plainSettings: BuilderSettings = {
  noCache: undefined,
  networkMode: undefined,
  extraHosts: [],
  proxy: {},
  resolveMode: "default",
  caps: capsWithout(),
};

/** The steps of a plan, on a builder that is asked for nothing. */
export function buildOf(
  planned: Planned,
  settings: Partial<BuilderSettings> = {},
  plan = planned.plan,
  toolchain: ImageConfig = golangImage,
  base?: ImageConfig,
): Build {
  return stepsOf(plan, resolvedFor(planned, settings, plan, toolchain, base));
}

function resolvedFor(
  planned: Planned,
  settings: Partial<BuilderSettings>,
  plan: Plan,
  toolchain: ImageConfig,
  base: ImageConfig | undefined,
): Resolved {
  const bases = plan.service.platforms.flatMap(({ id, image }) =>
    image.base.kind === "image" && base !== undefined
      ? [[id, { reference: image.base.reference, config: base }] as const]
      : [],
  );
  return {
    toolchain: { reference: `docker.io/library/${plan.toolchain.reference}`, config: toolchain },
    bases: Object.fromEntries(bases),
    context: { kind: "sent", ignore: [] },
    settings: { ...plainSettings, ...settings },
    description: planned.located.source,
  };
}

/** The graph of a plan, with sources as the command line makes them: no session, nothing of a machine. */
export function graphOf(...of: Parameters<typeof buildOf>): Graph {
  return buildGraph(buildOf(...of), {
    context: ({ paths, role, title }) =>
      local(
        "context",
        includePatterns(includedPaths(paths)),
        sharedKeyHint(`go-frontend-${role}`),
        localUniqueID("test"),
        withCustomName(title),
      ),
    image: () => scratch(),
  });
}

/** The go command that our program runs in a step. */
export function goCommand({ steps }: Build, id: string): readonly string[] {
  const step = steps.find((each) => each.id === `${id} arguments`);
  const [file] = step?.kind === "files" ? step.actions : [];
  const args =
    file?.kind === "mkfile" ? (JSON.parse(file.text) as readonly string[]) : expect.fail(`no ${id}`);
  return args.slice(args.indexOf("--") + 1);
}

/** What a step of a graph does: its arguments, or those that our program finds in a file. */
export function argumentsOf(node: OpNode | undefined, nodes: readonly OpNode[]): readonly string[] {
  if (node?.op.op !== "exec") return [];
  const digest = node.inputs.find(({ uses }) => uses.includes("/step"))?.digest;
  const file = nodes.find((each) => each.digest === digest)?.op.file?.actions?.[0]?.mkfile?.data;
  if (file === undefined || file === null) return node.op.exec.meta?.args ?? [];
  return JSON.parse(Buffer.from(file).toString()) as readonly string[];
}

/** Every op of all platforms, each once, inputs before users. */
export function verticesOf(graph: Graph): readonly OpNode[] {
  const nodes = graph.platforms.flatMap(
    ({ state, platform }) => viewDefinition(state.marshal(onPlatform(platform))).ops,
  );
  return [...new Map(nodes.map((node) => [node.digest, node])).values()];
}

/** Digests by the vertex's name. Names that stand more than once get a number. */
export function keysOf(vertices: readonly OpNode[]): Readonly<Record<string, string>> {
  const keys: Record<string, string> = {};
  for (const { name, digest } of vertices) {
    let free = name;
    for (let number = 2; free in keys; number++) free = `${name} #${number}`;
    keys[free] = digest;
  }
  return keys;
}

/** Digests of the steps that run something, by stage and platform: `helper`, `std linux/amd64`, `build linux/amd64`. */
export function stepKeys(vertices: readonly OpNode[]): Readonly<Record<string, string>> {
  const named = vertices
    .filter((node) => node.kind === "exec")
    .map((node) => ({ ...node, name: stageOf(node.name) }));
  return keysOf(named);
}

/** The stage and the platform that a step's name tells. */
export function stageOf(name: string): string {
  const [, label = "", platform] = /^\[(\S+)(?: (\S+))?\]/.exec(name) ?? [];
  if (name.endsWith("] shared libraries")) return "libraries";
  const stage = ["step", "helper", "modules", "std", "deps", "own", "rootfs", "tools"].includes(label)
    ? label
    : "build";
  return platform === undefined ? stage : `${stage} ${platform}`;
}

/** Names of the vertices that are not in both, or not with the same digest. */
export function changes(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => before[name] !== after[name]).toSorted();
}
