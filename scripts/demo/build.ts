import { readFileSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import { type Log, runCommand } from "../../rig/index.ts";
import type { Builder } from "./builder.ts";
import { createProgress, type StepTime } from "./progress.ts";
import type { Source } from "./source.ts";

/** One image to build, said once for every tool that can build it. */
export interface Build {
  readonly source: Source;
  /** Where the image goes. */
  readonly reference: string;
  readonly platforms: readonly string[];
  /** Which of several services. */
  readonly target: string | undefined;
  /** The frontend image when its name in the description does not lead to it. */
  readonly syntax: string | undefined;
  /** CA roots for the download step. */
  readonly caBundle: string | undefined;
  /** What docker buildx tells of the folder's git checkout by itself; buildctl has to be told. */
  readonly git: readonly string[];
}

export interface BuildTimes {
  readonly steps: readonly StepTime[];
  readonly pushSeconds: number;
}

const secrets = ({ caBundle }: Build): readonly string[] =>
  caBundle === undefined ? [] : ["--secret", `id=ca-certificates,src=${caBundle}`];

const platformOption = (
  { platforms }: Build,
  option: (list: string) => readonly string[],
): readonly string[] => (platforms.length === 0 ? [] : option(platforms.join(",")));

/**
 * The arguments after `docker buildx`.
 *
 * @param options what the builder needs beside
 */
export const buildxArguments = (build: Build, options: readonly string[] = []): readonly string[] => [
  "build",
  "-f",
  build.source.file,
  ...platformOption(build, (list) => ["--platform", list]),
  ...(build.target === undefined ? [] : ["--target", build.target]),
  ...(build.syntax === undefined ? [] : ["--build-arg", `BUILDKIT_SYNTAX=${build.syntax}`]),
  ...secrets(build),
  // Provenance holds the time of the build, and with it no two builds have the same digest.
  "--provenance=false",
  "-t",
  build.reference,
  "--push",
  ...options,
  build.source.folder,
];

/** The arguments after `buildctl`. */
export const buildctlArguments = (build: Build): readonly string[] => [
  "build",
  "--frontend",
  "gateway.v0",
  "--opt",
  `source=${build.syntax ?? "org/go-frontend"}`,
  "--opt",
  `filename=${basename(build.source.file)}`,
  ...platformOption(build, (list) => ["--opt", `platform=${list}`]),
  ...(build.target === undefined ? [] : ["--opt", `target=${build.target}`]),
  ...build.git.flatMap((option) => ["--opt", option]),
  ...secrets(build),
  "--local",
  `context=${build.source.folder}`,
  "--local",
  `dockerfile=${dirname(build.source.file)}`,
  "--output",
  `type=image,name=${build.reference},push=true`,
];

/** A command line for a shell, with paths below `from` relative to it. */
export const shellLine = (words: readonly string[], from: string): string =>
  words
    .map((word) =>
      word.replaceAll(/(^|=)(\/[^,]*)/g, (_, before: string, path: string) => before + near(path, from)),
    )
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");

function near(path: string, from: string): string {
  const way = relative(from, path);
  return way === "" ? "." : way.startsWith("..") ? path : way;
}

/**
 * Builds and pushes with docker buildx.
 *
 * @returns each step's time
 * @throws Error when the build fails; what failed has gone to `log`
 */
export async function runBuild(
  build: Build,
  { buildx, registry }: Pick<Builder, "buildx" | "registry">,
  log: Log,
): Promise<BuildTimes> {
  const progress = createProgress(log);
  const [program, ...before] = buildx.command;
  const args = [...before, ...buildxArguments(build, [...buildx.options, "--progress=rawjson"])];
  let unreached = false;
  try {
    await runCommand(program, args, {
      env: { ...process.env, ...buildx.env },
      onStderrLine: (line) => {
        unreached ||=
          line.includes(registry) && /connection refused|no route to host|i\/o timeout/.test(line);
        progress.line(line);
      },
    });
  } catch (error) {
    const help = `\nhelp: the builder does not reach ${registry} on this machine's network: --builder rig takes one that does`;
    throw new Error(`the build failed; what failed stands above${unreached ? help : ""}`, { cause: error });
  } finally {
    progress.end();
  }
  return { steps: progress.steps(), pushSeconds: progress.pushSeconds() };
}

/** The options that docker buildx sets for a folder of a git checkout (docker/buildx:build/git.go). */
export async function gitOptions(folder: string): Promise<readonly string[]> {
  const ask = async (...args: readonly string[]): Promise<string> => {
    try {
      return (await runCommand("git", ["-C", folder, ...args])).stdout.trim();
    } catch {
      return ""; // no checkout, no commit, no remote or no git
    }
  };
  const revision = await ask("rev-parse", "HEAD");
  const source = revision === "" ? "" : await ask("config", "--get", "remote.origin.url");
  return [
    ...(source === "" ? [] : [`vcs:source=${source.replace(/^(https?:\/\/)[^/@]*@/, "$1")}`]),
    ...(revision === "" ? [] : [`vcs:revision=${revision}`]),
  ];
}

/** The frontend that the first lines of a description name: `# syntax=NAME` (moby/buildkit:frontend/dockerfile/parser/directives.go). */
export const syntaxOf = (file: string): string | undefined =>
  /^#\s*syntax\s*=\s*(\S+)/i.exec(readFileSync(file, "utf8"))?.[1];
