import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import {
  BOUNDS,
  folderTree,
  ignoredBy,
  ignoreFileProblem,
  ignoreRules,
  ignoring,
  type IgnoreRule,
  openTree,
} from "../facts/index.ts";
import {
  type Build,
  type Contents,
  inspect,
  type Inspected,
  onceAsked,
  type Plan,
  planBuild,
  planEach,
  sourcesFor,
  type BuildRequest,
} from "../plan/index.ts";
import {
  diagnosticError,
  isDiagnosticError,
  type LocatedDescription,
  MAX_BYTES,
  parseDescription,
} from "../description/index.ts";
import { pathFrom, type ProjectArgs, type Terminal } from "./command.ts";
import { repositoryOf } from "./repository.ts";
import { hashRegular, readRegular } from "./read.ts";

/** A folder with its description, planned as the frontend would plan it. */
export interface Project {
  readonly folder: string;
  readonly located: LocatedDescription;
  readonly inspected: Inspected;
  readonly plan: Plan;
  /** What .dockerignore says, as the frontend would read it. */
  readonly ignore: readonly IgnoreRule[];
}

const NAMES = ["service.yaml", "go-frontend.yaml", "service.yml", "Dockerfile"];

/** Reads and plans the project of a command; throws a DiagnosticError that carries the description. */
export function openProject(args: ProjectArgs, from: Place): Promise<Project> {
  return readProject(args, from, (read, request) => ({
    ...read,
    plan: planBuild(read.located, read.inspected, request),
  }));
}

/** As {@link openProject}; of several services among which none was chosen, all of them. */
export function openProjects(args: ProjectArgs, from: Place): Promise<readonly Project[]> {
  return readProject(args, from, (read, request) =>
    planEach(read.located, read.inspected, request).map((plan) => ({ ...read, plan })),
  );
}

/** Reads the project of a command, and plans nothing. */
export function inspectProject(args: ProjectArgs, from: Place): Promise<Omit<Project, "plan">> {
  return readProject(args, from, (read) => read);
}

/** Where a command's description is. */
export function descriptionFile(args: ProjectArgs, from: Place): string {
  return args.file === undefined
    ? findDescription(pathFrom(from, args.positionals[0] ?? "."))
    : pathFrom(from, args.file);
}

/** Where paths of the command line begin. */
type Place = Pick<Terminal, "cwd">;

async function readProject<T>(
  args: ProjectArgs,
  from: Place,
  plan: (read: Omit<Project, "plan">, request: BuildRequest) => T,
): Promise<T> {
  const folder = pathFrom(from, args.positionals[0] ?? ".");
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
  const file = descriptionFile(args, from);
  // One byte more than a description may have, so that its own error tells of it.
  const bytes = readRegular(file, MAX_BYTES + 1);
  const filename = basename(file);
  const parsed = parseDescription({ filename, bytes });
  const source = { filename, text: new TextDecoder().decode(bytes) };
  const tree = folderTree(folder);
  try {
    if (!parsed.ok) throw diagnosticError(parsed.diagnostics);
    const request = requestOf(args);
    const ofDescription = readIgnoreFile(join(dirname(file), `${filename}.dockerignore`));
    const ignore = ignoreRules(filename, ofDescription, readIgnoreFile(join(folder, ".dockerignore")));
    const { located } = parsed;
    const findCommit = onceAsked(() => Promise.resolve(repositoryOf(folder)));
    const opened = openTree(ignoring(tree, ignore));
    const inspected = await inspect(located, opened, request, { findCommit });
    const warnings = [...parsed.warnings, ...inspected.warnings];
    return plan({ folder, located, ignore, inspected: { ...inspected, warnings } }, request);
  } catch (error) {
    if (!isDiagnosticError(error)) throw error;
    throw diagnosticError(error.diagnostics, await sourcesFor(error.diagnostics, source, openTree(tree)));
  }
}

/** An ignore file that need not be there. */
function readIgnoreFile(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined || status.isDirectory()) return undefined;
  const problem = ignoreFileProblem(basename(path), status.size);
  if (problem !== undefined) throw diagnosticError([problem]);
  return readRegular(path, BOUNDS.ignoreFile).toString();
}

function findDescription(folder: string): string {
  const found = NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    `no description in ${folder}; the smallest is a file service.yaml with the line "# syntax=org/go-frontend"`,
  );
}

function requestOf(args: ProjectArgs): BuildRequest {
  const buildArgs = args.buildArgs.map((pair): [string, string] => {
    const at = pair.indexOf("=");
    // As docker does: a name alone takes its value from the environment.
    return at < 0 ? [pair, process.env[pair] ?? ""] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  const epoch = process.env["SOURCE_DATE_EPOCH"];
  return {
    target: args.target,
    platforms: args.platforms,
    buildPlatform: { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" },
    buildArgs: Object.fromEntries(buildArgs),
    labels: {},
    cacheNamespace: "",
    ...(epoch !== undefined && /^[0-9]+$/.test(epoch) ? { epoch: Number(epoch) } : {}),
  };
}

/** Digests of the files that a build's steps read, by path: what `why` compares. */
export function hashFiles(
  folder: string,
  ignore: readonly IgnoreRule[],
  { steps }: Pick<Build, "steps">,
): Contents {
  const hidden = ignoredBy(ignore);
  const paths = steps.flatMap((step) => (step.kind === "context" ? step.paths : []));
  const files = [...new Set(paths)].flatMap((path) => filesAt(folder, path));
  const shown = files.filter((path) => hidden(path) === undefined);
  return Object.fromEntries([...new Set(shown)].map((path) => [path, hashRegular(join(folder, path))]));
}

/** A file, or all files of a directory; none for a link that leads nowhere, which is there so that Go refuses it. */
function filesAt(folder: string, path: string): readonly string[] {
  const status = statSync(join(folder, path), { throwIfNoEntry: false });
  if (status?.isDirectory() !== true) return status?.isFile() === true ? [path] : [];
  return readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}
