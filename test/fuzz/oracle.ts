// Go's own parsers, asked in batches: a small program of its own module, built once into the cache folder.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { cacheFolder } from "../../rig/index.ts";
import type { Answer, Oracle } from "./target.ts";

const source = join(import.meta.dirname, "oracle");

/** The compiled oracle; undefined where there is no Go to compile it. */
export function buildOracle(): string | undefined {
  const hash = createHash("sha256");
  for (const file of readdirSync(source).toSorted()) {
    hash.update(file).update(readFileSync(join(source, file)));
  }
  const folder = join(cacheFolder(), "oracle");
  const binary = join(folder, `fuzz-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const partial = `${binary}.${process.pid}`;
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/local/go/bin` };
  const run = spawnSync("go", ["build", "-o", partial, "."], { cwd: source, encoding: "utf8", env });
  if (run.error !== undefined) return undefined;
  if (run.status !== 0) throw new Error(`fuzz: the oracle does not compile: ${run.stderr}`);
  renameSync(partial, binary);
  return binary;
}

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: AsyncIterator<string>;
  readonly reader: Interface;
}

let running: Running | undefined;

function start(): Running {
  if (running !== undefined) return running;
  const binary = buildOracle();
  if (binary === undefined) throw new Error("fuzz: the oracle needs Go");
  const child = spawn(binary, { stdio: ["pipe", "pipe", "pipe"] });
  const reader = createInterface({ input: child.stdout });
  running = { child, reader, lines: reader[Symbol.asyncIterator]() };
  return running;
}

/** Ends the oracle. */
export async function closeOracle(): Promise<void> {
  await before;
  if (running === undefined) return;
  const { child, reader } = running;
  running = undefined;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.stdin.end();
  reader.close();
  child.kill();
  await ended;
}

export interface Compared {
  readonly input: Uint8Array;
  readonly ours: Answer;
  readonly theirs: Answer;
}

let before: Promise<unknown> = Promise.resolve();

/**
 * What both say of some inputs; those on which we have no answer are left out. Answers come in the order of questions,
 * and whoever asks may have stopped waiting: the next question waits for all answers to the one before.
 */
export function askOracle(oracle: Oracle, inputs: readonly Uint8Array[]): Promise<readonly Compared[]> {
  const asked = before.then(() => ask(oracle, inputs));
  before = asked.catch(() => undefined);
  return asked;
}

async function ask(oracle: Oracle, inputs: readonly Uint8Array[]): Promise<readonly Compared[]> {
  const asked = inputs.flatMap((input) => {
    const ours = oracle.answer(input);
    return ours === undefined ? [] : [{ input, ours }];
  });
  if (asked.length === 0) return [];
  const { child, lines } = start();
  const { kind, names = [] } = oracle;
  child.stdin.write(
    asked
      .map(
        ({ input }) =>
          `${JSON.stringify({ Kind: kind, Text: Buffer.from(input).toString("base64"), Names: names })}\n`,
      )
      .join(""),
  );
  const compared: Compared[] = [];
  for (const { input, ours } of asked) {
    const line = await lines.next();
    if (line.done === true) throw new Error("fuzz: the oracle has ended");
    const { refused, facts } = JSON.parse(line.value) as {
      refused?: string;
      facts: readonly string[] | null;
    };
    compared.push({ input, ours, theirs: refused === undefined ? (facts ?? []) : "refused" });
  }
  return compared;
}
