// The connection between BuildKit and the frontend. What is done to it is in test/gateway/cut.process.ts, without a builder.
import { join } from "node:path";
import { repository } from "../../frontend-image/files.ts";
import { run } from "../e2e/support/run.ts";
import type { FaultCase } from "./faults.ts";
import { must } from "./place.ts";

const where = "connection to BuildKit";

/** Runs those tests of that file whose names hold some words, and gives what they print. */
async function tests(words: string): Promise<string> {
  const vitest = join(repository, "node_modules", "vitest", "vitest.mjs");
  const { code, stdout, stderr } = await run(
    process.execPath,
    [vitest, "run", "--project", "process", "test/gateway/cut", "-t", words],
    { cwd: repository, env: { FAULTS: "whole", NO_COLOR: "1" } },
  );
  must(code === 0, stdout + stderr);
  return stdout;
}

export const gatewayFaults: readonly FaultCase[] = [
  {
    where,
    name: "it breaks after any byte of what BuildKit sends",
    promise: "every call ends within 2 s, and nothing is thrown that nobody catches",
    long: true,
    try: async () => {
      const found = /^(\d+) of (\d+) bytes$/m.exec(await tests("cut after any byte"));
      must(found !== null, "no byte was tried");
      return `so it is after each of ${found?.[1] ?? ""} of ${found?.[2] ?? ""} bytes`;
    },
  },
  {
    where,
    name: "it breaks, seen from outside",
    promise: "the process ends within 2 s, with one line for the daemon's log",
    long: true,
    try: async () => {
      await tests("the process ends");
      return "exit code 1, `frontend: BuildKit is gone: …`";
    },
  },
  {
    where,
    name: "BuildKit sends what it must not",
    promise: "the build ends with an error or a result, and no bug of ours shows",
    long: true,
    try: async () => {
      const found = /Tests\s+(\d+) passed/.exec(await tests("sends what it must not"));
      must(found !== null, "nothing was tried");
      return `so it is for ${found?.[1] ?? ""} ways, each at every frame of a conversation`;
    },
  },
];
