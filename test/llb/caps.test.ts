// Capabilities: what a daemon can decides what is emitted; what it lacks is told all at once.
import { describe, expect, test } from "vitest";
import * as llb from "../../src/llb/index.ts";
import { allCases } from "../oracle/cases.ts";
import { interpret } from "../oracle/interpret.ts";

const all = [...llb.knownCaps.keys()];
const without = (...caps: readonly string[]): llb.MarshalOption =>
  llb.withCaps(all.filter((cap) => !caps.includes(cap)));
const alpine = llb.image("alpine");
const run = (...options: readonly llb.RunOption[]): llb.State => alpine.run(llb.args(["cmd"]), ...options);

function missing(state: llb.State, ...caps: readonly string[]): readonly llb.MissingCap[] {
  try {
    state.marshal(llb.linuxAmd64, llb.localUniqueID("u"), without(...caps));
  } catch (error) {
    if (error instanceof llb.MissingCapsError) return error.missing;
    throw error;
  }
  return [];
}

describe("missing capabilities", () => {
  test("all of them, with feature, release and ops, in one error", () => {
    const state = llb.merge([run(llb.validExitCodes(1), llb.withCustomName("one")), run(llb.memoryLimit(5))]);
    const lack = ["mergeop", "exec.validexitcode", "exec.meta.linux.resources"];
    expect(missing(state, ...lack)).toEqual([
      {
        cap: "exec.validexitcode",
        feature: "other exit codes than 0 as success (validExitCodes)",
        since: "v0.17.0",
        ops: ["exec (one, cmd)"],
      },
      {
        cap: "exec.meta.linux.resources",
        feature: "CPU and memory limits (memoryLimit, cpuQuota …)",
        since: "v0.31.0",
        ops: ["exec (cmd)"],
      },
      { cap: "mergeop", feature: "merge", since: "v0.10.0", ops: ["merge (2 inputs)"] },
    ]);
    expect(() => state.marshal(llb.linuxAmd64, without(...lack))).toThrow(
      "needs BuildKit v0.31.0 or newer; used by exec (cmd)",
    );
  });

  // What the daemon must know although Go's metadata does not say so.
  test.each<readonly [string, llb.State]>([
    [
      "file.copy.includeexcludepatterns",
      alpine.file(llb.copy(alpine, "/a", "/b", { includePatterns: ["x"] })),
    ],
    ["file.copy.requiredpaths", alpine.file(llb.copy(alpine, "/a", "/b", { requiredPaths: ["x"] }))],
    [
      "file.copy.alwaysreplaceexistingdestpaths",
      alpine.file(llb.copy(alpine, "/a", "/b", { alwaysReplaceExistingDestPaths: true })),
    ],
    ["file.symlink.create", alpine.file(llb.symlink("a", "b"))],
    ["file.rm.wildcard", alpine.file(llb.rm("/a*", llb.withAllowWildcard(true)))],
    ["exec.meta.cgroup.parent", run(llb.withCgroupParent("p"))],
    ["exec.mount.bind.readwrite-nooutput", run(llb.addMount("/m", alpine, llb.forceNoOutput))],
    ["source.git.subdir", llb.git("https://h/x", "m:d")],
  ])("%s is asked for and not written", (cap, state) => {
    expect(missing(state, cap).map((m) => m.cap)).toEqual([cap]);
    const written = [...state.marshal(llb.linuxAmd64).metadata.values()].flatMap(({ caps }) => [...caps]);
    expect(written).not.toContain(cap);
  });

  test("those of the terminal op", () => {
    expect(missing(run(llb.ignoreCache), "meta.ignorecache", "platform")).toEqual([
      { cap: "platform", feature: "op platforms", since: "v0.3.0", ops: ["the graph"] },
      {
        cap: "meta.ignorecache",
        feature: llb.knownCaps.get("meta.ignorecache")?.feature,
        since: "v0.3.0",
        ops: ["the graph"],
      },
    ]);
  });

  test("those of imported ops", () => {
    const foreign = llb.newDefinitionOp(llb.diff(alpine, run()).marshal(llb.linuxAmd64));
    expect(missing(foreign.file(llb.mkdir("/a", 0o755)), "diffop")).toMatchObject([
      { cap: "diffop", since: "v0.10.0" },
    ]);
  });

  test("a capability is there only when it is listed and enabled", () => {
    expect([
      ...llb.capSet([{ ID: "a", Enabled: true }, { ID: "b", Enabled: false }, { ID: "c" }, "d"]),
    ]).toEqual(["a", "d"]);
  });
});

test("no golden graph writes a capability that BuildKit does not register", () => {
  for (const graph of Object.values(allCases).flatMap((cases) => Object.values(cases))) {
    for (const { caps } of interpret(graph).metadata.values()) {
      for (const cap of caps) expect(llb.knownCaps.has(cap), cap).toBe(true);
    }
  }
});

test("releases are written as BuildKit's tags", () => {
  for (const { since } of llb.knownCaps.values()) expect(since).toMatch(/^v0\.\d+\.0$/);
});
