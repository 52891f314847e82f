// A large service on a runner that starts with nothing but a registry cache: an edit compiles its stratum of the
// service's own packages and what stands on it, no others.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { reset, up } from "../../rig/index.ts";
import { largeService } from "../plan/support.ts";
import { clientsOf, pinnedFrontend, scratchDir } from "./support/clients.ts";
import { project } from "./support/project.ts";
import { succeeded } from "./support/run.ts";
import type { TestRig } from "./setup.ts";

const rig = inject("rig");
const fresh = `e2e-strata-${process.pid}`;
const work = scratchDir();
const cache = `${rig.registry}/e2e/strata-cache:${process.pid}`;
let dir = "";
// No earlier run has compiled these very files, on whatever builder.
const salt = `// ${randomBytes(8).toString("hex")}\n`;
const salted = (text: string): string => `${text}${salt}`;

/** Compiled packages by step: strata in their order, and of the last step those of the tree and others. */
interface Compiled {
  readonly strata: readonly number[];
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
      // Cache mounts that no other run of these tests has filled.
      `--opt=build-arg:BUILDKIT_CACHE_MOUNT_NS=${fresh}`,
      `--local=context=${dir}`,
      `--local=dockerfile=${dir}`,
      `--output=type=oci,dest=${join(work.path, "image.tar")}`,
      ...args,
    ]),
  );
  return compiledIn(stderr);
}

/** Vertices by number, as the plain progress has them. */
function compiledIn(progress: string): Compiled {
  const strata = new Map<string, number>();
  const names = new Map<string, string>();
  let link: readonly number[] = [];
  for (const line of progress.split("\n")) {
    const [, vertex = "", text = ""] = /^(#\d+) (?:[\d.]+ )?(.*)$/.exec(line) ?? [];
    if (/^\[own \S+\] go build/.test(text)) names.set(vertex, text);
    const ahead = /compiled (\d+) packages ahead/.exec(text)?.[1];
    if (ahead !== undefined && names.has(vertex)) strata.set(vertex, Number(ahead));
    const last = /compiled (\d+) packages of this source tree and (\d+) others/.exec(text);
    if (last !== null) link = last.slice(1).map(Number);
  }
  return { strata: [...strata.values()], own: link[0], others: link[1] };
}

/** The same build on a daemon with nothing in it. */
async function onFresh(): Promise<Compiled> {
  const empty = await up({ name: fresh, mirrors: "always", ephemeral: true, log: () => undefined });
  try {
    return await build(empty, "--import-cache", `type=registry,ref=${cache}`);
  } finally {
    await empty.release();
    await reset(fresh, () => undefined);
  }
}

function write(path: string, text: string): void {
  writeFileSync(join(dir, path), text);
}

beforeAll(() => {
  dir = project(work.path, {
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
afterAll(async () => {
  work.remove();
  await reset(fresh, () => undefined);
});

describe("a service of 80 packages", () => {
  test("compiled for the first time: every package once, the last step only the main one", async () => {
    const { strata, own, others } = await build(rig, `--export-cache=type=registry,ref=${cache},mode=max`);
    expect(strata).toHaveLength(2);
    expect(strata.reduce((sum, each) => sum + each, 0)).toBe(80);
    expect([own, others]).toEqual([1, 0]);
  });

  test("an edit in a leaf package where the cache mount stays: it and the packages that import it", async () => {
    const leaf = (n: number): void => write("pkg/p0/code.go", salted(`package p0\n\nconst N = ${n}\n`));
    leaf(100);
    expect(await build(rig)).toEqual({ strata: [5, 3], own: 1, others: 0 });
    leaf(1);
    expect(await build(rig)).toEqual({ strata: [], own: undefined, others: undefined });
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
