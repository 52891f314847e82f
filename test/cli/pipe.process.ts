// The command as a program: what becomes of it when nobody reads on.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const entry = join(import.meta.dirname, "..", "..", "src", "cli", "entry.ts");

test("a reader that has seen enough ends it without a word", () => {
  // More than a pipe holds is written, so that the end of the reader is noticed.
  const script = `set -o pipefail; "$0" "$1" schema | head -n 1`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, process.execPath, entry], {
    encoding: "utf8",
  });
  expect([status, stdout, stderr]).toEqual([0, "{\n", ""]);
});
