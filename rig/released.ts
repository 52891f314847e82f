import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { download } from "./download.ts";
import { withLock } from "./lock.ts";
import { downloadsFolder } from "./paths.ts";
import { runCommand } from "./process.ts";
import { releases, type Release } from "./releases.ts";
import { secondsSince, type Log } from "./text.ts";
import type { Tools } from "./tools.ts";
import { together } from "./together.ts";
import type { DefaultTool } from "./versions.ts";

export interface ReleasedOptions {
  readonly log: Log;
  /** Where the files are, without the project's name: a mirror of github.com. */
  readonly base?: string;
  /** Default: those that are pinned here. */
  readonly releases?: readonly Release[];
  /** How long the server may take to begin its answer. */
  readonly milliseconds?: number;
}

const architecture = process.arch === "arm64" ? "arm64" : "amd64";

const base = (): string => process.env["GO_FRONTEND_RELEASES"] ?? "https://github.com";

const folderOf = (release: Release): string =>
  join(downloadsFolder(), "tools", `released-${release.sha256[architecture].slice(0, 16)}`);

/** Where the programs of releases are once they have been fetched. */
const pathOf = (release: Release, name: DefaultTool | "runc"): string => join(folderOf(release), name);

function releaseOf(name: DefaultTool, among: readonly Release[]): Release {
  const found = among.find(({ programs }) => programs[name] !== undefined);
  if (found === undefined) throw new Error(`no release has ${name}`);
  return found;
}

/** The programs as their projects publish them, when they have been fetched before; see {@link fetchReleased}. */
export function releasedTools<Name extends DefaultTool>(
  names: readonly Name[],
  among: readonly Release[] = releases,
): Tools<Name> | undefined {
  const paths = names.map((name) => [name, pathOf(releaseOf(name, among), name)] as const);
  return paths.every(([, path]) => existsSync(path)) ? (Object.fromEntries(paths) as Tools<Name>) : undefined;
}

/** The runc that comes with the released buildkitd, when that has been fetched. */
export function releasedRunc(): string | undefined {
  const path = releases.find(({ programs }) => programs.runc !== undefined);
  return path !== undefined && existsSync(pathOf(path, "runc")) ? pathOf(path, "runc") : undefined;
}

/**
 * The programs as their projects publish them on GitHub, each file pinned by its SHA-256. Files are fetched side by
 * side, and a server that does not begin to answer within four seconds counts as not reached.
 *
 * @returns undefined when they cannot be had from there; why has gone to the log
 */
export async function fetchReleased<Name extends DefaultTool>(
  names: readonly Name[],
  options: ReleasedOptions,
): Promise<Tools<Name> | undefined> {
  const { log, releases: among = releases } = options;
  const wanted = [...new Set(names.map((name) => releaseOf(name, among)))];
  try {
    const fetch = async (): Promise<void> =>
      together(
        wanted
          .filter((release) => !existsSync(folderOf(release)))
          .map((release) => async (signal) => fetchRelease(release, options, signal)),
      );
    await withLock("released tools", "fetching released programs", log, fetch, downloadsFolder());
  } catch (error) {
    log(`released programs cannot be had: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  return releasedTools(names, among);
}

async function fetchRelease(
  release: Release,
  { log, base: from = base(), milliseconds = 4000 }: ReleasedOptions,
  signal: AbortSignal,
): Promise<void> {
  const folder = folderOf(release);
  const url = `${from}/${release.path(architecture)}`;
  const start = Date.now();
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}-`);
  try {
    const file = join(temporary, "file");
    await download(url, file, { sha256: release.sha256[architecture], signal, milliseconds });
    const out = join(temporary, "out");
    mkdirSync(out);
    for (const [name, member] of Object.entries(release.programs)) {
      if (member === ".") {
        renameSync(file, join(out, name));
      } else {
        await runCommand("tar", ["-x", "-z", "-f", file, "-C", temporary, member]);
        renameSync(join(temporary, member), join(out, name));
      }
      chmodSync(join(out, name), 0o755);
    }
    renameSync(out, folder);
    log(`${Object.keys(release.programs).join(", ")} ${release.version}: ${url} (${secondsSince(start)})`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
