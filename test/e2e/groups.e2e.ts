// A service on many modules, on a runner that starts with nothing but a registry cache: a new version of one module, or a
// package of a known module imported for the first time, compiles little of what the other modules hold.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { svc } from "../../bench/subjects/svc.ts";
import { reset, up } from "../../rig/index.ts";
import { caSecret, clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { project } from "./support/project.ts";
import { succeeded } from "./support/run.ts";
import type { TestRig } from "./setup.ts";

const rig = inject("rig");
const fresh = `e2e-groups-${process.pid}`;
const work = scratchDir();
const cache = `${rig.registry}/e2e/groups-cache:${process.pid}`;
// No earlier run has linked exactly this service; what it imports is compiled once for all runs.
const salt = randomBytes(8).toString("hex");
let dir = "";

/** Steps that compiled other modules or the standard library, with the packages each compiled; and the last step's. */
interface Compiled {
  readonly ahead: Readonly<Record<string, number>>;
  readonly own: number | undefined;
  readonly others: number | undefined;
}

async function build(on: TestRig, ...args: readonly string[]): Promise<Compiled> {
  const clients = await clientsOf(on);
  const { stderr } = await succeeded(
    clients.buildctl([
      "build",
      "--progress=plain",
      "--frontend=dockerfile.v0",
      "--opt=filename=service.yaml",
      "--opt=platform=linux/amd64",
      `--opt=build-arg:BUILDKIT_CACHE_MOUNT_NS=${fresh}`,
      `--local=context=${dir}`,
      `--local=dockerfile=${dir}`,
      `--output=type=oci,dest=${join(work.path, "image.tar")}`,
      ...caSecret(),
      ...args,
    ]),
  );
  return compiledIn(stderr);
}

function compiledIn(progress: string): Compiled {
  const names = new Map<string, string>();
  const ahead: Record<string, number> = {};
  let link: readonly number[] = [];
  for (const line of progress.split("\n")) {
    const [, vertex = "", text = ""] = /^(#\d+) (?:[\d.]+ )?(.*)$/.exec(line) ?? [];
    if (/^\[(?:std|deps) \S+\] go build/.test(text)) names.set(vertex, text);
    const count = /compiled (\d+) packages ahead/.exec(text)?.[1];
    const name = names.get(vertex);
    if (count !== undefined && name !== undefined) ahead[name] = Number(count);
    const last = /compiled (\d+) packages of this source tree and (\d+) others/.exec(text);
    if (last !== null) link = last.slice(1).map(Number);
  }
  return { ahead, own: link[0], others: link[1] };
}

async function onFresh(): Promise<Compiled> {
  const empty = await up({ name: fresh, mirrors: "always", ephemeral: true, log: () => undefined });
  try {
    return await build(empty, "--import-cache", `type=registry,ref=${cache}`);
  } finally {
    await empty.release();
    await reset(fresh, () => undefined);
  }
}

/** The benchmark's service: 210 packages of 31 other modules. Each build gets the checkout anew, with one change. */
async function checkout(change: keyof typeof svc.edits, text = salt): Promise<void> {
  dir = project(work.path, { "main.go": undefined });
  await svc.write(dir);
  const syntax = `# syntax=${pinnedFrontend(rig, inject("frontend"))}`;
  writeFileSync(join(dir, "service.yaml"), `${syntax}\nname: svc\nmain: ./cmd/svc\n`);
  svc.edits[change]?.(dir, text);
}

const sum = (counts: Compiled["ahead"]): number => Object.values(counts).reduce((all, each) => all + each, 0);

/** Of 210: what one group and what stands on it hold. */
const FEW = 40;

afterAll(async () => {
  work.remove();
  await reset(fresh, () => undefined);
});

describe("a service on 31 modules, whose cache was exported", () => {
  test("an edit in main on an empty builder: nothing of other modules", async () => {
    await checkout("main");
    const { own, others } = await build(rig, `--export-cache=type=registry,ref=${cache},mode=max`);
    expect([own, others]).toEqual([4, 0]);
    await checkout("main", `${salt} again`);
    expect(await onFresh()).toEqual({ ahead: {}, own: 4, others: 0 });
  });

  test("a new version of a module that no other needs: little is compiled, and none of the standard library", async () => {
    await checkout("bump-leaf");
    const { ahead, own, others } = await onFresh();
    expect([own, others]).toEqual([4, 0]);
    expect(Object.keys(ahead).filter((name) => name.startsWith("[std"))).toEqual([]);
    expect(sum(ahead)).toBeGreaterThan(0);
    expect(sum(ahead)).toBeLessThan(FEW);
  });

  test("the first import of a package of a needed module: likewise", async () => {
    await checkout("import");
    const { ahead, own, others } = await onFresh();
    expect([own, others]).toEqual([4, 0]);
    expect(Object.keys(ahead).filter((name) => name.startsWith("[std"))).toEqual([]);
    expect(sum(ahead)).toBeGreaterThan(0);
    expect(sum(ahead)).toBeLessThan(FEW);
  });
});
