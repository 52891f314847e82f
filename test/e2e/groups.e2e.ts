// A service on many modules, on a runner that starts with nothing but a registry cache: a new version of one module, or a
// package of a known module imported for the first time, compiles little of what the other modules hold.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { svc } from "../../bench/subjects/svc.ts";
import { pinnedFrontend } from "./support/clients.ts";
import { type Compiled, countedBuilds } from "./support/counted.ts";
import { project } from "./support/project.ts";

const rig = inject("rig");
const { path, salt, build, onFresh, remove } = countedBuilds(rig, "groups");
afterAll(remove);

/** The benchmark's service: 210 packages of 31 other modules, with one change. */
async function checkout(change: keyof typeof svc.edits, text = salt): Promise<string> {
  const dir = project(path, { "main.go": undefined });
  await svc.write(dir);
  const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
  writeFileSync(join(dir, "service.yaml"), `${syntax}\nname: svc\nmain: ./cmd/svc\n`);
  svc.edits[change]?.(dir, text);
  return dir;
}

const sum = (counts: Compiled["ahead"]): number => Object.values(counts).reduce((all, each) => all + each, 0);

/** Of 210: what one group and what stands on it hold. */
const FEW = 40;

describe("a service on 31 modules, whose cache was exported", () => {
  test("an edit in main on an empty builder: nothing of other modules", async () => {
    const { own, others } = await build(await checkout("main"), "exported");
    expect([own, others]).toEqual([4, 0]);
    expect(await onFresh(await checkout("main", `${salt} again`))).toEqual({ ahead: {}, own: 4, others: 0 });
  });

  test.each([
    ["a new version of a module that no other needs", "bump-leaf"],
    ["the first import of a package of a needed module", "import"],
  ] as const)("%s: little is compiled, and none of the standard library", async (_, change) => {
    const { ahead, own, others } = await onFresh(await checkout(change));
    expect([own, others]).toEqual([4, 0]);
    expect(Object.keys(ahead).filter((name) => name.startsWith("[std"))).toEqual([]);
    expect(sum(ahead)).toBeGreaterThan(0);
    expect(sum(ahead)).toBeLessThan(FEW);
  });
});
