// A large service on a runner that starts with nothing but a registry cache: an edit compiles its stratum of the
// service's own packages and what stands on it, no others.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { largeService } from "../plan/support.ts";
import { pinnedFrontend } from "./support/clients.ts";
import { type Compiled, countedBuilds } from "./support/counted.ts";
import { project } from "./support/project.ts";

const rig = inject("rig");
const builds = countedBuilds(rig, "strata");
let dir = "";
const salted = (text: string): string => `${text}// ${builds.salt}\n`;

/** Compiled packages by step: strata in their order, and of the last step those of the tree and others. */
interface Counts extends Omit<Compiled, "ahead"> {
  readonly strata: readonly number[];
}

const countsOf = ({ ahead, own, others }: Compiled): Counts => ({
  strata: Object.entries(ahead).flatMap(([name, count]) => (name.startsWith("[own") ? [count] : [])),
  own,
  others,
});
const build = async (exported?: "exported"): Promise<Counts> => countsOf(await builds.build(dir, exported));
const onFresh = async (): Promise<Counts> => countsOf(await builds.onFresh(dir));

function write(path: string, text: string): void {
  writeFileSync(join(dir, path), text);
}

beforeAll(() => {
  dir = project(builds.path, {
    ...Object.fromEntries(
      Object.entries(largeService()).map(([path, text]) => [
        path,
        path.endsWith(".go") ? salted(text) : text,
      ]),
    ),
    "main.go": undefined,
    "service.yaml": `# syntax=${pinnedFrontend(rig, inject("frontend"))}\nname: app\nplatforms: [linux/amd64]\n`,
  });
});
afterAll(builds.remove);

describe("a service of 80 packages", () => {
  test("compiled for the first time: every package once, the last step only the main one", async () => {
    const { strata, own, others } = await build("exported");
    expect(strata).toHaveLength(2);
    expect(strata.reduce((sum, each) => sum + each, 0)).toBe(80);
    expect([own, others]).toEqual([1, 0]);
  });

  test("an edit in a leaf package where the cache mount stays: it and the packages that import it", async () => {
    const leaf = (n: number): void => write("pkg/p0/code.go", salted(`package p0\n\nconst N = ${n}\n`));
    leaf(100);
    expect(await build()).toEqual({ strata: [5, 3], own: 1, others: 0 });
    leaf(1);
    expect(await build()).toEqual({ strata: [], own: undefined, others: undefined });
  });

  test("an edit in main on an empty builder: one package", async () => {
    const path = "cmd/app/main.go";
    write(path, salted(`${largeService()[path] ?? ""}\nfunc edited() {}\n`));
    expect(await onFresh()).toEqual({ strata: [], own: 1, others: 0 });
  });

  test("an edit in a package of the top stratum: that stratum and main", async () => {
    const text = 'package p75\n\nimport "example.com/app/pkg/p65"\n\nconst N = p65.N + 2\n';
    write("pkg/p75/code.go", salted(text));
    write("pkg/p0/code_test.go", "package p0 // edited\n");
    write("README.md", "# edited\n");
    expect(await onFresh()).toEqual({ strata: [30], own: 1, others: 0 });
  });
});
