// Cache mounts: who has one, what is in its id, and what no step may find in it. See "What another build can write" in
// docs/architecture.md.
import { describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph/index.ts";
import type { OpNode } from "../../src/llb/index.ts";
import type { BuildRequest, Scope } from "../../src/plan/index.ts";
import { planBuild } from "../../src/plan/index.ts";
import {
  amd64,
  arm64,
  argumentsOf,
  type Files,
  graphOf,
  groupedService,
  largeService,
  planFiles,
  plainRequest,
  shop,
  tool,
  verticesOf,
} from "../plan/support.ts";

interface CacheMount {
  readonly step: string;
  readonly dest: string;
  readonly id: string;
}

const stepsOf = (graph: Graph): readonly OpNode[] => verticesOf(graph).filter(({ kind }) => kind === "exec");

const cacheMounts = ({ name, op }: OpNode): readonly CacheMount[] =>
  (op.op === "exec" ? (op.exec.mounts ?? []) : []).flatMap(({ dest = "", cacheOpt }) =>
    cacheOpt?.ID === undefined ? [] : [{ step: name.replace(/[ :].*/, ""), dest, id: cacheOpt.ID }],
  );

const mountsOf = (graph: Graph): readonly CacheMount[] => stepsOf(graph).flatMap(cacheMounts);

const mounted = async (
  files: Files,
  request: Partial<BuildRequest> = {},
): Promise<readonly (readonly string[])[]> =>
  mountsOf(graphOf(await planFiles(files, request))).map(({ step, dest }) => [step, dest]);

const assembly = {
  "asm/asm.go": "package asm\n\nfunc F() int64\n",
  "asm/f_amd64.s": '#include "../include/f.h"\nTEXT ·F(SB), 4, $0-8\n\tMOVQ $VALUE, ret+0(FP)\n\tRET\n',
  "asm/f_arm64.s": "TEXT ·F(SB), 4, $0-8\n\tRET\n",
  "include/f.h": "#define VALUE 42\n",
};

const main = {
  "main.go": 'package main\n\nimport "example.com/tool/asm"\n\nfunc main() { println(asm.F()) }\n',
};

describe("a service keeps what it compiles on the builder", () => {
  test("where Go's keys name all of it", async () => {
    expect(await mounted(tool)).toEqual([["[tool", "/gc"]]);
    const inside = { ...tool, ...main, ...assembly, "asm/f_amd64.s": '#include "f.h"\n', "asm/f.h": "" };
    expect(await mounted(inside)).toEqual([["[tool", "/gc"]]);
  });

  test("not where assembly opens a file that they leave out", async () => {
    expect(await mounted({ ...tool, ...main, ...assembly })).toEqual([]);
  });

  test("on the platforms where it does", async () => {
    const mounts = await mounted({ ...tool, ...main, ...assembly }, { platforms: [amd64, arm64] });
    expect(mounts).toEqual([["[tool", "/gc"]]);
  });

  test("not where the source tree was not followed to its end", async () => {
    const { located, inspected, plan } = await planFiles(shop, { target: "orders" });
    const scoped = (scope: Scope) =>
      planBuild(located, inspected, { ...plainRequest, target: "orders" }, { scope }).service.platforms[0]
        ?.links[0]?.reusable;
    expect(plan.service.platforms[0]?.links[0]?.reusable).toBe(true);
    expect([scoped("planned"), scoped("narrow"), scoped("wide")]).toEqual([true, true, false]);
  });

  test("a large one: in the strata without such a package", async () => {
    const large = largeService();
    const others = ["[own", "[own", "[app"];
    expect((await mounted(large)).map(([step]) => step)).toEqual(others);
    const leaf = {
      "pkg/p0/f_amd64.s": '#include "../../include/f.h"\nTEXT ·F(SB), 4, $0-8\n\tRET\n',
      "include/f.h": "",
    };
    const planned = await planFiles({ ...large, ...leaf });
    const strata = planned.plan.service.platforms[0]?.links[0]?.ownPackages?.strata ?? [];
    expect(
      strata.map(({ packages, reusable }) => [packages.includes("example.com/app/pkg/p0"), reusable]),
    ).toEqual([
      [true, false],
      [false, true],
    ]);
    const nodes = verticesOf(graphOf(planned));
    const steps = nodes
      .filter(({ kind }) => kind === "exec")
      .filter(({ name }) => /^\[(?:own|app) .*go build/.test(name));
    expect(steps.map((step) => cacheMounts(step).map(({ dest }) => dest))).toEqual([[], ["/warm"], []]);
    const args = steps.map((step) => argumentsOf(step, nodes).join(" "));
    expect(args.map((each) => each.includes("-warm="))).toEqual([false, true, false]);
    expect(args[1]).toContain("-modules=example.com/app ");
  });
});

describe("an id", () => {
  const idsOf = async (files: Files, request: Partial<BuildRequest> = {}, reference?: string) => {
    const planned = await planFiles(files, request);
    const plan =
      reference === undefined
        ? planned.plan
        : { ...planned.plan, toolchain: { ...planned.plan.toolchain, reference } };
    return mountsOf(graphOf(planned, {}, plan)).map(({ id }) => id);
  };
  const withYaml = (text: string): Files => ({
    ...tool,
    "service.yaml": `# syntax=org/go-frontend\n${text}`,
  });

  test("names the project, the namespace, the platform, the flags and the toolchain", async () => {
    const ids = await Promise.all([
      idsOf(tool),
      idsOf({ ...tool, "go.mod": "module example.com/other\n\ngo 1.26\n" }),
      idsOf(tool, { cacheNamespace: "tenant" }),
      idsOf(tool, { cacheNamespace: "tenant/go-frontend" }),
      idsOf(tool, { platforms: [arm64] }),
      idsOf(tool, { platforms: [{ ...amd64, variant: "v3" }] }),
      idsOf(withYaml("build: { tags: [netgo] }\n")),
      idsOf({ ...tool, "default.pgo": "profile" }),
      idsOf(tool, {}, `golang:1.26@sha256:${"a".repeat(64)}`),
      idsOf(tool, {}, `golang:1.26@sha256:${"b".repeat(64)}`),
    ]);
    expect(ids.map((each) => each.length)).toEqual(ids.map(() => 1));
    expect(new Set(ids.flat()).size).toBe(ids.length);
  });

  test("is the namespace's, where the client has one, then ours, the project's and the use's, all of it hashed", async () => {
    const shape = /^go-frontend\/[0-9a-f]{32}\/build\/[0-9a-f]{16}$/;
    expect((await idsOf(tool))[0]).toMatch(shape);
    const [id = ""] = await idsOf(tool, { cacheNamespace: "tenant" });
    expect(id.slice(0, 7)).toBe("tenant/");
    expect(id.slice(7)).toMatch(shape);
    const uses = (await idsOf(largeService())).map((each) => each.split("/")[2]);
    expect(uses).toEqual(["own", "own", "build"]);
  });

  test("names nothing else", async () => {
    const [id] = await idsOf(tool);
    const same = await Promise.all([
      idsOf({ ...tool, "main.go": `${tool["main.go"]}// edited\n` }),
      idsOf(withYaml("build: { strip: false, vars: { main.x: y } }\n")),
      idsOf(tool, { epoch: 1, labels: { a: "b" }, revision: { commit: "c" } }),
    ]);
    expect(same).toEqual(same.map(() => [id]));
  });
});

test("a step whose build cache other builds write into has no index of packages", async () => {
  const grouped = await groupedService();
  const graphs = [
    graphOf(await planFiles(tool)),
    graphOf(await planFiles({ ...tool, ...main, ...assembly })),
    graphOf(await planFiles(largeService())),
    graphOf(await planFiles(shop, { target: "orders" })),
    graphOf(grouped.planned, {}, grouped.plan),
  ];
  for (const graph of graphs) {
    const without = stepsOf(graph).flatMap(({ name, op }) =>
      op.op === "exec" && (op.exec.meta?.env ?? []).includes("GODEBUG=goindex=0") ? [name] : [],
    );
    const building = stepsOf(graph).flatMap(({ name }) =>
      /^\[(?!helper|std|deps|modules|rootfs)\S+ \S+\] go build/.test(name) ? [name] : [],
    );
    expect(building).not.toEqual([]);
    expect(without).toEqual(expect.arrayContaining(building));
  }
});
