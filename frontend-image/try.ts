import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, reset, type RigInstance, runCommand, systemCaBundle, up } from "../rig/index.ts";
import { repository } from "./files.ts";
import { type Architecture, entrypoint, paths } from "./layout.ts";
import type { CheckedPlatform } from "./oci.ts";
import { readBack } from "./push.ts";
import { unpackImage } from "./unpack.ts";

/**
 * Uses an image as its users do: pulls it from its registry into a daemon that has never seen it and builds an example
 * with it; unpacks what the registry has for every platform and looks at it.
 *
 * @param reference `REPOSITORY@DIGEST`
 * @returns a line for each thing that was seen
 * @throws Error with the first thing that is wrong
 */
export async function tryFrontendImage(reference: string, log: Log): Promise<readonly string[]> {
  const at = reference.indexOf("@");
  if (at < 0) throw new Error(`${reference}: REPOSITORY@DIGEST is needed`);
  const [image, digest] = [reference.slice(0, at), reference.slice(at + 1)];
  const work = mkdtempSync(join(tmpdir(), "go-frontend-try-"));
  const seen: string[] = [];
  const say = (line: string): void => {
    seen.push(line);
    log(line);
  };
  try {
    await onEmptyDaemon(log, async (rig) => {
      const platforms = await readBack(rig.tools.crane, image, digest);
      for (const platform of platforms) {
        const root = join(work, platform.architecture);
        await unpackImage(platform, root);
        say(`linux/${platform.architecture}: ${lookAt(platform, root)}`);
      }
      const out = join(work, "out");
      await buildHello(rig, reference, out);
      say(`a daemon that had to pull it built examples/hello: ${programsBelow(out).join(", ")}`);
    });
    return seen;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** With a daemon that has never seen anything, and goes afterwards. */
async function onEmptyDaemon(log: Log, use: (rig: RigInstance) => Promise<void>): Promise<void> {
  const name = `frontend-image-try-${process.pid}`;
  await reset(name, log);
  const rig = await up({ name, ephemeral: true, log });
  try {
    await use(rig);
  } finally {
    await rig.release();
    await reset(name, log);
  }
}

async function buildHello(rig: RigInstance, reference: string, out: string): Promise<void> {
  const example = join(repository, "examples", "hello");
  const bundle = systemCaBundle();
  const frontend = [
    "--frontend",
    "gateway.v0",
    "--opt",
    `source=${reference}`,
    "--opt",
    "filename=service.yaml",
  ];
  const locals = ["--local", `context=${example}`, "--local", `dockerfile=${example}`];
  const secret = bundle === undefined ? [] : ["--secret", `id=ca-certificates,src=${bundle}`];
  const output = ["--output", `type=local,dest=${out}`];
  const args = ["--addr", rig.buildkitHost, "build", "--progress=plain"];
  await runCommand(rig.tools.buildctl, [...args, ...frontend, ...locals, ...secret, ...output]);
}

/** The names of the executables of this machine below a folder. */
function programsBelow(folder: string): readonly string[] {
  const architecture: Architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => (statSync(path).mode & 0o111) !== 0 && machineOf(path) === architecture)
    .map((path) => path.slice(folder.length));
  if (found.length === 0) throw new Error("the image that was built holds no program for this machine");
  return found;
}

/**
 * Checks an unpacked image: its configuration says what runs, that is there, and every program and library is for its
 * architecture.
 */
function lookAt({ architecture, config }: CheckedPlatform, root: string): string {
  const wrong = (what: string): Error => new Error(`the image for linux/${architecture} ${what}`);
  if (config.architecture !== architecture) throw wrong(`says that it is for ${config.architecture}`);
  if (JSON.stringify(config.config?.Entrypoint) !== JSON.stringify(entrypoint)) {
    throw wrong(`runs ${JSON.stringify(config.config?.Entrypoint)}`);
  }
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
  for (const path of [paths.node, paths.entry]) {
    if (!files.includes(path)) throw wrong(`has no ${path}`);
  }
  const programs = files.filter((path) => machineOf(join(root, path)) !== undefined);
  for (const path of programs) {
    const machine = machineOf(join(root, path));
    if (machine !== architecture) throw wrong(`has ${path} for ${machine ?? "nothing"}`);
  }
  const loader = interpreterOf(readFileSync(join(root, paths.node)));
  if (!programs.includes(loader)) throw wrong(`has no ${loader}, which ${paths.node} asks for`);
  return `${files.length} files, ${paths.node} and ${programs.length - 1} libraries for ${architecture}, loader ${loader}`;
}

/** e_machine of elf(5). */
const machines: Readonly<Record<number, string>> = { 62: "amd64", 183: "arm64" };

/** The architecture of an ELF file; undefined for another file. */
function machineOf(path: string): string | undefined {
  const bytes = readFileSync(path);
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const machine = bytes.readUInt16LE(18);
  return machines[machine] ?? `machine ${machine}`;
}

/** PT_INTERP of a 64-bit little-endian program (elf(5)): the loader that the kernel starts. */
function interpreterOf(bytes: Buffer): string {
  const [table, size, count] = [
    Number(bytes.readBigUInt64LE(32)),
    bytes.readUInt16LE(54),
    bytes.readUInt16LE(56),
  ];
  for (let at = table; at < table + size * count; at += size) {
    if (bytes.readUInt32LE(at) !== 3) continue;
    const [offset, length] = [bytes.readBigUInt64LE(at + 8), bytes.readBigUInt64LE(at + 32)].map(Number);
    return bytes.subarray(offset, (offset ?? 0) + (length ?? 0) - 1).toString();
  }
  return "";
}
