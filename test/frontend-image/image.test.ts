// The image's graph and configuration, without a builder.
import { expect, test } from "vitest";
import { debianPackages } from "../../frontend-image/debian-packages.ts";
import { frontendImageGraph } from "../../frontend-image/graph.ts";
import { architectures, imageConfig, paths } from "../../frontend-image/layout.ts";
import { nodePackage } from "../../frontend-image/node-binary.ts";
import { pb } from "../../src/proto/index.ts";

const opsOf = (options: Parameters<typeof frontendImageGraph>[0]): readonly pb.Op.$Shape[] =>
  frontendImageGraph(options).def.map((bytes) => pb.Op.decode(bytes));

const copies = (op: pb.Op.$Shape) => op.file?.actions?.map((action) => action.copy) ?? [];
const execs = (ops: readonly pb.Op.$Shape[]) => ops.flatMap((op) => (op.exec ? [op.exec] : []));

test.each(architectures)("%s: two layers, each root's and at the epoch", (architecture) => {
  const ops = opsOf({ architecture, bakeOn: architecture });
  const last = ops.at(-2);
  expect(copies(last ?? ops[0]!)).toHaveLength(2);
  const all = ops.flatMap(copies);
  expect(all).toHaveLength(4);
  for (const copy of all) {
    expect(copy?.timestamp?.toString()).toBe("0");
    expect(copy?.owner?.user?.byID).toBe(0);
    expect(copy?.owner?.group?.byID).toBe(0);
  }
});

test("the one step that runs something has no network and runs the image's own Node", () => {
  const [bake, ...others] = execs(opsOf({ architecture: "amd64", bakeOn: "amd64" }));
  expect(others).toEqual([]);
  expect(bake?.network).toBe(pb.NetMode.NONE);
  expect(bake?.meta?.args).toEqual([
    paths.node,
    "--no-warnings",
    "/bake/bake.ts",
    paths.compileCache,
    paths.entry,
  ]);
});

test("for the other architecture it runs in qemu on this one, or not at all", () => {
  const ops = opsOf({ architecture: "arm64", bakeOn: "amd64" });
  expect(execs(ops)[0]?.meta?.args?.[0]).toBe("/qemu/qemu-node");
  expect(ops.find((op) => op.exec)?.platform).toMatchObject({ Architecture: "amd64", OS: "linux" });
  expect(execs(opsOf({ architecture: "arm64", bakeOn: undefined }))).toEqual([]);
});

test("the configuration is what BuildKit reads: an entry point, no network, the capabilities", () => {
  expect(imageConfig("arm64", "1.2.3")).toMatchObject({
    architecture: "arm64",
    os: "linux",
    config: {
      Entrypoint: [
        "/usr/bin/node",
        "--no-warnings",
        "--max-old-space-size=64",
        "--max-semi-space-size=2",
        "/usr/lib/go-frontend/frontend.cjs",
      ],
      Labels: {
        "moby.buildkit.frontend.network.none": "true",
        "moby.buildkit.frontend.caps":
          "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring",
        "org.opencontainers.image.version": "1.2.3",
      },
    },
  });
});

test("everything that is downloaded is pinned by hash, for both architectures alike", () => {
  for (const wanted of debianPackages) {
    expect(wanted.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(wanted.path).toMatch(
      new RegExp(`/${wanted.name.replaceAll("+", "\\+")}_.*_${wanted.architecture}\\.deb$`),
    );
  }
  const of = (architecture: string) =>
    debianPackages
      .filter((wanted) => wanted.architecture === architecture)
      .map(({ name, version }) => [name, version]);
  expect(of("amd64")).toEqual(of("arm64"));
  const [amd64, arm64] = architectures.map(nodePackage);
  expect(amd64?.version).toBe(arm64?.version);
  expect(amd64?.version).toBe(process.version.slice(1));
  for (const node of [amd64, arm64]) expect(node?.integrity).toMatch(/^sha512-/);
});
