// Images that take the place of the distribution's: its files, and a header that no package has.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mirrorReference, type RigInstance, runCommand, tarBlocks } from "../../rig/index.ts";
import { run } from "../e2e/support/run.ts";

/** The image that C compilers are installed on, as a client names it to put another in its place. */
export const DISTRIBUTION = "debian:bookworm-slim";

/** The header, as C includes it: `<...>`. */
export const SYSTEM_HEADER = "isolation_system.h";

export const systemHeader = (constant: number): string => `#define SYSTEM ${constant}\n`;

/**
 * The image whose header holds a number, pushed to the builder's registry: the same digest every time.
 *
 * @param work a folder of the caller's
 * @returns its reference with the digest
 */
export async function systemImage(
  { registry, tools: { crane } }: Pick<RigInstance, "registry" | "tools">,
  work: string,
  constant: number,
): Promise<string> {
  const name = `${registry}/isolation/system`;
  const known = await run(crane, ["digest", "--insecure", `${name}:${constant}`]);
  if (known.code === 0) return `${name}@${known.stdout.trim()}`;
  const standIn = mirrorReference(registry, DISTRIBUTION);
  const isThere = (await run(crane, ["digest", "--insecure", standIn])).code === 0;
  const layer = join(work, `system-${constant}.tar`);
  const content = Buffer.from(systemHeader(constant));
  writeFileSync(
    layer,
    Buffer.concat([
      ...tarBlocks([{ type: "file", path: `usr/include/${SYSTEM_HEADER}`, mode: 0o644, content }]),
    ]),
  );
  await runCommand(crane, [
    "append",
    "--insecure",
    "--platform=linux/amd64",
    `--base=${isThere ? standIn : DISTRIBUTION}`,
    `--new_layer=${layer}`,
    `--new_tag=${name}:${constant}`,
  ]);
  const { stdout } = await runCommand(crane, ["digest", "--insecure", `${name}:${constant}`]);
  return `${name}@${stdout.trim()}`;
}
