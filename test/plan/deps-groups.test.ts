// Planning with what the go command lists: when it is worth listing packages, and what each group is given to read.
import { describe, expect, test } from "vitest";
import { type DepsGroup, type ListedPackage, type Plan } from "../../src/plan/index.ts";
import { buildOf, goCommand, planFiles, planWith, sums } from "./support.ts";

const module = (index: number): string => `github.com/Corp/m${index}`;
const names = Array.from({ length: 12 }, (_, index) => module(index));

function service(over: { readonly goMod?: string; readonly [path: string]: string | undefined } = {}) {
  const { goMod, ...files } = over;
  return {
    "go.mod": goMod ?? `module example.com/app\n\ngo 1.26.1\n\nrequire (\n${requires()})\n`,
    "go.sum": sums(...names.map((name) => `${name} v1.2.0-RC1`)),
    "main.go": `package main\n\nimport (\n\t_ "${module(0)}/a"\n\t_ "${module(5)}"\n)\n\nfunc main() {}\n`,
    ...Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined)),
  } as Record<string, string>;
}

function requires(count = names.length): string {
  return names
    .slice(0, count)
    .map((name) => `\t${name} v1.2.0-RC1\n`)
    .join("");
}

const planOf = async (...args: Parameters<typeof planFiles>): Promise<Plan> =>
  (await planFiles(...args)).plan;

describe("packages are listed", () => {
  test("for every platform at once, from the stub", async () => {
    const platforms = [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm", variant: "v7" },
    ];
    const { listing } = await planOf(service(), { platforms });
    expect(listing).toMatchObject({ dir: ".", stub: "./go-frontend-deps", tags: [] });
    expect(listing?.platforms).toEqual([
      { id: "linux/amd64", env: { CGO_ENABLED: "0", GOOS: "linux", GOARCH: "amd64" } },
      { id: "linux/arm/v7", env: { CGO_ENABLED: "0", GOOS: "linux", GOARCH: "arm", GOARM: "7" } },
    ]);
    expect(listing?.files.map(({ path }) => path)).toEqual(["go.mod", "go.sum", "go-frontend-deps/deps.go"]);
  });

  test("with the imports of all platforms", async () => {
    const files = service({ "windows_windows.go": `package main\n\nimport _ "${module(7)}"\n` });
    const platforms = [
      { os: "linux", architecture: "amd64" },
      { os: "windows", architecture: "amd64" },
    ];
    const { listing } = await planOf(files, { platforms, target: "binary" });
    expect(listing?.files.at(-1)?.text).toBe(
      `package deps\n\nimport (\n\t_ "${module(0)}/a"\n\t_ "${module(5)}"\n\t_ "${module(7)}"\n)\n`,
    );
  });

  test.each([
    [
      "few modules are required",
      service({ goMod: `module a.example/x\n\ngo 1.26\n\nrequire (\n${requires(9)})\n` }),
    ],
    [
      "go.mod is from before Go 1.17 and names no indirect requirements",
      service({ goMod: `module a.example/x\n\ngo 1.16\n\nrequire (\n${requires()})\n` }),
    ],
    [
      "a module is replaced",
      service({
        goMod: `module a.example/x\n\ngo 1.26\n\nrequire (\n${requires()})\n\nreplace ${module(3)} => ./m3\n`,
        "m3/go.mod": `module ${module(3)}\n\ngo 1.26\n`,
      }),
    ],
    [
      "a version is excluded",
      service({
        goMod: `module a.example/x\n\ngo 1.26\n\nrequire (\n${requires()})\n\nexclude ${module(3)} v1.0.0\n`,
      }),
    ],
    ["a workspace decides", service({ "go.work": "go 1.26.1\n\nuse .\n" })],
    ["nothing is imported", service({ "main.go": "package main\n\nfunc main() {}\n" })],
  ])("not when %s", async (_why, files) => {
    expect((await planOf(files)).listing).toBeUndefined();
  });
});

const listed = (path: string, module: string, imports: readonly string[] = []): ListedPackage => ({
  path,
  module,
  version: "v1.2.0-RC1",
  imports,
});

/** m0 and its package a need m1; m5 stands alone. */
const listing: readonly ListedPackage[] = [
  ...Array.from({ length: 40 }, (_, index) => listed(`${module(1)}/p${index}`, module(1))),
  listed(`${module(0)}/a`, module(0), [`${module(1)}/p0`, `${module(0)}/internal/x`]),
  listed(`${module(0)}/internal/x`, module(0)),
  listed(module(5), module(5), [`${module(1)}/p1`]),
  ...Array.from({ length: 5 }, (_, index) => listed(`${module(5)}/q${index}`, module(5), [module(5)])),
];

async function groupsOf(files = service()): Promise<readonly DepsGroup[]> {
  const refined = planWith(await planFiles(files), { "linux/amd64": { packages: listing, back: [] } });
  return refined.service.platforms[0]?.links[0]?.variant.deps?.groups ?? [];
}

describe("a group", () => {
  test("reads a go.mod and a go.sum of its own, with its closure and no more", async () => {
    const groups = await groupsOf();
    const lowest = groups.find((group) => group.packages.includes(`${module(1)}/p0`));
    const hash = `h1:${"A".repeat(43)}=`;
    expect(groups.indexOf(lowest as DepsGroup)).toBe(0);
    expect(lowest?.files).toEqual([
      {
        path: "go.mod",
        text: `module go-frontend.invalid/group\n\ngo 1.26.1\n\nrequire (\n\t${module(1)} v1.2.0-RC1\n)\n`,
      },
      {
        path: "go.sum",
        text: `${module(1)} v1.2.0-RC1 ${hash}\n${module(1)} v1.2.0-RC1/go.mod ${hash}\n`,
      },
    ]);
    const top = groups.find((group) => group.packages.includes(`${module(0)}/a`));
    expect(top?.files[0]?.text).toContain(`\t${module(1)} v1.2.0-RC1\n`);
    expect(groups.indexOf(top as DepsGroup)).toBeGreaterThan(0);
    for (const group of groups) {
      expect(group.files[1]?.text).not.toContain(`${module(9)} `);
      expect(group.files[0]?.text).not.toContain("example.com/app");
    }
  });

  test("knows where the module cache keeps what it compiles, capitals escaped", async () => {
    const lowest = (await groupsOf()).find((group) => group.packages.includes(`${module(1)}/p0`));
    expect(lowest?.modulePaths).toEqual([
      "github.com/!corp/m1@v1.2.0-!r!c1",
      "cache/download/github.com/!corp/m1/@v/v1.2.0-!r!c1.mod",
      "cache/download/github.com/!corp/m1/@v/v1.2.0-!r!c1.info",
      "cache/download/github.com/!corp/m1/@v/v1.2.0-!r!c1.ziphash",
    ]);
  });

  test("is compiled by name, without what only its own module can import", async () => {
    const planned = await planFiles(service());
    const plan = planWith(planned, { "linux/amd64": { packages: listing, back: [] } });
    const groups = plan.service.platforms[0]?.links[0]?.variant.deps?.groups ?? [];
    expect(groups.length).toBeGreaterThan(1);
    expect(groups.flatMap((group) => group.packages)).not.toContain(`${module(0)}/internal/x`);
    const build = buildOf(planned, {}, plan);
    for (const [index, group] of groups.entries()) {
      expect(goCommand(build, `deps linux/amd64 ${index + 1}`)).toEqual([
        "go",
        "build",
        "-v",
        "-pgo=off",
        ...group.packages,
      ]);
    }
  });

  test("finds the module's files in a folder of the context", async () => {
    const files = Object.fromEntries(Object.entries(service()).map(([path, text]) => [`svc/${path}`, text]));
    const groups = await groupsOf({ ...files, "service.yaml": "module: ./svc\n" });
    expect(groups.length).toBeGreaterThan(1);
    for (const group of groups) expect(group.files.map(({ path }) => path)).toEqual(["go.mod", "go.sum"]);
    expect(groups[0]?.files[0]?.text).toContain("go 1.26.1");
    expect(groups[0]?.files[1]?.text).not.toBe("");
  });
});

describe("refining", () => {
  test("a new version of one module leaves the groups before its own as they are", async () => {
    const before = await groupsOf();
    const raised = service();
    const other = Object.fromEntries(
      Object.entries(raised).map(([path, text]) => [
        path,
        text.replaceAll(`${module(5)} v1.2.0-RC1`, `${module(5)} v1.3.0`),
      ]),
    );
    const planned = await planFiles(other);
    const list = listing.map((each) => (each.module === module(5) ? { ...each, version: "v1.3.0" } : each));
    const after =
      planWith(planned, { "linux/amd64": { packages: list, back: [] } }).service.platforms[0]?.links[0]
        ?.variant.deps?.groups ?? [];
    const text = (group: DepsGroup | undefined): string => JSON.stringify(group);
    const changed = after.filter((group, index) => text(group) !== text(before[index]));
    expect(changed).toEqual(after.slice(-1));
    expect(changed[0]?.packages).toContain(module(5));
    expect(after.length).toBe(2);
  });

  test("keeps the plan where nothing was listed, or one group is all", async () => {
    const planned = await planFiles(service());
    const { plan } = planned;
    expect(planWith(planned, {})).toEqual(plan);
    expect(planWith(planned, { "linux/s390x": { packages: listing, back: [] } })).toEqual(plan);
    expect(planWith(planned, { "linux/amd64": { packages: listing.slice(0, 40), back: [] } })).toEqual(plan);
    // Two modules, but little to compile.
    expect(planWith(planned, { "linux/amd64": { packages: listing.slice(10), back: [] } })).toEqual(plan);
  });

  test("says that the listing is exact when every platform's is and the tree is plain", async () => {
    const files = service();
    const linked = planWith(await planFiles(files), {
      "linux/amd64": { packages: listing, back: [], kept: true },
    });
    expect(linked.listing?.exact).toBe(true);
    const doubtful = { "linux/amd64": { packages: listing, back: [], kept: false } };
    expect(planWith(await planFiles(files), doubtful).listing?.exact).toBeUndefined();
    const withLink = { ...files, "more.go": { link: "data/more.go" }, "data/more.go": "package main\n" };
    const sound = { "linux/amd64": { packages: listing, back: [], kept: true } };
    expect(planWith(await planFiles(withLink), sound).listing?.exact).toBeUndefined();
  });

  test("changes nothing but the groups", async () => {
    const planned = await planFiles(service());
    const { plan } = planned;
    const refined = planWith(planned, { "linux/amd64": { packages: listing, back: [] } });
    const without = {
      ...refined,
      service: {
        ...refined.service,
        platforms: refined.service.platforms.map((platform) => ({
          ...platform,
          links: platform.links.map((link) => {
            const { groups: _groups, ...deps } = link.variant.deps ?? expect.fail("no deps");
            return { ...link, variant: { ...link.variant, deps } };
          }),
        })),
      },
    };
    expect(without).toEqual(plan);
  });
});
