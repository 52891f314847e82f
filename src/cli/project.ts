import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { folderTree, ignoredBy, ignoreRules, ignoring, type IgnoreRule, openTree } from "../facts/index.ts";
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
import { readIgnoreFile } from "./ignore-file.ts";
import { namedFolders } from "./named-folders.ts";
import { repositoryOf } from "./repository.ts";
import { hashRegular, readRegular } from "./read.ts";

/** A folder with its description, planned as the frontend would plan it. */
export interface Project {
  readonly folder: string;
  /** Folders that take part by their names. */
  readonly contexts: ReadonlyMap<string, string>;
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
  const contexts = namedFolders(args, from);
  try {
    if (!parsed.ok) throw diagnosticError(parsed.diagnostics);
    const request = requestOf(args);
    const ofDescription = readIgnoreFile(join(dirname(file), `${filename}.dockerignore`));
    const ignore = ignoreRules(filename, ofDescription, readIgnoreFile(join(folder, ".dockerignore")));
    const { located } = parsed;
    const findCommit = onceAsked(() => Promise.resolve(repositoryOf(folder)));
    const opened = openTree(ignoring(tree, ignore));
    const inspected = await inspect(located, opened, request, { findCommit, contexts });
    const warnings = [...parsed.warnings, ...inspected.warnings];
    return plan(
      { folder, contexts: contexts.folders, located, ignore, inspected: { ...inspected, warnings } },
      request,
    );
  } catch (error) {
    if (!isDiagnosticError(error)) throw error;
    throw diagnosticError(error.diagnostics, await sourcesFor(error.diagnostics, source, openTree(tree)));
  }
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
  { folder, contexts }: Pick<Project, "folder" | "contexts">,
  { steps }: Pick<Build, "steps">,
): Contents {
  const read = steps.filter((step) => step.kind === "context");
  const alike = Map.groupBy(read, ({ exclude }) => exclude.join("\n"));
  const hashed = [...alike.values()].flatMap((group) => {
    const [patterns = []] = group.map(({ exclude }) => exclude);
    const hidden = ignoredBy(patterns.map((pattern, index) => ({ file: "", line: index + 1, pattern })));
    return group.flatMap(({ named, paths }) => {
      const root = named === undefined ? folder : contexts.get(named.name);
      const files = root === undefined ? [] : [...new Set(paths)].flatMap((path) => filesAt(root, path));
      const shown = files.filter((path) => hidden(path) === undefined);
      return shown.map(
        (path) => [named === undefined ? path : `${named.at}/${path}`, join(root ?? "", path)] as const,
      );
    });
  });
  return Object.fromEntries([...new Map(hashed)].map(([path, file]) => [path, hashRegular(file)]));
}

/** A file, or all files of a directory; none for a link that leads nowhere, which is there so that Go refuses it. */
function filesAt(folder: string, path: string): readonly string[] {
  const status = statSync(join(folder, path), { throwIfNoEntry: false });
  if (status?.isDirectory() !== true) return status?.isFile() === true ? [path] : [];
  return readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}
