// The daemon computes the digest of every op it is given anew, in Go: it must come to ours, for all
// golden graphs at once. And a graph piped to buildctl builds.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import {
  args,
  copy,
  image,
  linuxAmd64,
  merge,
  newDefinitionOp,
  rm,
  scratch,
  sha256,
  viewDefinition,
  type Definition,
  type OpNode,
} from "../../src/llb/index.ts";
import { allCases } from "../oracle/cases.ts";
import { interpret } from "../oracle/interpret.ts";

const rig = inject("rig");

function buildctl(
  definition: Definition,
  ...options: readonly string[]
): { status: number | null; stderr: string } {
  const run = spawnSync(rig.tools.buildctl, ["build", ...options], {
    input: definition.toBytes(),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, ...rig.env, BUILDKIT_HOST: rig.buildkitHost },
  });
  return { status: run.status, stderr: run.stderr };
}

/** What the daemon refuses to load as a whole: entitlements it was not given, devices it does not have. */
const isRefused = ({ op }: OpNode): boolean =>
  op.exec?.network === 1 || op.exec?.security === 1 || (op.exec?.cdiDevices ?? []).length > 0;

test("the daemon comes to the same digest for every op of the golden graphs", () => {
  const states = Object.values(allCases)
    .flatMap((cases) => Object.values(cases))
    .map(interpret)
    .filter((definition) => !viewDefinition(definition).ops.some(isRefused))
    .map(newDefinitionOp);
  // All in one build, which fails at once; the daemon has told all vertices by then.
  const broken = scratch().file(rm("/nothing"));
  const definition = merge([broken, ...states]).marshal(linuxAmd64);
  const { status, stderr } = buildctl(definition, "--progress=rawjson", "--no-cache");
  expect(status).toBe(1);
  const told = new Set(
    stderr
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .flatMap((line) => (JSON.parse(line) as { vertexes?: { digest: string }[] }).vertexes ?? [])
      .map(({ digest }) => digest),
  );
  const ours = definition.def.slice(0, -1).map(sha256);
  expect(told.size, stderr.slice(-1000)).toBeGreaterThan(200);
  expect(told).toEqual(new Set(ours));
});

test("a graph piped to buildctl builds", () => {
  const folder = mkdtempSync(join(tmpdir(), "llb-e2e-"));
  try {
    const built = image("busybox")
      .run(args(["sh", "-c", "echo built > /out.txt"]))
      .root();
    const result = scratch().file(copy(built, "/out.txt", "/").mkfile("/hello.txt", 0o644, "hello\n"));
    const { status, stderr } = buildctl(result.marshal(linuxAmd64), "--output", `type=local,dest=${folder}`);
    expect(status, stderr).toBe(0);
    expect(readFileSync(join(folder, "out.txt"), "utf8")).toBe("built\n");
    expect(readFileSync(join(folder, "hello.txt"), "utf8")).toBe("hello\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
