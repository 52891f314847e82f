import type { BuildkitDesign } from "../designs/buildkit.ts";
import { buildOnce } from "../designs/buildkit.ts";
import { mirrorFolder, replaceIn } from "../workspace.ts";
import type { Cell, Scenario, Subject } from "../types.ts";
import { sourceFor } from "./builds.ts";
import { join } from "node:path";

const compared: readonly BuildkitDesign[] = ["D1", "D2", "ours"];

/** Scenario 12: a CPU profile is added, and then package main is edited. Warm, for the count of compiles. */
export const pgo = (subject: Subject): Scenario => ({
  id: "12",
  title: "Profile-guided optimization: the profile is added, then main is edited",
  run: async (bench) => {
    const profiled: Cell[] = [];
    const edited: Cell[] = [];
    const daemon = await bench.daemon("pgo");
    try {
      for (const design of compared) {
        const folder = `${await sourceFor(subject, design)}-pgo`;
        const request = { subject, design, address: daemon.address, context: folder };
        mirrorFolder(await sourceFor(subject, design), folder);
        const cell = { subject: subject.name, design };
        try {
          await buildOnce(bench, request);
        } catch (error) {
          bench.fail("12", { ...cell, variant: "preparation" }, error);
          continue;
        }
        profiled.push({
          ...cell,
          variant: "profile added",
          run: async () => {
            subject.edits.pgo?.(folder, "");
            return buildOnce(bench, request);
          },
        });
        edited.push({
          ...cell,
          variant: "then main edited",
          run: async () => {
            replaceIn(join(folder, subject.main, "main.go"), /const edit = ".*"/, 'const edit = "pgo"');
            return buildOnce(bench, request);
          },
        });
      }
      // One after the other: a design's edit is made where its profile has been added.
      await bench.interleave("12", profiled, 1);
      await bench.interleave("12", edited, 1);
    } finally {
      await daemon.release();
    }
  },
});
