// A builder that cannot do what a build needs: told before anything runs, with its own reason, and with what its user
// can do about it.
import { describe, expect, test } from "vitest";
import { type Builder, checkBuilder, hasClassicStore, lacking } from "../../src/frontend/builder.ts";
import { readOptions } from "../../src/frontend/options/read-options.ts";
import { answerSubrequest } from "../../src/frontend/subrequests.ts";
import { type Cap, createCaps } from "../../src/gateway/index.ts";
import { type MissingCap, knownCaps } from "../../src/llb/index.ts";
import { formatDiagnostics, isDiagnosticError, parseDescription } from "../../src/description/index.ts";
import { openFiles } from "../facts/memory-tree.ts";
import { amd64, arm64, type Files, planFiles, tool } from "../plan/support.ts";
import { fakeClient } from "./support.ts";

const cap = (id: string, disabledReasonMessage?: string): Cap => ({
  id,
  enabled: disabledReasonMessage === undefined,
  deprecated: false,
  disabledReason: "",
  disabledReasonMessage: disabledReasonMessage ?? "",
  disabledAlternative: "",
});

/** The engine's own words (moby/moby:daemon/internal/builder-next/controller.go). */
const STORE = "only enabled with containerd image store backend";

interface Kind {
  readonly product: string;
  readonly version: string;
  readonly lacks?: readonly string[];
  readonly disabled?: Readonly<Record<string, string>>;
}

const builderOf = ({ product, version, lacks = [], disabled = {} }: Kind): Builder => ({
  llbCaps: createCaps(
    [...knownCaps.keys()].filter((id) => !lacks.includes(id)).map((id) => cap(id, disabled[id])),
    [],
  ),
  buildOpts: {
    ...fakeClient({}).buildOpts,
    product,
    workers: [
      { id: "w", labels: {}, platforms: [], buildkitVersion: { package: "", version, revision: "" } },
    ],
  },
});

const missing = (id: string): MissingCap => ({
  cap: id,
  feature: knownCaps.get(id)?.feature ?? "",
  since: knownCaps.get(id)?.since,
  ops: ["merge"],
});

const source = { filename: "service.yaml", text: "# syntax=org/go-frontend\n" };

const told = (kind: Kind, id: string): string =>
  formatDiagnostics([lacking(builderOf(kind), [missing(id)], source)], []).trimEnd();

describe("GF080", () => {
  test.each([
    [
      "a newer engine that has it switched off",
      { product: "docker", version: "v0.25.2-moby", disabled: { mergeop: STORE } },
      "mergeop",
      `merge (${STORE})`,
      'turn on Docker\'s containerd image store: `{ "features": { "containerd-snapshotter": true } }` in /etc/docker/daemon.json, or use another builder: docker buildx create --use',
    ],
    [
      "an engine before it",
      { product: "docker", version: "v0.8+unknown", lacks: ["mergeop"] },
      "mergeop",
      "merge (BuildKit v0.10.0)",
      "update Docker Engine to one with BuildKit v0.10.0 or newer; this one has v0.8; or use another builder: docker buildx create --use",
    ],
    [
      "a buildkitd before it",
      { product: "buildkit", version: "v0.9.3", lacks: ["mergeop"] },
      "mergeop",
      "merge (BuildKit v0.10.0)",
      "update the builder to BuildKit v0.10.0 or newer; this one has v0.9.3",
    ],
    [
      "a buildkitd that was compiled without a version",
      { product: "buildkit", version: "v0.0.0+unknown", lacks: ["mergeop"] },
      "mergeop",
      "merge (BuildKit v0.10.0)",
      "update the builder to BuildKit v0.10.0 or newer",
    ],
    [
      "a newer builder without it, whatever the reason",
      { product: "buildkit", version: "v0.34.2", lacks: ["mergeop"] },
      "mergeop",
      "merge (not on this builder)",
      "use another builder: docker buildx create --use",
    ],
    [
      "one where it is switched off without a word",
      { product: "buildkit", version: "v0.34.2", disabled: { "exec.mount.ssh": "" } },
      "exec.mount.ssh",
      "ssh agent sockets (disabled on this builder)",
      "use another builder: docker buildx create --use",
    ],
  ])("%s", (_what, kind, id, lacks, help) => {
    expect(told(kind, id)).toBe(
      `service.yaml: GF080 the builder lacks what this build needs: ${lacks}\nhelp: ${help}`,
    );
  });

  test("is found from the plan alone", async () => {
    const { plan } = await planFiles(tool);
    const without = builderOf({ product: "buildkit", version: "v0.2.0", lacks: ["file.base"] });
    expect(checkBuilder(without, [plan], source).map(({ code }) => code)).toEqual(["GF080"]);
    expect(checkBuilder(builderOf({ product: "", version: "" }), [plan], source)).toEqual([]);
  });

  test("never names merge, which the graph does without", async () => {
    const { plan } = await planFiles(tool);
    const classic = builderOf({
      product: "docker",
      version: "v0.25.2-moby",
      disabled: { mergeop: STORE, diffop: STORE },
    });
    expect(checkBuilder(classic, [plan], source)).toEqual([]);
  });

  test("is in the answer to --check", async () => {
    const builder = builderOf({ product: "buildkit", version: "v0.2.0", lacks: ["file.base"] });
    expect(await check(tool, builder)).toBe(
      "service.yaml: GF080 the builder lacks what this build needs: file operations (BuildKit v0.5.0)\nhelp: update the builder to BuildKit v0.5.0 or newer; this one has v0.2.0\n",
    );
  });
});

async function check(files: Files, builder: Builder): Promise<string> {
  const text = files["service.yaml"];
  const bytes = new TextEncoder().encode(typeof text === "string" ? text : source.text);
  const options = readOptions(
    new Map([
      ["filename", "service.yaml"],
      ["requestid", "frontend.lint"],
    ]),
    amd64,
    hasClassicStore(builder),
  );
  const parsed = parseDescription({ filename: "service.yaml", bytes });
  const result = await answerSubrequest("frontend.lint", {
    parsed,
    tree: openFiles(files),
    options,
    builder,
  });
  return new TextDecoder().decode(result.metadata.get("result.txt"));
}

describe("GF031: several platforms on Docker's classic image store", () => {
  const classic = builderOf({
    product: "docker",
    version: "v0.25.2-moby",
    disabled: { mergeop: STORE, diffop: STORE },
  });
  const words =
    "service.yaml:2:12: GF031 the classic image store of this Docker Engine holds images of one platform, and this is for linux/amd64, linux/arm64";
  const files = {
    ...tool,
    "service.yaml": "# syntax=org/go-frontend\nplatforms: [linux/amd64, linux/arm64]\n",
  };

  test("is told by --check, at the line that names them", async () => {
    expect(await check(files, classic)).toContain(words);
    expect(await check(files, builderOf({ product: "", version: "" }))).toBe("no problems found\n");
  });

  test("is told by a plan, which says how to go on", async () => {
    const error: unknown = await planFiles(files, { classicStore: true }).catch((thrown: unknown) => thrown);
    if (!isDiagnosticError(error)) throw error;
    expect(formatDiagnostics(error.diagnostics, []).trimEnd()).toBe(
      `${words}\nhelp: build for one, --platform linux/amd64; or for all with the containerd image store or on another builder: docker buildx create --use`,
    );
  });

  test("names the platform of the builder where it is among them", async () => {
    const request = { classicStore: true, platforms: [arm64, amd64] };
    const error: unknown = await planFiles(files, request).catch((thrown: unknown) => thrown);
    if (!isDiagnosticError(error)) throw error;
    expect(error.diagnostics[0]?.help).toContain("--platform linux/amd64;");
  });

  test("one platform, and executables for several, are built", async () => {
    const request = { classicStore: true, platforms: [arm64] };
    expect((await planFiles(files, request)).plan.service.platforms).toHaveLength(1);
    expect(
      (await planFiles(files, { classicStore: true, target: "binary" })).plan.service.platforms,
    ).toHaveLength(2);
  });

  test("an engine that does not know of merges has that store too", () => {
    expect(hasClassicStore(classic)).toBe(true);
    expect(
      hasClassicStore(builderOf({ product: "", version: "v0.8.3-moby", lacks: ["mergeop", "diffop"] })),
    ).toBe(true);
    expect(hasClassicStore(builderOf({ product: "docker", version: "v0.25.2-moby" }))).toBe(false);
  });
});
