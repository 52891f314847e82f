import { isRecord } from "../files.ts";
import { runCommand } from "../process.ts";
import { rigError } from "../text.ts";
import { goEnvironment } from "../tools.ts";
import type { Architecture } from "./oci.ts";
import { directory, folderEntries, type TarEntry } from "./tar.ts";

const toolchain = "golang.org/toolchain";

/**
 * Fetches a Go toolchain the way the go command does, as a module through GOPROXY and checked by the checksum
 * database (https://go.dev/doc/toolchain).
 *
 * @returns the folder that holds it in the module cache
 * @throws RigError when the proxy has no such version
 */
export async function fetchToolchain(version: string, architecture: Architecture): Promise<string> {
  const module = `${toolchain}@v0.0.1-go${version}.linux-${architecture}`;
  const { stdout } = await runCommand("go", ["mod", "download", "-json", module], {
    cwd: "/",
    env: goEnvironment(),
  });
  const answer: unknown = JSON.parse(stdout);
  if (isRecord(answer) && typeof answer["Dir"] === "string") return answer["Dir"];
  throw rigError(`the Go module proxy did not give ${module}`);
}

/**
 * A toolchain folder's entries, at /usr/local/go. Module zips hold no modes: what the go command makes executable
 * (cmd/go/internal/toolchain) is made so here.
 */
export const toolchainEntries = (folder: string): readonly TarEntry[] => [
  directory("usr"),
  directory("usr/local"),
  directory("usr/local/go"),
  ...folderEntries(folder).map((entry): TarEntry => {
    const executable = entry.path.startsWith("bin/") || entry.path.startsWith("pkg/tool/");
    const mode = entry.type === "directory" || executable ? 0o755 : 0o644;
    return { ...entry, path: `usr/local/go/${entry.path}`, mode, uid: 0, gid: 0 };
  }),
];
