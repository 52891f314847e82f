import type { Bench, Daemon } from "../bench.ts";
import { buildOnce, type BuildkitDesign } from "../designs/buildkit.ts";
import type { Cell, EditName, Scenario, Subject } from "../types.ts";
import { sourceFor } from "./builds.ts";

const compared: readonly BuildkitDesign[] = ["xx", "ours"];
const platforms = ["linux/amd64", "linux/arm64"] as const;
const edits: readonly (readonly [variant: string, edit: EditName])[] = [
  ["edit in main", "main"],
  ["edit of a C header", "header"],
];

/**
 * A service with C in it for the builder's platform and crossed to the other one: cold on a new daemon, then edits on the
 * daemon that the last cold build has filled.
 */
export const cgo = (subject: Subject): Scenario => ({
  id: "cgo",
  title: "cgo: a service on go-sqlite3, native and crossed",
  run: async (bench) => {
    const filled = new Map<string, Daemon>();
    try {
      await bench.interleave("cgo", coldCells(bench, subject, filled));
      // They are quick beside a cold build: three rounds at least.
      await bench.interleave("cgo", editCells(bench, subject, filled), Math.max(3, bench.options.runs));
    } finally {
      for (const daemon of filled.values()) await daemon.release();
    }
  },
});

const keyOf = (design: BuildkitDesign, platform: string): string => `${design} ${platform}`;

/** @param filled gets the daemons of the last round */
const coldCells = (bench: Bench, subject: Subject, filled: Map<string, Daemon>): readonly Cell[] =>
  platforms.flatMap((platform) =>
    compared.map((design): Cell => ({
      variant: `cold, ${platform}`,
      subject: subject.name,
      design,
      run: async () => {
        const key = keyOf(design, platform);
        await filled.get(key)?.release();
        filled.delete(key);
        const context = await sourceFor(subject, design);
        const daemon = await bench.daemon("cgo");
        filled.set(key, daemon);
        const { address } = daemon;
        return buildOnce(bench, { subject, design, address, context, platforms: [platform], limit: 1200 });
      },
    })),
  );

const editCells = (bench: Bench, subject: Subject, filled: ReadonlyMap<string, Daemon>): readonly Cell[] =>
  platforms.flatMap((platform) =>
    compared.flatMap((design) =>
      edits.map(([words, edit]): Cell => {
        const variant = `${words}, ${platform}`;
        return {
          variant,
          subject: subject.name,
          design,
          run: async (round) => {
            const daemon = filled.get(keyOf(design, platform));
            if (daemon === undefined) throw new Error("its cold build did not run");
            const context = await sourceFor(subject, design, edit, `${design} ${variant} ${round}`);
            const { address } = daemon;
            return buildOnce(bench, { subject, design, address, context, platforms: [platform] });
          },
        };
      }),
    ),
  );
