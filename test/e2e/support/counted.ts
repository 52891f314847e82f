// Builds whose compiled packages are counted, on the tests' builder and on one that starts with a registry cache alone.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { reset, up } from "../../../rig/index.ts";
import type { TestRig } from "../setup.ts";
import { caSecret, clientsOf, scratchDir } from "./clients.ts";
import { succeeded } from "./run.ts";

/** Steps that compiled packages ahead, by name in the order they ended; and of the last step those of the tree and others. */
export interface Compiled {
  readonly ahead: Readonly<Record<string, number>>;
  readonly own: number | undefined;
  readonly others: number | undefined;
}

export interface CountedBuilds {
  /** For files: they go with `remove`. */
  readonly path: string;
  /** What no earlier run has compiled, on whatever builder, when it is in a file. */
  readonly salt: string;
  /** Builds `dir` on the tests' builder; `exported` leaves the cache that `onFresh` imports. */
  readonly build: (dir: string, exported?: "exported") => Promise<Compiled>;
  /** The same build on a daemon with nothing in it. */
  readonly onFresh: (dir: string) => Promise<Compiled>;
  readonly remove: () => Promise<void>;
}

/** @param name keeps builders and caches of test files apart */
export function countedBuilds(rig: TestRig, name: string): CountedBuilds {
  const fresh = `e2e-${name}-${process.pid}`;
  const cache = `type=registry,ref=${rig.registry}/e2e/${name}-cache:${process.pid}`;
  const work = scratchDir();
  const build = async (on: TestRig, dir: string, args: readonly string[]): Promise<Compiled> => {
    const { stderr } = await succeeded(
      (await clientsOf(on)).buildctl([
        "build",
        "--progress=plain",
        "--frontend=dockerfile.v0",
        "--opt=filename=service.yaml",
        "--opt=platform=linux/amd64",
        // Cache mounts that no other run of these tests has filled.
        `--opt=build-arg:BUILDKIT_CACHE_MOUNT_NS=${fresh}`,
        `--local=context=${dir}`,
        `--local=dockerfile=${dir}`,
        `--output=type=oci,dest=${join(work.path, "image.tar")}`,
        ...caSecret(),
        ...args,
      ]),
    );
    return compiledIn(stderr);
  };
  return {
    path: work.path,
    salt: randomBytes(8).toString("hex"),
    build: (dir, exported) =>
      build(rig, dir, exported === undefined ? [] : [`--export-cache=${cache},mode=max`]),
    onFresh: async (dir) => {
      const empty = await up({ name: fresh, mirrors: "always", ephemeral: true, log: () => undefined });
      try {
        return await build(empty, dir, [`--import-cache=${cache}`]);
      } finally {
        await empty.release();
        await reset(fresh, () => undefined);
      }
    },
    remove: async () => {
      work.remove();
      await reset(fresh, () => undefined);
    },
  };
}

/** Vertices by number, as the plain progress has them. */
function compiledIn(progress: string): Compiled {
  const names = new Map<string, string>();
  const ahead: Record<string, number> = {};
  let link: readonly number[] = [];
  for (const line of progress.split("\n")) {
    const [, vertex = "", text = ""] = /^(#\d+) (?:[\d.]+ )?(.*)$/.exec(line) ?? [];
    if (/^\[(?:std|deps|own) \S+\] go build/.test(text)) names.set(vertex, text);
    const count = /compiled (\d+) packages ahead/.exec(text)?.[1];
    const name = names.get(vertex);
    if (count !== undefined && name !== undefined) ahead[name] = Number(count);
    const last = /compiled (\d+) packages of this source tree and (\d+) others/.exec(text);
    if (last !== null) link = last.slice(1).map(Number);
  }
  return { ahead, own: link[0], others: link[1] };
}
