// What holds for every graph, whatever the description says: read from the encoded ops by a decoder that is not ours.
import { describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph/index.ts";
import { platform as onPlatform, sha256 } from "../../src/llb/index.ts";
import {
  amd64,
  arm64,
  capsWithout,
  exampleDescriptions,
  graphOf,
  groupedService,
  largeService,
  type Planned,
  planFiles,
  planExample,
  shop,
  stageOf,
  sums,
  tool,
  vendored,
} from "../plan/support.ts";
import { decodeWithGoogle } from "../support/google-decoder.ts";

interface Op {
  readonly name: string;
  /** Of a step of our program: its arguments. */
  readonly does: readonly string[];
  readonly inputs?: readonly { readonly digest: string }[];
  readonly file?: { readonly actions: readonly { readonly mkfile?: { readonly data: string } }[] };
  readonly platform?: { readonly OS: string; readonly Architecture: string; readonly Variant?: string };
  readonly exec?: Exec;
  readonly source?: { readonly identifier: string; readonly attrs?: readonly (readonly [string, string])[] };
  readonly kind: string;
}

interface Exec {
  readonly meta: {
    readonly args: readonly string[];
    readonly env?: readonly string[];
    readonly user?: string;
  };
  readonly mounts: readonly Mount[];
  readonly network?: number;
  readonly security?: number;
  readonly secretenv?: readonly unknown[];
  readonly cdiDevices?: readonly unknown[];
}

interface Mount {
  readonly dest: string;
  readonly input: string;
  readonly readonly?: boolean;
  readonly mountType?: number;
  readonly cacheOpt?: { readonly ID: string; readonly sharing?: number };
  readonly secretOpt?: { readonly ID: string; readonly optional?: boolean };
  readonly output: string;
}

const SECRET = 1;
const SSH = 2;
const CACHE = 3;
const TMPFS = 4;
const NO_NETWORK = 2;
const LOCKED = 2;

function opsOf(graph: Graph): readonly Op[] {
  const ops = new Map<string, Op>();
  for (const { state, platform } of graph.platforms) {
    const definition = state.marshal(onPlatform(platform));
    for (const bytes of definition.def) {
      const op = decodeWithGoogle("pb.Op", bytes);
      const kind = ["exec", "source", "file", "build", "merge", "diff", "passthrough"].find(
        (one) => one in op,
      );
      const name = definition.metadata.get(sha256(bytes))?.description.get("llb.customname") ?? "";
      ops.set(sha256(bytes), { ...op, name, does: [], kind: kind ?? "end" });
    }
  }
  return [...ops.values()].map((op) => ({ ...op, does: argumentsIn(op, ops) }));
}

function argumentsIn({ exec, inputs = [] }: Op, ops: ReadonlyMap<string, Op>): readonly string[] {
  const mount = exec?.mounts.find(({ dest }) => dest === "/step");
  const data = ops.get(inputs[Number(mount?.input ?? -1)]?.digest ?? "")?.file?.actions[0]?.mkfile?.data;
  return data === undefined ? [] : (JSON.parse(Buffer.from(data, "hex").toString()) as string[]);
}

const execsOf = (graph: Graph): readonly (Exec & { readonly stage: string; readonly op: Op })[] =>
  opsOf(graph).flatMap((op) => (op.exec === undefined ? [] : [{ ...op.exec, stage: stageOf(op.name), op }]));

/** Every target of every description among the examples. */
async function exampleGraphs(): Promise<readonly (readonly [string, Graph])[]> {
  const found = await Promise.all(
    exampleDescriptions().map(async (example) => {
      const plans = await planExample(example);
      return [...plans].map(
        ([target, planned]) => [`${example.name}/${example.file} ${target}`, graphOf(planned)] as const,
      );
    }),
  );
  return found.flat();
}

const privateService = {
  "go.mod": "module example.com/app\n\ngo 1.26\n\nrequire git.acme.example/lib v1.0.0\n",
  "go.sum": sums("git.acme.example/lib v1.0.0"),
  "main.go": 'package main\n\nimport _ "git.acme.example/lib"\n\nfunc main() {}\n',
  "service.yaml": `# syntax=org/go-frontend
modules:
  private: [git.acme.example/*]
  auth:
    netrc: my-netrc
    git.acme.example: { token: acme }
    ssh.example:
      ssh: default
      knownHosts: ["ssh.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfAHCZ3U0CGdVHVBcL5pyOAnPLBMMe1Pz0Oa2zNx3W"]
`,
};

const namespace = "tenant/go-frontend/x";
async function grouped(caps: ReadonlySet<string>): Promise<Graph> {
  const { planned, plan } = await groupedService({ platforms: [amd64, arm64] });
  return graphOf(planned, { caps }, plan);
}
const of = async (planned: Promise<Planned>): Promise<Graph> => graphOf(await planned);
const graphs: readonly (readonly [string, Graph])[] = [
  ...(await exampleGraphs()),
  ["two platforms", await of(planFiles(shop, { target: "orders", platforms: [amd64, arm64] }))],
  [
    "a builder on arm64",
    await of(planFiles(shop, { target: "worker", buildPlatform: arm64, platforms: [amd64] })),
  ],
  [
    "a tool for windows",
    await of(planFiles(tool, { target: "binary", platforms: [{ os: "windows", architecture: "amd64" }] })),
  ],
  ["private modules", await of(planFiles(privateService, { cacheNamespace: namespace }))],
  ["a vendor folder and a profile", await of(planFiles(vendored))],
  ["modules in groups", await grouped(capsWithout())],
  ["modules in groups, nothing merged", await grouped(capsWithout("mergeop", "diffop"))],
  ["own packages in strata", await of(planFiles(largeService(), { platforms: [amd64, arm64] }))],
  [
    "an image of one's own as base",
    await of(planFiles({ ...tool, "service.yaml": "image: { base: debian:bookworm-slim }\n" })),
  ],
  ["scratch", await of(planFiles({ ...tool, "service.yaml": "image: { base: scratch }\n" }))],
];

describe.each(graphs)("%s", (name, graph) => {
  const all = execsOf(graph);
  const usesC = /^cgo\/|^race\/\S+ words-race\b/.test(name);
  const execs = all.filter(({ stage }) => !/^(?:step|tools) /.test(stage));

  test("holds only kinds of ops and sources that are meant to be there", () => {
    const kinds = ["exec", "source", "file", "merge", "diff", "end"];
    for (const op of opsOf(graph)) {
      expect(kinds).toContain(op.kind);
      if (op.source !== undefined) expect(op.source.identifier).toMatch(/^(docker-image|local):\/\//);
    }
  });

  test("only the download has a network, secrets or an agent", () => {
    for (const { stage, network, mounts, secretenv } of execs) {
      const special = mounts.filter(({ mountType }) => mountType === SECRET || mountType === SSH);
      expect(secretenv ?? []).toEqual([]);
      if (stage === "modules" || stage === "modules delve") {
        expect(network ?? 0).toBe(0);
        // The debugger comes from the public proxy: nothing that opens private modules is of use to it.
        if (stage === "modules delve") {
          expect(special.map(({ secretOpt }) => secretOpt?.ID)).toEqual(["ca-certificates"]);
        }
      } else {
        expect([stage, network, special]).toEqual([stage, NO_NETWORK, []]);
      }
    }
  });

  test("the root is read-only, privileges are the common ones, results stand on mounts", () => {
    for (const { mounts, security, meta, cdiDevices } of execs) {
      expect(mounts.find(({ dest }) => dest === "/")?.readonly).toBe(true);
      expect([security ?? 0, meta.user ?? "", cdiDevices ?? []]).toEqual([0, "", []]);
      expect(mounts.filter(({ output }) => output !== "-1").map(({ dest }) => dest)).not.toContain("/");
    }
  });

  test("no shell runs: each step is the helper or go itself", () => {
    for (const { meta, stage, op } of execs) {
      expect(meta.args[0]).toBe(stage === "helper" ? "go" : "/helper/go-frontend");
      expect(op.does.length > 0).toBe(stage !== "helper");
      const behind = op.does.indexOf("--");
      if (behind >= 0) expect(op.does[behind + 1]).toBe("go");
      // Without a package `go build` would look for one in a folder that holds none.
      const named = op.does.slice(behind + 3).filter((arg) => !arg.startsWith("-"));
      if (behind >= 0) expect(named).not.toEqual([]);
      expect([...meta.args, ...op.does]).not.toContain("-c");
    }
  });

  test("steps of the description run what it says, with no network unless it says so, and nothing that others share", () => {
    for (const { stage, mounts, security, meta, network, cdiDevices, secretenv } of all) {
      if (mounts.find(({ dest }) => dest === "/")?.readonly === true) continue;
      if (stage.startsWith("tools ")) continue;
      expect(["node build.mjs", "go run ./tools/colors"]).toContain(meta.args.join(" "));
      expect(network).toBe(NO_NETWORK);
      expect(mounts.map(({ dest, mountType }) => [dest, mountType ?? 0])).toEqual([
        ["/", 0],
        ["/src", 0],
      ]);
      expect([security ?? 0, meta.user ?? "", cdiDevices ?? [], secretenv ?? []]).toEqual([0, "", [], []]);
    }
    expect(all.length - execs.length).toBe(name.startsWith("steps/") ? 2 : usesC ? 1 : 0);
  });

  test("C tools are installed by a script of ours, which is told names of packages and sees no project", () => {
    const found = all.filter(({ stage }) => stage.startsWith("tools "));
    expect(found).toHaveLength(usesC ? 1 : 0);
    for (const { mounts, security, meta, network, cdiDevices, secretenv } of found) {
      expect(meta.args.slice(0, 2)).toEqual(["/bin/sh", "/script/install"]);
      for (const word of meta.args.slice(2)) expect(word).toMatch(/^(?:[a-z0-9][a-z0-9+.:-]*)?$/);
      expect(network ?? 0).toBe(0);
      expect(mounts.map(({ dest, mountType }) => [dest, mountType ?? 0])).toEqual([
        ["/", 0],
        ["/script", 0],
        ["/tmp", TMPFS],
      ]);
      expect([security ?? 0, meta.user ?? "", cdiDevices ?? [], secretenv ?? []]).toEqual([0, "", [], []]);
    }
  });

  test("the command line, which is the last line of a failed build, names the step and nothing else", () => {
    for (const { meta, stage } of execs) {
      expect(meta.args.join(" ").length).toBeLessThan(100);
      if (stage === "helper") continue;
      expect(meta.args).toHaveLength(2);
      expect(meta.args[1]).toMatch(/^(modules|listing|std|deps|own|build|rootfs|libraries)( |$)/);
    }
  });

  test("steps run on the builder's platform, whatever they compile for", () => {
    const platforms = new Set(
      all.map(({ op }) => `${op.platform?.OS ?? "?"}/${op.platform?.Architecture ?? "?"}`),
    );
    expect(platforms.size).toBe(1);
    const toolchain = opsOf(graph).find((op) => op.source?.identifier.includes("golang") === true);
    expect([...platforms]).toEqual([
      `${toolchain?.platform?.OS ?? ""}/${toolchain?.platform?.Architecture ?? ""}`,
    ]);
  });

  test("shared and fixed parts: one helper, one download, one user list", () => {
    for (const stage of ["helper", "modules", "rootfs"]) {
      expect(execs.filter((each) => each.stage === stage).length).toBeLessThanOrEqual(1);
    }
  });

  test("cache mounts are the download's store and build caches of the service's own packages", () => {
    for (const { stage, mounts } of execs) {
      const ids = mounts.flatMap(({ cacheOpt }) => cacheOpt?.ID ?? []);
      const shapes: Record<string, RegExp> = {
        modules: /go-frontend\/module-files$/,
        own: /go-frontend\/[0-9a-f]{32}\/own\/[0-9a-f]{16}$/,
        // Of a service with steps nobody without a builder knows what its packages read.
        ...(name.startsWith("steps/") ? {} : { build: /go-frontend\/[0-9a-f]{32}\/build\/[0-9a-f]{16}$/ }),
      };
      const shape = shapes[stage.split(" ")[0] ?? ""];
      expect(ids).toEqual(shape === undefined ? [] : [expect.stringMatching(shape)]);
      for (const { cacheOpt, mountType } of mounts) {
        expect(mountType === CACHE).toBe(cacheOpt !== undefined);
        // A stratum's step takes entries out of the mount and puts some back: one at a time.
        expect(cacheOpt?.sharing ?? 0).toBe(cacheOpt?.ID.includes("/own/") === true ? LOCKED : 0);
      }
    }
  });

  test("go is told everything in its environment, and nothing of a machine or a project", () => {
    for (const { meta, stage } of execs) {
      const env = new Map((meta.env ?? []).map((entry) => entry.split(/=(.*)/s) as [string, string]));
      expect(env.get("GOTOOLCHAIN")).toBe("local");
      expect(env.get("GOENV")).toBe("off");
      expect(env.get("GOFLAGS")).toBe("-trimpath -buildvcs=false");
      if (stage.startsWith("build")) expect(env.get("GOPROXY")).toBe("off");
      const names = [...env.keys()].filter((name) => stage !== "modules" || name !== "SSH_AUTH_SOCK");
      const known = usesC
        ? /^(PATH|HOME|GO[A-Z0-9]+|CGO_ENABLED|CC|CXX|PKG_CONFIG(?:_LIBDIR)?)$/
        : /^(PATH|HOME|GO[A-Z0-9]+|CGO_ENABLED)$/;
      for (const name of names) expect(name).toMatch(known);
    }
  });

  test("every step has a name for people and a place in the description", () => {
    for (const { state, platform } of graph.platforms) {
      const definition = state.marshal(onPlatform(platform));
      for (const bytes of definition.def) {
        if (!("exec" in decodeWithGoogle("pb.Op", bytes))) continue;
        const digest = sha256(bytes);
        expect(definition.metadata.get(digest)?.description.get("llb.customname")).toMatch(/^\[/);
        const ranges = definition.source?.locations.get(digest)?.flatMap((location) => location.ranges) ?? [];
        expect(ranges).toHaveLength(1);
        expect(ranges[0]?.start.line).toBeGreaterThan(0);
      }
      // BuildKit shows the lines of one of them for each failure: those of go.mod when the download fails.
      for (const { filename } of definition.source?.infos ?? []) {
        expect(filename).toMatch(/\.yaml$|(^|\/)go\.mod$|^Dockerfile$/);
      }
    }
  });

  test("mounts do not hide each other", () => {
    for (const { mounts } of execs) {
      const dests = mounts.map(({ dest }) => dest);
      expect(new Set(dests).size).toBe(dests.length);
      for (const dest of dests) expect(dest.startsWith("/")).toBe(true);
    }
  });
});

describe("private modules", () => {
  const [, graph] = graphs.find(([name]) => name === "private modules") ?? expect.fail("no graph");
  const download = execsOf(graph).find(({ stage }) => stage === "modules") ?? expect.fail("no download");

  test("secrets are named by id and stand where only the download looks", () => {
    expect(
      download.mounts
        .filter(({ mountType }) => mountType === SECRET || mountType === SSH)
        .map(({ dest, secretOpt }) => [dest, secretOpt?.ID, secretOpt?.optional ?? false]),
    ).toEqual([
      ["/run/secrets/go-frontend/ca-certificates", "ca-certificates", true],
      ["/run/secrets/go-frontend/auth-0", "my-netrc", false],
      ["/run/secrets/go-frontend/auth-1", "acme", false],
      ["/run/buildkit/go-frontend-ssh-2", undefined, false],
    ]);
  });

  test("the download is told where they are", () => {
    expect(download.op.does.filter((arg) => /^-(netrc|token|ssh|ca|known-hosts)=/.test(arg))).toEqual([
      "-ca=/run/secrets/go-frontend/ca-certificates",
      "-netrc=/run/secrets/go-frontend/auth-0 my-netrc",
      "-token=git.acme.example oauth2 /run/secrets/go-frontend/auth-1 acme",
      "-ssh=ssh.example git 22 /run/buildkit/go-frontend-ssh-2",
      "-known-hosts=/src/.go-frontend/known_hosts",
    ]);
  });

  test("nothing else in the graph knows an id of a secret", () => {
    for (const { state, platform } of graph.platforms) {
      for (const bytes of state.marshal(onPlatform(platform)).def) {
        const { exec } = decodeWithGoogle("pb.Op", bytes) as { readonly exec?: Exec };
        const text = Buffer.from(bytes);
        // The step and its arguments.
        if (exec?.meta.args[1] === "modules" || text.includes('[\n "download",')) continue;
        expect(text.includes("my-netrc")).toBe(false);
        expect(text.includes("ssh.example git")).toBe(false);
      }
    }
  });

  test("ids of cache mounts start with the namespace that the client chose", () => {
    const ids = execsOf(graph).flatMap(({ mounts }) => mounts.flatMap(({ cacheOpt }) => cacheOpt?.ID ?? []));
    expect(ids).toHaveLength(2);
    for (const id of ids) expect(id.startsWith(`${namespace}/`)).toBe(true);
  });
});
