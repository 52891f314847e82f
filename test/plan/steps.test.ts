// Steps of a description: what they read, what they write, and how the compile sees it.
import { describe, expect, test } from "vitest";
import { openTree, type Overlay, overlaid, type Repository } from "../../src/facts/index.ts";
import { allowOpsOf } from "../../src/graph/index.ts";
import { allowOps, platform as onPlatform } from "../../src/llb/index.ts";
import {
  type FindCommit,
  type GeneratorPlan,
  inspect,
  type Plan,
  planBuild,
  savedPlan,
  stagesOf,
  type Step,
} from "../../src/plan/index.ts";
import { formatDiagnostics, parseDescription } from "../../src/description/index.ts";
import { memoryTree, openFiles } from "../facts/memory-tree.ts";
import {
  amd64,
  buildOf,
  complaintOf,
  type Files,
  graphOf,
  plainRequest,
  type Planned,
  planFiles,
  shop,
  verticesOf,
} from "./support.ts";

const STEPS = `# syntax=org/go-frontend
name: app
steps:
  web:
    image: node:24
    inputs: [web, "api/**/*.proto"]
    workdir: web
    run: [[npm, ci], [npm, run, build]]
    env: { NODE_ENV: production }
    network: true
    outputs: [web/dist]
  gen:
    image: golang:1.26-alpine
    inputs: [web, tools/gen.go]
    run: [[go, run, tools/gen.go]]
    outputs: [internal/gen, internal/names/names_gen.go]
`;

/** A service that embeds what one step builds and imports what another writes. */
const app: Files = {
  "service.yaml": STEPS,
  "go.mod": "module example.com/app\n\ngo 1.26\n",
  "main.go": `package main

import (
	"example.com/app/internal/gen"
	"example.com/app/internal/names"
	"example.com/app/web"
)

func main() { println(gen.Name, names.All, web.Files) }
`,
  "internal/names/names.go": "package names\n\nvar All = generated\n",
  "web/web.go": 'package web\n\nimport "embed"\n\n//go:embed dist\nvar Files embed.FS\n',
  "web/package.json": "{}\n",
  "web/dist/old.js": "// built on somebody's machine\n",
  "api/v1/api.proto": 'syntax = "proto3";\n',
  "tools/gen.go": "package main\n",
};

/** What the steps leave. */
const written = {
  web: { "web/dist/index.html": "<p>new</p>\n", "web/dist/app.js": "new\n" },
  gen: {
    "internal/gen/gen.go": 'package gen\n\nimport "encoding/xml"\n\nvar Name = xml.Header\n',
    "internal/names/names_gen.go": "package names\n\nvar generated = 1\n",
  },
};

/** Plans as on a builder. */
async function planWritten(
  files: Files,
  left: Readonly<Record<string, Files>> = written,
  target?: string,
  findCommit?: FindCommit,
  tree = openFiles(files),
): Promise<Planned & { readonly ran: readonly string[] }> {
  const text = files["service.yaml"];
  if (typeof text !== "string") throw new Error("no description");
  const bytes = new TextEncoder().encode(text);
  const parsed = parseDescription({ filename: "service.yaml", bytes });
  if (!parsed.ok) throw new Error(formatDiagnostics(parsed.diagnostics, [parsed.source]));
  const ran: string[] = [];
  const generate = (generators: readonly GeneratorPlan[]): readonly Overlay[] =>
    generators.flatMap(({ name, outputs }) => {
      const from = memoryTree(left[name] ?? {});
      return outputs.map(({ path }) => ({
        path,
        from: {
          ...from,
          list: (dirs: readonly string[]) => {
            if (!ran.includes(name)) ran.push(name);
            return from.list(dirs);
          },
        },
      }));
    });
  const request = { ...plainRequest, target };
  const { located } = parsed;
  const inspected = await inspect(located, tree, request, { generate, findCommit });
  return { request, located, inspected, plan: planBuild(located, inspected, request), ran };
}

const stepOf = (steps: readonly Step[], id: string): Step =>
  steps.find((step) => step.id === id) ??
  expect.fail(`no step ${id} in ${steps.map((each) => each.id).join()}`);

const generatedIn = ({ service }: Plan): readonly string[] =>
  (service.generated?.paths ?? []).map(({ path }) => path);

describe("a step", () => {
  test("sees its inputs and no other file, and not what it writes itself", async () => {
    const { plan } = await planWritten(app);
    expect(plan.service.generated?.generators).toMatchObject([
      {
        name: "web",
        files: ["api/v1/api.proto", "web"],
        without: ["web/dist"],
        taken: [],
        commands: [{ argv: ["npm", "ci"] }, { argv: ["npm", "run", "build"] }],
        dir: "web",
        network: true,
      },
      // A directory counts with what another step writes in it.
      {
        name: "gen",
        files: ["tools/gen.go", "web"],
        without: ["web/dist"],
        taken: [{ step: "web", path: "web/dist" }],
      },
    ]);
  });

  test("is commands in its image, one behind the other, on the builder's platform", async () => {
    const planned = await planWritten(app);
    const { steps } = buildOf(planned);
    expect(stepOf(steps, "step web inputs")).toMatchObject({
      actions: [
        { kind: "mkdir", path: "/web" },
        { kind: "copy", include: ["api/v1/api.proto", "web"], exclude: ["web/dist"], times: "epoch" },
      ],
    });
    expect(stepOf(steps, "step web 1")).toMatchObject({
      argv: ["npm", "ci"],
      on: { step: "image of steps node:24" },
      platform: amd64,
      dir: "/src/web",
      env: ["NODE_ENV=production"],
      network: "sandbox",
      rootfs: "writable",
      mounts: [{ kind: "tree", at: "/src", tree: { step: "step web inputs" }, access: "keep" }],
    });
    expect(stepOf(steps, "step web 2")).toMatchObject({
      argv: ["npm", "run", "build"],
      on: { step: "step web 1" },
      mounts: [{ tree: { step: "step web 1", output: "/src" } }],
    });
    expect(stepOf(steps, "step web")).toMatchObject({
      actions: [{ kind: "copy", from: { step: "step web 2", output: "/src" }, include: ["web/dist"] }],
    });
    expect(stepOf(steps, "step gen 1")).toMatchObject({ network: "none", dir: "/src" });
  });

  test("runs once for all platforms", async () => {
    const files = { ...app, "service.yaml": `${STEPS}platforms: [linux/amd64, linux/arm64]\n` };
    const planned = await planWritten(files);
    const graph = graphOf(planned);
    expect(graph.platforms).toHaveLength(2);
    const runs = verticesOf(graph).filter((node) => node.op.exec?.meta?.args?.[0] === "npm");
    expect(runs).toHaveLength(2);
  });

  test("points at the line of its command", async () => {
    const { steps } = buildOf(await planWritten(app));
    const step = stepOf(steps, "step web 2");
    expect(step.kind === "run" && step.at.range.start).toMatchObject({ line: 8, column: 22 });
  });
});

describe("a step with secrets", () => {
  const secret: Files = {
    ...app,
    "service.yaml": STEPS.replace(
      "    network: true\n",
      "    network: true\n    secrets: [npmrc]\n    ssh: default\n",
    ),
  };

  test("has them where Docker's users look for them, and no other step has", async () => {
    const { steps } = buildOf(await planWritten(secret));
    for (const id of ["step web 1", "step web 2"]) {
      expect(stepOf(steps, id)).toMatchObject({
        env: ["SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0", "NODE_ENV=production"],
        mounts: [
          { at: "/src" },
          { kind: "tree", at: "/run/go-frontend", access: "read" },
          { kind: "secret", at: "/run/secrets/npmrc", id: "npmrc" },
          { kind: "agent", at: "/run/buildkit/ssh_agent.0", id: "default" },
        ],
      });
    }
    const others = steps.filter(({ id, kind }) => kind === "run" && !id.startsWith("step web"));
    expect(JSON.stringify(others)).not.toMatch(/npmrc|ssh_agent/);
  });

  test("is no result of another tenant's", async () => {
    const keys = async (files: Files, cacheNamespace: string): Promise<readonly string[]> => {
      const graph = graphOf(await planFiles(files, { cacheNamespace }));
      return verticesOf(graph).flatMap(({ op, digest }) =>
        op.exec?.meta?.args?.[0] === "npm" ? [digest] : [],
      );
    };
    expect(await keys(secret, "a")).not.toEqual(await keys(secret, "b"));
    expect(await keys(app, "a")).toEqual(await keys(app, "b"));
  });

  test("a cache is one step's of one module, for one tenant, and what was made with it is no other tenant's result", async () => {
    const cached = (more: Files = {}, at = "/root/.npm"): Files => ({
      ...app,
      "service.yaml": STEPS.replace(
        "    network: true\n",
        `    network: true\n    caches: [${at}, web/.cache]\n`,
      ),
      ...more,
    });
    const cachesIn = async (
      files: Files,
      cacheNamespace = "",
    ): Promise<readonly (readonly [string, string])[]> =>
      buildOf(await planFiles(files, { cacheNamespace })).steps.flatMap((step) =>
        step.kind === "run" && step.id === "step web 1"
          ? step.mounts.flatMap((mount) => (mount.kind === "cache" ? [[mount.at, mount.id] as const] : []))
          : [],
      );
    const first = await cachesIn(cached());
    expect(first.map(([at]) => at)).toEqual(["/root/.npm", "/src/web/.cache"]);
    for (const [, id] of first) expect(id).toMatch(/^go-frontend\/step\/[0-9a-f]{32}$/);
    const others = [
      await cachesIn(cached(), "team"),
      await cachesIn(cached({ "go.mod": "module example.com/other\n\ngo 1.26\n" })),
      await cachesIn(
        cached({
          "service.yaml": STEPS.replaceAll("node:24", "node:22").replace(
            "    network: true\n",
            "    caches: [/root/.npm, web/.cache]\n",
          ),
        }),
      ),
    ];
    const ids = [first, ...others].flatMap((found) => found.map(([, id]) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(others[0]?.every(([, id]) => id.startsWith("team/go-frontend/"))).toBe(true);
    // An edit of what the step reads finds what its last run has left.
    expect(await cachesIn(cached({ "web/package.json": "{ }\n" }))).toEqual(first);
    const keys = async (cacheNamespace: string): Promise<readonly string[]> =>
      verticesOf(graphOf(await planFiles(cached(), { cacheNamespace }))).flatMap(({ op, digest }) =>
        op.exec?.meta?.args?.[0] === "npm" ? [digest] : [],
      );
    expect(await keys("a")).not.toEqual(await keys("b"));
  });

  test("a cache that would hide an output is told at its line", async () => {
    const files = {
      ...app,
      "service.yaml": STEPS.replace("    network: true\n", "    network: true\n    caches: [web]\n"),
    };
    expect(await complaintOf(planFiles(files))).toContain(
      "service.yaml:11:14: GF043 the cache web and the output web/dist lie in one another",
    );
  });

  test("is no result of another client's, whose network answers otherwise", async () => {
    const mounted = async (settings: Parameters<typeof graphOf>[1]) =>
      (await planFiles(app).then((planned) => buildOf(planned, settings))).steps.filter(({ id }) =>
        id.endsWith(" tenant"),
      );
    const [first] = await mounted({ extraHosts: [{ host: "registry.example", ip: "192.0.2.1" }] });
    const [second] = await mounted({ extraHosts: [{ host: "registry.example", ip: "192.0.2.2" }] });
    expect(first).not.toEqual(second);
    expect(await mounted({ proxy: { httpsProxy: "http://a:b@proxy.example" } })).toEqual(
      await mounted({ proxy: { httpsProxy: "http://c:d@proxy.example" } }),
    );
    expect(await mounted({})).toEqual([]);
  });

  test("is let through as the plan names it, and with no other secret", async () => {
    const planned = await planWritten(secret);
    const [first] = graphOf(planned).platforms;
    const marshal = (steps: readonly Step[]): unknown =>
      first?.state.marshal(onPlatform(amd64), allowOps(allowOpsOf(steps)));
    const { steps } = buildOf(planned);
    expect(() => marshal(steps)).not.toThrow();
    const without = steps.map((each): Step =>
      each.kind === "run" ? { ...each, mounts: each.mounts.filter(({ kind }) => kind !== "secret") } : each,
    );
    expect(() => marshal(without)).toThrow(/step web 1 has other secrets or agents/);
  });

  test("is told from another one with the same command", async () => {
    const alike = { ...secret, "service.yaml": STEPS.replace("[go, run, tools/gen.go]", "[npm, ci]") };
    const planned = await planWritten(alike);
    const [first] = graphOf(planned).platforms;
    const { steps } = buildOf(planned);
    expect(() => first?.state.marshal(onPlatform(amd64), allowOps(allowOpsOf(steps)))).not.toThrow();
  });

  test("is refused where the secrets of steps are on a list, or of downloads alone", async () => {
    const refused = (buildArgs: Readonly<Record<string, string>>): Promise<string> =>
      complaintOf(planFiles(secret, { buildArgs }));
    expect(await refused({ GO_FRONTEND_ALLOW_SECRETS: "npmrc,default" })).toMatchInlineSnapshot(`
      "service.yaml:11:15: GF055 the secret "npmrc" in the step "web" is not allowed here
      help: none is allowed; whoever runs the build can add to --build-arg GO_FRONTEND_ALLOW_STEP_SECRETS=…

      service.yaml:12:10: GF055 the agent "default" in the step "web" is not allowed here
      help: none is allowed; whoever runs the build can add to --build-arg GO_FRONTEND_ALLOW_STEP_SECRETS=…"
    `);
    expect(await refused({ GO_FRONTEND_ALLOW_STEP_SECRETS: "npmrc" })).toMatch(
      /^service\.yaml:12:10: GF055 the agent "default" in the step "web" is not allowed here/,
    );
    const listed = { GO_FRONTEND_ALLOW_SECRETS: "", GO_FRONTEND_ALLOW_STEP_SECRETS: "npmrc,default" };
    expect((await planFiles(secret, { buildArgs: listed })).plan.service.generated).toBeDefined();
  });
});

describe("the compile", () => {
  test("sees exactly what steps wrote in the place of what the tree has there", async () => {
    const { plan } = await planWritten(app);
    expect(plan.scope).toBe("planned");
    expect(generatedIn(plan)).toEqual(["web/dist", "internal/gen", "internal/names/names_gen.go"]);
    expect(plan.service.files).toEqual(["go.mod", "internal/names/names.go", "main.go", "web/web.go"]);
    const [program] = plan.service.programs;
    expect(program?.files).toContain("web/dist/index.html");
    expect(program?.files).not.toContain("web/dist/old.js");
  });

  test("knows what generated code imports", async () => {
    const { inspected } = await planWritten(app);
    expect(inspected.services[0]?.programs[0]?.facts.std).toContain("encoding/xml");
    expect(inspected.warnings).toEqual([]);
  });

  test("has the outputs laid over its source", async () => {
    const { steps } = buildOf(await planWritten(app));
    expect(stepOf(steps, "source-app with steps")).toMatchObject({
      on: { step: "context source-app" },
      actions: [
        { from: { step: "step web" }, include: ["web/dist"] },
        { from: { step: "step gen" }, include: ["internal/gen", "internal/names/names_gen.go"] },
      ],
    });
  });

  test("a step that nothing is made of is told, and not in the graph", async () => {
    const main = "package main\n\nfunc main() {}\n";
    const planned = await planWritten({ ...app, "main.go": main });
    expect(planned.plan.service.generated).toBeUndefined();
    expect(planned.inspected.warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'GF057 nothing that the service is made of is written by the step "web"',
      'GF057 nothing that the service is made of is written by the step "gen"',
    ]);
    expect(planned.ran).toEqual([]);
  });

  test("a profile may be written by a step", async () => {
    const files = {
      ...app,
      "service.yaml": `${STEPS}  pgo:\n    image: alpine\n    run: [[fetch]]\n    outputs: [cpu.pgo]\nbuild: { pgo: cpu.pgo }\n`,
    };
    const planned = await planWritten(files, { ...written, pgo: { "cpu.pgo": "profile" } });
    const { steps } = buildOf(planned);
    expect(steps.find(({ id }) => id.startsWith("profile"))).toMatchObject({
      actions: [{ from: { step: "step pgo" }, source: "/cpu.pgo" }],
    });
  });
});

test("whether the tree differs from its commit is asked of what steps read, not of what they write", async () => {
  const asked: string[] = [];
  const repository: Repository = {
    head: () => Promise.resolve("0123456789abcdef0123456789abcdef01234567"),
    time: () => Promise.resolve(undefined),
    tags: () => Promise.resolve([]),
    describe: () => Promise.resolve(undefined),
    source: () => Promise.resolve(undefined),
    version: () => Promise.resolve(undefined),
    differs: (_commit, _tree, files) => {
      asked.push(...files);
      return Promise.resolve(false);
    },
    unreadPacks: () => Promise.resolve(undefined),
    borrows: () => Promise.resolve(false),
  };
  const files = { ...app, "service.yaml": `${STEPS}build: { dirty: fail }\n` };
  await planWritten(files, written, undefined, () => Promise.resolve({ repository }));
  expect(new Set(asked)).toEqual(
    new Set([
      "api/v1/api.proto",
      "go.mod",
      "internal/names/names.go",
      "main.go",
      "tools/gen.go",
      "web/package.json",
      "web/web.go",
    ]),
  );
});

describe("without a builder", () => {
  test("modules are taken whole, with a warning, and nothing is said of what leads nowhere", async () => {
    const planned = await planFiles(app);
    expect(planned.plan.scope).toBe("wide");
    expect(planned.plan.service.files).toContain(".");
    expect(planned.inspected.warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "GF057 what the steps write is known to a builder only",
    ]);
    expect(stepOf(buildOf(planned).steps, "source-app with steps")).toMatchObject({
      actions: [
        {
          from: { step: "context source-app" },
          exclude: ["web/dist", "internal/gen", "internal/names/names_gen.go"],
        },
        { from: { step: "step web" } },
        { from: { step: "step gen" } },
      ],
    });
  });
});

describe("several services", () => {
  const services: Files = {
    ...shop,
    "service.yaml": `# syntax=org/go-frontend
services:
  orders:
    main: ./cmd/orders
    steps:
      note: { image: alpine, run: [[write]], outputs: [internal/note] }
  worker: { main: ./cmd/worker }
`,
  };

  test("a service without steps is planned as if there were none", async () => {
    const plain = {
      ...shop,
      "service.yaml": "# syntax=org/go-frontend\nservices:\n  worker: { main: ./cmd/worker }\n",
    };
    const alone = await planFiles(plain, { target: "worker" });
    const beside = await planWritten(services, {}, "worker");
    expect(beside.ran).toEqual([]);
    expect(beside.plan.service.files).toEqual(alone.plan.service.files);
    expect(beside.inspected.warnings).toEqual([]);
  });

  test("shared steps hold for all, own ones add to them", async () => {
    const text = `# syntax=org/go-frontend
steps:
  one: { image: alpine, run: [[one]], outputs: [internal/one] }
services:
  orders: { main: ./cmd/orders, steps: { two: { image: alpine, run: [[two]], outputs: [internal/two] } } }
  worker: { main: ./cmd/worker }
`;
    const { inspected } = await planFiles({ ...shop, "service.yaml": text }, { target: "orders" });
    const names = inspected.services.map(({ generators }) => generators.map(({ name }) => name));
    expect(names).toEqual([["one", "two"], ["one"]]);
  });
});

describe("mistakes", () => {
  const complaint = (steps: string, files: Files = {}): Promise<string> => {
    const text = `# syntax=org/go-frontend\nsteps:\n${steps}`;
    return complaintOf(planFiles({ ...app, ...files, "service.yaml": text }), text);
  };
  const step = (name: string, more: string): string => `  ${name}: { image: alpine, run: [[x]], ${more} }\n`;

  test("an input that is not there, and a pattern without a file", async () => {
    expect(await complaint(step("a", 'outputs: [gen], inputs: [wbe, "**/*.sql"]'))).toMatchInlineSnapshot(`
      "service.yaml:3:60: GF046 the build context has no wbe, which the step reads
      3 |   a: { image: alpine, run: [[x]], outputs: [gen], inputs: [wbe, "**/*.sql"] }
        |                                                            ^^^
      help: correct the path, which is relative to the build context, or remove it

      service.yaml:3:65: GF046 no file of the build context matches **/*.sql
      3 |   a: { image: alpine, run: [[x]], outputs: [gen], inputs: [wbe, "**/*.sql"] }
        |                                                                 ^^^^^^^^^^
      help: correct the pattern, or remove it"
    `);
  });

  test("outputs in one another", async () => {
    expect(await complaint(step("a", "outputs: [gen, gen/x]") + step("b", "outputs: [gen]")))
      .toMatchInlineSnapshot(`
      "service.yaml:3:50: GF043 the output gen/x and gen of the same step lie in one another
      3 |   a: { image: alpine, run: [[x]], outputs: [gen, gen/x] }
        |                                                  ^^^^^
      help: name paths of which none holds another: a directory is taken with all that is in it

      service.yaml:4:45: GF043 the output gen and gen of the step "a" lie in one another
      4 |   b: { image: alpine, run: [[x]], outputs: [gen] }
        |                                             ^^^
      help: name paths of which none holds another: a directory is taken with all that is in it"
    `);
  });

  test("steps that wait for each other", async () => {
    expect(await complaint(step("a", "outputs: [a], inputs: [.]") + step("b", "outputs: [b], inputs: [.]")))
      .toMatchInlineSnapshot(`
      "service.yaml:3:3: GF043 steps wait for each other: a for b, b for a
      3 |   a: { image: alpine, run: [[x]], outputs: [a], inputs: [.] }
        |   ^
      help: name narrower \`inputs\`: a directory counts with the outputs of other steps that lie in it"
    `);
  });

  test("where hosts are listed, no step has a network", async () => {
    const text = `# syntax=org/go-frontend\nsteps:\n${step("a", "outputs: [gen], network: true")}`;
    const planning = planFiles(
      { ...app, "service.yaml": text },
      { buildArgs: { GO_FRONTEND_ALLOW_HOSTS: "direct" } },
    );
    expect(await complaintOf(planning, text)).toContain(
      'service.yaml:3:60: GF055 the network of the step "a" is not allowed here',
    );
  });

  test("an output behind a link", async () => {
    expect(await complaint(step("a", "outputs: [link/x]"), { link: { link: "web" } })).toMatchInlineSnapshot(`
      "service.yaml:3:45: GF040 the output link/x lies behind the link link of the build context
      3 |   a: { image: alpine, run: [[x]], outputs: [link/x] }
        |                                             ^^^^^^
      help: name the real directory that the step writes to"
    `);
  });
});

describe("a printed plan and its graph", () => {
  test("is read back as it was", async () => {
    const build = buildOf(await planWritten(app));
    const printed: unknown = JSON.parse(JSON.stringify(build));
    expect(savedPlan(printed)?.build.steps).toEqual(JSON.parse(JSON.stringify(build.steps)));
    expect(stagesOf(build).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["image of steps node:24", "step web 1", "step web 2", "step gen 1"]),
    );
  });

  test("holds the commands of steps, and no other", async () => {
    const planned = await planWritten(app);
    const graph = graphOf(planned);
    const [first] = graph.platforms;
    const marshal = (steps: readonly Step[]): unknown =>
      first?.state.marshal(onPlatform(amd64), allowOps(allowOpsOf(steps)));
    const { steps } = buildOf(planned);
    expect(() => marshal(steps)).not.toThrow();
    expect(() => marshal([])).toThrow(/run the helper or go, not npm/);
    const offline: readonly Step[] = steps.map((each) =>
      each.id === "step web 1" ? { ...each, network: "none" as const } : each,
    );
    expect(() => marshal(offline)).toThrow(/step web 1 has another network/);
    const cached = {
      ...app,
      "service.yaml": STEPS.replace("    network: true\n", "    network: true\n    caches: [/root/.npm]\n"),
    };
    const withCache = await planWritten(cached);
    const [result] = graphOf(withCache).platforms;
    const allowed = (all: readonly Step[]): unknown =>
      result?.state.marshal(onPlatform(amd64), allowOps(allowOpsOf(all)));
    const asPlanned = buildOf(withCache).steps;
    expect(() => allowed(asPlanned)).not.toThrow();
    const otherCache = asPlanned.map((step): Step =>
      step.kind === "run"
        ? {
            ...step,
            mounts: step.mounts.map((mount) => (mount.kind === "cache" ? { ...mount, id: "other" } : mount)),
          }
        : step,
    );
    expect(() => allowed(otherCache)).toThrow(/step web 1 has other caches/);
  });
});

test("where no stamp is in use, directories that steps read are not looked through", async () => {
  const files = { ...app, "web/src/pages/index.ts": "export {}\n" };
  const tree = memoryTree(files);
  await planWritten(files, written, undefined, undefined, openTree(tree));
  expect(tree.rounds.flatMap(({ paths }) => paths)).not.toContain("web/src");
});

test("a tree with others over it lists each directory of a round in one call", async () => {
  const tree = memoryTree(app);
  const open = openTree(overlaid(tree, [{ path: "web/dist", from: memoryTree(written.web) }]));
  await Promise.all(["api/v1", "web", "tools", "web/dist"].map((dir) => open.list(dir)));
  const names = async (dir: string): Promise<ReadonlySet<string>> => new Set((await open.list(dir))?.keys());
  expect(await names("web")).toEqual(new Set(["dist", "package.json", "web.go"]));
  expect(await names("web/dist")).toEqual(new Set(["app.js", "index.html"]));
  expect(tree.rounds.filter(({ kind }) => kind === "list").length).toBeLessThan(3);
});
