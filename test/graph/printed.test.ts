// Nothing is decided where steps become LLB: steps that were written as JSON and read again give the same bytes, whatever
// the plan and the builder.
import { expect, test } from "vitest";
import { includedPaths, render } from "../../src/graph/index.ts";
import {
  includePatterns,
  local,
  localUniqueID,
  platform as onPlatform,
  scratch,
} from "../../src/llb/index.ts";
import { type Build, savedPlan, type Step, type Tree } from "../../src/plan/index.ts";
import { visibleJson } from "../../src/description/index.ts";
import {
  amd64,
  arm64,
  buildOf,
  capsWithout,
  groupedService,
  largeService,
  planFiles,
  shop,
  sums,
  tool,
  vendored,
} from "../plan/support.ts";

const grouped = await groupedService({ platforms: [amd64, arm64] });
const classic = capsWithout("mergeop", "diffop", "exec.mount.cache.content");
const old = capsWithout("mergeop", "file.copy.includeexcludepatterns");

const many = Array.from({ length: 40 }, (_, index) => `example.com/m${index}`);
const manyModules = {
  "go.mod": `module example.com/app\n\ngo 1.26\n\nrequire (\n${many.map((name) => `\t${name} v1.0.0\n`).join("")})\n`,
  "go.sum": sums(...many.map((name) => `${name} v1.0.0`)),
  "main.go": `package main\n\nimport _ "${many[0] ?? ""}"\n\nfunc main() {}\n`,
};

const privateModules = {
  "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire git.acme.example/lib v1.0.0\n",
  "go.sum": sums("git.acme.example/lib v1.0.0"),
  "main.go": 'package main\n\nimport _ "git.acme.example/lib"\n\nfunc main() {}\n',
  "service.yaml": `# syntax=org/go-frontend
modules:
  private: [git.acme.example/*]
  auth: { netrc: my-netrc, git.acme.example: { token: acme } }
image: { base: debian:bookworm-slim }
`,
};

const network = {
  networkMode: "host",
  extraHosts: [{ host: "proxy.example", ip: "10.0.0.1" }],
  proxy: { httpsProxy: "http://proxy.example:3128" },
  noCache: ["std"],
  resolveMode: "local",
} as const;

const builds: readonly (readonly [string, Build])[] = [
  ["two platforms", buildOf(await planFiles(shop, { target: "orders", platforms: [amd64, arm64] }))],
  ["what a client asks for", buildOf(await planFiles(shop, { target: "worker" }), network)],
  ["an executable", buildOf(await planFiles(tool, { target: "binary" }))],
  ["groups", buildOf(grouped.planned, {}, grouped.plan)],
  ["groups, nothing merged", buildOf(grouped.planned, { caps: classic }, grouped.plan)],
  ["strata", buildOf(await planFiles(largeService()))],
  ["strata on an old builder", buildOf(await planFiles(largeService()), { caps: old })],
  ["download parts", buildOf(await planFiles(manyModules))],
  [
    "two programs at their places on an image",
    buildOf(
      await planFiles({
        ...shop,
        "service.yaml": `# syntax=org/go-frontend
name: shop
binaries: { orders: { main: ./cmd/orders, path: /bin/orders }, worker: ./cmd/worker }
image: { base: debian:bookworm-slim }
`,
      }),
    ),
  ],
  [
    "directories, links and volumes on an image",
    buildOf(
      await planFiles({
        ...tool,
        "service.yaml":
          "# syntax=org/go-frontend\nimage: { base: debian, user: app:1, dirs: [/d, { path: /e, mode: 1777, owner: 1:2 }], links: { /l: d }, volumes: [/v] }\n",
      }),
    ),
  ],
  ["private modules", buildOf(await planFiles(privateModules))],
  ["a vendor directory and a profile", buildOf(await planFiles(vendored))],
];

function bytesOf(build: Pick<Build, "steps" | "results" | "sources">): readonly Uint8Array[] {
  const state = render(build, {
    context: ({ paths, role }) => local(role, includePatterns(includedPaths(paths)), localUniqueID("test")),
    image: () => scratch(),
  });
  return build.results.map(({ tree, platform }) => state(tree).marshal(onPlatform(platform)).toBytes());
}

test.each(builds)("%s", (_what, build) => {
  const saved = savedPlan(JSON.parse(visibleJson(build)));
  expect(saved).toBeDefined();
  if (saved !== undefined) expect(bytesOf(saved.build)).toEqual(bytesOf(build));
});

/** Trees that a step reads. */
function readBy(step: Step): readonly Tree[] {
  switch (step.kind) {
    case "image":
    case "url":
    case "context":
      return [];
    case "merge":
      return step.trees;
    case "diff":
      return [step.lower, step.upper];
    case "files":
      return [
        ...(step.on === undefined ? [] : [step.on]),
        ...step.actions.flatMap((action) => (action.kind === "copy" ? [action.from] : [])),
      ];
    case "run":
      return [step.on, ...step.mounts.flatMap((mount) => ("tree" in mount ? (mount.tree ?? []) : []))];
  }
}

/** Trees that a step yields. */
function yieldedBy(step: Step): readonly Tree[] {
  if (step.kind !== "run") return [{ step: step.id }];
  return step.mounts.flatMap((mount) =>
    mount.kind === "tree" && mount.access === "keep" ? [{ step: step.id, output: mount.at }] : [],
  );
}

test.each(builds)("%s: a step reads none but those before it", (_what, build) => {
  const known: Tree[] = [];
  for (const step of build.steps) {
    for (const tree of readBy(step)) expect(known).toContainEqual(tree);
    known.push(...yieldedBy(step));
  }
});
