import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../rig/index.ts";
import { call } from "../demo/call.ts";
import { type Container, startContainer } from "../demo/container.ts";
import type { PlatformImage } from "../demo/image.ts";
import { askDns } from "./dns.ts";
import { changedEnvironment } from "./environment.ts";
import type { Answered, Told } from "./record.ts";
import type { Question, Serving, VersionQuestion } from "./service.ts";

/** What runs the images, and where what it starts is told to be ended. */
export interface Runner {
  readonly runc: string;
  readonly onStart: (end: () => Promise<void>) => void;
  readonly log: Log;
}

/** How many lines of an output the record keeps. */
const LINES = 6;

/**
 * Runs a program of an image with the image's user and files, until it ends.
 *
 * @throws Error with its output when it fails or says something else
 */
export async function askVersion(
  { runc, onStart, log }: Runner,
  image: PlatformImage,
  { program, args, says }: VersionQuestion,
): Promise<Told> {
  const config = { ...image.config, Entrypoint: [program] };
  const container = await startContainer(runc, { ...image, config }, args, onStart);
  try {
    const exit = await container.ended(60);
    const output = container.output();
    const command = [program, ...args].join(" ");
    if (exit !== 0 || !says.test(output)) {
      throw new Error(`${command} ended with ${exit ?? "no"} status and said:\n${output.slice(-2000)}`);
    }
    const lines = output
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => line !== "");
    log(`${command} → ${lines[0] ?? ""}`);
    return { command, output: lines.slice(0, LINES) };
  } finally {
    await container.stop();
  }
}

/**
 * Starts a service from its image and asks its questions.
 *
 * @throws Error with the service's output when it does not answer as it should within a minute
 */
export async function askHealth(
  { runc, onStart, log }: Runner,
  image: PlatformImage,
  { args, env = {}, files = {}, port, questions }: Serving,
): Promise<readonly Answered[]> {
  const config = { ...image.config, Env: changedEnvironment(image.config.Env ?? [], env) };
  const container = await startContainer(runc, { ...image, config }, args, onStart, files);
  try {
    const answered: Answered[] = [];
    for (const question of questions) {
      const answer = await answerOf(container, port, question);
      log(`${words(question, port)} → ${answer}`);
      answered.push({ question: words(question, port), answer });
    }
    return answered;
  } finally {
    await container.stop();
  }
}

const words = (question: Question, port: number): string =>
  question.kind === "http"
    ? `GET http://localhost:${port}${question.path}`
    : `DNS ${question.name} A, TCP port ${port}`;

async function answerOf(container: Container, port: number, question: Question): Promise<string> {
  const until = Date.now() + 60_000;
  let last = `nothing listens on port ${port}`;
  while (container.exit() === undefined && Date.now() < until) {
    if (container.ports().includes(port)) {
      const { right, text } = await ask(container, port, question).catch((error: unknown) => ({
        right: false,
        text: String(error),
      }));
      if (right) return text;
      last = text;
    }
    await sleep(200);
  }
  const exit = container.exit();
  const ended = exit === undefined ? "" : `, and it ended with status ${exit}`;
  throw new Error(`${last}${ended}; it said:\n${container.output().slice(-2000)}`);
}

interface Tried {
  readonly right: boolean;
  readonly text: string;
}

async function ask(container: Container, port: number, question: Question): Promise<Tried> {
  switch (question.kind) {
    case "http": {
      const { status, body } = await call(container, port, "GET", question.path);
      const line = body.trim().replaceAll(/\s+/g, " ");
      const text = `${status} ${line.length > 120 ? `${line.slice(0, 119)}…` : line}`.trimEnd();
      return { right: status === 200 && question.says.test(body), text };
    }
    case "dns": {
      const text = await askDns(await container.reach(port), question.name);
      return { right: text.startsWith("NOERROR"), text };
    }
  }
}
