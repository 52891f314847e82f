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
import { generateGraph } from "../oracle/generate.ts";
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

/** An op as `buildctl debug dump-llb` prints it (moby/buildkit:cmd/buildctl/debug/dumpllb.go). */
interface DumpedOp {
  readonly Op: {
    readonly Op?: Readonly<Record<string, unknown>>;
    readonly inputs?: readonly { readonly digest: string; readonly index?: number }[];
  };
  readonly Digest: string;
  readonly OpMetadata?: {
    readonly caps?: Readonly<Record<string, boolean>>;
    readonly description?: Readonly<Record<string, string>>;
    readonly ignore_cache?: boolean;
  };
}

/** What both readers of a graph say of it: its edges, what its ops are, what is said of them and the words of its steps. */
interface Read {
  readonly digest: string;
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly caps: readonly string[];
  readonly description: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly mounts: readonly string[];
}

interface Exec {
  readonly meta?: { readonly args?: readonly string[] };
  readonly mounts?: readonly { readonly dest?: string }[];
}

function dumped(definition: Definition): readonly Read[] {
  const run = spawnSync(rig.tools.buildctl, ["debug", "dump-llb"], {
    input: definition.toBytes(),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  const lines = run.stdout.split("\n").filter((line) => line !== "");
  return lines.map((line): Read => {
    const { Op, Digest, OpMetadata } = JSON.parse(line) as DumpedOp;
    const [[kind, body] = ["", {}]] = Object.entries(Op.Op ?? {});
    return {
      digest: Digest,
      // Go tells the kind of an empty merge or diff, and none of the last op, which has no body.
      kind,
      inputs: (Op.inputs ?? []).map(({ digest, index = 0 }) => `${digest}#${index}`),
      caps: Object.keys(OpMetadata?.caps ?? {}).toSorted(),
      description: OpMetadata?.description ?? {},
      ...stepOf(kind === "exec" ? (body as Exec) : {}),
    };
  });
}

const stepOf = ({ meta, mounts }: Exec): Pick<Read, "args" | "mounts"> => ({
  args: meta?.args ?? [],
  mounts: (mounts ?? []).map(({ dest = "" }) => dest),
});

function read(definition: Definition): readonly Read[] {
  return viewDefinition(definition).ops.map(({ digest, kind, inputs, metadata, op }): Read => ({
    digest,
    kind: kind === "unknown" ? "" : kind,
    inputs: inputs.map((input) => `${input.digest}#${input.index}`),
    caps: [...(metadata?.caps ?? [])].toSorted(),
    description: Object.fromEntries(metadata?.description ?? []),
    ...stepOf((op.exec ?? {}) as Exec),
  }));
}

test("buildctl reads every graph that we write as we do", () => {
  const golden = Object.values(allCases).flatMap((cases) => Object.values(cases));
  const random = Array.from({ length: 100 }, (_, seed) => generateGraph(seed + 1, 60));
  const byDigest = (ops: readonly Read[]): readonly Read[] =>
    ops.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  let ops = 0;
  for (const definition of [...golden, ...random].map(interpret)) {
    const theirs = dumped(definition);
    // The last op names the result and is no step; the view leaves it out.
    expect(byDigest(theirs.filter(({ kind }) => kind !== ""))).toEqual(byDigest(read(definition)));
    ops += theirs.length;
  }
  expect(ops).toBeGreaterThan(1000);
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
